package tlog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
)

// MirrorOptions say which log is mirrored and how much of it.
type MirrorOptions struct {
	// Key is the verifier key of the mirrored log; its name is the origin.
	Key string
	// Cosigner signs checkpoints (cosignature/v1, a key used for nothing else)
	// once everything below them is durable here. A follower has none.
	Cosigner note.Signer
	// Want reads from a leaf the parts that this node is to hold of it, in any
	// order. It is asked again whenever it matters, so a part that has died by
	// law meanwhile need no longer be named. It may be asked from any
	// goroutine and must not call the mirror. Nil wants none. An error holds
	// the parts back from that leaf on, so a leaf that is merely unknown should
	// give none. What a node wants must not grow over the life of a file: the
	// cursor does not go back.
	Want func(leaf []byte) ([]PartRef, error)
	// Act reads from a leaf the act that it records, for ByAct. Nil where nobody
	// asks: a node needs it of its own former logs alone.
	Act func(leaf []byte) ([16]byte, bool)
	// VFS names a registered SQLite file system; empty is the default.
	VFS string
	// ReadOnly opens the file beside a running node and writes nothing.
	ReadOnly bool
}

// A Mirror is a verified copy of another node's log. Its methods may be called
// from any goroutine; uploads of several clients take turns by the package.
type Mirror struct {
	*Reader
	cosigner note.Signer
	want     func(leaf []byte) ([]PartRef, error)
	act      func(leaf []byte) ([16]byte, bool)

	halted atomic.Bool // see Halt

	mu      sync.Mutex // held for one package, batch of parts or checkpoint
	edge    *edge      // of the Next leaves
	pending []checkpoint
}

// OpenMirror opens the mirror at path, and makes it if it is not there. Like
// Open it checks the tree at the edge of what is stored.
func OpenMirror(path string, o MirrorOptions) (*Mirror, error) {
	key, err := parseKey(o.Key)
	if err != nil {
		return nil, err
	}
	db, err := openStore(path, o.VFS, o.ReadOnly, roleMirror, key, func() ([]byte, error) { return nil, nil })
	if err != nil {
		return nil, err
	}
	m := &Mirror{Reader: newReader(key, roleMirror, db), cosigner: o.Cosigner, want: o.Want, act: o.Act}
	if m.want == nil {
		m.want = func([]byte) ([]PartRef, error) { return nil, nil }
	}
	if err := m.recover(); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return m, nil
}

func (m *Mirror) recover() error {
	s, rows, err := m.loadState()
	if err != nil {
		return err
	}
	if _, err := m.checkEdge(s.checkpoint, rows); err != nil {
		return err
	}
	if m.edge, _, err = loadEdge(rows, m); err != nil {
		return fmt.Errorf("tree of the mirror: %w", err)
	}
	if m.pending, err = loadPending(m.db, m.key); err != nil {
		return err
	}
	s.next = rows
	m.change(func(now *state) { *now = s })
	return nil
}

func loadPending(db *store, key logKey) (out []checkpoint, err error) {
	err = db.read(func(c *conn) error {
		return c.query("SELECT note FROM pending ORDER BY size", func(s *sqlite3.Stmt) error {
			cp, err := key.openCheckpoint(s.ColumnBlob(0, nil))
			if err == nil {
				out = append(out, cp)
			}
			return err
		})
	})
	if err != nil {
		err = fmt.Errorf("pending checkpoints: %w", err)
	}
	return out, err
}

// Pending returns the note of the newest pending checkpoint, with the log's
// signature, and its size; nil if there is none yet.
func (m *Mirror) Pending() (note []byte, size uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.newest()
	return p.note, p.size
}

// newest returns the pending checkpoint; its zero value is the empty tree.
func (m *Mirror) newest() checkpoint {
	if len(m.pending) == 0 {
		return checkpoint{}
	}
	return m.pending[len(m.pending)-1]
}

// Halt ends the growth of the mirror for a reason that is not in the log, such
// as two statements of its key: nothing is taken and nothing is cosigned any
// more. It is not stored: whoever knows the reason halts the mirror again after
// opening it.
func (m *Mirror) Halt() { m.halted.Store(true) }

// closed says why the mirror takes nothing, nil while it does.
func (m *Mirror) closed() error {
	if e := m.Evidence(); e != nil {
		return e
	}
	if m.halted.Load() {
		return ErrHalted
	}
	return nil
}

// conflict reports what the mirror has; size is to be used as upload end.
func (m *Mirror) conflict(size uint64) *ConflictError {
	return &ConflictError{Size: size, Next: m.Next()}
}

