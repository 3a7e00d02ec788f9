package node_test

import (
	"os"
	"path/filepath"
	"slices"
)

// crashCopy copies a node's directory as a crash at this moment leaves it, beside the running node. The shadow is read first: a
// crash never leaves it ahead of the logs.
func crashCopy(to, from string) error {
	var files []string
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(from, path)
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		return err
	}
	if i := slices.Index(files, "shadow.db"); i > 0 {
		files = slices.Insert(slices.Delete(files, i, i+1), 0, "shadow.db")
	}
	for _, f := range files {
		switch filepath.Ext(f) {
		case ".db-shm", ".db-wal": // the first belongs to living processes, the second goes with its file
			continue
		case ".db":
			err = copyDatabase(filepath.Join(to, f), filepath.Join(from, f))
		default:
			err = copyFile(filepath.Join(to, f), filepath.Join(from, f))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copyDatabase copies an SQLite file and its write-ahead log. While the file stays as it is, its log is only added to, and
// any beginning of it is what a crash may leave.
func copyDatabase(to, from string) error {
	for {
		before, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := copyFile(to+"-wal", from+"-wal"); err != nil {
			return err
		}
		after, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if string(before) == string(after) {
			return os.WriteFile(to, before, 0o600)
		}
	}
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}
