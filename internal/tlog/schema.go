package tlog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// fileFormat is the user_version of files of this layout.
const fileFormat = 1

// schema is the whole schema of a log or mirror file; docs/design/log.md
// explains it. A file whose schema says anything else is not opened: a trigger
// added by somebody would be his code in our transactions.
//
// hashes stands before bytes so that reading a hash does not walk a long leaf.
// A part's id is idx*256+number: as an integer key it is appended to the end of
// its B-tree like a leaf, which a key of two columns is not.
var schema = []string{
	`CREATE TABLE head (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	role TEXT NOT NULL,
	key TEXT NOT NULL,
	change INTEGER NOT NULL,
	checkpoint BLOB NOT NULL,
	cursor INTEGER NOT NULL,
	evidence BLOB
)`,
	`CREATE TABLE leaf (
	idx INTEGER PRIMARY KEY,
	act BLOB,
	hashes BLOB NOT NULL,
	bytes BLOB NOT NULL
)`,
	`CREATE UNIQUE INDEX leaf_act ON leaf (act) WHERE act IS NOT NULL`,
	`CREATE TABLE part (
	id INTEGER PRIMARY KEY,
	wrap BLOB NOT NULL,
	body BLOB NOT NULL
)`,
	`CREATE TABLE blob (
	hash BLOB PRIMARY KEY,
	body BLOB NOT NULL
)`,
	`CREATE TABLE pending (
	size INTEGER PRIMARY KEY,
	note BLOB NOT NULL
)`,
	`CREATE TABLE cosignature (
	name TEXT NOT NULL,
	keyhash INTEGER NOT NULL,
	size INTEGER NOT NULL,
	note BLOB NOT NULL,
	PRIMARY KEY (name, keyhash)
)`,
}

// role tells the three uses of one layout apart.
type role string

const (
	roleLog    role = "log"
	roleMirror role = "mirror"
	roleHashes role = "hashes"
)

// createSchema lays out an empty file; first is the checkpoint of an empty own
// log, and empty for a mirror. The caller runs it in one transaction.
func createSchema(c *conn, as role, key logKey, first []byte) error {
	for _, s := range schema {
		if err := c.c.Exec(s); err != nil {
			return err
		}
	}
	if err := c.c.Exec(fmt.Sprintf("PRAGMA user_version = %d", fileFormat)); err != nil {
		return err
	}
	_, err := c.exec("INSERT INTO head VALUES (1, ?, ?, 0, ?, 0, NULL)", string(as), key.text, first)
	return err
}

// isEmpty tells a file that has just been made from one with content.
func isEmpty(c *conn) (empty bool, err error) {
	err = c.query("SELECT count(*) FROM sqlite_schema", func(s *sqlite3.Stmt) error {
		empty = s.ColumnInt64(0) == 0
		return nil
	})
	return empty, err
}

// checkSchema refuses a file of another format, schema, role or log.
func checkSchema(c *conn, as role, key logKey) error {
	var format int64
	err := c.query("PRAGMA user_version", func(s *sqlite3.Stmt) error { format = s.ColumnInt64(0); return nil })
	if err != nil {
		return err
	}
	if format > fileFormat { // an operator who has set a node back reads this in its journal; drill act R4 looks for the words
		return fmt.Errorf("the file was written by a newer version of this program: its format is %d, this version knows up to %d", format, fileFormat)
	}
	if format != fileFormat {
		return fmt.Errorf("the file is of format %d, not %d", format, fileFormat)
	}
	var have []string
	err = c.query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", func(s *sqlite3.Stmt) error {
		have = append(have, s.ColumnText(0))
		return nil
	})
	if err != nil {
		return err
	}
	want := slices.Sorted(slices.Values(schema))
	if slices.Sort(have); !slices.Equal(have, want) {
		return fmt.Errorf("the schema has been changed; it now reads %q", strings.Join(have, "; "))
	}
	return c.query("SELECT role, key FROM head", func(s *sqlite3.Stmt) error {
		if got := s.ColumnText(0); got != string(as) {
			return fmt.Errorf("the file holds a %s, not a %s", got, as)
		}
		if got := s.ColumnText(1); got != key.text {
			return fmt.Errorf("the file is of key %s, not %s", got, key.text)
		}
		return nil
	})
}
