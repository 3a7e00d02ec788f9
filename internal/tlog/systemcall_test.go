package tlog

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"unsafe"
)

// The system calls by which files change. Locks and reads are not among them: what they leave is what the one before left.
var changing = []uint64{syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_FTRUNCATE,
	syscall.SYS_FALLOCATE, syscall.SYS_OPENAT, syscall.SYS_RENAMEAT, syscall.SYS_UNLINKAT, syscall.SYS_MKDIRAT}

// TestKillAtEachSystemCall kills a process at each system call that changes a file, of one crossing in a new log and in an old one, of one
// push, and of the steps of a new epoch; then it looks for what the process had acknowledged, and asks again with the same act.
func TestKillAtEachSystemCall(t *testing.T) {
	if !chaos(t, "a kill at each system call") {
		return
	}
	for name, s := range map[string]struct {
		do    string
		old   int // records before
		check func(t *testing.T, o order, told []said)
	}{
		"a crossing":         {"append", 5, appendKept},
		"the first of a log": {"append", 0, appendKept},
		"a push":             {"push", 0, pushKept},
		"a new epoch":        {"retire", 5, epochKept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acked, at := 0, 1
			for ended := false; !ended; at++ {
				o := preparedOrder(t, s.do, s.old)
				var told []said
				told, ended = killedAt(t, o, at)
				if slices.ContainsFunc(told, func(s said) bool { return s.What == "recorded" || s.What == "settled" }) {
					acked++
				}
				s.check(t, o, told)
				if t.Failed() {
					t.Fatalf("killed at change %d; it had told %+v", at, told)
				}
			}
			t.Logf("killed at each of %d system calls; it had acknowledged in %d of them; 0 lost, 0 doubled", at-2, acked-1)
			if at < 20 || acked < 2 {
				t.Error("it was never killed behind its answer, or hardly at all")
			}
		})
	}
}

// preparedOrder lays the files out as they are before.
func preparedOrder(t *testing.T, do string, old int) order {
	t.Helper()
	dir := t.TempDir()
	o := order{Do: do, Path: filepath.Join(dir, "log.db"), Fence: filepath.Join(dir, "fence"), From: old, Salt: "killed"}
	opt := testOptions(t)
	path := o.Path
	if do == "push" {
		o.Source = filepath.Join(dir, "source.db")
		path, old = o.Source, 12
	} else {
		opt.Fence = o.Fence
	}
	if old == 0 && do == "append" {
		return o
	}
	l := openLog(t, path, opt)
	fillSalted(t, l, old, o.Salt, 1)
	must(t, l.Close())
	return o
}

// appendKept: the act is there once, in its place and as it was told, whatever the moment.
func appendKept(t *testing.T, o order, told []said) {
	t.Helper()
	opt := testOptions(t)
	opt.Fence = o.Fence
	l, err := Open(o.Path, opt)
	must(t, err)
	defer func() { must(t, l.Close()) }()
	actKept(t, l, o, told)
}

func actKept(t *testing.T, l *Log, o order, told []said) {
	t.Helper()
	index, known, err := l.ByAct(testAct(o.From, o.Salt))
	must(t, err)
	for _, s := range told {
		if s.What != "recorded" {
			continue
		}
		root, err := l.RootAt(min(s.Size, l.Size()))
		must(t, err)
		if !known || index != s.Index || s.Size > l.Size() || root != s.Root {
			t.Errorf("lost: acknowledged as record %d of %d; known %v at %d in a log of %d", s.Index, s.Size, known, index, l.Size())
		}
	}
	before := l.Size()
	_, err = l.Append(t.Context(), testEntry(o.From, o.Salt, 1))
	var again *KnownActError
	switch {
	case known && (!errors.As(err, &again) || again.Index != index || l.Size() != before):
		t.Errorf("doubled: known at %d, asked again: %v, a log of %d", index, err, l.Size())
	case !known && (err != nil || l.Size() != before+1):
		t.Errorf("asked again: %v, a log of %d", err, l.Size())
	}
	checkSound(t, l.Reader)
}

// pushKept: the mirror holds what it answered for, and the push goes on from there to its end.
func pushKept(t *testing.T, o order, told []said) {
	t.Helper()
	l := openLog(t, o.Source, testOptions(t))
	mirrorKept(t, l, o.Path, told)
	m, err := OpenMirror(o.Path, mirrorOptions(t))
	must(t, err)
	again := &teller{order: o, t: t, say: func(said) {}}
	again.step(l, m, l.Size())
	if m.Size() != l.Size() {
		t.Errorf("pushed again, it holds %d of %d", m.Size(), l.Size())
	}
	must(t, m.Close())
	must(t, l.Close())
}

