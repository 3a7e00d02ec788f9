package tlog

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// Retire turns the file of an own log into a mirror of it, with all leaves,
// parts and cosignatures, under the newest checkpoint. The log's key is not
// needed any more and signs nothing more; what other nodes hold beyond is taken
// by the mirror as from any log. Retiring it again changes nothing. The node
// that retires its log owns the file: no other process may have it open.
//
// Crash story: a log that a crash left with unsigned leaves signs them first, as
// every Open does; the change of role is one transaction.
func Retire(path string, o Options) error {
	key, err := parseKey(o.Key)
	if err != nil {
		return err
	}
	if retired, err := isRetired(path, o.VFS, key); err != nil || retired {
		return err
	}
	o.Fence = "" // it is not the judge of a log that signs no more
	l, err := Open(path, o)
	if err != nil {
		return err
	}
	l.ending.Do(func() { close(l.closing) })
	<-l.done
	s := l.state()
	err = l.db.update(func(c *conn) error {
		if s.size == 0 {
			_, err := c.exec("UPDATE head SET role = ?, checkpoint = ?", string(roleMirror), []byte{})
			return err
		}
		if _, err := c.exec("INSERT INTO pending VALUES (?, ?)", s.size, s.note); err != nil {
			return err
		}
		_, err := c.exec("UPDATE head SET role = ?, checkpoint = ?, cursor = ?", string(roleMirror), s.note, s.size)
		return err
	})
	if err = errors.Join(err, l.db.close()); err != nil {
		return fmt.Errorf("retiring log %s: %w", l.Origin(), err)
	}
	return nil
}

// isRetired says whether the file holds a mirror of the log already.
func isRetired(path, vfs string, key logKey) (bool, error) {
	var as role
	c, err := dial(path, vfs, sqlite3.OPEN_READWRITE) // what a crash left in the WAL counts
	if err != nil {
		return false, fmt.Errorf("retiring the log: %w", err)
	}
	err = c.query("SELECT role FROM head", func(s *sqlite3.Stmt) error { as = role(s.ColumnText(0)); return nil })
	if err == nil && as == roleMirror {
		err = checkSchema(c, roleMirror, key)
	}
	if err = errors.Join(err, c.close()); err != nil {
		return false, fmt.Errorf("retiring the log: %w", err)
	}
	return as == roleMirror, nil
}

// ByAct returns the index of the leaf that records an act, as far as the mirror
// was told how to read acts, or had them from the log it was before.
func (m *Mirror) ByAct(act [16]byte) (index uint64, found bool, err error) {
	err = m.db.read(func(c *conn) error {
		index, found, err = findAct(c, act)
		return err
	})
	return index, found && index < m.Next(), err
}

// actOf gives what stands in the act's column of a leaf: null where nobody asks,
// and where the log names an act twice, which an honest one does not.
func (m *Mirror) actOf(c *conn, leaf []byte) (any, error) {
	if m.act == nil {
		return nil, nil
	}
	act, ok := m.act(leaf)
	if !ok {
		return nil, nil
	}
	if _, known, err := findAct(c, act); err != nil || known {
		return nil, err
	}
	return act[:], nil
}

// Halt ends the taking of entries: every later Append fails with ErrStopped.
// What is under way is answered as it comes out, and what is recorded is found.
func (l *Log) Halt() { l.halted.Store(true) }
