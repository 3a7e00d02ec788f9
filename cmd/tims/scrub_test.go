package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScrubMisused(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"scrub"}, {"scrub", "--dir", dir}, {"scrub", "--dir", dir, "--repair", "--new-epoch"}, {"scrub", "x"}} {
		var out, errOut strings.Builder
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errOut); code != 2 {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out.String(), errOut.String())
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "keys"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errOut strings.Builder
	if code := run(t.Context(), []string{"scrub", "--dir", dir}, strings.NewReader(""), &out, &errOut); code != 1 {
		t.Errorf("a directory of which nothing can be read: exit code %d\n%s", code, errOut.String())
	}
}
