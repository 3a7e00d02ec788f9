package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// One record at a time, and at every size the mirror is what the log was.
func TestMirrorFedOneByOne(t *testing.T) {
	const limit = 600
	l := newLog(t)
	fill(t, l, limit)
	m := newMirror(t, testRefs)
	for n := uint64(1); n <= limit; n++ {
		must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, n)))
		lines, err := addEntries(m.Mirror, upload(t, l, n-1, n, MaxPackages))
		must(t, err)
		checkMirror(t, l, m, n, lines)
	}
	checkSound(t, m.Reader)
}

// checkMirror compares a mirror that has settled size n with its log.
func checkMirror(t testing.TB, l *Log, m *mirrorSetup, n uint64, lines []byte) {
	t.Helper()
	ours, err := l.RootAt(n)
	must(t, err)
	theirs, err := m.RootAt(n)
	must(t, err)
	if m.Size() != n || m.Next() < n || ours != theirs {
		t.Fatalf("mirror of size %d, next %d, want %d", m.Size(), m.Next(), n)
	}
	for what, msg := range map[string][]byte{
		"answer":     append(checkpointAt(t, l, n), lines...),
		"checkpoint": m.Checkpoint(),
	} {
		opened, err := note.Open(msg, note.VerifierList(l.key, m.verifier))
		must(t, err)
		if len(opened.Sigs) != 2 || opened.Text != headText(testOrigin, n, ours) {
			t.Fatalf("the %s at size %d has %d signatures", what, n, len(opened.Sigs))
		}
	}
}

// Every canonical package of every upload to a size of 600 verifies against
// that size, and against no neighbour of it.
func TestPackagesOfEverySize(t *testing.T) {
	const limit = 600
	l := newLog(t)
	fill(t, l, limit)
	hashes, err := l.leafHashes(0, limit)
	must(t, err)
	for end := uint64(1); end <= limit; end++ {
		starts := []uint64{0, end / 2, end - 1, packageStart(end - 1), packageStart(end-1) / 2}
		slices.Sort(starts)
		for _, start := range slices.Compact(starts) {
			o, err := l.Offer(start, end)
			must(t, err)
			must(t, o.check(end))
			before := hashes[packageStart(start):start]
			root, err := l.RootAt(end)
			must(t, err)
			got, err := o.verify(before, end, root)
			if err != nil || !slices.Equal(got, hashes[start:start+uint64(o.Len())]) {
				t.Fatalf("package from %d of upload to %d: %v", start, end, err)
			}
			other, err := l.RootAt(end - 1)
			must(t, err)
			if _, err := o.verify(before, end, other); !errors.Is(err, ErrProof) {
				t.Fatalf("package from %d of upload to %d taken for another tree: %v", start, end, err)
			}
		}
	}
}

func TestMirrorInBulk(t *testing.T) {
	l := newLog(t)
	fill(t, l, 1100, 1, 2)
	m := newMirror(t, testRefs)
	for _, n := range []uint64{1, 255, 256, 257, 700, 1100} {
		checkMirror(t, l, m, n, feed(t, l, m.Mirror, n))
	}
	m.reopen(t)
	checkMirror(t, l, m, 1100, nil2(m.Settle(1100)))
	checkSound(t, m.Reader)
	a, err := l.Leaf(1099)
	must(t, err)
	b, err := m.Leaf(1099)
	must(t, err)
	if !bytes.Equal(a, b) {
		t.Error("leaf 1099 differs")
	}
}

func nil2(lines []byte, _ error) []byte { return lines }

// A transfer that breaks at every package goes on after a restart, at a
// pending checkpoint that is no longer the newest.
func TestResumeInMidTransfer(t *testing.T) {
	l := newLog(t)
	fill(t, l, 1000, 2)
	m := newMirror(t, testRefs)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 900)))
	for {
		_, err := addEntries(m.Mirror, upload(t, l, m.Next(), 900, 1))
		var partial *PartialError
		if !errors.As(err, &partial) {
			var missing *MissingPartsError
			if !errors.As(err, &missing) || missing.Cursor != 0 {
				t.Fatalf("at %d: %v", m.Next(), err)
			}
			break
		}
		m.reopen(t)
		must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 910+m.Next()/100)))
	}
	for m.Cursor() < 900 {
		parts, _, err := l.Parts(m.Cursor(), m.Cursor()+100, 2)
		must(t, err)
		_, err = m.AddParts(parts)
		must(t, err)
		m.reopen(t)
	}
	lines, err := m.Settle(900)
	must(t, err)
	checkMirror(t, l, m, 900, lines)
	checkSound(t, m.Reader)
}

