package tlog

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func badLog(t *testing.T) (*Log, *badDisk, Options) {
	t.Helper()
	disk := newBadDisk(t)
	o := testOptions(t)
	o.VFS = disk.name
	return openLog(t, filepath.Join(t.TempDir(), "log.db"), o), disk, o
}

func TestEachAppendIsSynced(t *testing.T) {
	l, disk, _ := badLog(t)
	for n := range 5 {
		before := disk.syncs.Load()
		appendOne(t, l, testEntry(n, ""))
		if disk.syncs.Load() == before {
			t.Fatalf("append %d was answered without a sync", n)
		}
	}
}

func TestFailedSyncStopsTheLog(t *testing.T) {
	l, disk, o := badLog(t)
	fill(t, l, 3, 1)
	disk.failSync.Store(true)
	if _, err := l.Append(context.Background(), testEntry(3, "")); !errors.Is(err, ErrNotKnown) {
		t.Fatalf("append without sync: %v", err)
	}
	disk.failSync.Store(false)
	for _, n := range []int{3, 4} {
		if _, err := l.Append(context.Background(), testEntry(n, "")); !errors.Is(err, ErrStopped) {
			t.Errorf("append after a failed sync: %v", err)
		}
	}
	if _, _, err := l.ByAct(testAct(3, "")); !errors.Is(err, ErrStopped) {
		t.Errorf("a stopped log claims to know: %v", err)
	}
	if l.Size() != 3 {
		t.Errorf("a tree of size %d is shown", l.Size())
	}
	must(t, l.Close())
	l = openLog(t, l.db.path, o)
	i, known, err := l.ByAct(testAct(3, ""))
	must(t, err)
	if known != (l.Size() == 4) || known && i != 3 {
		t.Errorf("after reopening: act known %v at %d in a log of %d", known, i, l.Size())
	}
	a, err := l.Append(context.Background(), testEntry(3, ""))
	var again *KnownActError
	if known != errors.As(err, &again) || !known && (err != nil || a.Index != 3) {
		t.Errorf("asked again: %+v %v", a, err)
	}
	appendOne(t, l, testEntry(4, ""))
	checkSound(t, l.Reader)
}

func TestFailedWriteStopsTheLog(t *testing.T) {
	l, disk, o := badLog(t)
	fill(t, l, 2)
	disk.failWrites.Store(true)
	if _, err := l.Append(context.Background(), testEntry(2, "")); !errors.Is(err, ErrNotKnown) {
		t.Fatalf("append with a failing write: %v", err)
	}
	disk.failWrites.Store(false)
	if _, err := l.Append(context.Background(), testEntry(3, "")); !errors.Is(err, ErrStopped) {
		t.Errorf("append after that: %v", err)
	}
	must(t, l.Close())
	l = openLog(t, l.db.path, o)
	fill(t, l, 5)
	checkSound(t, l.Reader)
}

func TestDiskFullIsNotRecordedAndPasses(t *testing.T) {
	l, disk, o := badLog(t)
	fill(t, l, 3, 1)
	for range 3 {
		disk.full.Store(true)
		if _, err := l.Append(context.Background(), testEntry(3, "", 1)); !errors.Is(err, ErrNotRecorded) {
			t.Fatalf("append on a full disk: %v", err)
		}
		if _, known, err := l.ByAct(testAct(3, "")); known || err != nil {
			t.Fatalf("not recorded, yet known: %v %v", known, err)
		}
		disk.full.Store(false)
	}
	if a := appendOne(t, l, testEntry(3, "", 1)); a.Index != 3 {
		t.Errorf("recorded at %d afterwards", a.Index)
	}
	must(t, l.Close())
	l = openLog(t, l.db.path, o)
	if l.Size() != 4 {
		t.Errorf("size %d after reopening", l.Size())
	}
	checkSound(t, l.Reader)
}

func TestOpenFailsOnABadDisk(t *testing.T) {
	l, disk, o := badLog(t)
	fill(t, l, 3)
	must(t, l.Close())
	for what, fail := range map[string]interface{ Store(bool) }{"sync": &disk.failSync, "full": &disk.full} {
		fail.Store(true)
		if _, err := Open(l.db.path, o); err == nil {
			t.Errorf("opened with failing %s", what)
		}
		fail.Store(false)
	}
	if l = openLog(t, l.db.path, o); l.Size() != 3 {
		t.Errorf("size %d afterwards", l.Size())
	}
}

func TestSecondWriterIsNoticed(t *testing.T) {
	l := newLog(t)
	fill(t, l, 2)
	other := openLog(t, l.db.path, testOptions(t))
	_, err := l.Append(context.Background(), testEntry(2, ""))
	if !errors.Is(err, ErrNotRecorded) || !strings.Contains(err.Error(), errForeign.Error()) {
		t.Errorf("beside another writer: %v", err)
	}
	if _, err := l.Append(context.Background(), testEntry(2, "")); !errors.Is(err, ErrStopped) {
		t.Errorf("and again: %v", err)
	}
	if a := appendOne(t, other, testEntry(2, "")); a.Index != 2 {
		t.Errorf("the newer writer wrote at %d", a.Index)
	}
	checkSound(t, other.Reader)
}

func TestMirrorOnABadDisk(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300, 1)
	disk := newBadDisk(t)
	m := newMirror(t, testRefs)
	must(t, m.Close())
	m.opts.VFS = disk.name
	m.open(t)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 300)))
	first, err := l.Offer(0, 300)
	must(t, err)
	rest, err := l.Offer(256, 300)
	must(t, err)

	disk.full.Store(true)
	if _, err := m.Extend(300, first); !errors.Is(err, ErrNotRecorded) || m.Next() != 0 {
		t.Fatalf("on a full disk: next %d, %v", m.Next(), err)
	}
	disk.full.Store(false)
	if next, err := m.Extend(300, first); next != 256 || err != nil {
		t.Fatalf("once there is room: next %d, %v", next, err)
	}
	disk.failSync.Store(true)
	if _, err := m.Extend(300, rest); !errors.Is(err, ErrNotKnown) || m.Next() != 256 {
		t.Fatalf("without sync: next %d, %v", m.Next(), err)
	}
	disk.failSync.Store(false)
	if _, err := m.Extend(300, rest); !errors.Is(err, ErrStopped) {
		t.Fatalf("after that: %v", err)
	}
	m.reopen(t)
	if feed(t, l, m.Mirror, 300) == nil {
		t.Error("no cosignature after recovery")
	}
	checkSound(t, m.Reader)
}

// checkSound verifies a file with all its parts and expects nothing wrong.
func checkSound(t testing.TB, r *Reader) {
	t.Helper()
	found, err := r.Verify(context.Background(), VerifyOptions{Parts: testRefs})
	must(t, err)
	if len(found) > 0 {
		t.Errorf("found wrong: %v", found)
	}
}
