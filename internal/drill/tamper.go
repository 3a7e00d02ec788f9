package drill

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/tlog"
)

// tamperEverywhere is the director with an SQL shell. He re-dates a crossing in a running post's own log and changes a table of
// its projection; in a centre's copy he deletes, exchanges, renumbers and cuts off. After each the node's files are read again
// and must name what was done. The log's bytes are then put back, as an administrator does by hand; the projection is deleted
// and folded again.
func tamperEverywhere(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	post := r.post()
	h, err := r.health(ctx, post)
	if err != nil {
		return err
	}
	own := shell{path: filepath.Join(post.dir, "log.db"), origin: h.Origin, node: post}
	if err := r.tamper(ctx, own, "re-dated", redate); err != nil {
		return err
	}
	if err := r.tamperProjection(ctx, post); err != nil {
		return err
	}
	centre := r.Node(Reserve)
	copied := shell{path: filepath.Join(centre.dir, "mirror", tlog.DirName(h.Origin), "log.db"), origin: h.Origin, node: centre}
	centre.process.stop()
	defer centre.process.start()
	for _, act := range []struct {
		what string
		do   func(ctx context.Context, db *sql.DB, at int64) error
	}{{"deleted", remove}, {"exchanged", exchange}, {"renumbered", renumber}, {"cut off", truncate}} {
		if err := r.tamper(ctx, copied, act.what, act.do); err != nil {
			return err
		}
	}
	return nil
}

// A shell is somebody with SQL at the file of one log.
type shell struct {
	path, origin string
	node         *Node
}

// tamper does one thing to a crossing in the middle of a log, reads the node's files again, and puts the bytes back.
func (r *run) tamper(ctx context.Context, s shell, what string, do func(ctx context.Context, db *sql.DB, at int64) error) (err error) {
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(s.path)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	at, err := crossingIn(ctx, db)
	if err != nil {
		return err
	}
	before, err := rowsFrom(ctx, db, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, putBack(context.WithoutCancel(ctx), db, before)) }()
	if err := do(ctx, db, at); err != nil {
		return fmt.Errorf("a record is %s: %w", what, err)
	}
	r.hit()
	found, err := r.verifyNode(ctx, s.node)
	if err == nil && !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, s.origin) }) {
		r.broken(fmt.Sprintf("record %d of %s was %s at %s, and verification found %q", at, s.origin, what, s.node.Name, found))
	}
	return err
}

// crossingIn finds a crossing in the middle of a log.
func crossingIn(ctx context.Context, db *sql.DB) (int64, error) {
	rows, err := db.QueryContext(ctx, `SELECT idx, bytes FROM leaf WHERE idx < (SELECT max(idx) FROM leaf) * 3 / 4 ORDER BY idx DESC`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var b []byte
		if err := rows.Scan(&at, &b); err != nil {
			return 0, err
		}
		if l, err := record.DecodeLeaf(b); err == nil && l.Kind == record.Crossing {
			return at, nil
		}
	}
	return 0, errors.Join(errors.New("there is no crossing yet to tamper with"), rows.Err())
}

// row is a leaf as it lies in the file.
type row struct {
	at            int64
	act           any // a mirror has none
	hashes, bytes []byte
}

func rowsFrom(ctx context.Context, db *sql.DB, at int64) (out []row, err error) {
	rows, err := db.QueryContext(ctx, `SELECT idx, act, hashes, bytes FROM leaf WHERE idx >= ? ORDER BY idx`, at)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w row
		if err := rows.Scan(&w.at, &w.act, &w.hashes, &w.bytes); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}

// putBack writes the leaves as they were. Those that a running node has written meanwhile stand behind them and stay.
func putBack(ctx context.Context, db *sql.DB, before []row) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM leaf WHERE idx >= ? AND idx <= ?`, before[0].at, before[len(before)-1].at); err != nil {
		return err
	}
	for _, w := range before {
		if _, err := tx.ExecContext(ctx, `INSERT INTO leaf (idx, act, hashes, bytes) VALUES (?, ?, ?, ?)`, w.at, w.act, w.hashes, w.bytes); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// redate makes a crossing an hour later, in a well-formed record.
func redate(ctx context.Context, db *sql.DB, at int64) error {
	var b []byte
	if err := db.QueryRowContext(ctx, `SELECT bytes FROM leaf WHERE idx = ?`, at).Scan(&b); err != nil {
		return err
	}
	l, err := record.DecodeLeaf(b)
	if err != nil {
		return err
	}
	l.Written += time.Hour.Milliseconds()
	if b, err = l.Encode(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `UPDATE leaf SET bytes = ? WHERE idx = ?`, b, at)
	return err
}

func remove(ctx context.Context, db *sql.DB, at int64) error {
	_, err := db.ExecContext(ctx, `DELETE FROM leaf WHERE idx = ?`, at)
	return err
}

// exchange puts another crossing's bytes in the place of one.
func exchange(ctx context.Context, db *sql.DB, at int64) error {
	_, err := db.ExecContext(ctx, `UPDATE leaf SET bytes = (SELECT bytes FROM leaf WHERE idx = ?) WHERE idx = ?`, at-1, at)
	return err
}

// renumber closes the gap behind a deleted crossing.
func renumber(ctx context.Context, db *sql.DB, at int64) error {
	if err := remove(ctx, db, at); err != nil {
		return err
	}
	for _, move := range []string{`UPDATE leaf SET idx = -idx WHERE idx > ?`, `UPDATE leaf SET idx = -idx - 1 WHERE -idx > ?`} {
		if _, err := db.ExecContext(ctx, move, at); err != nil {
			return err
		}
	}
	return nil
}

func truncate(ctx context.Context, db *sql.DB, at int64) error {
	_, err := db.ExecContext(ctx, `DELETE FROM leaf WHERE idx >= ?`, at)
	return err
}

// tamperProjection changes what a post's projection says of its crossings, under the key that lies beside it.
func (r *run) tamperProjection(ctx context.Context, n *Node) error {
	ring, err := keyring.Open(filepath.Join(n.dir, "keys"))
	if err != nil {
		return err
	}
	key := ring.Shadow()
	path := filepath.Join(n.dir, "shadow.db")
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(path)+"?vfs=xts&_pragma=hexkey('"+hex.EncodeToString(key[:])+"')&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	done, err := db.ExecContext(ctx, `UPDATE passage SET happened = happened - 3600000 WHERE node = ?`, n.Name)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("change the projection: %w", err)
	}
	if rows, err := done.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(errors.New("there is no crossing yet in the projection"), err)
	}
	r.hit()
	found, err := r.verifyNode(ctx, n)
	if err == nil && !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, "projection") }) {
		r.broken(fmt.Sprintf("the projection of %s was changed, and verification found %q", n.Name, found))
	}
	r.onHeal(func(ctx context.Context) error {
		n.process.stop()
		err := os.Remove(path)
		for _, beside := range []string{"-wal", "-shm"} {
			os.Remove(path + beside) // there may be none
		}
		return errors.Join(err, n.process.start())
	})
	return err
}
