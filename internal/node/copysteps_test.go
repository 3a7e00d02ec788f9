package node_test

import (
	"os"
	"path/filepath"

	"tims/internal/tlog"
)

func init() {
	// start-without starts a halted node from whose directory the copy of another node's first log was deleted, and waits until
	// the copy is back: until then the directory is not sound.
	teach("start-without", func(d *drill, a []string) ([]string, error) {
		dir := filepath.Join(d.path(a[0]), "mirror", tlog.DirName("al/"+a[1]+"/1"))
		if _, err := os.Stat(dir); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		d.start(a[0])
		d.settle()
		return nil, nil
	})
}
