package tlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Compare compares a checkpoint of this log that somebody shows with the tree
// that is proven here. It returns evidence that convicts the log's key before
// strangers if the two contradict each other, and nil if they agree. ErrNotHere:
// no checkpoint here whose leaves are all here reaches that far; whoever has the
// larger tree can judge. The other refusals are those of the note itself.
// Nothing is stored: see Freeze.
func (m *Mirror) Compare(msg []byte) (*Evidence, error) {
	cp, err := m.key.openCheckpoint(msg)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ours, root, known, err := m.rootOf(cp.size)
	if err == nil && !known && cp.size > 0 {
		err = fmt.Errorf("tree of size %d: %w", cp.size, ErrNotHere)
	}
	if err != nil {
		return nil, err
	}
	return m.contradiction(ours, cp, root)
}

// Compare is that of a Mirror, with a log's own tree. What it convicts is the
// log's own key: somebody else signs with it, or the log was set back and grew
// again.
func (l *Log) Compare(msg []byte) (*Evidence, error) {
	cp, err := l.key.openCheckpoint(msg)
	if err != nil {
		return nil, err
	}
	ours := l.state().checkpoint
	if cp.size > ours.size {
		return nil, fmt.Errorf("tree of size %d: %w", cp.size, ErrNotHere)
	}
	root, err := l.RootAt(cp.size)
	if err != nil {
		return nil, err
	}
	return l.contradiction(ours, cp, root)
}

// contradiction gives the evidence where the tree of ours, a checkpoint that is
// proven here, has another root at the size of theirs.
func (r *Reader) contradiction(ours, theirs checkpoint, root Hash) (*Evidence, error) {
	if theirs.size == 0 || root == theirs.root {
		return nil, nil
	}
	e := &Evidence{Origin: r.Origin(), Ours: ours.note, Theirs: theirs.note, OurRoot: root, What: twoTrees(theirs.size)}
	var err error
	if e.Proof, err = r.ConsistencyProof(theirs.size, ours.size); err != nil {
		return nil, err
	}
	if err := e.Check(r.Key()); err != nil {
		return nil, fmt.Errorf("this copy's own file is damaged: %w", err)
	}
	return e, nil
}

func twoTrees(size uint64) string {
	return fmt.Sprintf("its key has signed two different trees of size %d", size)
}

// Notes returns the checkpoints that can be compared with somebody else's: the
// settled and the pending ones, each with the log's signature alone, smallest
// first.
func (m *Mirror) Notes() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := slices.Clone(m.pending)
	if s := m.state(); s.note != nil && !slices.ContainsFunc(held, func(c checkpoint) bool { return c.size == s.size }) {
		held = append([]checkpoint{s.checkpoint}, held...)
	}
	out := make([][]byte, len(held))
	for i, c := range held {
		out[i] = c.note
	}
	return out
}

// Notes returns the log's newest checkpoint.
func (l *Log) Notes() [][]byte { return [][]byte{l.state().note} }

// Freeze stops the mirror on evidence that was found elsewhere, once it has
// convicted the log's key. When it returns without error the evidence is on the
// disk; from then on nothing is taken and nothing is cosigned. A mirror that is
// frozen already keeps what froze it.
func (m *Mirror) Freeze(e *Evidence) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.keepEvidence(e)
}

// Freeze keeps evidence against the log's own key, as that of a Mirror does. The
// log still appends: what its booth does is true, and a booth does not wait. But
// nobody who has the evidence takes it any more.
func (l *Log) Freeze(e *Evidence) error { return l.keepEvidence(e) }

// keepEvidence judges evidence and stores it. Its words and its notes are made
// anew: what a stranger added to them is not kept.
func (r *Reader) keepEvidence(e *Evidence) error {
	if r.Evidence() != nil {
		return nil
	}
	if err := e.Check(r.Key()); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	ours, err := r.key.openCheckpoint(e.Ours)
	if err != nil {
		return err
	}
	theirs, err := r.key.openCheckpoint(e.Theirs)
	if err != nil {
		return err
	}
	own := &Evidence{Origin: r.Origin(), What: twoTrees(theirs.size), Ours: ours.note, Theirs: theirs.note, OurRoot: e.OurRoot,
		Proof: e.Proof}
	err = r.db.update(func(c *conn) error {
		_, err := c.exec("UPDATE head SET evidence = ?", own.Encode())
		return err
	})
	if err != nil {
		return fmt.Errorf("storing evidence (%w): %w", e, err)
	}
	r.change(func(s *state) { s.evidence = own })
	return nil
}

// Sizes returns the sizes of the two checkpoints; the smaller first.
func (e *Evidence) Sizes() (theirs, ours uint64) { return noteSize(e.Theirs), noteSize(e.Ours) }

// noteSize reads the size of a checkpoint that has been opened before.
func noteSize(note []byte) uint64 {
	_, rest, _ := bytes.Cut(note, []byte("\n"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	size, _ := parseDecimal(string(line))
	return size
}

// Encode writes evidence as JSON, so that a stranger reads it without us.
func (e *Evidence) Encode() []byte {
	b, _ := json.Marshal(e) // a struct of strings, bytes and hashes always encodes
	return b
}

// DecodeEvidence reads what Encode wrote, strictly and within bounds. It says
// nothing of its truth: see Check.
func DecodeEvidence(b []byte) (*Evidence, error) {
	e := new(Evidence)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if len(b) > MaxEvidence {
		return nil, fmt.Errorf("%w: evidence of %d bytes", ErrMalformed, len(b))
	}
	if err := d.Decode(e); err != nil {
		return nil, fmt.Errorf("%w: evidence: %w", ErrMalformed, err)
	}
	if _, err := d.Token(); err != io.EOF || len(e.Proof) > MaxProof {
		return nil, fmt.Errorf("%w: evidence", ErrMalformed)
	}
	return e, nil
}
