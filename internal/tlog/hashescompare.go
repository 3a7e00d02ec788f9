package tlog

import "fmt"

// Notes returns the checkpoint here, with the log's signature alone.
func (h *Hashes) Notes() [][]byte {
	if s := h.r.state(); s.note != nil {
		return [][]byte{s.note}
	}
	return nil
}

// Compare is that of a Mirror.
func (h *Hashes) Compare(msg []byte) (*Evidence, error) {
	cp, err := h.r.key.openCheckpoint(msg)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.r.state()
	if cp.size > s.size {
		return nil, fmt.Errorf("tree of size %d: %w", cp.size, ErrNotHere)
	}
	root, err := h.r.RootAt(cp.size)
	if err != nil {
		return nil, err
	}
	return h.r.contradiction(s.checkpoint, cp, root)
}

// Freeze is that of a Mirror: evidence that was found elsewhere, and that
// convicts the log's key, is kept, and nothing more is taken.
func (h *Hashes) Freeze(e *Evidence) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.r.keepEvidence(e)
}
