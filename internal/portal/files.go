package portal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Files of a portal's directory. keys and founding are made by `tims found` and `tims join`, as for every node.
const (
	keysFile     = "keys"
	foundingFile = "founding"
	changesFile  = "changes"
	logsDir      = "log"
	epochFile    = "epoch"        // of one log: the signed statement
	secondFile   = "epoch.second" // evidence: another statement for the same number
	frozenFile   = "frozen"       // since when the log is frozen here: UTC ms, decimal
	hashesFile   = "hashes.db"
)

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is over %d bytes", filepath.Base(path), limit)
	}
	return b, err
}

// writeDurably writes a whole file or none: a crash leaves the old one.
func writeDurably(path string, b []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(b); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