// epochKept: the next start finds the old log as a log or as a copy, with all of it, and goes on to the new one.
func epochKept(t *testing.T, o order, told []said) {
	t.Helper()
	opt := testOptions(t)
	must(t, Retire(o.Path, opt))
	m, err := OpenMirror(o.Path, MirrorOptions{Key: opt.Key, Want: testRefs})
	must(t, err)
	defer func() { must(t, m.Close()) }()
	if m.Size() != uint64(o.From) || m.Next() != uint64(o.From) || m.Cursor() != uint64(o.From) {
		t.Errorf("of %d records the copy holds %d, %d, %d", o.From, m.Size(), m.Next(), m.Cursor())
	}
	checkSound(t, m.Reader)
	opt.Signer, opt.Key = testSigner(t, nextOrigin)
	opt.Fence, opt.TakeFence = o.Fence, !slices.ContainsFunc(told, func(s said) bool { return s.What == "recorded" })
	l, err := Open(o.Path+".2", opt)
	must(t, err)
	defer func() { must(t, l.Close()) }()
	actKept(t, l, o, told)
}

// killedAt runs a writer and kills it as it enters its n-th call that changes a file, counted over all its threads. It returns what it
// had told, and whether it ended by itself before. strace counts for each thread on its own, and a goroutine has no thread of its own;
// this needs no more of ptrace(2) than stopping at calls and asking which one it is.
func killedAt(t *testing.T, o order, n int) (told []said, ended bool) {
	t.Helper()
	r, out, err := os.Pipe()
	must(t, err)
	c := command(t, o)
	noise, err := os.CreateTemp(t.TempDir(), "noise")
	must(t, err)
	defer noise.Close()
	runtime.LockOSThread() // the tracer is a thread
	defer runtime.UnlockOSThread()
	p, err := os.StartProcess(c.Path, c.Args, &os.ProcAttr{Env: c.Env, Files: []*os.File{nil, noise, noise, out},
		Sys: &syscall.SysProcAttr{Ptrace: true}})
	must(t, err)
	must(t, out.Close())
	heard := make(chan []said)
	go func() {
		var all []said
		listen(r, func(s said) { all = append(all, s) })
		r.Close()
		heard <- all
	}()
	ended = trace(t, p.Pid, n)
	if told = <-heard; ended && (len(told) == 0 || told[len(told)-1].Err != "") {
		b, _ := os.ReadFile(noise.Name())
		t.Fatalf("it ended in trouble: %+v\n%s", told, b)
	}
	return told, ended
}

const (
	stopsAtCalls = 0x80                      // PTRACE_O_TRACESYSGOOD marks stops at system calls so
	waitThreads  = syscall.WALL | 0x20000000 // __WNOTHREAD: this thread's tracees alone
)

// trace lets the process run to its n-th change. It says whether the process ended before.
func trace(t *testing.T, pid, n int) (ended bool) {
	t.Helper()
	var status syscall.WaitStatus
	_, err := syscall.Wait4(pid, &status, waitThreads, nil) // at its first instruction
	must(t, err)
	must(t, syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE))
	must(t, syscall.PtraceSyscall(pid, 0))
	for killed := false; ; {
		thread, err := syscall.Wait4(-1, &status, waitThreads, nil)
		if err == syscall.EINTR {
			continue
		}
		must(t, err)
		if thread == pid && (status.Exited() || status.Signaled()) {
			return status.Exited()
		}
		if killed || !status.Stopped() {
			continue
		}
		signal := 0
		switch s := status.StopSignal(); {
		case s == syscall.SIGTRAP|stopsAtCalls:
			if changes(thread) {
				n--
			}
		case s != syscall.SIGTRAP && s != syscall.SIGSTOP: // neither ours nor a new thread's first
			signal = int(s)
		}
		if n == 0 {
			must(t, syscall.Kill(pid, syscall.SIGKILL))
			killed = true
			continue
		}
		syscall.PtraceSyscall(thread, signal) // fails only for a thread that was ended meanwhile
	}
}

// changes says whether a thread is about to enter a call that changes files, by ptrace(2), PTRACE_GET_SYSCALL_INFO, which is the same on
// every processor.
func changes(thread int) bool {
	const getInfo, entry = 0x420e, 1
	var info struct {
		op   uint8
		_    [23]byte
		call uint64
		args [6]uint64
		_    [16]byte
	}
	_, _, no := syscall.RawSyscall6(syscall.SYS_PTRACE, getInfo, uintptr(thread), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if no != 0 || info.op != entry || !slices.Contains(changing, info.call) {
		return false
	}
	return info.call != syscall.SYS_OPENAT || info.args[2]&(syscall.O_CREAT|syscall.O_TRUNC) != 0
}
