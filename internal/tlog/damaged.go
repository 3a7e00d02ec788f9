package tlog

import (
	"errors"
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A DamagedError names a leaf whose bytes are not those that the tree here
// holds, or that is missing. It is read by nobody until it is mended.
type DamagedError struct{ Index uint64 }

func (e *DamagedError) Error() string {
	return fmt.Sprintf("record %d is damaged here or missing; `tims scrub --repair` mends it from another copy", e.Index)
}

// sound refuses bytes that do not hash to what stands beside them.
func sound(index uint64, hashes, leaf []byte) error {
	if len(hashes) < sumdb.HashSize || sumdb.RecordHash(leaf) != Hash(hashes) {
		return &DamagedError{index}
	}
	return nil
}

// OpenDamaged opens an own log that Open refused as Evidence, to mend it: it can
// be read, verified and mended, and it takes no entries and signs nothing. The
// checkpoint in the file must carry the log's signature, for all that is written is
// proven against it; cosignatures that cannot be read are dropped, their cosigners
// give them again. Closed and opened with Open, it is judged anew.
func OpenDamaged(path string, o Options) (*Log, error) {
	key, err := parseKey(o.Key)
	if err != nil {
		return nil, err
	}
	db, err := openStore(path, o.VFS, false, roleLog, key, func() ([]byte, error) { return nil, nil })
	if err != nil {
		return nil, err
	}
	l := &Log{Reader: newReader(key, roleLog, db), jobs: make(chan *job), closing: make(chan struct{}), done: make(chan struct{})}
	l.halted.Store(true)
	close(l.done)
	if err := l.takeDamaged(); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return l, nil
}

func (l *Log) takeDamaged() error {
	s, rows, err := l.loadState()
	var lie *Evidence
	if errors.As(err, &lie) {
		if err := l.db.update(l.dropCosigned); err != nil {
			return err
		}
		s, rows, err = l.loadState()
	}
	if err != nil {
		return err
	}
	s.next, s.cursor = max(s.size, min(rows, s.size+maxGroup)), s.size
	l.change(func(now *state) { *now = s })
	return nil
}

// dropCosigned removes the cosignatures that cannot be read.
func (l *Log) dropCosigned(c *conn) error {
	all, err := allCosigned(c)
	if err != nil {
		return err
	}
	var sound []Cosigned
	for _, x := range all {
		if _, err := l.key.openCheckpoint(x.Note); err == nil {
			sound = append(sound, x)
		}
	}
	return replaceCosigned(c, sound)
}
