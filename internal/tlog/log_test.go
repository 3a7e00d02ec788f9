package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

func TestAppendAndRead(t *testing.T) {
	l := newLog(t)
	if l.Size() != 0 || l.Next() != 0 {
		t.Fatalf("a new log has size %d, next %d", l.Size(), l.Next())
	}
	for n := range 10 {
		e := testEntry(n, "", 1, 3)
		a := appendOne(t, l, e)
		if a.Index != uint64(n) || a.Size != uint64(n+1) || a.LeafHash != sumdb.RecordHash(e.Leaf) {
			t.Fatalf("append %d gave %d of %d", n, a.Index, a.Size)
		}
		checkAppended(t, l, a)
		leaf, err := l.Leaf(uint64(n))
		must(t, err)
		if !bytes.Equal(leaf, e.Leaf) {
			t.Fatalf("leaf %d reads otherwise", n)
		}
		for _, want := range e.Parts {
			got, err := l.Part(uint64(n), want.Number)
			must(t, err)
			if got.Number != want.Number || !bytes.Equal(got.Wrap, want.Wrap) || !bytes.Equal(got.Body, want.Body) {
				t.Fatalf("part %d of leaf %d reads otherwise", want.Number, n)
			}
		}
		if i, ok, err := l.ByAct(e.Act); i != uint64(n) || !ok || err != nil {
			t.Fatalf("by act: %d %v %v", i, ok, err)
		}
	}
	for what, err := range map[string]error{
		"leaf":      second(l.Leaf(10)),
		"part":      second(l.Part(3, 2)),
		"proof":     second(l.InclusionProof(2, 11)),
		"tree":      second(l.RootAt(11)),
		"blob":      second(l.Blob([32]byte{})),
		"package":   second(l.Offer(4, 11)),
		"tile":      second(l.Tile("tile/0/000.p/11")),
		"tile path": second(l.Tile("tile/0/0")),
	} {
		if !errors.Is(err, ErrNotHere) {
			t.Errorf("%s beyond the end: %v", what, err)
		}
	}
	if _, ok, err := l.ByAct([16]byte{1}); ok || err != nil {
		t.Errorf("unknown act: %v %v", ok, err)
	}
}

func second[T any](_ T, err error) error { return err }

// checkAppended verifies what Append handed out as a stranger would.
func checkAppended(t testing.TB, l *Log, a Appended) {
	t.Helper()
	v, err := note.NewVerifier(l.Key())
	must(t, err)
	n, err := note.Open(a.Checkpoint, note.VerifierList(v))
	must(t, err)
	cp, err := parseHead(n.Text)
	must(t, err)
	proof, err := l.InclusionProof(a.Index, a.Size)
	must(t, err)
	if cp.size != a.Size {
		t.Fatalf("checkpoint of size %d for %d", cp.size, a.Size)
	}
	must(t, sumdb.CheckRecord(proof, int64(cp.size), cp.root, int64(a.Index), a.LeafHash))
}

func TestReadInBatches(t *testing.T) {
	l := newLog(t)
	fill(t, l, 20, 0, 1, 2)
	leaves, err := l.Leaves(15, 100)
	must(t, err)
	if len(leaves) != 5 || !bytes.Equal(leaves[4], testEntry(19, "", 0, 1, 2).Leaf) {
		t.Errorf("%d leaves from 15", len(leaves))
	}
	parts, next, err := l.Parts(3, 6, 0, 2)
	must(t, err)
	var ids []string
	for _, p := range parts {
		ids = append(ids, fmt.Sprintf("%d/%d", p.Index, p.Number))
	}
	if want := []string{"3/0", "3/2", "4/0", "4/2", "5/0", "5/2"}; !slices.Equal(ids, want) || next != 6 {
		t.Errorf("parts %v, next %d", ids, next)
	}
	if leaves, err := l.Leaves(20, 5); len(leaves) != 0 || err != nil {
		t.Errorf("%d leaves at the end: %v", len(leaves), err)
	}
}

func TestReadStopsAtTheBound(t *testing.T) {
	l := newLog(t)
	big := make([]byte, MaxPart)
	for n := range 6 {
		e := testEntry(n, "")
		e.Parts = []Part{{Number: 1, Body: big}, {Number: 2, Body: big}}
		appendOne(t, l, e)
	}
	var got int
	for from := uint64(0); from < 6; {
		parts, next, err := l.Parts(from, 6, 1, 2)
		must(t, err)
		if len(parts) > 10 || uint64(len(parts)) != 2*(next-from) {
			t.Fatalf("from %d: %d parts, next %d", from, len(parts), next)
		}
		got += len(parts)
		from = next
	}
	if got != 12 {
		t.Errorf("%d parts in all", got)
	}
}

