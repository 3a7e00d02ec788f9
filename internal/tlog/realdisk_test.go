package tlog

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// chaos says whether this is a run of `make chaos`. Its tests need root and real disks; elsewhere they say what they left out.
func chaos(t *testing.T, what string) bool {
	t.Helper()
	if os.Getenv("TIMS_CHAOS") != "1" {
		t.Log("left out:", what, "(`make chaos` runs it)")
		return false
	}
	if os.Geteuid() != 0 {
		t.Fatal("needs root, for it mounts file systems")
	}
	return true
}

// A realDisk is a file system of the kernel in a small image, mounted through a loop device.
type realDisk struct {
	t                *testing.T
	base, image, dir string
}

const diskName = "tims-disk-" // in the names of mounts, followed by the process that made them

// Sizes of images. They are sparse; mkfs.xfs makes none below 300 MB.
var diskSize = map[string]int64{"xfs": 320 << 20, "ext4": 64 << 20}

func newRealDisk(t *testing.T, fs string) *realDisk {
	t.Helper()
	sweepDisks(t)
	base, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", diskName, os.Getpid()))
	must(t, err)
	d := &realDisk{t, base, filepath.Join(base, "image"), filepath.Join(base, "disk")}
	t.Cleanup(func() {
		d.unmount()
		must(t, os.RemoveAll(base))
	})
	must(t, os.Mkdir(d.dir, 0o700))
	must(t, os.WriteFile(d.image, nil, 0o600))
	must(t, os.Truncate(d.image, diskSize[fs]))
	tool(t, "mkfs."+fs, "-q", d.image)
	d.mount()
	return d
}

// sweepDisks unmounts what an earlier run left behind that was killed. Loop devices go with their mounts.
func sweepDisks(t *testing.T) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	must(t, err)
	for line := range strings.Lines(string(mounts)) {
		dir := strings.Fields(line)[1]
		_, rest, ours := strings.Cut(dir, "/"+diskName)
		pid, _, _ := strings.Cut(rest, "-")
		n, err := strconv.Atoi(pid)
		if ours && err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			tool(t, "umount", dir)
			must(t, os.RemoveAll(filepath.Dir(dir)))
		}
	}
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// mount lets the file system recover as after a power cut.
func (d *realDisk) mount() {
	d.t.Helper()
	tool(d.t, "mount", "-o", "loop", d.image, d.dir)
}

// unmount waits for the kernel to let go of the files of a process that was killed.
func (d *realDisk) unmount() {
	d.t.Helper()
	for range 200 {
		err := syscall.Unmount(d.dir, 0)
		if err == nil || err == syscall.EINVAL { // is not mounted
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	tool(d.t, "umount", d.dir)
}

// cut is the power cut: the file system is shut down at once and nothing that is not on the disk yet gets there, its own journal
// included. Source: ioctl_xfs_goingdown(2), XFS_FSOP_GOING_FLAGS_NOLOGFLUSH; ext4 takes the same call (EXT4_IOC_SHUTDOWN). The
// command of the file system's tools is `xfs_io -x -c shutdown`.
func (d *realDisk) cut() {
	d.t.Helper()
	const goingDown = 0x8004587d
	f, err := os.Open(d.dir)
	must(d.t, err)
	defer f.Close()
	flags := uint32(2)
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), goingDown, uintptr(unsafe.Pointer(&flags))); no != 0 {
		d.t.Fatalf("shutting %s down: %v", d.dir, no)
	}
}

// powerUp is what comes after a cut.
func (d *realDisk) powerUp() {
	d.t.Helper()
	d.unmount()
	d.mount()
}

func (d *realDisk) path(name string) string { return filepath.Join(d.dir, name) }

// empty removes all files for good: a removal that is not on the disk is undone by the next cut.
func (d *realDisk) empty() {
	d.t.Helper()
	all, err := filepath.Glob(d.path("*"))
	must(d.t, err)
	for _, p := range all {
		must(d.t, os.RemoveAll(p))
	}
	must(d.t, syncDir(d.dir))
}
