package node_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tims/internal/node"
	"tims/internal/roster"
)

// A rebuild that was killed while it made its mark goes on; a directory that holds anything else is left alone.
func TestMarkRebuild(t *testing.T) {
	f := roster.Founding{Country: "al"}
	dir := t.TempDir()
	torn := filepath.Join(dir, ".rebuild-1234")
	if err := os.WriteFile(torn, []byte("reb"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true} {
		if begun, err := node.MarkRebuild(dir, "centre", f); err != nil || begun != want {
			t.Errorf("call %d: %v, %v", i, begun, err)
		}
	}
	if _, err := os.Stat(torn); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the torn mark is still there: %v", err)
	}
	if _, err := node.MarkRebuild(dir, "kakavija", f); err == nil {
		t.Error("the directory of another rebuild is taken")
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "rebuild.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := node.MarkRebuild(other, "centre", f); !errors.Is(err, node.ErrNotEmpty) {
		t.Errorf("a directory that is not empty: %v", err)
	}
}
