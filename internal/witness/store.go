package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"tims/internal/tlog"
)

const (
	lockFile    = "lock"
	logsDir     = "log"      // per log the newest cosigned checkpoint, under the hex of the origin's hash
	evidenceDir = "evidence" // one JSON file each
	countryDir  = "country"  // per country its approved changes, and per log its epoch statement
	unfinished  = ".unfinished-"
)

// A store is a directory of small files, each replaced whole.
//
// A file is written under another name, synced, renamed over the old one, and the directory synced; only then does write return.
// A crash before the rename leaves the old file and a leftover, which the next start removes; a crash behind it leaves the new
// file. Either way nothing was answered yet: the client asks again, and is told the size that is on the disk.
//
// A sync of the file that fails leaves the old one in force, and the next write begins with a new file. A sync of the directory
// that fails leaves open which of the two a power cut would bring back, and asking again proves nothing: the store then takes
// nothing more until the process has been started anew.
type store struct {
	dir     string
	lock    *os.File
	sync    func(*os.File) error
	stopped atomic.Bool
}

// errStopped: an earlier write ended with its outcome unknown, or the witness is closed.
var errStopped = errors.New("the witness's disk failed; it signs nothing until it is started again")

// openStore takes the lock and removes what a crash left unfinished. The directories are synced, so that what is read now is also
// what a power cut leaves.
func openStore(dir string) (_ *store, err error) {
	s := &store{dir: dir, sync: (*os.File).Sync}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if s.lock, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("lock directory: %w", err)
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errors.New("another process runs this witness"), s.lock.Close())
	}
	for _, sub := range []string{logsDir, evidenceDir, countryDir} {
		if err := s.mkdir(sub); err != nil {
			return nil, errors.Join(err, s.lock.Close())
		}
	}
	return s, nil
}

// mkdir makes a directory, durably, and sweeps it.
func (s *store) mkdir(name string) error {
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(path, unfinished+"*"))
	for _, file := range left {
		err = errors.Join(err, os.Remove(file))
	}
	return errors.Join(err, s.syncDir(path), s.syncDir(filepath.Dir(path)))
}

func (s *store) close() error {
	s.stopped.Store(true)
	return s.lock.Close()
}

func (s *store) syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(s.sync(d), d.Close())
}

// write replaces a file; see store.
func (s *store) write(name string, b []byte) error {
	if s.stopped.Load() {
		return errStopped
	}
	path := filepath.Join(s.dir, name)
	tmp, err := os.CreateTemp(filepath.Dir(path), unfinished)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	if _, err = tmp.Write(b); err == nil {
		err = s.sync(tmp)
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := s.syncDir(filepath.Dir(path)); err != nil {
		s.stopped.Store(true)
		return fmt.Errorf("write %s: %w: %w", name, errStopped, err)
	}
	return nil
}

// remove takes a file away. A crash may bring it back; only what is harmless twice is removed.
func (s *store) remove(name string) error { return os.Remove(filepath.Join(s.dir, name)) }

func (s *store) read(name string) ([]byte, error) { return readBounded(filepath.Join(s.dir, name)) }

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxStored+1))
	if err == nil && len(b) > maxStored {
		err = fmt.Errorf("%s is over %d bytes", filepath.Base(path), maxStored)
	}
	return b, err
}

// evidenceOf lists the files of evidence about a log.
func (s *store) evidenceOf(origin string) (out []kept, err error) {
	files, err := filepath.Glob(filepath.Join(s.dir, evidenceDir, tlog.DirName(origin)+"-*.json"))
	for _, file := range files {
		name := filepath.Base(file)
		e, rerr := s.readEvidence(name)
		if rerr != nil || e.Origin != origin {
			return nil, fmt.Errorf("evidence %s cannot be read: %w", name, rerr)
		}
		out = append(out, e.kept(name))
	}
	return out, err
}

func (s *store) readEvidence(name string) (Evidence, error) {
	return readEvidence(filepath.Join(s.dir, evidenceDir, name))
}

func readEvidence(path string) (e Evidence, err error) {
	b, err := readBounded(path)
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	return e, err
}

// List reads all evidence in the directory of a witness, which may be running.
func List(dir string) (out []Evidence, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, evidenceDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) { // one that was never started has none
		return nil, fmt.Errorf("list evidence: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") || strings.HasPrefix(entry.Name(), ".") || len(out) == maxListed {
			continue
		}
		e, err := readEvidence(filepath.Join(dir, evidenceDir, entry.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue // settled meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("evidence %s cannot be read: %w", entry.Name(), err)
		}
		out = append(out, e)
	}
	return out, nil
}
