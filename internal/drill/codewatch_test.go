package drill

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a wiper would do is seen: a program stored under any name, a program changed in its place, and a process started by a node, here
// this test itself.
func TestCodeIsSeen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("changed", "echo", 0o700)
	write("log.db", "SQLite format 3", 0o600)
	r := &run{Country: &Country{Dir: dir, witness: &process{}, thief: &process{}}}
	before, err := r.lookAtCode()
	if err != nil {
		t.Fatal(err)
	}
	if found := before.changed(before); len(found) > 0 {
		t.Errorf("nothing was done, and %q is seen", found)
	}
	write("changed", "wipe", 0o700)
	write("blob-1", "\x7fELF and more", 0o600)
	write("blob-2", "#!/bin/sh", 0o600)
	write("blob-3", "plain words", 0o600)
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	before.look(map[int]string{os.Getpid(): "durres"})
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() // it was killed
	after, err := r.lookAtCode()
	if err != nil {
		t.Fatal(err)
	}
	found := strings.Join(before.changed(after), "\n")
	for _, name := range []string{"durres has started", "/changed", "/blob-1", "/blob-2"} {
		if strings.Count(found, name) != 1 {
			t.Errorf("%q is not seen once in\n%s", name, found)
		}
	}
	if strings.Contains(found, "blob-3") || strings.Contains(found, "log.db") {
		t.Errorf("seen besides:\n%s", found)
	}
}