func TestAppendBounds(t *testing.T) {
	l := newLog(t)
	ok := func() Entry { return testEntry(0, "", 1, 2) }
	for what, bend := range map[string]func(*Entry){
		"no leaf":         func(e *Entry) { e.Leaf = nil },
		"long leaf":       func(e *Entry) { e.Leaf = make([]byte, MaxLeaf+1) },
		"long body":       func(e *Entry) { e.Parts[1].Body = make([]byte, MaxPart+1) },
		"long wrap":       func(e *Entry) { e.Parts[0].Wrap = make([]byte, MaxWrap+1) },
		"part twice":      func(e *Entry) { e.Parts[1].Number = 1 },
		"too many parts":  func(e *Entry) { e.Parts = make([]Part, MaxParts+1) },
		"parts all alike": func(e *Entry) { e.Parts = make([]Part, 2) },
	} {
		e := ok()
		bend(&e)
		if _, err := l.Append(context.Background(), e); !errors.Is(err, ErrNotRecorded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	e := ok()
	e.Leaf, e.Parts[0].Body, e.Parts[1].Wrap = make([]byte, MaxLeaf), make([]byte, MaxPart), make([]byte, MaxWrap)
	if a := appendOne(t, l, e); a.Index != 0 {
		t.Errorf("refused entries took %d indexes", a.Index)
	}
}

func TestRepeatedAct(t *testing.T) {
	l := newLog(t)
	fill(t, l, 3)
	var known *KnownActError
	_, err := l.Append(context.Background(), testEntry(1, ""))
	if !errors.As(err, &known) || known.Index != 1 {
		t.Fatalf("repeated act: %v", err)
	}
	// two of one act in one group: one is recorded, the other is told
	jobs := []*job{}
	for range 2 {
		e := testEntry(7, "")
		jobs = append(jobs, &job{entry: e, reply: make(chan outcome, 1), leaf: sumdb.RecordHash(e.Leaf)})
	}
	l.ending.Do(func() { close(l.closing) })
	<-l.done // the writer has ended, so this goroutine may commit
	l.commit(jobs)
	if o := <-jobs[0].reply; o.err != nil || o.done.Index != 3 {
		t.Errorf("first: %+v", o)
	}
	if o := <-jobs[1].reply; !errors.As(o.err, &known) || known.Index != 3 {
		t.Errorf("second: %v", o.err)
	}
}

func TestGroupCommitUnderConcurrency(t *testing.T) {
	l := newLog(t)
	const workers, each = 32, 20
	var mu sync.Mutex
	got := map[uint64]Appended{}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				a, err := l.Append(context.Background(), testEntry(w*each+n, "", 1))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[a.Index] = a
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(got) != workers*each || l.Size() != workers*each {
		t.Fatalf("%d indexes, size %d", len(got), l.Size())
	}
	for i := range uint64(workers * each) {
		checkAppended(t, l, got[i])
	}
	if found, err := l.Verify(context.Background(), VerifyOptions{Parts: testRefs}); err != nil || len(found) > 0 {
		t.Errorf("verify: %v %v", found, err)
	}
}

func TestIdleLogStoresItsCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	synctest.Test(t, func(t *testing.T) {
		l := openLog(t, path, testOptions(t))
		defer l.Close()
		appendOne(t, l, testEntry(0, ""))
		ro := testOptions(t)
		ro.ReadOnly = true
		sizes := []uint64{}
		for range 2 {
			beside, err := Open(path, ro)
			must(t, err)
			sizes = append(sizes, beside.Size())
			must(t, beside.Close())
			time.Sleep(idleStore + time.Millisecond)
			synctest.Wait()
		}
		if !slices.Equal(sizes, []uint64{0, 1}) {
			t.Errorf("stored sizes %v", sizes)
		}
	})
}

func TestGrown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := Open(filepath.Join(t.TempDir(), "log.db"), testOptions(t))
		must(t, err)
		defer l.Close()
		seen := make(chan uint64)
		go func() {
			for have := uint64(0); have < 3; {
				grown := l.Grown()
				if size := l.Size(); size > have {
					have = size
					seen <- have
					continue
				}
				<-grown
			}
			close(seen)
		}()
		for n := range 3 {
			time.Sleep(time.Hour)
			appendOne(t, l, testEntry(n, ""))
			if got := <-seen; got != uint64(n+1) {
				t.Errorf("woken at size %d, want %d", got, n+1)
			}
		}
		<-seen
	})
}

func TestContextEnds(t *testing.T) {
	l := newLog(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Append(ctx, testEntry(0, "")); !errors.Is(err, ErrNotRecorded) || !errors.Is(err, context.Canceled) {
		t.Errorf("before it was taken: %v", err)
	}
	// hold the writer inside a commit, so that an entry is taken and not told
	l.db.mu.Lock()
	ctx, cancel = context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- second(l.Append(ctx, testEntry(1, ""))) }()
	e := testEntry(2, "")
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		ended <- second(l.Append(ctx, e))
	}()
	time.AfterFunc(20*time.Millisecond, cancel)
	var notKnown, notRecorded int
	for range 2 {
		switch err := <-ended; {
		case errors.Is(err, ErrNotKnown):
			notKnown++
		case errors.Is(err, ErrNotRecorded):
			notRecorded++
		default:
			t.Errorf("neither: %v", err)
		}
	}
	l.db.mu.Unlock()
	if notKnown < 1 || notKnown+notRecorded != 2 {
		t.Errorf("%d not known, %d not recorded", notKnown, notRecorded)
	}
	if a := appendOne(t, l, testEntry(3, "")); a.Size != uint64(notKnown)+1 {
		t.Errorf("size %d after %d entries were taken", a.Size, notKnown)
	}
}
