package tlog

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// AddParts stores parts of leaves that are here. The body of each must have the
// hash and length that its leaf names; one that does not fit refuses the whole
// batch with a *PartError, and one of a leaf that is not here yet with a
// *ConflictError. Parts that are not wanted, or here already, are passed over:
// the sender's idea of what has died by law may be older than ours. It returns
// the cursor.
func (m *Mirror) AddParts(parts []IndexedPart) (cursor uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.state()
	if err := m.checkBatch(parts, s.next); err != nil {
		return s.cursor, err
	}
	p := &partsPass{m: m}
	err = m.db.update(func(c *conn) error {
		for _, x := range parts {
			if err := p.add(c, x); err != nil {
				return err
			}
		}
		return p.advance(c, &s)
	})
	if err != nil {
		return m.Cursor(), fmt.Errorf("storing parts: %w", err)
	}
	m.change(func(now *state) { now.cursor = s.cursor })
	return s.cursor, nil
}

func (m *Mirror) checkBatch(parts []IndexedPart, next uint64) error {
	total := 0
	for _, x := range parts {
		if x.Index >= next {
			return m.conflict(m.newest().size)
		}
		if len(x.Body) > MaxPart || len(x.Wrap) > MaxWrap {
			return &PartError{x.Index, x.Number, "it is over the bounds"}
		}
		total += len(x.Body)
	}
	if len(parts) > MaxPartsBatch || total > MaxBatchBytes+MaxParts*MaxPart {
		return fmt.Errorf("%w: a batch of %d parts with %d bytes", ErrMalformed, len(parts), total)
	}
	return nil
}

// A partsPass is one look at parts and leaves within a transaction. It reads
// each leaf, and asks Want of it, once.
type partsPass struct {
	m      *Mirror
	leaves map[uint64][]byte // leaves that need not be read
	refs   map[uint64][]PartRef
	added  map[uint64]bool // ids of parts known to be here
}

func (p *partsPass) wanted(c *conn, index uint64) ([]PartRef, error) {
	if refs, ok := p.refs[index]; ok {
		return refs, nil
	}
	leaf, ok := p.leaves[index]
	if !ok {
		err := c.query("SELECT bytes FROM leaf WHERE idx = ?", func(s *sqlite3.Stmt) error {
			leaf, ok = s.ColumnBlob(0, nil), true
			return nil
		}, index)
		if err == nil && !ok {
			err = ErrNotHere
		}
		if err != nil {
			return nil, fmt.Errorf("leaf %d: %w", index, err)
		}
	}
	refs, err := p.m.want(leaf)
	if err != nil {
		return nil, fmt.Errorf("parts of leaf %d: %w", index, err)
	}
	if p.refs == nil {
		p.refs = map[uint64][]PartRef{}
	}
	p.refs[index] = refs
	return refs, nil
}

// add verifies one part against its leaf and stores it.
func (p *partsPass) add(c *conn, x IndexedPart) error {
	refs, err := p.wanted(c, x.Index)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(refs, func(r PartRef) bool { return r.Number == x.Number })
	if i < 0 {
		return nil
	}
	if uint64(len(x.Body)) != refs[i].Length || sha256.Sum256(x.Body) != refs[i].Sealed {
		return &PartError{x.Index, x.Number, "the body is not the one that the leaf names"}
	}
	if p.added == nil {
		p.added = map[uint64]bool{}
	}
	p.added[partID(x.Index, x.Number)] = true
	_, err = c.exec("INSERT OR IGNORE INTO part (id, wrap, body) VALUES (?, ?, ?)",
		partID(x.Index, x.Number), x.Wrap, x.Body)
	return err
}

// advance moves s.cursor over the leaves whose wanted parts are all here, and
// stores it.
func (p *partsPass) advance(c *conn, s *state) error {
	from := s.cursor
	for ; s.cursor < s.next; s.cursor++ {
		complete, err := p.complete(c, s.cursor)
		if err != nil {
			return err
		}
		if !complete {
			break
		}
		delete(p.refs, s.cursor)
	}
	if s.cursor == from {
		return nil
	}
	_, err := c.exec("UPDATE head SET cursor = ?", s.cursor)
	return err
}

func (p *partsPass) complete(c *conn, index uint64) (bool, error) {
	refs, err := p.wanted(c, index)
	if err != nil {
		return false, err
	}
	for _, r := range refs {
		id := partID(index, r.Number)
		here := p.added[id]
		if !here {
			err := c.query("SELECT 1 FROM part WHERE id = ?", func(*sqlite3.Stmt) error { here = true; return nil }, id)
			if err != nil {
				return false, err
			}
		}
		if !here {
			return false, nil
		}
	}
	return true, nil
}

// AddBlob stores a blob of at most MaxBlob bytes if it has the given SHA-256.
func (m *Mirror) AddBlob(hash [32]byte, body []byte) error { return m.db.putBlob(hash, body) }

func (s *store) putBlob(hash [32]byte, body []byte) error {
	if len(body) > MaxBlob || sha256.Sum256(body) != hash {
		return fmt.Errorf("%w: blob %x: its %d bytes do not fit", ErrNotRecorded, hash, len(body))
	}
	return s.update(func(c *conn) error {
		_, err := c.exec("INSERT OR IGNORE INTO blob VALUES (?, ?)", hash[:], body)
		return err
	})
}