// upload finds the checkpoint of an upload's end: a pending one or the mirror
// checkpoint, and none below that.
func (m *Mirror) upload(end uint64) (checkpoint, error) {
	if err := m.closed(); err != nil {
		return checkpoint{}, err
	}
	if len(m.pending) == 0 {
		return checkpoint{}, fmt.Errorf("%w: no checkpoint has been received", ErrProof)
	}
	if s := m.state(); s.note != nil && s.size == end {
		return s.checkpoint, nil
	}
	i, found := slices.BinarySearchFunc(m.pending, end, func(c checkpoint, size uint64) int {
		return cmp.Compare(c.size, size)
	})
	if !found || end < m.Size() {
		return checkpoint{}, m.conflict(m.newest().size)
	}
	return m.pending[i], nil
}

// Admit judges the header of an upload of [start, end) before its packages are
// read (tlog-mirror, add-entries, processing).
func (m *Mirror) Admit(start, end uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.upload(end); err != nil {
		return err
	}
	if start > end {
		return fmt.Errorf("%w: the upload ends before its start", ErrMalformed)
	}
	next := m.Next()
	if start > next || min(end, next) > start+maxExcess {
		return m.conflict(end)
	}
	return nil
}

// Extend verifies one package of an upload to size end and stores the entries
// that are not here yet. When it returns without error they are on the disk; it
// returns the first index that is not.
func (m *Mirror) Extend(end uint64, o Offer) (next uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next = m.Next()
	cp, err := m.upload(end)
	if err != nil {
		return next, err
	}
	if err := o.check(end); err != nil {
		return next, err
	}
	if o.start > next {
		return next, m.conflict(end)
	}
	before, err := m.leafHashes(packageStart(o.start), o.start)
	if err != nil {
		return next, err
	}
	hashes, err := o.verify(before, end, cp.root)
	if err != nil {
		return next, err
	}
	if have := next - o.start; have < uint64(len(hashes)) {
		err = m.storeEntries(o.entries[have:], hashes[have:])
	}
	return m.Next(), err
}

// storeEntries appends proven entries. Crash story: a package is there wholly
// or not at all, and one that is there twice in the wire is skipped here.
func (m *Mirror) storeEntries(entries [][]byte, hashes []Hash) error {
	edge, s := m.edge.clone(), m.state()
	first := s.next
	p := &partsPass{m: m, leaves: map[uint64][]byte{}}
	err := m.db.update(func(c *conn) error {
		for i, leaf := range entries {
			stored, err := edge.add(hashes[i])
			if err != nil {
				return err
			}
			act, err := m.actOf(c, leaf)
			if err != nil {
				return err
			}
			if err := insertLeaf(c, first+uint64(i), act, stored, leaf); err != nil {
				return err
			}
			p.leaves[first+uint64(i)] = leaf
		}
		s.next = uint64(edge.size)
		if s.cursor < first {
			return nil // held back by a part of an earlier leaf
		}
		return p.advance(c, &s)
	})
	if err != nil {
		return fmt.Errorf("storing entries from %d: %w", first, err)
	}
	m.edge = edge
	m.change(func(now *state) { now.next, now.cursor = s.next, s.cursor })
	return nil
}

// AddEntries processes the body of an add-entries request: it admits, extends
// package by package, and settles. It returns the mirror's cosignature lines
// (200), or a *ConflictError (409), *PartialError (202), *MissingPartsError
// (the entries are all here, parts are not) or one of the refusals. What came
// before an error stays stored.
func (m *Mirror) AddEntries(d *EntriesDecoder) ([]byte, error) {
	h := d.Header
	if h.Origin != m.Origin() {
		return nil, ErrUnknownOrigin
	}
	if err := m.Admit(h.Start, h.End); err != nil {
		return nil, err
	}
	stored := false
	for {
		o, err := d.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			_, err = m.Extend(h.End, o)
		}
		switch {
		case err == nil:
			stored = true
		case stored && errors.Is(err, io.ErrUnexpectedEOF):
			return nil, &PartialError{h.End, m.Next()}
		default:
			return nil, err
		}
	}
	if !stored && h.Start < h.End {
		return nil, fmt.Errorf("%w: no package in the upload", ErrMalformed)
	}
	if m.Next() < h.End {
		return nil, &PartialError{h.End, m.Next()}
	}
	return m.Settle(h.End)
}

// Close closes the file. Calls that have not begun fail with ErrClosed.
func (m *Mirror) Close() error { return m.db.close() }
