package tlog

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestAddCheckpointRules(t *testing.T) {
	l := newLog(t)
	fill(t, l, 20)
	m := newMirror(t, nil)
	good := checkpointFor(t, l, m.Mirror, 8)
	must(t, m.AddCheckpoint(good))
	next := checkpointFor(t, l, m.Mirror, 13)
	other, _ := testSigner(t, "xk/beta/1")
	imposter, _ := testCosigner(t, testOrigin)
	foreign, err := note.Sign(&note.Note{Text: headText("xk/beta/1", 13, Hash{})}, other)
	must(t, err)
	root, err := l.RootAt(13)
	must(t, err)
	unsigned, err := note.Sign(&note.Note{Text: headText(testOrigin, 13, root)}, imposter)
	must(t, err)
	extended, err := note.Sign(&note.Note{Text: headText(testOrigin, 13, root) + "extension\n"}, l.signer)
	must(t, err)
	zero, err := l.key.signCheckpoint(l.signer, 0, sumEmpty)
	must(t, err)
	sig := bytes.LastIndexByte(next.Checkpoint, ' ') + 20
	flipped := slices.Clone(next.Checkpoint)
	flipped[sig] ^= 'A' ^ 'B'
	for _, c := range []struct {
		what string
		a    AddCheckpoint
		want error
	}{
		{"another origin", AddCheckpoint{8, next.Proof, foreign}, ErrUnknownOrigin},
		{"a signature by another key of the name", AddCheckpoint{8, next.Proof, unsigned}, ErrSignature},
		{"a bad signature", AddCheckpoint{8, next.Proof, flipped}, ErrSignature},
		{"no note", AddCheckpoint{8, next.Proof, []byte(testOrigin + "\n")}, ErrMalformed},
		{"extension lines", AddCheckpoint{8, next.Proof, extended}, ErrMalformed},
		{"old size above the checkpoint's", AddCheckpoint{14, next.Proof, next.Checkpoint}, ErrMalformed},
		{"too long a proof", AddCheckpoint{8, make([]Hash, MaxProof+1), next.Checkpoint}, ErrMalformed},
		{"too long a note", AddCheckpoint{8, next.Proof, make([]byte, maxNote+1)}, ErrMalformed},
		{"old size behind", AddCheckpoint{7, next.Proof, next.Checkpoint}, &ConflictError{8, 0}},
		{"old size zero", AddCheckpoint{0, nil, next.Checkpoint}, &ConflictError{8, 0}},
		{"old size ahead", AddCheckpoint{9, next.Proof, next.Checkpoint}, &ConflictError{8, 0}},
		{"an older checkpoint", AddCheckpoint{0, nil, zero.note}, &ConflictError{8, 0}},
		{"no proof", AddCheckpoint{8, nil, next.Checkpoint}, ErrProof},
		{"a short proof", AddCheckpoint{8, next.Proof[1:], next.Checkpoint}, ErrProof},
		{"a proof for equal sizes", AddCheckpoint{8, next.Proof, good.Checkpoint}, ErrProof},
		{"the same again", AddCheckpoint{8, nil, good.Checkpoint}, nil},
		{"the next", next, nil},
		{"the next again", next, &ConflictError{13, 0}},
	} {
		checkRefusal(t, c.what, m.AddCheckpoint(c.a), c.want)
	}
	if _, size := m.Pending(); size != 13 {
		t.Errorf("pending size %d", size)
	}
	m.reopen(t)
	if p, size := m.Pending(); size != 13 || !bytes.Equal(p, next.Checkpoint) {
		t.Errorf("pending size %d after reopening", size)
	}
}

// checkRefusal compares an error with a sentinel, a conflict or nil.
func checkRefusal(t *testing.T, what string, got, want error) {
	t.Helper()
	var a, b *ConflictError
	if errors.As(want, &b) {
		if !errors.As(got, &a) || *a != *b {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		return
	}
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEmptyCheckpoint(t *testing.T) {
	l := newLog(t)
	m := newMirror(t, nil)
	bad, err := l.key.signCheckpoint(l.signer, 0, Hash{})
	must(t, err)
	checkRefusal(t, "a root of nothing", m.AddCheckpoint(AddCheckpoint{Checkpoint: bad.note}), ErrProof)
	if _, err := m.Settle(0); !errors.Is(err, ErrProof) {
		t.Errorf("settled without a checkpoint: %v", err)
	}
	must(t, m.AddCheckpoint(AddCheckpoint{Checkpoint: l.Checkpoint()}))
	lines, err := m.Settle(0)
	must(t, err)
	checkMirror(t, l, m, 0, lines)
	fill(t, l, 3)
	checkMirror(t, l, m, 3, feed(t, l, m.Mirror, 3))
}

func TestUploadRules(t *testing.T) {
	l := newLog(t)
	fill(t, l, 900)
	m := newMirror(t, nil)
	take := func(start, end uint64, limit int) error {
		return second(addEntries(m.Mirror, upload(t, l, start, end, limit)))
	}
	checkRefusal(t, "no checkpoint yet", take(0, 10, 1), ErrProof)
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 600)))
	must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, 800)))
	foreign := EntriesHeader{Origin: "xk/beta/1", Start: 0, End: 600}.AppendTo(nil)
	checkRefusal(t, "another origin", second(addEntries(m.Mirror, foreign)), ErrUnknownOrigin)
	checkRefusal(t, "a size that is not pending", take(0, 700, 1), &ConflictError{800, 0})
	checkRefusal(t, "a start beyond next entry", take(1, 600, 1), &ConflictError{600, 0})
	checkRefusal(t, "no package", take(0, 600, 0), ErrMalformed)

	var partial *PartialError
	if err := take(0, 600, 1); !errors.As(err, &partial) || *partial != (PartialError{600, 256}) {
		t.Errorf("a prefix: %v", err)
	}
	cut := upload(t, l, 256, 600, 2)
	if err := second(addEntries(m.Mirror, cut[:len(cut)-1])); !errors.As(err, &partial) || partial.Next != 512 {
		t.Errorf("cut in the second package: %v", err)
	}
	cut = upload(t, l, 512, 600, 1)
	checkRefusal(t, "cut in the first package", second(addEntries(m.Mirror, cut[:1000])), ErrMalformed)
	checkRefusal(t, "too much again", take(0, 600, 3), &ConflictError{600, 512})
	must(t, take(512, 600, 1))
	must(t, take(600, 600, 0))
	must(t, take(500, 600, 2))
	checkMirror(t, l, m, 600, nil2(m.Settle(600)))
	must(t, take(600, 800, 2))
	checkRefusal(t, "a size below the mirror's", take(600, 600, 0), &ConflictError{800, 800})
	checkMirror(t, l, m, 800, nil2(m.Settle(800)))
	out, err := l.Offer(512, 800)
	must(t, err)
	out.entries = out.entries[1:]
	checkRefusal(t, "no canonical package", second(m.Extend(800, out)), ErrMalformed)
}

func TestOnlyTheLastPendingAreKept(t *testing.T) {
	l := newLog(t)
	fill(t, l, 20)
	m := newMirror(t, nil)
	for n := uint64(1); n <= 20; n++ {
		must(t, m.AddCheckpoint(checkpointFor(t, l, m.Mirror, n)))
	}
	m.reopen(t)
	checkRefusal(t, "forgotten", m.Admit(0, 20-maxPending), &ConflictError{20, 0})
	must(t, m.Admit(0, 20-maxPending+1))
	must(t, m.Admit(0, 20))
}
