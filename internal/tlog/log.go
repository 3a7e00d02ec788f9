package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Options say whose log a file is.
type Options struct {
	// Key is the verifier key of the log (signed-note, Ed25519). Its name is
	// the log's origin.
	Key string
	// Signer signs checkpoints and belongs to Key. Not needed with ReadOnly.
	Signer note.Signer
	// VFS names a registered SQLite file system; empty is the operating
	// system's. It is the log's disk, and where tests let it fail.
	VFS string
	// Fence is the path of a small file on a second device that remembers the
	// newest tree, "" for none. Open fails with a *FenceError if it does not
	// agree with the log, and with ErrFenceHeld if another process uses it.
	Fence string
	// TakeFence lets the fence begin anew with this log, whatever it says.
	TakeFence bool
	// ReadOnly opens beside a running node, at the checkpoint last stored in
	// the file, and writes nothing.
	ReadOnly bool
}

// A Log is a node's own log. One process at a time writes to its file.
type Log struct {
	*Reader
	signer note.Signer
	halted atomic.Bool

	jobs    chan *job
	ending  sync.Once
	closing chan struct{}
	done    chan struct{} // closed when the writer has ended

	// The rest belongs to the writer goroutine.
	edge    *edge
	unsaved bool // the checkpoint shown is newer than the one in the file
	fence   *fence
}

// Open opens the log at path, and makes it if it is not there. It checks that
// the tree hashes at the edge give the root of the stored checkpoint and that
// what a crash left behind it is whole; if not, the error is an *Evidence. A
// change further back is found by Verify.
func Open(path string, o Options) (*Log, error) {
	key, err := parseKey(o.Key)
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if err := key.checkSigner(o.Signer); err != nil {
			return nil, err
		}
	}
	l := &Log{signer: o.Signer, jobs: make(chan *job), closing: make(chan struct{}), done: make(chan struct{})}
	db, err := openStore(path, o.VFS, o.ReadOnly, roleLog, key, func() ([]byte, error) {
		cp, err := key.signCheckpoint(o.Signer, 0, emptyRoot())
		return cp.note, err
	})
	if err != nil {
		return nil, err
	}
	l.Reader = newReader(key, roleLog, db)
	if err := l.recover(o); err != nil {
		return nil, errors.Join(err, l.fence.close(), db.close())
	}
	if o.ReadOnly {
		close(l.done)
	} else {
		go l.write()
	}
	return l, nil
}

func emptyRoot() Hash {
	e := edge{}
	h, _ := e.root() // an empty tree needs no hashes, so none can be missing
	return h
}

// recover takes the log up where the file left it. Crash story: leaves may
// stand behind the stored checkpoint, at most one group of them, for each group
// stores the checkpoint over the one before. They are durable (openWriter), and
// signing them again gives the very bytes that may have been handed out:
// Ed25519 over the same tree head.
func (l *Log) recover(o Options) error {
	s, rows, err := l.loadState()
	if err != nil {
		return err
	}
	l.edge, err = l.checkEdge(s.checkpoint, rows)
	if err != nil {
		return err
	}
	if o.ReadOnly {
		s.next, s.cursor = s.size, s.size
		l.change(func(now *state) { *now = s })
		return nil
	}
	stored := Head{s.size, s.root}
	if rows > s.size {
		if err := l.readTail(s.checkpoint, rows); err != nil {
			return err
		}
	}
	root, err := l.edge.root()
	if err != nil {
		return err
	}
	if o.Fence != "" {
		if l.fence, err = openFence(o.Fence, l.Key(), Head{rows, root}, stored, o.TakeFence); err != nil {
			return err
		}
	}
	if rows > s.size {
		if s.checkpoint, err = l.key.signCheckpoint(l.signer, rows, root); err != nil {
			return err
		}
		l.unsaved = true
	}
	s.next, s.cursor = rows, rows
	l.change(func(now *state) { *now = s })
	return nil
}

