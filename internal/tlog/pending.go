package tlog

import (
	"fmt"
	"slices"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// AddCheckpoint makes a checkpoint the pending one, by the rules of
// tlog-witness add-checkpoint; the errors are its refusals. It signs nothing.
// When it returns without error the checkpoint is on the disk.
func (m *Mirror) AddCheckpoint(a AddCheckpoint) error {
	cp, err := m.key.openCheckpoint(a.Checkpoint)
	if err != nil {
		return err
	}
	if a.Old > cp.size || len(a.Proof) > MaxProof {
		return fmt.Errorf("%w: from size %d to %d with %d hashes", ErrMalformed, a.Old, cp.size, len(a.Proof))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.closed(); err != nil {
		return err
	}
	if err := m.compare(cp); err != nil {
		return err
	}
	last := m.newest()
	if a.Old != last.size && !mutantAnyOld {
		return m.conflict(last.size)
	}
	if err := checkConsistency(a.Proof, last, cp); err != nil {
		return err
	}
	if last.note != nil && last.size == cp.size {
		return nil
	}
	return m.storePending(cp)
}

// checkConsistency verifies that the tree of newer continues that of older, of
// which the mirror knows that it is one.
func checkConsistency(proof []Hash, older, newer checkpoint) error {
	ok := false
	switch {
	case newer.size == 0:
		ok = len(proof) == 0 && older.size == 0 && newer.root == emptyRoot()
	case older.size == 0 || older.size == newer.size:
		ok = len(proof) == 0 && (older.size == 0 || older.root == newer.root)
	default:
		ok = sumdb.CheckTree(proof, int64(newer.size), newer.root, int64(older.size), older.root) == nil
	}
	if !ok {
		return fmt.Errorf("%w: from size %d to %d", ErrProof, older.size, newer.size)
	}
	return nil
}

// storePending keeps cp and the last few before it. Those below the mirror
// checkpoint are of no use to any upload.
func (m *Mirror) storePending(cp checkpoint) error {
	pending := append(slices.Clone(m.pending), cp)
	if len(pending) > maxPending {
		pending = pending[len(pending)-maxPending:]
	}
	err := m.db.update(func(c *conn) error {
		if _, err := c.exec("INSERT INTO pending VALUES (?, ?)", cp.size, cp.note); err != nil {
			return err
		}
		_, err := c.exec("DELETE FROM pending WHERE size < ?", pending[0].size)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing the pending checkpoint: %w", err)
	}
	m.pending = pending
	return nil
}

// compare looks for a contradiction between a checkpoint, which the log has
// validly signed, and what the mirror holds. One is found where the sizes are
// equal, and everywhere below a held checkpoint whose leaves are all here, so
// that it convicts before strangers. It is stored before it is returned, and
// from then on the mirror is frozen.
func (m *Mirror) compare(cp checkpoint) error {
	ours, root, known, err := m.rootOf(cp.size)
	if err != nil || !known || root == cp.root || cp.size == 0 {
		return err
	}
	e, err := m.contradiction(ours, cp, root)
	if err != nil {
		return err
	}
	if err := m.keepEvidence(e); err != nil {
		return err
	}
	return e
}

// rootOf returns the root that the mirror knows for the tree of a size, and a
// checkpoint that vouches for it: one of that size, or the smallest larger one.
func (m *Mirror) rootOf(size uint64) (ours checkpoint, root Hash, known bool, err error) {
	held := slices.Clone(m.pending)
	if s := m.state(); s.note != nil {
		held = append(held, s.checkpoint)
	}
	for _, c := range held {
		if c.size == size {
			return c, c.root, true, nil
		}
		if c.size > size && (ours.note == nil || c.size < ours.size) {
			ours = c
		}
	}
	if ours.note == nil || ours.size > m.Next() {
		return checkpoint{}, Hash{}, false, nil
	}
	root, err = m.RootAt(size)
	return ours, root, true, err
}
