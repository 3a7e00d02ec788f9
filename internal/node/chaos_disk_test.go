package node_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A disk is the file system of one node's logs. What is written lies in files of the operating system, as in a kernel's cache;
// beside each stands what the platter holds, which is what was synced. A power cut takes the rest, or any part of it. A sync
// that fails drops what it should have written: the kernel calls those pages clean, and no later sync writes them. Names of
// files are durable at once, which real disks do not promise: cuts of real disks are the test of that.
type disk struct {
	vfs.VFS
	name string
	died func() // called once, when the machine stops in the midst of an operation

	mu       sync.Mutex
	rng      *rand.Rand
	platters map[string]*platter
	dieIn    int // operations until the machine stops; 0 is never
	dead     bool
	full     bool // what would grow a file finds no room
	failSync bool
	refused  int // operations that found the disk full
	failed   int // syncs that failed, and since the last start
	since    int
	lost     int // writes that a power cut took
}

// A platter is what a disk surely holds of a file, and what it may hold in any part and order.
type platter struct {
	durable []byte
	pending []pendingWrite
}

type pendingWrite struct {
	off  int64
	data []byte
	cut  bool // the file ends at off
}

func (w pendingWrite) apply(b []byte) []byte {
	if w.cut {
		return b[:min(int64(len(b)), w.off)]
	}
	if end := w.off + int64(len(w.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[w.off:], w.data)
	return b
}

var (
	diskNumber atomic.Int64
	errPower   = errors.New("the machine has stopped")
	errMedium  = errors.New("the disk says no")
)

func newDisk(rng *rand.Rand, node string) *disk {
	d := &disk{VFS: vfs.Find(""), name: fmt.Sprintf("sim-%d-%s", diskNumber.Add(1), node), rng: rng, platters: map[string]*platter{},
		died: func() {}}
	vfs.Register(d.name, d)
	return d
}

// stopIn lets the machine stop at the n-th write, sync, truncation or deletion from now.
func (d *disk) stopIn(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dieIn = n
}

// operate counts an operation that changes the disk and says whether it is still done.
func (d *disk) operate() error {
	if d.dead {
		return errPower
	}
	if d.dieIn > 0 {
		if d.dieIn--; d.dieIn == 0 {
			d.dead = true
			go d.died()
			return errPower
		}
	}
	return nil
}

// stop ends the machine now, if it has not stopped by itself.
func (d *disk) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
}

func (d *disk) set(full, failSync bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full, d.failSync = full, failSync
}

// syncsFailed counts the syncs that failed since the node was started last.
func (d *disk) syncsFailed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.since
}

// restart makes the files what a process finds when it starts again. After a power cut that is the platter, with any part of
// what was pending. Where only the process ended, the kernel has all that was written. The old process has ended.
func (d *disk) restart(power bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dieIn, d.dead, d.since = 0, false, 0
	if !power {
		return nil
	}
	for path, p := range d.platters {
		if _, err := os.Stat(path); err != nil {
			continue // deleted, or wiped with its directory
		}
		if err := os.WriteFile(path, d.survivors(p), 0o600); err != nil {
			return err
		}
	}
	d.platters = map[string]*platter{}
	return nil
}

// wiped forgets files that somebody deleted.
func (d *disk) wiped() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.platters = map[string]*platter{}
}

// survivors draws what of a file outlives a power cut: nothing pending, all, a beginning, or any part with one write torn.
func (d *disk) survivors(p *platter) []byte {
	out := append([]byte(nil), p.durable...)
	mode, upTo := d.rng.IntN(4), d.rng.IntN(len(p.pending)+1)
	for i, w := range p.pending {
		switch {
		case mode == 0, mode == 2 && i >= upTo, mode == 3 && d.rng.IntN(2) == 0:
			d.lost++
			continue
		case mode == 3 && !w.cut && d.rng.IntN(4) == 0:
			const sector = 512
			d.lost++
			w.data = w.data[:min(len(w.data), sector*d.rng.IntN(1+len(w.data)/sector))]
		}
		out = w.apply(out)
	}
	return out
}

func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpen(d.VFS, name, flags)
	return d.wrap(name, f, err), flags, err
}

func (d *disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(d.VFS, name, flags)
	return d.wrap(name.String(), f, err), flags, err
}

func (d *disk) wrap(path string, f vfs.File, err error) vfs.File {
	if err != nil || path == "" {
		return f
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	path = filepath.Clean(path)
	p := d.platters[path]
	if p == nil {
		p = &platter{}
		p.durable, _ = os.ReadFile(path) // a file that is not there is empty
		d.platters[path] = p
	}
	return &diskFile{f, d, p, strings.HasSuffix(path, "-wal")}
}

func (d *disk) Delete(name string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.operate(); err != nil {
		return err
	}
	delete(d.platters, filepath.Clean(name))
	return d.VFS.Delete(name, syncDir)
}

type diskFile struct {
	vfs.File
	disk *disk
	on   *platter
	wal  bool
}

func (f *diskFile) WriteAt(b []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.operate(); err != nil {
		return 0, err
	}
	if size, err := f.File.Size(); f.disk.full && err == nil && off+int64(len(b)) > size {
		f.disk.refused++
		return 0, vfs.SystemError(errMedium, sqlite3.FULL)
	}
	f.on.pending = append(f.on.pending, pendingWrite{off: off, data: append([]byte(nil), b...)})
	return f.File.WriteAt(b, off)
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.operate(); err != nil {
		return err
	}
	f.on.pending = append(f.on.pending, pendingWrite{off: size, cut: true})
	return f.File.Truncate(size)
}

// Sync carries what is pending to the platter. The files themselves are not synced: no machine stops here.
func (f *diskFile) Sync(vfs.SyncFlag) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.operate(); err != nil {
		return err
	}
	bad := f.disk.failSync
	for _, w := range f.on.pending {
		if !bad || f.disk.rng.IntN(2) == 0 {
			f.on.durable = w.apply(f.on.durable)
		}
	}
	f.on.pending = nil
	if bad {
		f.disk.failed++
		if f.wal {
			f.disk.since++
		}
		return errMedium
	}
	return nil
}

func (f *diskFile) SharedMemory() vfs.SharedMemory {
	if s, ok := f.File.(vfs.FileSharedMemory); ok {
		return s.SharedMemory()
	}
	return nil
}

func (f *diskFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f *diskFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f *diskFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *diskFile) PowersafeOverwrite() bool        { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *diskFile) SetPowersafeOverwrite(psow bool) { vfsutil.WrapSetPowersafeOverwrite(f.File, psow) }
