package projection

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"
)

// A folder runs statements in one transaction and keeps the first error. It speaks to SQLite without database/sql, which costs a
// statement of a fold as much as the statement: a rebuilt centre folds millions. Statements are prepared once in the life of the
// one connection that writes.
type folder struct {
	ctx   context.Context
	db    *DB
	c     *sqlite3.Conn
	again bool // the records stood aside before
	err   error
}

// within runs fn in one transaction of the connection that writes: all of it or nothing, also when ctx ends meanwhile.
func (d *DB) within(ctx context.Context, fn func(*folder)) error {
	return d.write.Raw(func(raw any) error {
		f := &folder{ctx: ctx, db: d, c: raw.(sqlitedriver.Conn).Raw()}
		defer f.c.SetInterrupt(f.c.SetInterrupt(ctx))
		f.exec("BEGIN IMMEDIATE")
		fn(f)
		f.exec("COMMIT")
		if f.err == nil || f.c.GetAutocommit() {
			return f.err
		}
		f.c.SetInterrupt(context.WithoutCancel(ctx))
		return errors.Join(f.err, f.c.Exec("ROLLBACK"))
	})
}

func (f *folder) exec(text string, args ...any) {
	if f.err != nil {
		return
	}
	stmt := f.db.folds[text]
	if stmt == nil {
		if stmt, _, f.err = f.c.PrepareFlags(text, sqlite3.PREPARE_PERSISTENT); f.err != nil {
			return
		}
		f.db.folds[text] = stmt
	}
	for i, a := range args {
		if f.err = bind(stmt, i+1, a); f.err != nil {
			return
		}
	}
	f.err = stmt.Exec()
	stmt.ClearBindings()
}

func bind(s *sqlite3.Stmt, i int, a any) error {
	switch a := a.(type) {
	case nil:
		return s.BindNull(i)
	case int:
		return s.BindInt(i, a)
	case int64:
		return s.BindInt64(i, a)
	case string:
		return s.BindText(i, a)
	case []byte:
		return s.BindBlob(i, a)
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(a)
	if err != nil {
		return err
	}
	if n, ok := v.(int64); ok {
		return s.BindInt64(i, n)
	}
	return s.BindText(i, v.(string))
}
