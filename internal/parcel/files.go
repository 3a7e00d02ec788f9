package parcel

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// A writer puts files on a stick. A file is on the medium once flush has returned.
type writer struct {
	s        *Stick
	unsynced []*os.File
	dirs     map[string]bool // whose new names are not on the medium yet
	files    int             // written
	bytes    int64
}

// mkdir makes a directory and those above it.
func (w *writer) mkdir(dir string) error {
	if w.s.plain[dir] {
		return nil
	}
	if err := w.mkdir(path.Dir(dir)); err != nil {
		return err
	}
	err := w.s.root.Mkdir(dir, 0o755)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return bare(err)
	}
	if err == nil {
		w.dirs[path.Dir(dir)] = true
	}
	return w.s.lookDir(dir)
}

// put writes a file that no checkpoint on the stick covers yet, so that it may be torn until the next flush. One that is there
// with this very content, from a write that was broken off, stays.
func (w *writer) put(name string, data []byte) error {
	dir := path.Dir(name)
	if err := w.mkdir(dir); err != nil {
		return err
	}
	info, err := w.s.look(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.Size() == int64(len(data)):
		if have, err := w.s.read(name, int64(len(data))); err == nil && bytes.Equal(have, data) {
			return w.keep(name, os.O_WRONLY|syscall.O_NONBLOCK) // whether it reached the medium then, nobody knows
		}
	}
	f, err := w.s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return bare(err)
	}
	w.unsynced, w.dirs[dir] = append(w.unsynced, f), true
	whole, pulled := len(data), error(nil)
	if w.s.pull != nil {
		whole, pulled = w.s.pull(name, data)
	}
	if _, err := f.Write(data[:whole]); err != nil || pulled != nil {
		return errors.Join(bare(err), pulled)
	}
	w.files, w.bytes = w.files+1, w.bytes+int64(len(data))
	if len(w.unsynced) >= maxUnsynced {
		return w.flush()
	}
	return nil
}

// keep opens a file to be synced with the others.
func (w *writer) keep(name string, flag int) error {
	f, err := w.s.root.OpenFile(name, flag, 0)
	if err != nil {
		return bare(err)
	}
	w.unsynced, w.dirs[path.Dir(name)] = append(w.unsynced, f), true
	if len(w.unsynced) >= maxUnsynced {
		return w.flush()
	}
	return nil
}

// flush returns when everything put so far is on the medium.
func (w *writer) flush() error {
	var errs []error
	for _, f := range w.unsynced {
		errs = append(errs, f.Sync(), f.Close())
	}
	w.unsynced = w.unsynced[:0]
	for dir := range w.dirs {
		errs = append(errs, w.syncDir(dir))
	}
	clear(w.dirs)
	return bare(errors.Join(errs...))
}

func (w *writer) syncDir(dir string) error {
	d, err := w.s.root.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // some file systems of sticks sync a directory with its files and refuse to be asked
	}
	return errors.Join(err, d.Close())
}

// replace puts a small file in another's place: a crash leaves the old one or the new one. All that was put before is on the
// medium first.
func (w *writer) replace(name string, data []byte) error {
	if have, err := w.s.read(name, maxSmallFile); err == nil && bytes.Equal(have, data) {
		return w.flush()
	}
	tmp := name + ".new"
	if err := w.s.root.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return bare(err)
	}
	if err := errors.Join(w.put(tmp, data), w.flush()); err != nil {
		return err
	}
	if err := w.s.root.Rename(tmp, name); err != nil {
		return bare(err)
	}
	return bare(w.syncDir(path.Dir(name)))
}

// remove takes files away that are of no use any more, as far as they are there.
func (w *writer) remove(names ...string) error {
	for _, name := range names {
		if _, err := w.s.look(name); errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotPlain) {
			continue
		}
		if err := w.s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what is out of date: %w", bare(err))
		}
		w.dirs[path.Dir(name)] = true
	}
	return nil
}

// abandon closes what an error left open.
func (w *writer) abandon() {
	for _, f := range w.unsynced {
		f.Close()
	}
	w.unsynced = nil
}
