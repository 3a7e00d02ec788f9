package tlog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// A node that is set back to a version older than its log refuses in words that an operator understands, and leaves the file as it is.
func TestNewerFileIsRefusedPlainly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	l := openLog(t, path, testOptions(t))
	fill(t, l, 3)
	must(t, l.Close())
	c, err := dial(path, "", sqlite3.OPEN_READWRITE)
	must(t, err)
	must(t, c.c.Exec("PRAGMA user_version = 2; PRAGMA wal_checkpoint(TRUNCATE)"))
	must(t, c.c.Close())
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := Open(path, testOptions(t)); err == nil || !strings.Contains(err.Error(), "newer version of this program") {
		t.Errorf("opened with %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}
