package tlog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/ncruces/go-sqlite3"
)

// A store is one SQLite file: one connection that writes, and a few that read.
type store struct {
	path, vfs string
	readers   chan *conn // nil entries are connections not yet opened

	mu      sync.Mutex
	w       *conn // nil when read-only
	change  int64 // head.change as of our last commit
	stopped bool
	closed  bool
}

// openStore opens the file, makes it if it is not there (first gives the
// checkpoint for that case), and makes sure of what it holds before anybody
// believes it.
func openStore(path, vfs string, readOnly bool, as role, key logKey, first func() ([]byte, error)) (*store, error) {
	s := &store{path: path, vfs: vfs, readers: make(chan *conn, runtime.GOMAXPROCS(0))}
	for range cap(s.readers) {
		s.readers <- nil
	}
	var err error
	if readOnly {
		_, err = os.Stat(path)
		if err == nil {
			err = s.read(func(c *conn) error { return checkSchema(c, as, key) })
		}
	} else {
		err = s.openWriter(as, key, first)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), s.close())
	}
	return s, nil
}

// openWriter leaves the store durable to the last frame. Crash story: after a
// failed sync the kernel may show us pages that never reached the disk, and
// frames of a commit whose outcome was never told may be valid. So the WAL is
// written into the database anew and synced, which settles both, before a
// single row is read as recorded. Then the directory is synced: the VFS in use
// does not sync it for the entry of a new -wal file, without which a power cut
// would take every later commit with it.
func (s *store) openWriter(as role, key logKey, first func() ([]byte, error)) error {
	w, err := dial(s.path, s.vfs, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return err
	}
	s.w = w
	if err := w.durable(); err != nil {
		return err
	}
	if err := s.create(as, key, first); err != nil {
		return err
	}
	if err := checkSchema(w, as, key); err != nil {
		return err
	}
	err = w.query("SELECT change FROM head", func(st *sqlite3.Stmt) error { s.change = st.ColumnInt64(0); return nil })
	if err != nil {
		return err
	}
	if err := s.update(func(*conn) error { return nil }); err != nil {
		return err
	}
	if _, _, err := w.c.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		return fmt.Errorf("settling the write-ahead log: %w", err)
	}
	return syncDir(filepath.Dir(s.path))
}

func (s *store) create(as role, key logKey, first func() ([]byte, error)) error {
	empty, err := isEmpty(s.w)
	if err != nil || !empty {
		return err
	}
	cp, err := first()
	if err != nil {
		return err
	}
	if _, err := s.w.exec("BEGIN EXCLUSIVE"); err != nil {
		return err
	}
	if err := createSchema(s.w, as, key, cp); err != nil {
		return errors.Join(err, s.rollback())
	}
	_, err = s.w.exec("COMMIT")
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// errForeign: the head is not as our last commit left it.
var errForeign = errors.New("another process has written to the file")

// update runs fn in one transaction and commits it. What fn refuses or the disk
// has no room for is ErrNotRecorded, and the store goes on: a write that failed
// for want of room fell short of the commit frame, so no recovery can find one.
// Any other failure of the commit is ErrNotKnown, and the store stops rather
// than build on it.
func (s *store) update(fn func(*conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.w == nil:
		return fmt.Errorf("%w: opened read-only", ErrNotRecorded)
	case s.stopped:
		return ErrStopped
	}
	if _, err := s.w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	err := s.touchHead()
	if err == nil {
		err = fn(s.w)
	}
	if err != nil {
		s.stopped = s.rollback() != nil || errors.Is(err, errForeign)
		return fmt.Errorf("%w: %w", ErrNotRecorded, full(err))
	}
	if _, err := s.w.exec("COMMIT"); err != nil {
		if errors.Is(err, sqlite3.FULL) && s.rollback() == nil {
			return fmt.Errorf("%w: %w", ErrNotRecorded, full(err))
		}
		s.stopped = !mutantRetrySync || s.rollback() != nil
		return fmt.Errorf("%w: %w", ErrNotKnown, err)
	}
	s.change++
	return nil
}

// touchHead counts the change. A second writer, whose tree in memory would be
// another than ours, is noticed by the count before either builds on the other.
func (s *store) touchHead() error {
	n, err := s.w.exec("UPDATE head SET change = change + 1 WHERE change = ?", s.change)
	if err == nil && n != 1 {
		err = errForeign
	}
	return err
}

// rollback ends the transaction if SQLite has not done so itself.
func (s *store) rollback() error {
	if s.w.c.GetAutocommit() {
		return nil
	}
	_, err := s.w.exec("ROLLBACK")
	return err
}

// stop makes every later update fail with ErrStopped.
func (s *store) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

func (s *store) isStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// read runs fn on a connection of the pool. It sees every commit that ended
// before it began.
func (s *store) read(fn func(*conn) error) error {
	c, ok := <-s.readers
	if !ok {
		return ErrClosed
	}
	if c == nil {
		var err error
		if c, err = dial(s.path, s.vfs, sqlite3.OPEN_READONLY); err != nil {
			s.readers <- nil
			return err
		}
	}
	defer func() { s.readers <- c }()
	return fn(c)
}

// snapshot is read with one view of the file for all that fn asks.
func (s *store) snapshot(fn func(*conn) error) error {
	return s.read(func(c *conn) error {
		if _, err := c.exec("BEGIN"); err != nil {
			return err
		}
		err := fn(c)
		_, end := c.exec("ROLLBACK")
		return errors.Join(err, end)
	})
}

// close waits for running reads. The writer's connection goes last: it brings
// the WAL into the database file.
func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	for range cap(s.readers) {
		if c := <-s.readers; c != nil {
			err = errors.Join(err, c.close())
		}
	}
	close(s.readers)
	if s.w != nil {
		err = errors.Join(err, s.w.close())
	}
	return err
}

// isMissing tells that the file asked for does not exist.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotHere) }
