package tlog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// HashesOptions say which log is held as hashes, and which of its leaves in
// full.
type HashesOptions struct {
	// Key is the verifier key of the log; its name is the origin.
	Key string
	// Keep names the one part of a leaf that may be held in full, and is false
	// for every other leaf. Nil keeps none.
	Keep func(leaf []byte) (PartRef, bool)
}

// Hashes is a verified copy of another log that has its tree hashes and its
// checkpoint, and of its leaves only those that Keep names: what a portal may
// hold. It lies in the same SQLite file as a mirror, with empty leaves: one
// code path is tested for durability, proofs, tiles, evidence and cosignatures,
// and a crash leaves one growth wholly or not at all.
//
// Trust: nothing is stored that is not proven to stand under a checkpoint
// signed by the log's key. Its methods may be called from any goroutine.
type Hashes struct {
	r    *Reader
	keep func(leaf []byte) (PartRef, bool)

	mu   sync.Mutex // held for one growth or cosignature
	edge *edge      // of the Next hashes
}

// OpenHashes opens the file at path, and makes it if it is not there.
func OpenHashes(path string, o HashesOptions) (*Hashes, error) {
	key, err := parseKey(o.Key)
	if err != nil {
		return nil, err
	}
	db, err := openStore(path, "", false, roleHashes, key, func() ([]byte, error) { return nil, nil })
	if err != nil {
		return nil, err
	}
	h := &Hashes{r: newReader(key, roleHashes, db), keep: o.Keep}
	if h.keep == nil {
		h.keep = func([]byte) (PartRef, bool) { return PartRef{}, false }
	}
	if err := h.recover(); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return h, nil
}

func (h *Hashes) recover() error {
	s, rows, err := h.r.loadState()
	if err != nil {
		return err
	}
	if rows < s.size {
		return h.r.accuse(fmt.Sprintf("the file holds %d hashes, its signed checkpoint covers %d", rows, s.size), s.note)
	}
	if s.note != nil {
		root, err := sumdb.TreeHash(int64(s.size), h.r)
		if err != nil || root != s.root {
			return h.r.accuse(fmt.Sprintf("the tree of %d hashes is not the one that was signed", s.size), s.note)
		}
	}
	if h.edge, _, err = loadEdge(rows, h.r); err != nil {
		return fmt.Errorf("tree of hashes: %w", err)
	}
	s.next, s.cursor = rows, rows
	h.r.change(func(now *state) { *now = s })
	return nil
}

// Extend verifies one growth and stores it. When it returns without error it is
// on the disk. Its refusals are ErrMalformed, ErrUnknownOrigin, ErrSignature,
// ErrProof, *PartError, *ConflictError (go on at its Next), and *Evidence,
// which is stored and freezes the log.
func (h *Hashes) Extend(g Growth) error {
	cp, err := h.r.key.openCheckpoint(g.Note)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.r.Evidence(); e != nil {
		return e
	}
	s := h.r.state()
	if cp.size <= s.size {
		if err := h.compare(cp); err != nil {
			return err
		}
		return h.store(s, nil, nil, g.Held, nil)
	}
	if g.From != s.next {
		return &ConflictError{Size: s.size, Next: s.next}
	}
	if err := h.checkBase(s, cp, g); err != nil {
		return err
	}
	to := g.From + uint64(len(g.Hashes))
	if to > cp.size || to < s.size || to == g.From && to != cp.size {
		return fmt.Errorf("%w: %d hashes from %d to a tree of %d", ErrMalformed, len(g.Hashes), g.From, cp.size)
	}
	edge, rows := h.edge.clone(), make([][]Hash, 0, len(g.Hashes))
	for _, leaf := range g.Hashes {
		stored, err := edge.add(leaf)
		if err != nil {
			return err
		}
		rows = append(rows, stored)
	}
	root, err := edge.root()
	if err != nil {
		return err
	}
	if err := checkPrefix(g.EndProof, cp, to, root); err != nil {
		return err
	}
	if to < cp.size {
		return h.store(s, edge, rows, g.Held, nil)
	}
	return h.store(s, edge, rows, g.Held, &cp)
}

// checkPrefix verifies that the tree of size leaves with the given root is a
// prefix of a signed one (RFC 6962 section 2.1.2).
func checkPrefix(proof []Hash, cp checkpoint, size uint64, root Hash) error {
	ok := false
	switch {
	case size == 0:
		ok = len(proof) == 0 && root == emptyRoot()
	case size == cp.size:
		ok = len(proof) == 0 && root == cp.root
	case size < cp.size:
		ok = sumdb.CheckTree(proof, int64(cp.size), cp.root, int64(size), root) == nil
	}
	if !ok {
		return fmt.Errorf("%w: the first %d hashes of a tree of %d", ErrProof, size, cp.size)
	}
	return nil
}

// checkBase compares the tree here with the beginning of the pushed one. Where
// the two differ and the sender proves his, the log's key has signed both: over
// the checkpoint here that is evidence; hashes behind it, which no completed
// checkpoint covers yet, are dropped and asked for again.
func (h *Hashes) checkBase(s state, cp checkpoint, g Growth) error {
	ours, err := h.edge.root()
	if err != nil || ours == g.Base {
		return err
	}
	if err := checkPrefix(g.BaseProof, cp, g.From, g.Base); err != nil {
		return err
	}
	if g.From > s.size {
		return h.dropTail(s)
	}
	return h.freeze(&Evidence{Origin: h.r.Origin(), Ours: cp.note, Theirs: s.note, OurRoot: g.Base, Proof: g.BaseProof,
		What: twoTrees(s.size)})
}

