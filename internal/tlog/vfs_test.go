package tlog

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// A badDisk is the operating system's file system with switches for what can
// go wrong with a disk.
type badDisk struct {
	vfs.VFS
	name       string
	full       atomic.Bool // writes find no room
	failSync   atomic.Bool // syncs fail, and writes do not
	failWrites atomic.Bool // writes fail for another reason than room
	syncs      atomic.Int64
}

func newBadDisk(t testing.TB) *badDisk {
	d := &badDisk{VFS: vfs.Find(""), name: strings.NewReplacer("/", "-").Replace(t.Name())}
	vfs.Register(d.name, d)
	t.Cleanup(func() { vfs.Unregister(d.name) })
	return d
}

func (d *badDisk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpen(d.VFS, name, flags)
	return d.wrap(f, err), flags, err
}

func (d *badDisk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(d.VFS, name, flags)
	return d.wrap(f, err), flags, err
}

func (d *badDisk) wrap(f vfs.File, err error) vfs.File {
	if err != nil {
		return f
	}
	return &badFile{f, d}
}

type badFile struct {
	vfs.File
	disk *badDisk
}

var errDisk = errors.New("the disk says no")

func (f *badFile) WriteAt(p []byte, off int64) (int, error) {
	if f.disk.full.Load() {
		return 0, vfs.SystemError(errDisk, sqlite3.FULL)
	}
	if f.disk.failWrites.Load() {
		return 0, errDisk
	}
	return f.File.WriteAt(p, off)
}

func (f *badFile) Sync(flags vfs.SyncFlag) error {
	f.disk.syncs.Add(1)
	if f.disk.failSync.Load() {
		return errDisk
	}
	return f.File.Sync(flags)
}

func (f *badFile) SharedMemory() vfs.SharedMemory {
	if s, ok := f.File.(vfs.FileSharedMemory); ok {
		return s.SharedMemory()
	}
	return nil
}

func (f *badFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f *badFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f *badFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *badFile) PowersafeOverwrite() bool        { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *badFile) SetPowersafeOverwrite(psow bool) { vfsutil.WrapSetPowersafeOverwrite(f.File, psow) }
