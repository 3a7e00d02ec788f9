package tlog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Mending goes from a good copy into the bad one, never the other way: what is
// written here is proven under a checkpoint that this log or mirror stands
// behind already, and what a giver says beside it is not believed. Each call is
// one transaction: a crash leaves the bad bytes or the good ones. No checkpoint is
// signed, moved or taken over by it.

// Mend puts the leaves of one entry package in place of what stands here, and
// gives the indexes at which something was bad. o is the package that begins at
// a multiple of PackageSize, of a tree of end leaves: see Vouched. act is that of
// VerifyOptions. Leaves beyond Next are passed over. Its refusals are
// ErrMalformed and ErrProof.
//
// Up to the hash of the whole package all is proven by the package. Hashes of
// larger subtrees that the last leaf completes are written only where they are
// missing, reckoned from those before it; Verify finds whether they are right,
// and MendHashes makes them so.
func (r *Reader) Mend(end uint64, o Offer, act func(leaf []byte) ([16]byte, bool)) ([]uint64, error) {
	if o.start != packageStart(o.start) {
		return nil, fmt.Errorf("%w: a package from %d", ErrMalformed, o.start)
	}
	if err := o.check(end); err != nil {
		return nil, err
	}
	root, err := r.vouched(end)
	if err != nil {
		return nil, err
	}
	hashes, err := o.verify(nil, end, root)
	if err != nil {
		return nil, err
	}
	edge, _, err := loadEdge(o.start, r)
	if err != nil {
		return nil, fmt.Errorf("tree before leaf %d: %w", o.start, err)
	}
	var bad []uint64
	next := r.Next()
	err = r.db.update(func(c *conn) error {
		for i, leaf := range o.entries {
			index := o.start + uint64(i)
			stored, err := edge.add(hashes[i])
			if err != nil || index >= next {
				return err
			}
			changed, err := mendRow(c, index, leaf, joinHashes(stored), r.actFor(act, leaf))
			if err != nil {
				return err
			}
			if changed {
				bad = append(bad, index)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mending leaves from %d: %w", o.start, err)
	}
	return bad, nil
}

// actFor gives what stands in the act's column; nil keeps what stands there.
func (r *Reader) actFor(act func([]byte) ([16]byte, bool), leaf []byte) []byte {
	if act == nil || r.as != roleLog {
		return nil
	}
	a, ok := act(leaf)
	if !ok {
		return nil
	}
	return a[:]
}

// mendRow makes one row what it should be, and says whether it was not.
func mendRow(c *conn, index uint64, leaf, hashes, act []byte) (bool, error) {
	var have leafRow
	found := false
	err := c.query("SELECT act, hashes, bytes FROM leaf WHERE idx = ?", func(s *sqlite3.Stmt) error {
		found = true
		have.act, have.hashes, have.bytes = s.ColumnBlob(0, nil), s.ColumnBlob(1, nil), s.ColumnBlob(2, nil)
		return nil
	}, index)
	if err != nil {
		return false, err
	}
	if act != nil && !bytes.Equal(act, have.act) {
		if err := freeAct(c, act); err != nil {
			return false, err
		}
	}
	if !found {
		_, err := c.exec("INSERT INTO leaf (idx, act, hashes, bytes) VALUES (?, ?, ?, ?)", index, orNull(act), hashes, leaf)
		return true, err
	}
	if proven := (tileHeight + 1) * sumdb.HashSize; len(hashes) > proven && len(have.hashes) == len(hashes) {
		copy(hashes[proven:], have.hashes[proven:])
	}
	if act == nil {
		act = have.act
	}
	if bytes.Equal(leaf, have.bytes) && bytes.Equal(hashes, have.hashes) && bytes.Equal(act, have.act) {
		return false, nil
	}
	_, err = c.exec("UPDATE leaf SET act = ?, hashes = ?, bytes = ? WHERE idx = ?", orNull(act), hashes, leaf, index)
	return true, err
}

// freeAct takes an act from the row that has it wrongly: one act is one record's.
// If it should have another one, Verify says so.
func freeAct(c *conn, act []byte) error {
	_, err := c.exec("UPDATE leaf SET act = NULL WHERE act = ?", orNull(act))
	return err
}

func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// Vouched gives the largest tree, of at most size leaves, whose root is known
// here without belief in anybody: whoever has it can prove packages to Mend.
func (r *Reader) Vouched(size uint64) uint64 {
	s := r.state()
	if s.next > s.size && size >= s.next {
		if _, err := r.vouched(s.next); err == nil {
			return s.next
		}
	}
	return min(size, s.size)
}

// vouched gives the root of a tree: that of a signed checkpoint held here, or of
// a smaller tree that the tree hashes here prove to be its beginning. Where the
// hashes that this takes are themselves bad, it is ErrProof.
func (r *Reader) vouched(size uint64) (Hash, error) {
	s := r.state()
	if s.note != nil && size == s.size {
		return s.root, nil
	}
	if r.as == roleMirror && size > s.size {
		held, err := loadPending(r.db, r.key)
		i := slices.IndexFunc(held, func(c checkpoint) bool { return c.size == size })
		if err == nil && i >= 0 {
			return held[i].root, nil
		}
	}
	if s.note == nil || size == 0 || size > s.size {
		return Hash{}, fmt.Errorf("%w: no signed tree of %d leaves is known here", ErrProof, size)
	}
	root, err := sumdb.TreeHash(int64(size), r)
	if err != nil {
		return Hash{}, err
	}
	proof, err := sumdb.ProveTree(int64(s.size), int64(size), r)
	if err != nil {
		return Hash{}, err
	}
	if err := sumdb.CheckTree(proof, int64(s.size), s.root, int64(size), root); err != nil {
		return Hash{}, fmt.Errorf("%w: the tree of %d leaves here", ErrProof, size)
	}
	return root, nil
}

// A bentRow is a row whose leaf is sound, with what should stand beside it.
type bentRow struct {
	idx         int64
	hashes, act []byte
}

// MendHashes reckons all tree hashes anew from the bytes of the leaves, and
// corrects the rows that differ, with their acts. It writes only if these leaves
// are, to the last, those under the signed checkpoint; otherwise it is ErrProof,
// and a leaf must be mended first. It gives the indexes that were bad.
func (r *Reader) MendHashes(ctx context.Context, o VerifyOptions) ([]uint64, error) {
	v := &verifier{Reader: r, o: o, ctx: ctx, edge: &edge{hashes: map[int64]Hash{}}}
	if err := v.loadHeads(); err != nil {
		return nil, err
	}
	top := checkpoint{}
	for _, c := range v.heads {
		if c.size <= v.rows && c.size >= top.size {
			top = c
		}
	}
	v.rows = top.size
	bent, err := v.bent()
	if err != nil {
		return nil, err
	}
	root, err := v.edge.root()
	if err != nil || uint64(v.edge.size) != top.size || root != top.root && !mutantRepair {
		return nil, errors.Join(err, fmt.Errorf("%w: the leaves are not those of the checkpoint of size %d", ErrProof, top.size))
	}
	var bad []uint64
	err = r.db.update(func(c *conn) error {
		for _, b := range bent {
			if err := freeAct(c, b.act); err != nil {
				return err
			}
		}
		for _, b := range bent {
			if _, err := c.exec("UPDATE leaf SET hashes = ?, act = ? WHERE idx = ?", b.hashes, orNull(b.act), b.idx); err != nil {
				return err
			}
			bad = append(bad, uint64(b.idx))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mending tree hashes: %w", err)
	}
	return bad, nil
}

// bent reckons the tree and finds the rows that differ from it.
func (v *verifier) bent() (out []bentRow, err error) {
	for from := int64(0); ; {
		rows, err := v.batch(from)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for _, row := range rows {
			if row.idx != v.edge.size {
				return nil, fmt.Errorf("%w: leaf %d is missing", ErrProof, v.edge.size)
			}
			stored, err := v.edge.add(sumdb.RecordHash(row.bytes))
			if err != nil {
				return nil, err
			}
			act := v.actFor(v.o.Act, row.bytes)
			if act == nil {
				act = row.act
			}
			if b := joinHashes(stored); !bytes.Equal(b, row.hashes) || !bytes.Equal(act, row.act) {
				out = append(out, bentRow{row.idx, b, act})
			}
		}
		from = v.edge.size
		if err := v.pause(); err != nil {
			return nil, err
		}
	}
}

// MendPart puts a part in place of what stands here, or is missing. The body must
// be the one that the leaf names; refs are those of VerifyOptions.Parts. A wrap
// that is here stays: no hash covers it, and the giver's may be of other keys.
func (r *Reader) MendPart(index uint64, p Part, refs func(leaf []byte) ([]PartRef, error)) error {
	leaf, err := r.Leaf(index)
	if err != nil {
		return err
	}
	named, err := refs(leaf)
	if err != nil {
		return fmt.Errorf("parts of leaf %d: %w", index, err)
	}
	i := slices.IndexFunc(named, func(f PartRef) bool { return f.Number == p.Number })
	if i < 0 || uint64(len(p.Body)) != named[i].Length || sha256.Sum256(p.Body) != named[i].Sealed || len(p.Wrap) > MaxWrap {
		return &PartError{index, p.Number, "the body is not the one that the leaf names"}
	}
	err = r.db.update(func(c *conn) error {
		_, err := c.exec(`INSERT INTO part (id, wrap, body) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET body = excluded.body`, partID(index, p.Number), p.Wrap, p.Body)
		return err
	})
	if err != nil {
		return fmt.Errorf("mending part %d of leaf %d: %w", p.Number, index, err)
	}
	return nil
}

// MendBlob puts a blob in place of what stands under its hash.
func (r *Reader) MendBlob(hash [32]byte, body []byte) error {
	if len(body) > MaxBlob || sha256.Sum256(body) != hash {
		return &PartError{What: fmt.Sprintf("blob %x: its %d bytes do not fit", hash, len(body))}
	}
	return r.db.update(func(c *conn) error {
		_, err := c.exec("INSERT INTO blob VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body", hash[:], body)
		return err
	})
}

// MendHead writes the checkpoint and the cosignatures that the open log knows
// over those in the file. They were verified when they were read or taken.
func (r *Reader) MendHead() error {
	s := r.state()
	err := r.db.update(func(c *conn) error {
		if s.note != nil {
			if err := storeCheckpoint(c, s.note); err != nil {
				return err
			}
		}
		return replaceCosigned(c, s.cosigned)
	})
	if err != nil {
		return fmt.Errorf("mending the head: %w", err)
	}
	return nil
}

func replaceCosigned(c *conn, all []Cosigned) error {
	if _, err := c.exec("DELETE FROM cosignature"); err != nil {
		return err
	}
	for _, x := range all {
		if err := storeCosigned(c, x); err != nil {
			return err
		}
	}
	return nil
}

// MendHead does the same for a mirror, with its pending checkpoints.
func (m *Mirror) MendHead() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Reader.MendHead(); err != nil {
		return err
	}
	err := m.db.update(func(c *conn) error {
		if _, err := c.exec("DELETE FROM pending"); err != nil {
			return err
		}
		for _, p := range m.pending {
			if _, err := c.exec("INSERT INTO pending VALUES (?, ?)", p.size, p.note); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mending pending checkpoints: %w", err)
	}
	return nil
}
