package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A fenced log is driven by hand, so that a test sees it between any two steps.
type fenced struct {
	*Log
	t    *testing.T
	dir  string
	opts Options
}

func newFenced(t *testing.T) *fenced {
	t.Helper()
	f := &fenced{t: t, dir: t.TempDir(), opts: testOptions(t)}
	f.opts.Fence = filepath.Join(t.TempDir(), "fence")
	f.Log = openLog(t, filepath.Join(f.dir, "log.db"), f.opts)
	f.ending.Do(func() { close(f.closing) })
	<-f.done // the writer has ended: this goroutine commits
	return f
}

// group commits entries as one group.
func (f *fenced) group(salt string, count int) []outcome {
	f.t.Helper()
	var group []*job
	for i := range count {
		e := testEntry(int(f.Size())+i, salt, 1)
		group = append(group, &job{entry: e, reply: make(chan outcome, 1), leaf: sumdb.RecordHash(e.Leaf)})
	}
	f.commit(group)
	var out []outcome
	for _, j := range group {
		out = append(out, <-j.reply)
	}
	return out
}

// copyLog copies the log's files as a crash would leave them.
func (f *fenced) copyLog() string {
	f.t.Helper()
	to := f.t.TempDir()
	for _, name := range []string{"log.db", "log.db-wal"} {
		b, err := os.ReadFile(filepath.Join(f.dir, name))
		must(f.t, err)
		must(f.t, os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
	return to
}

func (f *fenced) copyFence() []byte {
	f.t.Helper()
	b, err := os.ReadFile(f.opts.Fence)
	must(f.t, err)
	return b
}

// meet opens a copy of a log beside a copy of a fence; nil says that they agree.
func meet(t *testing.T, logDir string, fence []byte, o Options) error {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"log.db", "log.db-wal"} {
		b, err := os.ReadFile(filepath.Join(logDir, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	o.Fence = filepath.Join(dir, "fence")
	if fence != nil {
		must(t, os.WriteFile(o.Fence, fence, 0o600))
	}
	l, err := Open(filepath.Join(dir, "log.db"), o)
	if err != nil {
		var refused *FenceError
		if !errors.As(err, &refused) {
			t.Fatalf("opening failed otherwise: %v", err)
		}
		return err
	}
	// What agrees goes on, agrees after an orderly end, and after the next crash.
	appendOne(t, l, testEntry(1000, "later"))
	must(t, l.Close())
	l, err = Open(filepath.Join(dir, "log.db"), o)
	must(t, err)
	must(t, l.Close())
	return nil
}

// tear leaves the first half of the slot that was written last.
func tear(fence []byte) []byte {
	out := bytes.Clone(fence)
	at := newestOf([2]slot{decodeSlot(out[:slotSize]), decodeSlot(out[slotSize:])}) * slotSize
	clear(out[at+slotSize/2 : at+slotSize])
	copy(out[at+30:], "torn")
	return out
}

// TestFenceAtEveryInterleaving holds every state of a log that a crash can leave
// against every state of its fence, and those of a rollback too.
func TestFenceAtEveryInterleaving(t *testing.T) {
	f := newFenced(t)
	logs, saved := []string{f.copyLog()}, []string{f.copyLog()}
	plain, sure := [][]byte{f.copyFence()}, [][]byte{f.copyFence()}
	for k, size := range []int{1, 3, 1, 2} {
		for _, o := range f.group(fmt.Sprint("group", k), size) {
			must(t, o.err)
		}
		logs, plain = append(logs, f.copyLog()), append(plain, f.copyFence())
		f.fence.confirm()
		sure = append(sure, f.copyFence())
		if k%2 == 1 { // after every other group the log was idle, or ended
			f.saveCheckpoint()
		}
		saved = append(saved, f.copyLog())
	}
	agreed := 0
	for i := range logs {
		for j := range plain {
			for _, c := range []struct {
				what, log string
				fence     []byte
				want      bool
			}{
				// A log of i groups, a fence of j. In order, lagging by one, or leading by one that nobody was told of.
				{"in the group", logs[i], plain[j], i == j || i == j+1 || i == j-1},
				{"confirmed", logs[i], sure[j], i == j || i == j+1},
				// A torn slot leaves the one before: of group j-1, or, torn while it was confirmed, group j unconfirmed.
				{"torn in the group", logs[i], tear(plain[j]), j > 0 && (i == j-1 || i == j)},
				{"torn while confirming", logs[i], tear(sure[j]), j > 0 && (i == j || i == j+1)},
				// Once the log has stored the checkpoint of its last group, the fence has seen that group.
				{"idle", saved[i], sure[j], i == j || i == j+1 && i%2 == 1},
			} {
				if j == 0 && (i == 0 || c.what == "torn while confirming") { // the fence of an empty log is confirmed, and has one slot
					c.want = i == 0 || c.want
				}
				if j == 0 && (c.what == "torn in the group" || c.what == "torn while confirming") {
					c.want = i == 0
				}
				err := meet(t, c.log, c.fence, f.opts)
				if (err == nil) != c.want {
					t.Errorf("log of %d groups, fence of %d, %s: %v", i, j, c.what, err)
				}
				if err == nil {
					agreed++
				}
			}
		}
	}
	if agreed == 0 {
		t.Error("nothing ever agreed")
	}
}

func TestFenceAfterARefusedGroup(t *testing.T) {
	disk := newBadDisk(t)
	f := newFenced(t)
	must(t, f.Close())
	f.opts.VFS = disk.name
	f.Log = openLog(t, filepath.Join(f.dir, "log.db"), f.opts)
	f.ending.Do(func() { close(f.closing) })
	<-f.done
	must(t, f.group("first", 2)[0].err)
	before := f.copyFence()
	disk.full.Store(true)
	if err := f.group("refused", 3)[0].err; !errors.Is(err, ErrNotRecorded) {
		t.Fatal(err)
	}
	disk.full.Store(false)
	refused := f.copyFence()
	if bytes.Equal(before, refused) {
		t.Fatal("the fence did not lead")
	}
	o := f.opts
	o.VFS = ""
	must(t, meet(t, f.copyLog(), refused, o))
	f.fence.confirm()
	must(t, meet(t, f.copyLog(), f.copyFence(), o))
	must(t, f.group("second", 1)[0].err)
	// The group that took the place of the refused one is committed, its slot is not: the fence still leads with the refused one.
	must(t, meet(t, f.copyLog(), refused, o))
	must(t, f.group("third", 1)[0].err)
	if err := meet(t, f.copyLog(), refused, o); err == nil {
		t.Error("a fence that was left two groups behind agrees")
	}
}

func TestFenceOfAnotherTree(t *testing.T) {
	a, b := newFenced(t), newFenced(t)
	a.group("one", 3)
	b.group("other", 3)
	for _, f := range []*fenced{a, b} {
		f.fence.confirm()
	}
	err := meet(t, a.copyLog(), b.copyFence(), a.opts)
	var refused *FenceError
	if !errors.As(err, &refused) || refused.Fence.Size != 3 || refused.Log.Size != 3 || refused.Fence.Root == refused.Log.Root {
		t.Errorf("another tree: %v", err)
	}
	if err := meet(t, a.copyLog(), nil, a.opts); err == nil {
		t.Error("a log with records agrees with a new fence")
	}
	if err := meet(t, a.copyLog(), bytes.Repeat([]byte{7}, 2*slotSize), a.opts); err == nil {
		t.Error("a log with records agrees with a fence of noise")
	}
	o := a.opts
	o.TakeFence = true
	must(t, meet(t, a.copyLog(), b.copyFence(), o))
}

func TestFenceIsOfOneEpoch(t *testing.T) {
	f := newFenced(t)
	f.group("", 2)
	s, vkey := testSigner(t, "xk/alpha/2")
	next := Options{Key: vkey, Signer: s, Fence: filepath.Join(t.TempDir(), "fence")}
	must(t, os.WriteFile(next.Fence, f.copyFence(), 0o600))
	path := filepath.Join(t.TempDir(), "log.db")
	_, err := Open(path, next)
	var refused *FenceError
	if !errors.As(err, &refused) || refused.Key != f.opts.Key || refused.Fence.Size != 2 {
		t.Fatalf("the fence of another epoch: %v", err)
	}
	next.TakeFence = true
	l, err := Open(path, next)
	must(t, err)
	appendOne(t, l, testEntry(0, ""))
	must(t, l.Close())
	next.TakeFence = false
	openLog(t, path, next)
}

func TestFenceIsHeldByOne(t *testing.T) {
	f := newFenced(t)
	o := f.opts
	if _, err := Open(filepath.Join(t.TempDir(), "log.db"), o); !errors.Is(err, ErrFenceHeld) {
		t.Errorf("a second log with the same fence: %v", err)
	}
	o.TakeFence = true
	if _, err := Open(filepath.Join(t.TempDir(), "log.db"), o); !errors.Is(err, ErrFenceHeld) {
		t.Errorf("taken from a living log: %v", err)
	}
}

// TestFenceLost pulls the device in four ways. The booth goes on, and is told.
func TestFenceLost(t *testing.T) {
	for what, pull := range map[string]func(f *fenced){
		"closed":   func(f *fenced) { f.fence.f.Close() },
		"unlinked": func(f *fenced) { must(f.t, os.Remove(f.opts.Fence)) },
		"replaced": func(f *fenced) {
			must(f.t, os.Rename(f.opts.Fence, f.opts.Fence+".old"))
			must(f.t, os.WriteFile(f.opts.Fence, nil, 0o600))
		},
		"unmounted": func(f *fenced) {
			must(f.t, os.Rename(filepath.Dir(f.opts.Fence), filepath.Dir(f.opts.Fence)+".old"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			f := newFenced(t)
			must(t, f.group("", 2)[0].err)
			f.fence.confirm()
			if _, lost := f.Fence(); lost != nil {
				t.Fatal(lost)
			}
			old := f.copyFence()
			pull(f)
			must(t, f.group("", 1)[0].err)
			f.fence.confirm()
			if _, lost := f.Fence(); lost == nil {
				t.Error("nobody noticed")
			}
			must(t, f.group("", 1)[0].err)
			must(t, f.group("", 1)[0].err)
			if f.Size() != 5 {
				t.Errorf("size %d without a second device", f.Size())
			}
			if err := meet(t, f.copyLog(), old, f.opts); err == nil {
				t.Error("a log agrees with a fence that was left behind")
			}
		})
	}
}

func TestFenceComesBack(t *testing.T) {
	f := newFenced(t)
	dir := filepath.Dir(f.opts.Fence)
	must(t, os.Rename(dir, dir+".away"))
	must(t, f.group("", 1)[0].err)
	f.fence.confirm()
	must(t, f.group("", 2)[0].err)
	if _, lost := f.Fence(); lost == nil {
		t.Fatal("nobody noticed")
	}
	must(t, os.Rename(dir+".away", dir))
	f.fence.confirm()
	if _, lost := f.Fence(); lost == nil {
		t.Fatal("looked for again at once")
	}
	f.fence.lostAt = f.fence.lostAt.Add(-fenceRetry)
	f.fence.confirm()
	if _, lost := f.Fence(); lost != nil {
		t.Fatal(lost)
	}
	must(t, meet(t, f.copyLog(), f.copyFence(), f.opts))
	must(t, f.group("", 1)[0].err)
	must(t, meet(t, f.copyLog(), f.copyFence(), f.opts))
}

func TestFenceMissingAtTheStart(t *testing.T) {
	o := testOptions(t)
	o.Fence = filepath.Join(t.TempDir(), "not mounted", "fence")
	path := filepath.Join(t.TempDir(), "log.db")
	l, err := Open(path, o)
	must(t, err) // an empty log has nothing to be set back
	if _, lost := l.Fence(); lost == nil {
		t.Error("a device that is not there is not missed")
	}
	appendOne(t, l, testEntry(0, ""))
	must(t, l.Close())
	var refused *FenceError
	if _, err := Open(path, o); !errors.As(err, &refused) {
		t.Errorf("a log with records and no device: %v", err)
	}
	o.TakeFence = true
	if l, err = Open(path, o); err != nil {
		t.Fatal(err)
	}
	appendOne(t, l, testEntry(1, ""))
	must(t, l.Close())
}

// TestFenceWithTheWriter lets the real writer work: what Append answered, both
// devices have.
func TestFenceWithTheWriter(t *testing.T) {
	o := testOptions(t)
	o.Fence = filepath.Join(t.TempDir(), "fence")
	path := filepath.Join(t.TempDir(), "log.db")
	l, err := Open(path, o)
	must(t, err)
	for n := range 20 {
		a, err := l.Append(context.Background(), testEntry(n, ""))
		must(t, err)
		b, err := os.ReadFile(o.Fence)
		must(t, err)
		slots := [2]slot{decodeSlot(b[:slotSize]), decodeSlot(b[slotSize:])}
		if got := slots[newestOf(slots)].head.Size; got != a.Size {
			t.Fatalf("answered size %d, the fence has seen %d", a.Size, got)
		}
	}
	must(t, l.Close())
	b, err := os.ReadFile(o.Fence)
	must(t, err)
	slots := [2]slot{decodeSlot(b[:slotSize]), decodeSlot(b[slotSize:])}
	if s := slots[newestOf(slots)]; !s.confirmed || s.head.Size != 20 {
		t.Errorf("after an orderly end: %+v", s)
	}
}

func FuzzSlot(f *testing.F) {
	f.Add(slot{7, true, Head{Size: 12}, "xk/alpha/1+00000000+AA=="}.encode())
	f.Add(make([]byte, slotSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := decodeSlot(b); s.seq != 0 && !bytes.Equal(s.encode(), b) {
			t.Error("a slot has two spellings")
		}
	})
}

func TestSlotRefusesEveryFlippedBit(t *testing.T) {
	good := slot{7, true, Head{Size: 12, Root: Hash{1}}, "xk/alpha/1+00000000+AA=="}.encode()
	if s := decodeSlot(good); s.seq != 7 || s.head.Size != 12 || !s.confirmed {
		t.Fatalf("read back %+v", s)
	}
	for i := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		if decodeSlot(bad).seq != 0 {
			t.Fatalf("bit %d may be flipped", i)
		}
	}
}
