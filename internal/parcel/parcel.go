// Package parcel carries logs on a stick: a directory on a carried medium. Each log lies there as a plain C2SP tlog-tiles
// directory, which programs of others verify as it is; what only TIMS needs (epoch statement, sealed parts, cosignatures,
// chunks of lists) lies in a directory `tims` beside the tiles. docs/design/parcel.md has the layout.
//
// Nothing on a stick is believed. Writing never leaves the directory and never touches what an earlier checkpoint there
// covers; reading opens regular files alone, follows no symbolic link, bounds every file and offers what it finds to a
// tlog.Mirror, which verifies as it does with a peer.
package parcel

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"tims/internal/tlog"
)

// Names on a stick. Those of a log's directory follow tlog-tiles; ours lie below `tims`.
const (
	oursDir        = "tims"
	labelFile      = "tims/label"
	changesFile    = "tims/changes"
	checkpointFile = "checkpoint"
	vkeyFile       = "vkey"
	epochFile      = "tims/epoch"
	nextFile       = "tims/next"
	cosignedFile   = "tims/cosigned"
	blobDir        = "tims/blob"
	sizeFile       = "size"
)

// A Set says which parts a pack holds.
type Set string

// The two sets of parts. A follower has no more than what every post may read; it never takes the place of the whole.
const (
	All   Set = "all"   // all parts but images
	Slips Set = "slips" // what every post may read
)

func (s Set) dir() string { return oursDir + "/" + string(s) }

// packPath is the place of the pack that belongs to an entry bundle.
func (s Set) packPath(b tlog.Bundle) string {
	return s.dir() + "/" + strings.TrimPrefix(b.Path, "tile/entries/")
}

// ErrNotPlain refuses what is no regular file in a plain directory: a symbolic link, a pipe, a device.
var ErrNotPlain = errors.New("not a regular file in a plain directory")

// ErrTooLarge refuses a file over its bound.
var ErrTooLarge = errors.New("over its bound")

// A Stick is an open directory on a carried medium. It is for one goroutine.
type Stick struct {
	root *os.Root
	// plain are the directories that were seen to be no links.
	plain map[string]bool
	// pull, if set, says how many bytes of a file still reach the medium. Tests pull sticks with it.
	pull func(name string, data []byte) (int, error)
}

// Open opens a stick to be read.
func Open(dir string) (*Stick, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the stick: %w", bare(err))
	}
	return &Stick{root: root, plain: map[string]bool{".": true}}, nil
}

// Create opens a stick to be written, and makes the directory if it is not there.
func Create(dir string) (*Stick, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the stick: %w", err)
	}
	return Open(dir)
}

// Close ends the use of the stick.
func (s *Stick) Close() error { return s.root.Close() }

// bare takes the path out of an error: the caller says what it did, and a name on a stick may be anything.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// look tells of a name without following any link: its directories are directories and it is a regular file.
func (s *Stick) look(name string) (fs.FileInfo, error) {
	if err := s.lookDir(path.Dir(name)); err != nil {
		return nil, err
	}
	info, err := s.root.Lstat(name)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotPlain
	}
	return info, nil
}

func (s *Stick) lookDir(dir string) error {
	if s.plain[dir] {
		return nil
	}
	if err := s.lookDir(path.Dir(dir)); err != nil {
		return err
	}
	info, err := s.root.Lstat(dir)
	if err != nil {
		return bare(err)
	}
	if !info.IsDir() {
		return ErrNotPlain
	}
	if len(s.plain) > maxNames {
		clear(s.plain)
		s.plain["."] = true
	}
	s.plain[dir] = true
	return nil
}

// open opens a regular file. O_NONBLOCK keeps a pipe that took the file's place meanwhile from holding the reader up, and
// what was opened is what was looked at.
func (s *Stick) open(name string) (*os.File, error) {
	info, err := s.look(name)
	if err != nil {
		return nil, err
	}
	f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, bare(err)
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(info, opened) {
		err = ErrNotPlain
	}
	if err != nil {
		return nil, errors.Join(bare(err), f.Close())
	}
	return f, nil
}

// read reads a whole file of at most limit bytes.
func (s *Stick) read(name string, limit int64) ([]byte, error) {
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = ErrTooLarge
	}
	if err != nil {
		return nil, bare(err)
	}
	return b, nil
}

// Logs lists the directories of logs on the stick, by name. more says that there are more names than are looked at.
func (s *Stick) Logs() (logs []string, more bool, err error) {
	d, err := s.root.Open(".")
	if err != nil {
		return nil, false, fmt.Errorf("list the stick: %w", bare(err))
	}
	defer d.Close()
	names, err := d.ReadDir(maxNames + 1)
	if err != nil && err != io.EOF {
		return nil, false, fmt.Errorf("list the stick: %w", bare(err))
	}
	for _, e := range names[:min(len(names), maxNames)] {
		if name := e.Name(); len(name) == 64 && strings.Trim(name, "0123456789abcdef") == "" {
			logs = append(logs, name)
		}
	}
	return logs, len(names) > maxNames, nil
}

// Label gives what the stick says of itself, "" where it says nothing.
func (s *Stick) Label() (string, error) {
	b, err := s.read(labelFile, maxSmallFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// Changes opens the file of approved changes; fs.ErrNotExist where there is none.
func (s *Stick) Changes() (io.ReadCloser, error) {
	f, err := s.open(changesFile)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, MaxChanges), f}, nil
}

// Epoch gives the epoch statement of a log, unread.
func (s *Stick) Epoch(log string) ([]byte, error) { return s.read(log+"/"+epochFile, maxSmallFile) }

// Blob gives a chunk of a list. Whoever stores it compares the hash.
func (s *Stick) Blob(log string, hash [32]byte) ([]byte, error) {
	return s.read(fmt.Sprintf("%s/%s/%x", log, blobDir, hash), tlog.MaxBlob)
}

// missing says that a stick does not have something, rather than having it spoilt.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, tlog.ErrNotHere)
}