// Of a small package every flipped bit is refused, and nothing is stored.
func TestFlippedBitsOfAPackage(t *testing.T) {
	l := newLog(t)
	for n := range 7 {
		appendOne(t, l, Entry{Act: testAct(n, ""), Leaf: fmt.Appendf(nil, "leaf %d", n)})
	}
	m := newMirror(t, nil)
	feed(t, l, m.Mirror, 3)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 5)))
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 7)))
	for _, end := range []uint64{5, 7} {
		head := EntriesHeader{Origin: testOrigin, Start: 3, End: end}.AppendTo(nil)
		body := upload(t, l, 3, end, 1)
		for i := len(head); i < len(body); i++ {
			for bit := range 8 {
				bent := slices.Clone(body)
				bent[i] ^= 1 << bit
				_, err := addEntries(m.Mirror, bent)
				if !errors.Is(err, ErrProof) && !errors.Is(err, ErrMalformed) || m.Next() != 3 {
					t.Fatalf("bit %d of byte %d: %v, next %d", bit, i, err, m.Next())
				}
			}
		}
	}
	lines, err := addEntries(m.Mirror, upload(t, l, 3, 7, 1))
	must(t, err)
	checkMirror(t, l, m, 7, lines)
}

func TestFlippedBytesOfALongProof(t *testing.T) {
	l := newLog(t)
	fill(t, l, 600)
	m := newMirror(t, nil)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 600)))
	o, err := l.Offer(0, 600)
	must(t, err)
	if len(o.proof) == 0 {
		t.Fatal("the package needs no proof")
	}
	for i := range o.proof {
		for b := range o.proof[i] {
			bent := o
			bent.proof = slices.Clone(o.proof)
			bent.proof[i][b] ^= 0x80
			if _, err := m.Extend(600, bent); !errors.Is(err, ErrProof) || m.Next() != 0 {
				t.Fatalf("byte %d of hash %d: %v", b, i, err)
			}
		}
	}
	if next, err := m.Extend(600, o); err != nil || next != 256 {
		t.Fatalf("the good one: next %d, %v", next, err)
	}
}

func TestTwoClientsAtOnce(t *testing.T) {
	l := newLog(t)
	fill(t, l, 2000)
	m := newMirror(t, nil)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 2000)))
	ended := make(chan error)
	body := upload(t, l, 0, 2000, MaxPackages)
	slow, w := io.Pipe()
	go func() {
		d, err := DecodeEntries(slow)
		if err == nil {
			_, err = m.AddEntries(d)
		}
		ended <- err
	}()
	head := len(EntriesHeader{Origin: testOrigin}.AppendTo(nil))
	_, err := w.Write(body[:head])
	must(t, err)
	_, err = w.Write(body[head:5000]) // read once it is admitted; then it pauses
	must(t, err)
	lines, err := addEntries(m.Mirror, body)
	must(t, err)
	_, err = w.Write(body[5000:])
	must(t, err)
	must(t, w.Close())
	must(t, <-ended)
	checkMirror(t, l, m, 2000, lines)
	checkSound(t, m.Reader)
}

// A follower that is made a mirror signs what it already holds.
func TestFollowerBecomesMirror(t *testing.T) {
	l := newLog(t)
	fill(t, l, 30)
	m := newMirror(t, nil)
	cosigner := m.opts.Cosigner
	m.opts.Cosigner = nil
	m.reopen(t)
	feed(t, l, m.Mirror, 30)
	m.opts.Cosigner = cosigner
	m.reopen(t)
	lines, err := m.Settle(30)
	must(t, err)
	checkMirror(t, l, m, 30, lines)
}

func TestFollower(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300, 0, 1, 2)
	m := newMirror(t, nil)
	must(t, m.Close())
	m.opts.Cosigner = nil
	m.opts.Want = func(leaf []byte) ([]PartRef, error) {
		refs, err := testRefs(leaf)
		return slices.DeleteFunc(refs, func(r PartRef) bool { return r.Number != 1 }), err
	}
	m.open(t)
	if lines := feed(t, l, m.Mirror, 300); lines != nil {
		t.Errorf("a follower signed %q", lines)
	}
	if m.Size() != 300 || !bytes.Equal(m.Checkpoint(), l.Checkpoint()) {
		t.Errorf("size %d, checkpoint %q", m.Size(), m.Checkpoint())
	}
	parts, _, err := m.Parts(0, 300, 0, 1, 2)
	must(t, err)
	if len(parts) != 300 {
		t.Errorf("%d parts held, want those of number 1", len(parts))
	}
	found, err := m.Verify(context.Background(), VerifyOptions{Parts: testRefs,
		Lawful: func(_ uint64, number uint8) bool { return number != 1 }})
	if err != nil || len(found) > 0 {
		t.Errorf("verify: %v %v", found, err)
	}
}
