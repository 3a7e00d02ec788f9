package drill

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/tlog"
)

// tamperEverywhere is the director with an SQL shell. He re-dates a crossing in a running post's own log and changes a table of
// its projection; in a running centre's copy he deletes, exchanges, renumbers and cuts off. After each the node is asked to scrub, as
// it does by itself every day: it must name what was done, and mend it from whoever holds a good copy. Nobody else puts anything back.
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

// tamper does one thing to a crossing in the middle of a log, and asks the node to scrub until it is whole again.
func (r *run) tamper(ctx context.Context, s shell, what string, do func(ctx context.Context, db *sql.DB, at int64) error) error {
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(s.path)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	at, err := crossingIn(ctx, db)
	if err == nil {
		err = do(ctx, db, at)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("a record is %s: %w", what, err)
	}
	r.hit()
	return r.scrubbed(ctx, s.node, s.origin, fmt.Sprintf("record %d of %s was %s at %s", at, s.origin, what, s.node.Name))
}

// scrubbed asks a node to scrub and repair. What was done must be named by a word; soon nothing may be left. The node is asked once:
// what nobody that it reaches could give comes with whoever comes by, and the node then scrubs again by itself.
func (r *run) scrubbed(ctx context.Context, n *Node, word, done string) error {
	var s node.Scrubbed
	if err := r.tims(ctx, &s, "scrub", "--dir", n.dir, "--repair"); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Found, func(f node.Finding) bool { return strings.Contains(f.String(), word) }) {
		r.broken(fmt.Sprintf("%s, and the scrub found %v", done, s.Found))
		return nil
	}
	asked := s.Begun
	if err := until(ctx, healWithin, "the damage is mended", func() bool {
		if h, err := r.health(ctx, n); err == nil && h.Scrubbed.Begun >= asked {
			s = h.Scrubbed
		}
		return len(s.Left) == 0
	}); err != nil {
		r.broken(fmt.Sprintf("%s; %v: %d findings left, the first: %s", done, err, len(s.Left), s.Left[0]))
	}
	return nil
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
	return r.scrubbed(ctx, n, "projection", "the projection of "+n.Name+" was changed")
}