// compare looks for a contradiction with a checkpoint that is not larger than
// the one here.
func (h *Hashes) compare(cp checkpoint) error {
	s := h.r.state()
	root, err := h.r.RootAt(cp.size)
	if err != nil || root == cp.root {
		return err
	}
	e, err := h.r.contradiction(s.checkpoint, cp, root)
	if e == nil || err != nil {
		return err
	}
	return h.freeze(e)
}

func (h *Hashes) freeze(e *Evidence) error {
	if err := h.r.keepEvidence(e); err != nil {
		return err
	}
	return e
}

func (h *Hashes) dropTail(s state) error {
	edge, _, err := loadEdge(s.size, h.r)
	if err != nil {
		return err
	}
	err = h.r.db.update(func(c *conn) error {
		if _, err := c.exec("DELETE FROM part WHERE id >= ?", partID(s.size, 0)); err != nil {
			return err
		}
		_, err := c.exec("DELETE FROM leaf WHERE idx >= ?", s.size)
		return err
	})
	if err != nil {
		return fmt.Errorf("dropping an unfinished upload: %w", err)
	}
	h.edge = edge
	h.r.change(func(now *state) { now.next, now.cursor = s.size, s.size })
	return &ConflictError{Size: s.size, Next: s.size}
}

// store puts rows, leaves in full and the checkpoint that they complete on the
// disk in one transaction.
func (h *Hashes) store(s state, edge *edge, rows [][]Hash, held []HeldLeaf, done *checkpoint) error {
	first := s.next
	err := h.r.db.update(func(c *conn) error {
		for i, stored := range rows {
			if err := insertLeaf(c, first+uint64(i), nil, stored, []byte{}); err != nil {
				return err
			}
		}
		for _, x := range held {
			if err := h.storeHeld(c, x, first+uint64(len(rows))); err != nil {
				return err
			}
		}
		if done != nil {
			return storeCheckpoint(c, done.note)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing hashes from %d: %w", first, err)
	}
	if edge != nil {
		h.edge = edge
	}
	h.r.change(func(now *state) {
		now.next += uint64(len(rows))
		now.cursor = now.next
		if done != nil {
			now.checkpoint = *done
		}
	})
	return nil
}

// storeHeld verifies one leaf against the hash that stands at its index, and
// its part against the leaf.
func (h *Hashes) storeHeld(c *conn, x HeldLeaf, next uint64) error {
	ref, ok := h.keep(x.Leaf)
	switch {
	case x.Index >= next:
		return &PartError{x.Index, x.Part.Number, "its leaf is not here"}
	case !ok || ref.Number != x.Part.Number || len(x.Part.Wrap) != 0:
		return &PartError{x.Index, x.Part.Number, "a leaf that is not to be held here"}
	case ref.Length != uint64(len(x.Part.Body)) || sha256.Sum256(x.Part.Body) != ref.Sealed:
		return &PartError{x.Index, x.Part.Number, "the body is not the one that the leaf names"}
	}
	want := sumdb.RecordHash(x.Leaf)
	fits := false
	err := c.query("SELECT substr(hashes, 1, 32) FROM leaf WHERE idx = ?", func(s *sqlite3.Stmt) error {
		fits = bytes.Equal(s.ColumnRawBlob(0), want[:])
		return nil
	}, x.Index)
	if err == nil && !fits {
		err = &PartError{x.Index, x.Part.Number, "the leaf is not the one whose hash stands there"}
	}
	if err != nil {
		return err
	}
	if _, err := c.exec("UPDATE leaf SET bytes = ? WHERE idx = ?", x.Leaf, x.Index); err != nil {
		return err
	}
	_, err = c.exec("INSERT OR IGNORE INTO part (id, wrap, body) VALUES (?, ?, ?)", partID(x.Index, x.Part.Number), []byte{}, x.Part.Body)
	return err
}

// AddCosignatures keeps the signature lines of known mirrors or witnesses below
// a checkpoint of this log, and returns how many advanced their cosigner. A
// checkpoint larger than the one here is ErrNotHere; one over another tree is
// *Evidence and freezes the log.
func (h *Hashes) AddCosignatures(msg []byte, known note.Verifiers) (int, error) {
	cp, err := h.r.key.openCheckpoint(msg)
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", err)
	}
	n, err := note.Open(msg, knownKeys{h.r.key, known})
	if err != nil {
		return 0, fmt.Errorf("cosigned checkpoint: %w", noteError(err))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.r.Evidence(); e != nil {
		return 0, e
	}
	if cp.size > h.r.Size() {
		return 0, fmt.Errorf("cosigned checkpoint of size %d: %w", cp.size, ErrNotHere)
	}
	if err := h.compare(cp); err != nil {
		return 0, err
	}
	var lines []Cosigned
	for _, sig := range n.Sigs {
		if sig.Name != h.r.key.Name() || sig.Hash != h.r.key.KeyHash() {
			lines = append(lines, newCosigned(cp, sig))
		}
	}
	return h.r.keepCosigned(lines)
}

// Close closes the file.
func (h *Hashes) Close() error { return h.r.db.close() }
