package tlog

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// settleFile gives the file its full size and makes it durable with its name, so
// that a write changes nothing but data.
func settleFile(file *os.File, path string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if have := info.Size(); have < 2*slotSize {
		if _, err := file.WriteAt(make([]byte, 2*slotSize-have), have); err != nil {
			return err
		}
	}
	return errors.Join(file.Sync(), syncDir(filepath.Dir(path)))
}

// stillThere finds out that a file was unlinked, or its device unmounted: writes
// to it would go nowhere.
func stillThere(file *os.File, path string) error {
	ours, err := file.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(ours, now) {
		return errors.New("another file has taken its place")
	}
	return nil
}

func (f *fence) start(op func() error) chan error {
	done := make(chan error, 1)
	go func() { done <- op() }()
	return done
}

// await waits for an operation for a bounded time. One that hangs stays in op:
// nothing else is asked of the device until it has come back.
func (f *fence) await(op chan error) error {
	t := time.NewTimer(fenceWait)
	defer t.Stop()
	select {
	case err := <-op:
		return err
	case <-t.C:
		f.op = op
		return errHung
	}
}

func (f *fence) settle(op chan error) bool {
	err := f.await(op)
	if err != nil {
		f.lose(err)
	}
	return err == nil
}

// returned says whether an operation that hung has come back.
func (f *fence) returned() bool {
	select {
	case <-f.op:
		f.op = nil
		return true
	default:
		return false
	}
}
