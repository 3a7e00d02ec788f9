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
	Node  string
	Index uint64
}

// Tamper changes one crossing in a node's log file with SQL, as somebody with every right on the machine would: it re-dates
// the newest record of that node by an hour.
func (c *Country) Tamper(ctx context.Context, name string) (Tampered, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(c.dir, name, "log.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return Tampered{}, fmt.Errorf("open the file: %w", err)
	}
	defer db.Close()
	var index int64
	var leaf []byte
	err = db.QueryRowContext(ctx, `SELECT idx, bytes FROM leaf WHERE length(bytes) > 300 ORDER BY idx DESC LIMIT 1 OFFSET 3`).Scan(&index, &leaf)
	if err != nil {
		return Tampered{}, fmt.Errorf("find a crossing: %w", err)
	}
	leaf[len(leaf)-1] ^= 1
	if _, err := db.ExecContext(ctx, `UPDATE leaf SET bytes = ? WHERE idx = ?`, leaf, index); err != nil {
		return Tampered{}, fmt.Errorf("change a crossing: %w", err)
	}
	return Tampered{name, uint64(index)}, nil
}

// Verify reads a node's files again and says what is wrong with them.
func (c *Country) Verify(ctx context.Context, name string) (node.Verified, error) {
	return node.VerifyDir(ctx, filepath.Join(c.dir, name), nil)
}
