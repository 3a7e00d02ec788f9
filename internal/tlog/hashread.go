package tlog

import (
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// Origin, Key, Size, Next, Checkpoint, Cosigned, Evidence and Grown are those
// of a Reader.
func (h *Hashes) Origin() string                { return h.r.Origin() }
func (h *Hashes) Key() string                   { return h.r.Key() }
func (h *Hashes) Size() uint64                  { return h.r.Size() }
func (h *Hashes) Next() uint64                  { return h.r.Next() }
func (h *Hashes) Checkpoint() []byte            { return h.r.Checkpoint() }
func (h *Hashes) Cosigned() []Cosigned          { return h.r.Cosigned() }
func (h *Hashes) Evidence() *Evidence           { return h.r.Evidence() }
func (h *Hashes) Grown() <-chan struct{}        { return h.r.Grown() }
func (h *Hashes) RootAt(n uint64) (Hash, error) { return h.r.RootAt(n) }

// InclusionProof proves that leaf index stands in the tree of the given size.
func (h *Hashes) InclusionProof(index, size uint64) ([]Hash, error) {
	return h.r.InclusionProof(index, size)
}

// LeafHash returns the hash of leaf index, for index below Size.
func (h *Hashes) LeafHash(index uint64) (Hash, error) {
	if index >= h.r.Size() {
		return Hash{}, fmt.Errorf("leaf %d: %w", index, ErrNotHere)
	}
	hs, err := h.r.leafHashes(index, index+1)
	if err != nil {
		return Hash{}, err
	}
	return hs[0], nil
}

// Tile returns the hash tile at a path of tlog-tiles. There are no entry
// bundles.
func (h *Hashes) Tile(path string) ([]byte, error) {
	t, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	if t.L == entryLevel {
		return nil, fmt.Errorf("tile %q: %w", path, ErrNotHere)
	}
	return h.r.tile(t, h.r.Size())
}

// Covering returns a checkpoint over leaf index with every cosignature held for
// its size, and that size: the one with the most cosigners, then the largest.
func (h *Hashes) Covering(index uint64) (note []byte, size uint64, err error) {
	s := h.r.state()
	if index >= s.size {
		return nil, 0, fmt.Errorf("leaf %d: %w", index, ErrNotHere)
	}
	size, most := s.size, 0
	for _, c := range s.cosigned {
		if c.Size <= index {
			continue
		}
		n := 0
		for _, d := range s.cosigned {
			if d.Size == c.Size {
				n++
			}
		}
		if n > most || n == most && c.Size > size {
			size, most = c.Size, n
		}
	}
	if size == s.size {
		return h.r.Checkpoint(), size, nil
	}
	for _, c := range s.cosigned {
		switch {
		case c.Size != size:
		case note == nil:
			note = slices.Clone(c.Note)
		default:
			note = append(note, c.line...)
		}
	}
	return note, size, nil
}

// Held returns up to limit of the leaves that are held in full with indexes in
// [from, to): the newest ones, newest first.
func (h *Hashes) Held(from, to uint64, limit int) ([]HeldLeaf, error) {
	return h.held("SELECT id, body, bytes FROM part JOIN leaf ON leaf.idx = part.id >> 8 "+
		"WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?", from, to, limit)
}

// HeldAfter returns the first leaf held in full at or beyond an index.
func (h *Hashes) HeldAfter(from uint64) (HeldLeaf, bool, error) {
	out, err := h.held("SELECT id, body, bytes FROM part JOIN leaf ON leaf.idx = part.id >> 8 "+
		"WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", from, maxSize-1, 1)
	if err != nil || len(out) == 0 {
		return HeldLeaf{}, false, err
	}
	return out[0], true, nil
}

func (h *Hashes) held(q string, from, to uint64, limit int) (out []HeldLeaf, err error) {
	err = h.r.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			id := uint64(s.ColumnInt64(0))
			out = append(out, HeldLeaf{Index: id >> 8, Leaf: s.ColumnBlob(2, nil),
				Part: Part{Number: uint8(id), Body: s.ColumnBlob(1, nil)}})
			return nil
		}, partID(from, 0), partID(min(to, maxSize-1), 0), uint64(max(limit, 0)))
	})
	if err != nil {
		return nil, fmt.Errorf("reading held leaves: %w", err)
	}
	return out, nil
}
