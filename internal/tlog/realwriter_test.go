package tlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// An order is what a writer process is told to do.
type order struct {
	Do     string // name of a function of writers
	Path   string // the file on the disk that will fail
	Fence  string
	Source string // of a push: the log, on a disk that does not fail
	Salt   string // of the acts
	From   int    // the first act
}

// said is one thing that a writer told: by then it was acknowledged.
type said struct {
	What  string
	N     int
	Index uint64
	Size  uint64
	Root  Hash
	Err   string
}

// crowd is how many acts a writer has under way at once: groups of one and of a few.
const crowd = 4

// TestWriter is the process that writes while tests break its disk; by itself it has nothing to do. It tells through the third file.
func TestWriter(t *testing.T) {
	text, ordered := os.LookupEnv("TIMS_WRITER")
	if !ordered {
		return
	}
	var o order
	must(t, json.Unmarshal([]byte(text), &o))
	out := os.NewFile(3, "told")
	w := &teller{t: t, order: o, say: func(s said) {
		line, err := json.Marshal(s)
		must(t, err)
		if _, err := out.Write(append(line, '\n')); err != nil {
			os.Exit(1) // whoever listened is gone
		}
	}}
	writers[o.Do](w)
}

type teller struct {
	order
	t   *testing.T
	say func(said)
}

var writers = map[string]func(*teller){
	"crowd":  (*teller).crowd,
	"append": (*teller).append,
	"push":   (*teller).push,
	"retire": (*teller).retire,
	"lines":  (*teller).lines,
	"hoard":  (*teller).hoard,
}

func (w *teller) options() Options {
	o := testOptions(w.t)
	o.Fence = w.Fence
	return o
}

func (w *teller) open() *Log {
	w.say(said{What: "begun"})
	l, err := Open(w.Path, w.options())
	if err != nil {
		w.say(said{What: "closed", Err: err.Error()})
		os.Exit(1)
	}
	w.say(said{What: "open", Size: l.Size()})
	return l
}

// one appends an act and tells what became of it.
func (w *teller) one(l *Log, n int) error {
	a, err := l.Append(context.Background(), testEntry(n, w.Salt, 1))
	var known *KnownActError
	switch {
	case errors.As(err, &known):
		w.say(said{What: "known", N: n, Index: known.Index})
		return nil
	case err != nil:
		w.say(said{What: outcomeOf(err), N: n, Err: err.Error()})
		return err
	}
	w.say(said{What: "recorded", N: n, Index: a.Index, Size: a.Size, Root: rootIn(w.t, l.Key(), a.Checkpoint)})
	return nil
}

func outcomeOf(err error) string {
	for _, o := range []error{ErrNotRecorded, ErrNotKnown, ErrStopped} {
		if errors.Is(err, o) {
			return o.Error()
		}
	}
	return "another error"
}

func rootIn(t *testing.T, vkey string, signed []byte) Hash {
	t.Helper()
	key, err := parseKey(vkey)
	must(t, err)
	cp, err := key.openCheckpoint(signed)
	must(t, err)
	return cp.root
}

// crowd appends from a few goroutines for ever. Acts are begun in order: with k of them told, none above k + crowd - 1 was begun.
func (w *teller) crowd() {
	l := w.open()
	var next atomic.Int64
	var all sync.WaitGroup
	for range crowd {
		all.Go(func() {
			for w.one(l, w.From+int(next.Add(1)-1)) == nil {
			}
		})
	}
	all.Wait()
}

// append appends one act.
func (w *teller) append() {
	l := w.open()
	w.one(l, w.From)
	must(w.t, l.Close())
}

// lines appends an act for each line of its input.
func (w *teller) lines() {
	l := w.open()
	in := bufio.NewScanner(os.Stdin)
	for n := w.From; in.Scan(); n++ {
		w.one(l, n)
	}
	w.t.Log(l.Close()) // on a broken disk it may not close
}

// hoard is a crowd in a process that takes more and more memory.
func (w *teller) hoard() {
	go func() {
		for all := [][]byte{}; ; time.Sleep(time.Millisecond) {
			all = append(all, bytes.Repeat([]byte{1}, 1<<20))
		}
	}()
	w.crowd()
}

// retire makes a mirror of the log and begins another log beside it, with the same fence: the steps of a new epoch.
func (w *teller) retire() {
	w.say(said{What: "begun"})
	o := w.options()
	must(w.t, Retire(w.Path, o))
	w.say(said{What: "retired"})
	o = w.options()
	o.Signer, o.Key = testSigner(w.t, nextOrigin)
	o.TakeFence = true
	l, err := Open(w.Path+".2", o)
	must(w.t, err)
	w.one(l, w.From)
	must(w.t, l.Close())
}

const nextOrigin = "xk/alpha/2"

