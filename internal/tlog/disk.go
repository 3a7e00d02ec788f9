package tlog

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// ownDisk names the operating system's file system, except that a write which
// finds no room says so. The VFS of ncruces/go-sqlite3 v0.35.4 means to, but
// looks for the bare errno, which os.File.WriteAt wraps: every full disk was a
// failed write, its act not known, and the log stopped.
const ownDisk = "tims-disk"

func init() { vfs.Register(ownDisk, disk{vfs.Find("")}) }

type disk struct{ vfs.VFS }

func (d disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return wrapFile(vfsutil.WrapOpen(d.VFS, name, flags))
}

func (d disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return wrapFile(vfsutil.WrapOpenFilename(d.VFS, name, flags))
}

func wrapFile(f vfs.File, flags vfs.OpenFlag, err error) (vfs.File, vfs.OpenFlag, error) {
	if err == nil {
		f = diskFile{f}
	}
	return f, flags, err
}

// A diskFile passes on everything that the operating system's file can do.
type diskFile struct{ vfs.File }

func (f diskFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, room(err)
}

func (f diskFile) SizeHint(size int64) error { return room(vfsutil.WrapSizeHint(f.File, size)) }

// room names the errors of a write that found none: the disk, the quota or the
// largest file is full.
func room(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

func (f diskFile) SharedMemory() vfs.SharedMemory  { return vfsutil.WrapSharedMemory(f.File) }
func (f diskFile) MemoryMapper() vfs.MemoryMapper  { return vfsutil.WrapMemoryMapper(f.File) }
func (f diskFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f diskFile) HasMoved() (bool, error)         { return vfsutil.WrapHasMoved(f.File) }
func (f diskFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f diskFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f diskFile) PowersafeOverwrite() bool        { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f diskFile) SetPowersafeOverwrite(psow bool) { vfsutil.WrapSetPowersafeOverwrite(f.File, psow) }

// full tells callers, who know no SQLite, that the disk had no room.
func full(err error) error {
	if errors.Is(err, sqlite3.FULL) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
