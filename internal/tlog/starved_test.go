package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asked is a writer that appends one act whenever it is asked to.
type asked struct {
	*writer
	in io.WriteCloser
}

func startAsked(t *testing.T, o order) *asked {
	t.Helper()
	o.Do = "lines"
	w := &writer{t: t, cmd: command(t, o), told: make(chan said, 1<<10)}
	w.cmd.Stdout, w.cmd.Stderr = &w.noise, &w.noise
	in, err := w.cmd.StdinPipe()
	must(t, err)
	w.start()
	return &asked{w, in}
}

// expect asks for the next act and wants one of the outcomes.
func (a *asked) expect(outcomes ...error) said {
	a.t.Helper()
	_, err := io.WriteString(a.in, "\n")
	must(a.t, err)
	s, ok := a.hear()
	for _, o := range outcomes {
		if ok && (o == nil && s.What == "recorded" || o != nil && s.What == o.Error()) {
			return s
		}
	}
	a.t.Fatalf("asked for an act, it told %+v, want one of %v\n%s", s, outcomes, a.noise.String())
	return said{}
}

func (a *asked) expectTold(what string) {
	a.t.Helper()
	if s, ok := a.hear(); !ok || s.What != what {
		a.t.Fatalf("it told %+v, want %s\n%s", s, what, a.noise.String())
	}
}

// TestSyncFails lets every fsync and fdatasync of a running process fail with EIO, under the product and not within it. The log stops and
// says so, and does not begin again once the disk seems to be well; the next process finds out which of the two the act is.
func TestSyncFails(t *testing.T) {
	if !chaos(t, "system calls that fail") {
		return
	}
	dir := t.TempDir()
	o := order{Path: filepath.Join(dir, "log.db"), Fence: filepath.Join(dir, "fence"), Salt: "unsure"}
	a := startAsked(t, o)
	a.expectTold("begun")
	a.expectTold("open")
	a.expect(nil)
	a.expect(nil)
	mend := a.noSyncs()
	if s := a.expect(ErrNotKnown); !strings.Contains(s.Err, "disk I/O error") {
		t.Errorf("it does not say why: %s", s.Err)
	}
	a.expect(ErrStopped)
	mend()
	a.expect(ErrStopped)
	a.kill()

	for n := range 2 {
		appendKept(t, order{Path: o.Path, Fence: o.Fence, Salt: o.Salt, From: n}, []said{{What: "known", N: n}})
	}
	appendKept(t, order{Path: o.Path, Fence: o.Fence, Salt: o.Salt, From: 2}, nil)
}

