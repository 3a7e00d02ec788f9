package tlog

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	for n := range 5 {
		l := openLog(t, path, testOptions(t))
		if l.Size() != uint64(2*n) {
			t.Fatalf("opened with size %d, want %d", l.Size(), 2*n)
		}
		before := l.Checkpoint()
		fill(t, l, 2*n+2, 1)
		must(t, l.Close())
		if n > 0 && len(before) == 0 {
			t.Fatal("opened without a checkpoint")
		}
		if _, err := l.Append(context.Background(), testEntry(99, "")); !errors.Is(err, ErrClosed) {
			t.Fatalf("append to a closed log: %v", err)
		}
		if _, err := l.Leaf(0); !errors.Is(err, ErrClosed) {
			t.Fatalf("read of a closed log: %v", err)
		}
	}
}

// A process that dies leaves the file as it is at that moment, with leaves
// behind the stored checkpoint. The next one signs the same bytes.
func TestCrashBetweenCommitAndStoredCheckpoint(t *testing.T) {
	l := newLog(t)
	fill(t, l, 3)
	shown := appendOne(t, l, testEntry(3, "")).Checkpoint
	ro := testOptions(t)
	ro.ReadOnly = true
	beside := openLog(t, l.db.path, ro)
	if beside.Size() != 3 && beside.Size() != 0 {
		t.Errorf("the file's checkpoint has size %d before the next group", beside.Size())
	}
	if _, err := beside.Append(context.Background(), testEntry(9, "")); !errors.Is(err, ErrClosed) {
		t.Errorf("append read-only: %v", err)
	}
	must(t, beside.Close())
	l.db.mu.Lock()
	l.db.stopped = true // as a dead process, it stores nothing on Close
	l.db.mu.Unlock()
	must(t, l.Close())
	again := openLog(t, l.db.path, testOptions(t))
	if !bytes.Equal(again.Checkpoint(), shown) {
		t.Errorf("signed again:\n%s\nshown before:\n%s", again.Checkpoint(), shown)
	}
}

// A power cut tears the write-ahead log anywhere. Whatever is left, the log
// opens, is a prefix of what it was, and is sound.
func TestTornWriteAheadLog(t *testing.T) {
	l := newLog(t)
	for n := range 6 {
		appendOne(t, l, testEntry(n, "", 1))
	}
	db, err := os.ReadFile(l.db.path)
	must(t, err)
	wal, err := os.ReadFile(l.db.path + "-wal")
	must(t, err)
	last := uint64(0)
	for cut := 0; cut <= len(wal); cut += 1777 {
		path := filepath.Join(t.TempDir(), "log.db")
		must(t, os.WriteFile(path, db, 0o600))
		must(t, os.WriteFile(path+"-wal", wal[:cut], 0o600))
		torn := openLog(t, path, testOptions(t))
		if torn.Size() < last || torn.Size() > 6 {
			t.Fatalf("cut at %d: size %d after %d", cut, torn.Size(), last)
		}
		last = torn.Size()
		if ours, err := l.RootAt(last); err != nil || string(torn.Checkpoint()) != string(checkpointAt(t, l, last)) {
			t.Fatalf("cut at %d: another tree than %v, %v", cut, ours, err)
		}
		checkSound(t, torn.Reader)
		must(t, torn.Close())
	}
	if last < 5 {
		t.Errorf("of the last cut %d records are left", last)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log.db")
	good := testOptions(t)
	must(t, openLog(t, path, good).Close())
	other, otherKey := testSigner(t, "xk/beta/1")
	ro := good
	ro.ReadOnly = true
	for what, open := range map[string]func() error{
		"a signer of another key": func() error { return second(Open(path, Options{Key: good.Key, Signer: other})) },
		"no signer":               func() error { return second(Open(path, Options{Key: good.Key})) },
		"a bad key":               func() error { return second(Open(path, Options{Key: "x", Signer: other})) },
		"the key of another log":  func() error { return second(Open(path, Options{Key: otherKey, Signer: other})) },
		"a log as a mirror":       func() error { return second(OpenMirror(path, MirrorOptions{Key: good.Key})) },
		"a missing file read-only": func() error {
			return second(Open(filepath.Join(dir, "none.db"), ro))
		},
		"a missing directory": func() error { return second(Open(filepath.Join(dir, "none", "log.db"), good)) },
		"an unknown disk":     func() error { return second(Open(path, Options{Key: good.Key, Signer: good.Signer, VFS: "none"})) },
	} {
		if open() == nil {
			t.Errorf("opened with %s", what)
		}
	}
	if _, err := sqlite3.OpenFlags(filepath.Join(dir, "none.db"), sqlite3.OPEN_READONLY); err == nil {
		t.Error("a read-only open made a file")
	}
}

func TestDurabilitySettings(t *testing.T) {
	l := newLog(t)
	for pragma, want := range map[string]int64{"synchronous": 2, "trusted_schema": 0, "secure_delete": 1} {
		must(t, l.db.w.query("PRAGMA "+pragma, func(s *sqlite3.Stmt) error {
			if got := s.ColumnInt64(0); got != want {
				t.Errorf("%s is %d, want %d", pragma, got, want)
			}
			return nil
		}))
	}
}
