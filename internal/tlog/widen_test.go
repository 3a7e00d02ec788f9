package tlog

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// A follower that becomes a mirror signs nothing before the parts of all that it follows have come, also where it was ended in
// between, and keeps what it has when it becomes a follower again.
func TestWiden(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300, 0, 1)
	all := false
	m := newMirror(t, func(leaf []byte) ([]PartRef, error) {
		refs, err := testRefs(leaf)
		return slices.DeleteFunc(refs, func(r PartRef) bool { return r.Number == 1 && !all }), err
	})
	signer := m.opts.Cosigner
	m.opts.Cosigner = nil
	m.reopen(t)
	if lines := feed(t, l, m.Mirror, 300); lines != nil || m.Cursor() != 300 {
		t.Fatalf("the follower signed, or has parts to %d", m.Cursor())
	}
	all, m.opts.Cosigner = true, signer
	must(t, m.Widen(signer))
	m.reopen(t)
	var missing *MissingPartsError
	if _, err := m.Settle(300); !errors.As(err, &missing) || missing.Cursor != 0 || m.Size() != 300 {
		t.Fatalf("settled at once: %v, size %d", err, m.Size())
	}
	parts, _, err := l.Parts(0, 300, 0, 1)
	must(t, err)
	must(t, second(m.AddParts(parts[:100])))
	if m.Cursor() != 50 {
		t.Errorf("parts to %d, want 50", m.Cursor())
	}
	must(t, second(m.AddParts(parts[100:])))
	lines, err := m.Settle(300)
	must(t, err)
	checkMirror(t, l, m, 300, lines)
	m.Narrow()
	fill(t, l, 310, 0, 1)
	if lines := feed(t, l, m.Mirror, 310); lines != nil || m.Size() != 310 {
		t.Errorf("a follower signed, or stands for %d", m.Size())
	}
	checkSound(t, m.Reader)
}

// What others signed below a checkpoint travels through a copy to the log's writer.
func TestCosignaturesOfACopy(t *testing.T) {
	l := newLog(t)
	fill(t, l, 6)
	m := newMirror(t, testRefs)
	feed(t, l, m.Mirror, 4)
	signed := func(n uint64) ([]byte, note.Verifier) {
		s, v := testCosigner(t, "witness.example/w1")
		msg, err := note.Sign(mustOpen(t, l, checkpointAt(t, l, n)), s)
		must(t, err)
		return msg, v
	}
	at3, w := signed(3)
	at6, _ := signed(6)
	if n, err := m.AddCosignatures(at3, note.VerifierList(w)); n != 1 || err != nil {
		t.Fatalf("kept %d: %v", n, err)
	}
	if n, err := m.AddCosignatures(at3, note.VerifierList()); n != 0 || err != nil {
		t.Errorf("kept %d of an unknown key: %v", n, err)
	}
	if _, err := m.AddCosignatures(at6, note.VerifierList(w)); !errors.Is(err, ErrNotHere) {
		t.Errorf("a size that is not here: %v", err)
	}
	m.reopen(t)
	for _, c := range m.Cosigned() {
		if c.Name == w.Name() {
			if n, err := l.AddCosignatures(c.Note, note.VerifierList(w)); n != 1 || err != nil {
				t.Errorf("the writer kept %d: %v", n, err)
			}
			return
		}
	}
	t.Error("the cosignature did not last")
}