// noSyncs attaches strace to all threads and returns how to let go.
func (a *asked) noSyncs() (mend func()) {
	a.t.Helper()
	c := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO",
		"-p", fmt.Sprint(a.cmd.Process.Pid))
	var noise bytes.Buffer
	c.Stderr = &noise
	must(a.t, c.Start())
	a.t.Cleanup(func() { c.Process.Kill() })
	for range 1000 {
		if a.traced() {
			return func() {
				must(a.t, c.Process.Signal(syscall.SIGINT))
				c.Wait() // ends by the signal
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	a.t.Fatalf("strace does not attach: %s", noise.String())
	return nil
}

func (a *asked) traced() bool {
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", a.cmd.Process.Pid))
	must(a.t, err)
	for _, path := range all {
		status, err := os.ReadFile(path)
		if err == nil && bytes.Contains(status, []byte("TracerPid:\t0\n")) {
			return false
		}
	}
	return true
}

// TestStartWithoutSyncs: a log that cannot be made durable does not open.
func TestStartWithoutSyncs(t *testing.T) {
	if !chaos(t, "system calls that fail") {
		return
	}
	o := preparedOrder(t, "append", 3)
	w := &writer{t: t, cmd: command(t, o), told: make(chan said, 10)}
	strace, err := exec.LookPath("strace")
	must(t, err)
	w.cmd.Args = append([]string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
		"-e", "inject=fsync,fdatasync:error=EIO", w.cmd.Path}, w.cmd.Args[1:]...)
	w.cmd.Path = strace
	w.start()
	if s, _ := w.hear(); s.What != "begun" {
		t.Fatalf("%+v", s)
	}
	if s, _ := w.hear(); s.What != "closed" || !strings.Contains(s.Err, "disk I/O error") {
		t.Errorf("without a single sync it told %+v", s)
	}
	w.kill()
	appendKept(t, o, nil)
}

// TestFullFileSystem fills a real one. An act is refused in clear words and is nowhere; reading, verifying and exporting to another disk
// go on; a log that is opened there says why it does not; and once there is room everything goes on by itself.
func TestFullFileSystem(t *testing.T) {
	if !chaos(t, "a full file system") {
		return
	}
	for _, fs := range []string{"xfs", "ext4"} {
		t.Run(fs, func(t *testing.T) {
			disk := newRealDisk(t, fs)
			o := order{Path: disk.path("log.db"), Fence: filepath.Join(t.TempDir(), "fence"), Salt: "full"}
			a := startAsked(t, o)
			a.expectTold("begun")
			a.expectTold("open")
			kept := []said{a.expect(nil)}
			for round := range 2 {
				disk.fill()
				refused := false
				for range 200 {
					s := a.expect(nil, ErrNotRecorded)
					if s.What == "recorded" { // in what room its files still had
						kept = append(kept, s)
						continue
					}
					refused = true
					if !strings.Contains(s.Err, "full") {
						t.Errorf("it does not say why: %s", s.Err)
					}
				}
				if !refused {
					t.Fatal("200 acts had room on a full disk")
				}
				readable(t, disk, len(kept))
				if round == 0 {
					must(t, os.Remove(disk.path("ballast")))
					kept = append(kept, a.expect(nil))
				}
			}
			a.kill()
			reopensWhenThereIsRoom(t, disk, o, kept)
		})
	}
}

// fill takes all room that is left, to the last block.
func (d *realDisk) fill() {
	d.t.Helper()
	f, err := os.Create(d.path("ballast"))
	must(d.t, err)
	defer f.Close()
	for size := 1 << 20; size >= 512; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
}

// readable is the audit beside a running node whose disk is full.
func readable(t *testing.T, disk *realDisk, acts int) {
	t.Helper()
	o := testOptions(t)
	o.ReadOnly = true
	l, err := Open(disk.path("log.db"), o)
	must(t, err)
	checkSound(t, l.Reader)
	if l.Size() > uint64(acts) || l.Size()+1 < uint64(acts) { // the newest checkpoint is stored with the next group
		t.Errorf("%d acts were recorded, a reader sees %d", acts, l.Size())
	}
	_, err = l.Export(t.Context(), t.TempDir())
	must(t, err)
	must(t, l.Close())
}

func reopensWhenThereIsRoom(t *testing.T, disk *realDisk, o order, kept []said) {
	t.Helper()
	opt := testOptions(t)
	opt.Fence = o.Fence
	l, err := Open(o.Path, opt)
	if err == nil {
		err = l.Close() // it found room in its own files
	} else if !strings.Contains(err.Error(), "full") {
		t.Errorf("opened on a full disk: %v", err)
	}
	must(t, os.Remove(disk.path("ballast")))
	l = openLog(t, o.Path, opt)
	for _, s := range kept {
		if index, known, err := l.ByAct(testAct(s.N, o.Salt)); !known || err != nil || index != s.Index {
			t.Errorf("lost: act %d, recorded at %d: known %v at %d, %v", s.N, s.Index, known, index, err)
		}
	}
	if l.Size() != uint64(len(kept)) {
		t.Errorf("%d acts were recorded and the log holds %d", len(kept), l.Size())
	}
	appendOne(t, l, testEntry(1<<20, o.Salt, 1))
	checkSound(t, l.Reader)
	must(t, l.Close())
}

// TestNoFileHandles takes the handles away from a running process, and from one that starts.
func TestNoFileHandles(t *testing.T) {
	if !chaos(t, "a process without file handles") {
		return
	}
	o := preparedOrder(t, "append", 3)
	a := startAsked(t, o)
	a.expectTold("begun")
	a.expectTold("open")
	tool(t, "prlimit", "--pid", fmt.Sprint(a.cmd.Process.Pid), "--nofile=3:4096")
	for range 20 {
		a.expect(nil) // it has all files that it writes to
	}
	a.kill()

	poor := &writer{t: t, cmd: command(t, o), told: make(chan said, 10)}
	prlimit, err := exec.LookPath("prlimit")
	must(t, err)
	poor.cmd.Args = append([]string{"prlimit", "--nofile=9", poor.cmd.Path}, poor.cmd.Args[1:]...)
	poor.cmd.Path = prlimit
	poor.start()
	if s, _ := poor.hear(); s.What != "begun" {
		t.Fatalf("%+v", s)
	}
	if s, _ := poor.hear(); s.What != "closed" || s.Err == "" {
		t.Errorf("with a handful of handles it told %+v", s)
	}
	poor.kill()
	o.From += 20
	appendKept(t, o, nil)
}

// TestNoMemory lets a process run into a limit of its memory while a crowd appends: it dies wherever it is, and what it acknowledged stays.
func TestNoMemory(t *testing.T) {
	if !chaos(t, "a process that runs out of memory") {
		return
	}
	b := &book{t: t, disk: &realDisk{t: t, dir: t.TempDir()}, fence: &realDisk{t: t, dir: t.TempDir()}, begun: map[string]int{}}
	for n := range 5 {
		b.salt = fmt.Sprint("hoard ", n)
		w := startWriter(t, order{Do: "hoard", Path: b.disk.path("log.db"), Fence: b.fence.path("fence"), Salt: b.salt})
		var told []said
		for len(told) < 10 {
			s, _ := w.hear()
			told = append(told, s)
		}
		tool(t, "prlimit", "--pid", fmt.Sprint(w.cmd.Process.Pid), "--as=1500000000")
		for s, ok := w.hear(); ok; s, ok = w.hear() {
			told = append(told, s)
		}
		w.cmd.Wait()
		if last := told[len(told)-1]; last.Err != "" || w.cmd.ProcessState.Success() {
			t.Fatalf("it did not die: %+v", last)
		}
		b.add(told)
		b.check()
	}
	t.Logf("5 deaths: %d acts acknowledged, %d lost", len(b.promised), b.lost)
}
