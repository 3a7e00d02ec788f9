package tlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func testActOf(leaf []byte) ([16]byte, bool) {
	var l testLeaf
	err := json.Unmarshal(leaf, &l)
	return testAct(l.N, l.Salt), err == nil
}

// TestRetire turns a log that was set back into a mirror, which takes back its
// tail from somebody who had it.
func TestRetire(t *testing.T) {
	for _, size := range []int{0, 1, 7, 300} {
		old, whole := newLog(t), newLog(t)
		fill(t, old, size, 1, 2)
		fill(t, whole, size+40, 1, 2)
		path := old.db.path
		must(t, old.Close())
		for range 2 { // a crash may make it come again
			must(t, Retire(path, testOptions(t)))
		}
		if _, err := Open(path, testOptions(t)); err == nil {
			t.Fatal("a retired log was opened to write")
		}
		_, vkey := testSigner(t, testOrigin)
		m, err := OpenMirror(path, MirrorOptions{Key: vkey, Want: testRefs, Act: testActOf})
		must(t, err)
		if m.Size() != uint64(size) || m.Cursor() != uint64(size) || m.Next() != uint64(size) {
			t.Fatalf("size %d: retired at size %d, cursor %d, next %d", size, m.Size(), m.Cursor(), m.Next())
		}
		feed(t, whole, m, uint64(size+40))
		for _, n := range []int{0, size, size + 39} {
			i, found, err := m.ByAct(testAct(n, ""))
			must(t, err)
			if !found || i != uint64(n) {
				t.Errorf("size %d: act %d found %v at %d", size, n, found, i)
			}
			p, err := m.Part(uint64(n), 1)
			must(t, err)
			if !bytes.Equal(p.Body, testEntry(n, "", 1, 2).Parts[0].Body) {
				t.Errorf("size %d: part of %d is another", size, n)
			}
		}
		if _, found, _ := m.ByAct(testAct(size+40, "")); found {
			t.Error("an act that nobody did is found")
		}
		checkSound(t, m.Reader)
		must(t, m.Close())
	}
}

// TestRetireAfterACrash signs what the crash left unsigned, and keeps it.
func TestRetireAfterACrash(t *testing.T) {
	f := newFenced(t)
	must(t, f.group("", 3)[0].err)
	must(t, f.group("", 2)[0].err)
	dir := f.copyLog()
	path := filepath.Join(dir, "log.db")
	o := testOptions(t)
	must(t, Retire(path, o))
	m, err := OpenMirror(path, MirrorOptions{Key: o.Key, Want: testRefs})
	must(t, err)
	defer m.Close()
	if m.Size() != 5 || !bytes.Equal(m.Checkpoint(), f.Checkpoint()) {
		t.Errorf("retired at size %d, or under another checkpoint", m.Size())
	}
}

func TestRetireRefuses(t *testing.T) {
	o := testOptions(t)
	if err := Retire(filepath.Join(t.TempDir(), "log.db"), o); err == nil {
		t.Error("a log that is not there was retired")
	}
	l := newLog(t)
	path := l.db.path
	must(t, l.Close())
	other := o
	other.Signer, other.Key = testSigner(t, "xk/beta/1")
	if err := Retire(path, other); err == nil {
		t.Error("the log of another key was retired")
	}
	must(t, os.WriteFile(path, []byte("no database, but as long as one would be"), 0o600))
	if err := Retire(path, o); err == nil {
		t.Error("noise was retired")
	}
}

func TestHaltTakesNothingMore(t *testing.T) {
	l := newLog(t)
	fill(t, l, 3)
	l.Halt()
	if _, err := l.Append(context.Background(), testEntry(3, "")); !errors.Is(err, ErrStopped) {
		t.Errorf("appended to a halted log: %v", err)
	}
	if i, found, err := l.ByAct(testAct(2, "")); !found || i != 2 || err != nil {
		t.Errorf("what is recorded is not found: %v %v", found, err)
	}
}
