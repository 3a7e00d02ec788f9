package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ncruces/go-sqlite3"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A Reader is what a Log and a Mirror have in common: everything that can be
// asked of the file. Its methods may be called from any goroutine. Byte slices
// it hands out are the caller's, except checkpoints, which must not be changed.
type Reader struct {
	key logKey
	as  role
	db  *store

	mu       sync.Mutex
	now      state
	grown    chan struct{}
	favoured func(name string, hash uint32) bool // nil favours nobody
}

// A state is what a log or mirror stands behind at one moment.
type state struct {
	checkpoint        // of what is served; note is nil in a mirror that has none yet
	next       uint64 // leaves that are durable and proven; at least size
	cursor     uint64 // first leaf of which a wanted part is missing; next in a log
	cosigned   []Cosigned
	evidence   *Evidence
}

// A Cosigned is the largest checkpoint that one cosigner is known to have
// signed. Note carries the log's signature and the cosigner's.
type Cosigned struct {
	Name    string
	KeyHash uint32
	Size    uint64
	Note    []byte
	line    []byte
}

func newReader(key logKey, as role, db *store) *Reader {
	return &Reader{key: key, as: as, db: db, grown: make(chan struct{})}
}

func (r *Reader) state() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// change alters what readers see, and wakes those who wait for growth.
func (r *Reader) change(fn func(*state)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn(&r.now)
	close(r.grown)
	r.grown = make(chan struct{})
}

// Origin names the log.
func (r *Reader) Origin() string { return r.key.origin() }

// Key returns the verifier key of the log in the form of signed-note.
func (r *Reader) Key() string { return r.key.text }

// Size returns the number of leaves under the checkpoint.
func (r *Reader) Size() uint64 { return r.state().size }

// Head returns Size and the root of that tree, as signed.
func (r *Reader) Head() (size uint64, root Hash) {
	s := r.state()
	return s.size, s.root
}

// Next returns the number of leaves that are stored and proven. A mirror may
// hold leaves that its checkpoint does not cover yet.
func (r *Reader) Next() uint64 { return r.state().next }

// Cursor returns the first index of which a wanted part is missing, and Next if
// none is.
func (r *Reader) Cursor() uint64 { return r.state().cursor }

// Evidence returns what froze a mirror, or convicts the key of a log; or nil.
func (r *Reader) Evidence() *Evidence { return r.state().evidence }

// Cosigned returns, per cosigner, the largest checkpoint it is known to have
// signed.
func (r *Reader) Cosigned() []Cosigned { return slices.Clone(r.state().cosigned) }

// Checkpoint returns the signed note of the tree of Size: the log's signature
// and the cosignatures held for this very size. It is nil in a mirror that has
// not completed any checkpoint.
func (r *Reader) Checkpoint() []byte {
	s := r.state()
	note := s.note
	for _, c := range s.cosigned {
		if c.Size == s.size {
			note = append(slices.Clip(note), c.line...)
		}
	}
	return note
}

// Grown returns a channel that is closed at the next change of Size, Next,
// Cursor, Cosigned or Evidence. Take it before looking, so that nothing passes
// between.
func (r *Reader) Grown() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grown
}

// Leaf returns the bytes of leaf i, for i below Next.
func (r *Reader) Leaf(i uint64) ([]byte, error) {
	leaves, err := r.Leaves(i, 1)
	if err == nil && len(leaves) == 0 {
		err = fmt.Errorf("leaf %d: %w", i, ErrNotHere)
	}
	if err != nil {
		return nil, err
	}
	return leaves[0], nil
}

// Leaves returns up to limit leaves in order, beginning with from, and none at
// or beyond Next. It returns fewer when they exceed MaxBatchBytes together, and
// where one of them is damaged. If that is the first, it is a *DamagedError:
// bytes that are not those of the tree are handed to nobody.
func (r *Reader) Leaves(from uint64, limit int) ([][]byte, error) {
	end := min(from+uint64(max(limit, 0)), r.Next())
	var out [][]byte
	err := r.eachLeaf(from, end, func(h, b []byte) error {
		if err := sound(from+uint64(len(out)), h, b); err != nil {
			return err
		}
		out = append(out, bytes.Clone(b))
		return nil
	})
	if damaged := new(DamagedError); errors.As(err, &damaged) && len(out) > 0 {
		return out, nil
	}
	if err == nil && len(out) == 0 && from < end {
		err = &DamagedError{from}
	}
	return out, err
}

var errEnough = errors.New("enough bytes")

