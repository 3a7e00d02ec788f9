package tlog

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
)

// A conn is one SQLite connection with its prepared statements. It is used by
// one goroutine at a time.
type conn struct {
	c     *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

// dial opens a connection. Schemas of files that others may have touched are
// not trusted, and deleted bytes (an erased part) are overwritten.
func dial(path, vfs string, flags sqlite3.OpenFlag) (*conn, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if vfs == "" {
		vfs = ownDisk
	}
	u := url.URL{Scheme: "file", Path: abs, OmitHost: true, RawQuery: url.Values{"vfs": {vfs}}.Encode()}
	c, err := sqlite3.OpenFlags(u.String(), flags|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	out := &conn{c, map[string]*sqlite3.Stmt{}}
	err = errors.Join(c.BusyTimeout(busyTimeout),
		c.Exec("PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY"))
	if err != nil {
		return nil, errors.Join(err, out.close())
	}
	return out, nil
}

// durable puts the connection into WAL with a sync at each commit, and reads
// both settings back: builds of SQLite differ in what they silently keep.
func (c *conn) durable() error {
	err := c.c.Exec(fmt.Sprintf("PRAGMA journal_mode = WAL; PRAGMA synchronous = %s; "+
		"PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d", synchronous, walPages, walBytes))
	if err != nil {
		return err
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": synchronousIs} {
		var got string
		err := c.query("PRAGMA "+pragma, func(s *sqlite3.Stmt) error { got = s.ColumnText(0); return nil })
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s is %q where %q is needed", pragma, got, want)
		}
	}
	return nil
}

func (c *conn) close() error {
	var err error
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.c.Close())
}

// query runs sql once and calls row for each row of its answer. The same text
// must not be run again from within row.
func (c *conn) query(sql string, row func(*sqlite3.Stmt) error, args ...any) error {
	s, err := c.bind(sql, args)
	if err != nil {
		return err
	}
	defer s.ClearBindings()
	for s.Step() {
		if err := row(s); err != nil {
			return errors.Join(err, s.Reset())
		}
	}
	err = s.Err()
	s.Reset()
	return err
}

// exec runs sql once and returns the number of rows it changed.
func (c *conn) exec(sql string, args ...any) (int64, error) {
	s, err := c.bind(sql, args)
	if err != nil {
		return 0, err
	}
	err = s.Exec()
	s.ClearBindings()
	return c.c.Changes(), err
}

func (c *conn) bind(sql string, args []any) (*sqlite3.Stmt, error) {
	s, ok := c.stmts[sql]
	if !ok {
		var err error
		if s, _, err = c.c.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT); err != nil {
			return nil, err
		}
		c.stmts[sql] = s
	}
	for i, a := range args {
		if err := bindOne(s, i+1, a); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func bindOne(s *sqlite3.Stmt, i int, a any) error {
	switch a := a.(type) {
	case nil:
		return s.BindNull(i)
	case int64:
		return s.BindInt64(i, a)
	case uint64:
		return s.BindInt64(i, int64(a))
	case string:
		return s.BindText(i, a)
	case []byte:
		return s.BindBlob(i, a)
	}
	return fmt.Errorf("cannot bind a %T", a)
}