// loadState reads the head of the file and the number of leaves it should hold
// by its last index.
func (r *Reader) loadState() (s state, rows uint64, err error) {
	var note, evidence []byte
	err = r.db.snapshot(func(c *conn) error {
		err := c.query("SELECT checkpoint, cursor, evidence FROM head", func(st *sqlite3.Stmt) error {
			note, evidence = st.ColumnBlob(0, nil), st.ColumnBlob(2, nil)
			s.cursor = uint64(st.ColumnInt64(1))
			return nil
		})
		if err != nil {
			return err
		}
		if rows, err = countLeaves(c); err != nil {
			return err
		}
		if s.cosigned, err = loadCosigned(c, r.key); err != nil {
			err = r.accuse(err.Error(), note)
		}
		return err
	})
	if err == nil && len(evidence) > 0 {
		s.evidence, err = DecodeEvidence(evidence)
	}
	if err == nil && len(note) > 0 {
		s.checkpoint, err = r.key.openCheckpoint(note)
		if err != nil {
			err = r.accuse("the checkpoint in the file: "+err.Error(), note)
		}
	}
	if err != nil {
		return state{}, 0, fmt.Errorf("reading the head of the log: %w", err)
	}
	return s, rows, nil
}

// countLeaves counts by the last index.
func countLeaves(c *conn) (rows uint64, err error) {
	err = c.query("SELECT coalesce(max(idx) + 1, 0) FROM leaf", func(st *sqlite3.Stmt) error {
		rows = uint64(st.ColumnInt64(0))
		return nil
	})
	return rows, err
}

func (r *Reader) accuse(what string, note []byte) *Evidence {
	return &Evidence{Origin: r.Origin(), What: what, Ours: note}
}

// checkEdge compares the file with a signed checkpoint at the right edge of
// its tree, and returns that edge.
func (r *Reader) checkEdge(cp checkpoint, rows uint64) (*edge, error) {
	if rows < cp.size {
		what := fmt.Sprintf("the file holds %d leaves, its signed checkpoint covers %d", rows, cp.size)
		return nil, r.accuse(what, cp.note)
	}
	e, root, err := loadEdge(cp.size, r)
	if errors.Is(err, ErrNotHere) {
		return nil, r.accuse("tree hashes are missing: "+err.Error(), cp.note)
	}
	if err != nil {
		return nil, err
	}
	if cp.note != nil && root != cp.root {
		return nil, r.accuse(fmt.Sprintf("the tree of %d leaves is not the one that was signed", cp.size), cp.note)
	}
	if cp.size == 0 {
		return e, nil
	}
	return e, r.eachLeaf(cp.size-1, cp.size, func(hashes, leaf []byte) error {
		if sumdb.RecordHash(leaf) != Hash(hashes) {
			return r.accuse(fmt.Sprintf("leaf %d, the last one signed, has been changed", cp.size-1), cp.note)
		}
		return nil
	})
}

// readTail brings the edge forward over the leaves from cp to the end, which no
// checkpoint in the file covers, and believes nothing that does not fit.
func (l *Log) readTail(cp checkpoint, to uint64) error {
	if to-cp.size > maxGroup {
		return l.accuse(fmt.Sprintf("%d leaves stand behind the signed checkpoint of %d, more than a crash leaves",
			to-cp.size, cp.size), cp.note)
	}
	for i := cp.size; i < to; {
		begin := i
		err := l.eachLeaf(i, to, func(hashes, leaf []byte) error {
			stored, err := l.edge.add(sumdb.RecordHash(leaf))
			if err != nil {
				return err
			}
			if !bytes.Equal(joinHashes(stored), hashes) {
				return l.accuse(fmt.Sprintf("leaf %d does not fit its tree hashes", i), cp.note)
			}
			i++
			return nil
		})
		if err != nil {
			return err
		}
		if i == begin {
			return fmt.Errorf("leaf %d: %w", i, ErrNotHere)
		}
	}
	return nil
}

// ByAct returns the index of the leaf that records an act. After ErrNotKnown
// only a log that has been opened again can tell.
func (l *Log) ByAct(act [16]byte) (index uint64, found bool, err error) {
	if l.db.isStopped() {
		return 0, false, ErrStopped
	}
	err = l.db.read(func(c *conn) error {
		index, found, err = findAct(c, act)
		return err
	})
	return index, found, err
}

func findAct(c *conn, act [16]byte) (index uint64, found bool, err error) {
	err = c.query("SELECT idx FROM leaf WHERE act = ?", func(s *sqlite3.Stmt) error {
		index, found = uint64(s.ColumnInt64(0)), true
		return nil
	}, act[:])
	return index, found, err
}

// AddBlob stores a blob of at most MaxBlob bytes under its SHA-256.
func (l *Log) AddBlob(hash [32]byte, body []byte) error { return l.db.putBlob(hash, body) }

// Close ends the log: it stores the newest checkpoint and closes the file.
// Appends that have not been taken fail with ErrClosed.
func (l *Log) Close() error {
	l.ending.Do(func() { close(l.closing) })
	<-l.done
	return errors.Join(l.fence.close(), l.db.close())
}
