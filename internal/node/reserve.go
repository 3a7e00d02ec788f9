package node

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"tims/internal/record"
	"tims/internal/tlog"
)

// errReserved: what room is left is not for this act.
var errReserved = fmt.Errorf("%w: %w but for what is kept for ends of shifts and searches", tlog.ErrNotRecorded, tlog.ErrFull)

// A reserve is a file that holds room on the disk of the log for the acts that must be recorded when there is no other: a shift
// that ends, a search, an export, an alarm. Each that finds the disk full gets a piece of the room. While a piece is given away,
// crossings are refused, so that they do not take what the next sign-out needs; the reserve is filled again as soon as there is
// room, and they go on by themselves.
//
// Crash story: what the file has lost at a start is filled again before the first crossing. A file system that takes no such file
// (a limit of the size of files) has no reserve and refuses nothing.
type reserve struct {
	mu    sync.Mutex
	path  string // "" where there is none
	have  int64
	tried time.Time
}

// open makes the file, or fills what is left of it.
func (r *reserve) open(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.path = path
	if at, err := os.Stat(path); err == nil {
		r.have = min(at.Size(), reserveSize)
	}
	r.fill()
}

// fill writes what is missing. Holes would hold no room.
func (r *reserve) fill() {
	if r.have >= reserveSize {
		return
	}
	r.tried = time.Now()
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		_, err = f.WriteAt(make([]byte, reserveSize-r.have), r.have)
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			f.Truncate(r.have) // it had as much before
			f.Close()
			return
		}
		err = errors.Join(err, f.Close())
	}
	if r.have = reserveSize; err != nil {
		r.path = ""
	}
}

// whole says whether nothing is missing, and looks for room now and then.
func (r *reserve) whole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path != "" && r.have < reserveSize && time.Since(r.tried) >= reserveRetry {
		r.fill()
	}
	return r.path == "" || r.have >= reserveSize
}

// give gives a piece away; false means that there is none.
func (r *reserve) give() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.path == "" || r.have == 0 {
		return false
	}
	r.tried = time.Now()
	f, err := os.OpenFile(r.path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	r.have = max(0, r.have-reservePiece)
	return errors.Join(f.Truncate(r.have), f.Sync(), f.Close()) == nil // blocks are free once their being freed is on the disk
}

// append writes an act to the log, from the reserve if the act must be.
func (r *reserve) append(must bool, write func() (tlog.Appended, error)) (tlog.Appended, error) {
	if !must && !r.whole() {
		return tlog.Appended{}, errReserved
	}
	for {
		a, err := write()
		if !must || !errors.Is(err, tlog.ErrFull) || !r.give() {
			return a, err
		}
	}
}

// blame names a full disk as the reason of a fault that came before anything of an act was written: the projection, which then
// cannot be brought up to date, tells no reason of its own.
func (r *reserve) blame(err error) error {
	var fs syscall.Statfs_t
	if r.whole() && (syscall.Statfs(r.path, &fs) != nil || uint64(fs.Bavail)*uint64(fs.Bsize) > reservePiece) {
		return err
	}
	return fmt.Errorf("%w: %w", errReserved, err)
}

// mustBeRecorded names the acts that the reserve is for. The keys of a new bucket come before any of them.
func mustBeRecorded(l record.Leaf) bool {
	switch l.Kind {
	case record.Shift:
		return len(l.About) > 0 // it ends one
	case record.Search, record.Export, record.Erasure, record.Alarm, record.Isolation, record.Keys:
		return true
	}
	return false
}