// push brings a mirror on by steps that fit no package, and tells each answer.
func (w *teller) push() {
	o := testOptions(w.t)
	o.ReadOnly = true
	l, err := Open(w.Source, o)
	must(w.t, err)
	w.say(said{What: "begun"})
	m, err := OpenMirror(w.Path, mirrorOptions(w.t))
	must(w.t, err)
	w.say(said{What: "open", Size: m.Size()})
	for n := m.Size(); n < l.Size(); {
		n = min(n+pushStep, l.Size())
		w.step(l, m, n)
	}
	must(w.t, m.Close())
	w.say(said{What: "whole"})
}

const pushStep = 300

func mirrorOptions(t *testing.T) MirrorOptions {
	_, vkey := testKeys(t, testOrigin)
	s, _ := testCosigner(t, "mirror.example/m1")
	return MirrorOptions{Key: vkey, Cosigner: s, Want: testRefs}
}

func (w *teller) step(l *Log, m *Mirror, n uint64) {
	if _, pending := m.Pending(); pending < n {
		must(w.t, m.AddCheckpoint(checkpointFor(w.t, l, m, n)))
	}
	_, n = m.Pending()
	w.say(said{What: "pending", Size: n})
	for next := m.Next(); next < n; {
		offer, err := l.Offer(next, n)
		must(w.t, err)
		next, err = m.Extend(n, offer)
		must(w.t, err)
		w.say(said{What: "next", Size: next})
	}
	parts, _, err := l.Parts(m.Cursor(), n, 1)
	must(w.t, err)
	cursor, err := m.AddParts(parts)
	must(w.t, err)
	w.say(said{What: "cursor", Size: cursor})
	_, err = m.Settle(n)
	must(w.t, err)
	w.say(said{What: "settled", Size: n})
}

// A writer is the process, seen from outside.
type writer struct {
	t     *testing.T
	cmd   *exec.Cmd
	noise bytes.Buffer
	told  chan said // closed when the process has ended
}

// command is a writer that is not yet started; the caller starts it in whatever way and gives it `out` as its third file.
func command(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	must(t, err)
	self, err := os.Executable()
	must(t, err)
	c := exec.Command(self, "-test.run", "^TestWriter$", "-test.v")
	c.Env = append(os.Environ(), "TIMS_WRITER="+string(text), "GOTRACEBACK=none")
	return c
}

func startWriter(t *testing.T, o order) *writer {
	t.Helper()
	w := &writer{t: t, cmd: command(t, o), told: make(chan said, 1<<20)}
	w.cmd.Stdout, w.cmd.Stderr = &w.noise, &w.noise
	w.start()
	return w
}

func (w *writer) start() {
	w.t.Helper()
	r, out, err := os.Pipe()
	must(w.t, err)
	w.cmd.ExtraFiles = []*os.File{out}
	must(w.t, w.cmd.Start())
	must(w.t, out.Close())
	w.t.Cleanup(func() { w.cmd.Process.Kill() })
	go func() {
		defer close(w.told)
		defer r.Close()
		listen(r, func(s said) { w.told <- s })
	}()
}

// listen reads what was told. The last line may be torn by the end of the teller, and then was not told.
func listen(r *os.File, take func(said)) {
	for in := bufio.NewScanner(r); in.Scan(); {
		var s said
		if json.Unmarshal(in.Bytes(), &s) == nil {
			take(s)
		}
	}
}

// hear waits for the next thing told.
func (w *writer) hear() (said, bool) {
	w.t.Helper()
	select {
	case s, ok := <-w.told:
		return s, ok
	case <-time.After(time.Minute):
		w.t.Fatalf("the writer says nothing\n%s", w.noise.String())
		return said{}, false
	}
}

// stop stops the process and waits until none of its threads runs; one that waits for the disk stops when it has its answer.
func (w *writer) stop() {
	w.t.Helper()
	must(w.t, w.cmd.Process.Signal(syscall.SIGSTOP))
	for range 1000 {
		if !w.runs() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatal("the writer does not stop")
}

func (w *writer) runs() bool {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", w.cmd.Process.Pid))
	must(w.t, err)
	for _, task := range tasks {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/stat", w.cmd.Process.Pid, task.Name()))
		if err != nil {
			continue // it has ended
		}
		_, state, _ := strings.Cut(string(stat), ") ")
		if !strings.ContainsAny(state[:1], "TtDZX") {
			return true
		}
	}
	return false
}

// kill ends the process and returns all that it told and nobody has heard. A stopped process tells nothing more.
func (w *writer) kill() (rest []said) {
	w.t.Helper()
	w.cmd.Process.Kill()
	w.cmd.Wait()
	for s := range w.told {
		rest = append(rest, s)
	}
	return rest
}