// eachLeaf calls fn with hashes and bytes, both valid during the call, of the
// leaves in [from, end) until MaxBatchBytes are passed.
func (r *Reader) eachLeaf(from, end uint64, fn func(hashes, leaf []byte) error) error {
	if from >= end {
		return nil
	}
	const q = "SELECT idx, hashes, bytes FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx"
	want, total := from, 0
	err := r.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			hashes, leaf := s.ColumnRawBlob(1), s.ColumnRawBlob(2)
			if got := uint64(s.ColumnInt64(0)); got != want || len(hashes) < sumdb.HashSize {
				return &DamagedError{want}
			}
			want++
			total += len(leaf)
			if err := fn(hashes, leaf); err != nil {
				return err
			}
			if total > MaxBatchBytes {
				return errEnough
			}
			return nil
		}, from, end)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("reading leaves from %d: %w", from, err)
	}
	return nil
}

// leafHashes returns the leaf hashes of [from, end), all below Next.
func (r *Reader) leafHashes(from, end uint64) ([]Hash, error) {
	out := make([]Hash, 0, end-from)
	for from+uint64(len(out)) < end {
		had := len(out)
		err := r.eachLeaf(from+uint64(had), end, func(hashes, _ []byte) error {
			out = append(out, Hash(hashes))
			return nil
		})
		if err == nil && len(out) == had {
			err = fmt.Errorf("leaf %d: %w", from+uint64(had), ErrNotHere)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func partID(index uint64, number uint8) uint64 { return index<<8 | uint64(number) }

// Part returns one part of leaf index.
func (r *Reader) Part(index uint64, number uint8) (Part, error) {
	p := Part{Number: number}
	found := false
	err := r.db.read(func(c *conn) error {
		return c.query("SELECT wrap, body FROM part WHERE id = ?", func(s *sqlite3.Stmt) error {
			found = true
			p.Wrap, p.Body = s.ColumnBlob(0, nil), s.ColumnBlob(1, nil)
			return nil
		}, partID(index, number))
	})
	if err == nil && !found {
		err = ErrNotHere
	}
	if err != nil {
		return Part{}, fmt.Errorf("part %d of leaf %d: %w", number, index, err)
	}
	return p, nil
}

// Parts returns the parts held of the leaves in [from, to) whose numbers are
// among those given, by index and number, and the first index it did not reach:
// it stops between two leaves once MaxBatchBytes are passed.
func (r *Reader) Parts(from, to uint64, numbers ...uint8) (parts []IndexedPart, next uint64, err error) {
	to = min(to, r.Next())
	if from >= to {
		return nil, from, nil
	}
	next = to
	const q = "SELECT id, wrap, body FROM part WHERE id >= ? AND id < ? ORDER BY id"
	total := 0
	err = r.db.read(func(c *conn) error {
		return c.query(q, func(s *sqlite3.Stmt) error {
			id := uint64(s.ColumnInt64(0))
			index, number := id>>8, uint8(id)
			if !slices.Contains(numbers, number) {
				return nil
			}
			if total > MaxBatchBytes && index != parts[len(parts)-1].Index {
				next = index
				return errEnough
			}
			p := IndexedPart{index, Part{number, s.ColumnBlob(1, nil), s.ColumnBlob(2, nil)}}
			total += len(p.Body)
			parts = append(parts, p)
			return nil
		}, partID(from, 0), partID(to, 0))
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, from, fmt.Errorf("reading parts from %d: %w", from, err)
	}
	return parts, next, nil
}

// Blob returns the blob with the given SHA-256.
func (r *Reader) Blob(hash [32]byte) ([]byte, error) {
	var body []byte
	found := false
	err := r.db.read(func(c *conn) error {
		return c.query("SELECT body FROM blob WHERE hash = ?", func(s *sqlite3.Stmt) error {
			found, body = true, s.ColumnBlob(0, nil)
			return nil
		}, hash[:])
	})
	if err == nil && !found {
		err = ErrNotHere
	}
	if err != nil {
		return nil, fmt.Errorf("blob %x: %w", hash, err)
	}
	return body, nil
}

// HasBlob tells whether the blob with the given SHA-256 is held.
func (r *Reader) HasBlob(hash [32]byte) (found bool, err error) {
	err = r.db.read(func(c *conn) error {
		return c.query("SELECT 1 FROM blob WHERE hash = ?", func(*sqlite3.Stmt) error {
			found = true
			return nil
		}, hash[:])
	})
	return found, err
}
