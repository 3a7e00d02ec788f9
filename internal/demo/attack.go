package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tims/internal/node"
	"tims/internal/record"
)

// CutLink cuts the centre's line to the country, or mends it. Both sides run on.
func (c *Country) CutLink(cut bool) { c.lines.set(CentreName, cut) }

// LinkCut says whether the centre's line is cut.
func (c *Country) LinkCut() bool { return c.lines.isCut(CentreName) }

// SwitchOff ends the centre; its files stay. SwitchOn starts it again.
func (c *Country) SwitchOff() error { return c.stop(CentreName) }

// SwitchOn starts the centre again.
func (c *Country) SwitchOn() error {
	if c.Node(CentreName) != nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.dir, CentreName)); errors.Is(err, os.ErrNotExist) {
		return errors.New("the centre was wiped; rebuild it from the posts")
	}
	return c.open(CentreName)
}

// Wipe ends the centre and deletes its whole directory, keys and all.
func (c *Country) Wipe() error {
	err := c.stop(CentreName)
	return errors.Join(err, os.RemoveAll(filepath.Join(c.dir, CentreName)))
}

// Wiped says whether the centre has no files.
func (c *Country) Wiped() bool {
	_, err := os.Stat(filepath.Join(c.dir, CentreName))
	return errors.Is(err, os.ErrNotExist)
}

// Rebuild makes the centre anew from the posts: new keys, a change of the roster approved with the authority's key file,
// then whatever the posts push.
func (c *Country) Rebuild() error {
	if !c.Wiped() {
		return errors.New("the centre still has its files; wipe it first")
	}
	post := c.Node(Posts()[0])
	if post == nil {
		return errors.New("no post is running")
	}
	if _, err := node.Rebuild(filepath.Join(c.dir, CentreName), CentreName, c.founding, post.Changes(), time.Now(), c.approve); err != nil {
		return err
	}
	return c.open(CentreName)
}

// A Tampered record is what the director changed and what the files said before.
type Tampered struct {
	Node        string // whose file
	Origin      string // of the log that the file holds: the node's own, or at the centre its copy of a post's
	Index       uint64
	Was, Became int64 // the time of the crossing in the file, UTC ms
}

// Tamper changes one crossing in a node's database with SQL, as somebody with every right on the machine would: it re-dates
// the newest crossing that another node already holds by an hour, in a well-formed record. At the centre that is a crossing
// in the copy of a post's log, for the centre writes none itself.
func (c *Country) Tamper(ctx context.Context, name string) (Tampered, error) {
	writer := name
	if name == CentreName {
		writer = Posts()[0]
	}
	n := c.Node(writer)
	if n == nil {
		return Tampered{}, fmt.Errorf("%s is switched off", writer)
	}
	t := Tampered{Node: name, Origin: n.Origin()}
	db, err := sql.Open("sqlite3", "file:"+c.logFile(t)+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return t, fmt.Errorf("open the file: %w", err)
	}
	defer db.Close()
	leaf, err := c.newestCrossing(ctx, db, writer, &t)
	if err != nil {
		return t, err
	}
	t.Was, t.Became = leaf.Written, leaf.Written+time.Hour.Milliseconds()
	leaf.Written = t.Became
	b, err := leaf.Encode()
	if err != nil {
		return t, err
	}
	if _, err := db.ExecContext(ctx, `UPDATE leaf SET bytes = ? WHERE idx = ?`, b, int64(t.Index)); err != nil {
		return t, fmt.Errorf("change a crossing: %w", err)
	}
	return t, nil
}

// newestCrossing finds the newest crossing in a file of which another node than the one that wrote it holds a copy: what
// no other node has yet, whoever owns the machine can destroy for good.
func (c *Country) newestCrossing(ctx context.Context, db *sql.DB, writer string, t *Tampered) (record.Leaf, error) {
	copied, _ := c.copied(ctx, writer)
	rows, err := db.QueryContext(ctx, `SELECT idx, bytes FROM leaf WHERE idx < ? ORDER BY idx DESC LIMIT ?`, int64(copied)-1, searched)
	if err != nil {
		return record.Leaf{}, fmt.Errorf("find a crossing: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var index int64
		var b []byte
		if err := rows.Scan(&index, &b); err != nil {
			return record.Leaf{}, fmt.Errorf("find a crossing: %w", err)
		}
		if leaf, err := record.DecodeLeaf(b); err == nil && leaf.Kind == record.Crossing {
			t.Index = uint64(index)
			return leaf, nil
		}
	}
	return record.Leaf{}, errors.Join(errors.New("there is no crossing yet of which another node holds a copy"), rows.Err())
}

// Verify reads a node's files again and says what is wrong with them.
func (c *Country) Verify(ctx context.Context, name string) (node.Verified, error) {
	return node.VerifyDir(ctx, filepath.Join(c.dir, name), nil)
}
