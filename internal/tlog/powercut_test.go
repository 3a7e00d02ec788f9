package tlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestPowerCut cuts the power of real file systems under a process that writes, and looks for every act that it acknowledged: in a
// log with its fence on a second disk, and in a mirror that receives a push. Killing a process alone proves nothing about a disk: the
// kernel still has what it wrote. The build with the fault synchronous-normal must fail here (scripts/mutants.txt).
func TestPowerCut(t *testing.T) {
	if !chaos(t, "power cuts of real file systems under a log and a mirror") {
		return
	}
	for _, fs := range []string{"xfs", "ext4"} {
		t.Run("log on "+fs, func(t *testing.T) { cutLog(t, fs, cuts(t)/2) })
	}
	for _, fs := range []string{"xfs", "ext4"} {
		t.Run("mirror on "+fs, func(t *testing.T) { cutMirror(t, fs, cuts(t)/4) })
	}
}

// cuts is how often the power of logs is cut.
func cuts(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("TIMS_CUTS"))
	if err != nil || n < 4 {
		return 60
	}
	return n
}

// Which disk loses its power, and in which order if it is both: the log's and that of the fence.
var failures = []func(log, fence *realDisk){
	func(log, fence *realDisk) { log.cut(); fence.cut() },
	func(log, fence *realDisk) { fence.cut(); log.cut() },
	func(log, _ *realDisk) { log.cut() },
	func(_, fence *realDisk) { fence.cut() },
}

func cutLog(t *testing.T, fs string, times int) {
	disk, second := newRealDisk(t, fs), newRealDisk(t, fs)
	var b *book
	var all book
	for cut := range times {
		if cut%6 == 0 { // a new log: its file's first seconds
			disk.empty()
			second.empty()
			b = &book{t: t, disk: disk, fence: second, begun: map[string]int{}}
		}
		b.salt = fmt.Sprint("cut ", cut)
		w := startWriter(t, order{Do: "crowd", Path: disk.path("log.db"), Fence: second.path("fence"), Salt: b.salt})
		told := w.untilAMoment(cut%3 == 0)
		w.stop()
		failures[cut%len(failures)](disk, second)
		b.add(append(told, w.kill()...))
		disk.powerUp()
		second.powerUp()
		b.check()
		all.acked, all.lost, all.whole = all.acked+b.acked, all.lost+b.lost, all.whole+b.whole
	}
	t.Logf("%d cuts: %d acts acknowledged, %d lost; %d more were not acknowledged and are there, wholly", times, all.acked, all.lost, all.whole)
	if all.acked < times {
		t.Errorf("%d acts in %d cuts prove little", all.acked, times)
	}
}

// untilAMoment waits for one by chance: while the file is being opened, or among the answers.
func (w *writer) untilAMoment(opening bool) (told []said) {
	w.t.Helper()
	last, most := rand.IntN(80), 8*time.Millisecond
	if opening {
		last, most = 0, 40*time.Millisecond
	}
	for i := 0; i <= last; i++ {
		s, ok := w.hear()
		if !ok || s.Err != "" {
			w.t.Fatalf("the writer ended before its disk did: %+v\n%s", s, w.noise.String())
		}
		told = append(told, s)
		if s.What == "whole" {
			return told
		}
	}
	time.Sleep(rand.N(most))
	return told
}

// A book is what was acknowledged of one log, kept outside its disks.
type book struct {
	t           *testing.T
	disk, fence *realDisk
	salt        string
	promised    []promise
	begun       map[string]int // by salt, acts that may have been begun

	acked, lost, whole int // of the last cut
}

type promise struct {
	salt string
	said
}

func (b *book) add(told []said) {
	b.acked = 0
	for _, s := range told {
		if s.What == "recorded" {
			b.promised = append(b.promised, promise{b.salt, s})
			b.acked++
		}
	}
	b.begun[b.salt] = b.acked + crowd
}

// open starts the log as a node would: its fence has to agree.
func (b *book) open() *Log {
	b.t.Helper()
	o := testOptions(b.t)
	o.Fence = b.fence.path("fence")
	l, err := Open(b.disk.path("log.db"), o)
	var fence *FenceError
	if errors.As(err, &fence) {
		b.t.Errorf("%s: the fence does not agree with an honest log: %v", b.salt, err)
		o.TakeFence = true
		l, err = Open(b.disk.path("log.db"), o)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", b.salt, err)
	}
	return l
}

// check reads the log as it comes back: every acknowledged act is there once, wholly, under the tree that was signed for it; every
// other act there was begun and is whole; and who asks again is told which of the two it is.
func (b *book) check() {
	b.t.Helper()
	l := b.open()
	defer func() { must(b.t, l.Close()) }()
	have := b.readAll(l)
	b.whole = len(have)
	b.keepPromises(l, have)
	checkSound(b.t, l.Reader)
	b.askAgain(l, have)
}

type actName struct {
	n    int
	salt string
}

func (b *book) readAll(l *Log) map[actName]uint64 {
	b.t.Helper()
	have, invented := map[actName]uint64{}, 0
	for i := range l.Size() {
		leaf, err := l.Leaf(i)
		must(b.t, err)
		var named testLeaf
		must(b.t, json.Unmarshal(leaf, &named))
		name, want := actName{named.N, named.Salt}, testEntry(named.N, named.Salt, 1)
		part, err := l.Part(i, 1)
		must(b.t, err)
		if !bytes.Equal(leaf, want.Leaf) || !bytes.Equal(part.Body, want.Parts[0].Body) || !bytes.Equal(part.Wrap, want.Parts[0].Wrap) {
			b.t.Errorf("%s: record %d is not what was asked for", b.salt, i)
		}
		if first, twice := have[name]; twice {
			b.t.Errorf("doubled: act %v is record %d and %d", name, first, i)
		}
		if name.n >= b.begun[name.salt] {
			invented++
		}
		have[name] = i
	}
	if invented > 0 {
		b.t.Errorf("invented: nobody had begun %d acts that are there after %s", invented, b.salt)
	}
	return have
}

func (b *book) keepPromises(l *Log, have map[actName]uint64) {
	b.t.Helper()
	b.lost = 0
	var first promise
	for _, p := range b.promised {
		index, found := have[actName{p.N, p.salt}]
		root, err := l.RootAt(min(p.Size, l.Size()))
		must(b.t, err)
		if found {
			b.whole--
		}
		if !found || index != p.Index || p.Size > l.Size() || root != p.Root {
			if b.lost++; b.lost == 1 {
				first = p
			}
		}
	}
	if b.lost > 0 {
		b.t.Errorf("lost: %d of %d acknowledged acts after %s; the first was acknowledged as record %d of a tree of %d, the log has %d",
			b.lost, len(b.promised), b.salt, first.Index, first.Size, l.Size())
		b.promised = nil // and lost once
	}
}

// askAgain repeats the last acts, as booths do that had no answer.
func (b *book) askAgain(l *Log, have map[actName]uint64) {
	b.t.Helper()
	for n := max(0, b.begun[b.salt]-2*crowd); n < b.begun[b.salt]; n++ {
		before, known := have[actName{n, b.salt}]
		a, err := l.Append(b.t.Context(), testEntry(n, b.salt, 1))
		var again *KnownActError
		if errors.As(err, &again) != known || known && again.Index != before || !known && err != nil {
			b.t.Errorf("%s: act %d, known %v at %d, is answered %+v %v", b.salt, n, known, before, a, err)
		}
		index := a.Index
		if known {
			index = before
		}
		root, err := l.RootAt(l.Size())
		must(b.t, err)
		b.promised = append(b.promised, promise{b.salt, said{N: n, Index: index, Size: l.Size(), Root: root}})
	}
	b.dropRepeats()
}

// dropRepeats keeps one promise for each act.
func (b *book) dropRepeats() {
	seen := map[actName]bool{}
	kept := b.promised[:0]
	for _, p := range b.promised {
		if name := (actName{p.N, p.salt}); !seen[name] {
			seen[name] = true
			kept = append(kept, p)
		}
	}
	b.promised = kept
}

const pushed = 6000

func cutMirror(t *testing.T, fs string, times int) {
	l := newLog(t) // on a disk that does not fail
	fill(t, l, pushed, 1)
	must(t, l.Close())
	o := testOptions(t)
	o.ReadOnly = true
	l = openLog(t, l.db.path, o)
	disk := newRealDisk(t, fs)
	answers, lost := 0, 0
	for cut := range times {
		w := startWriter(t, order{Do: "push", Path: disk.path("log.db"), Source: l.db.path})
		told := w.untilAMoment(cut%3 == 0)
		w.stop()
		disk.cut()
		told = append(told, w.kill()...)
		disk.powerUp()
		answers += len(told)
		lost += mirrorKept(t, l, disk.path("log.db"), told)
		if told[len(told)-1].What == "whole" {
			disk.empty()
		}
	}
	t.Logf("%d cuts: %d answers of a mirror, %d not kept", times, answers, lost)
}

// mirrorKept opens the mirror after a cut: it holds what it has answered for, and all of it is the log's.
func mirrorKept(t *testing.T, l *Log, path string, told []said) (lost int) {
	t.Helper()
	m, err := OpenMirror(path, mirrorOptions(t))
	must(t, err)
	defer func() { must(t, m.Close()) }()
	_, pending := m.Pending()
	have := map[string]uint64{"pending": pending, "next": m.Next(), "cursor": m.Cursor(), "settled": m.Size(), "open": m.Size()}
	for _, s := range told {
		if s.Size > have[s.What] {
			if lost++; lost == 1 {
				t.Errorf("lost: the mirror answered for %s %d and holds %d", s.What, s.Size, have[s.What])
			}
		}
	}
	ours, err := m.RootAt(m.Next())
	must(t, err)
	theirs, err := l.RootAt(m.Next())
	must(t, err)
	if ours != theirs || m.Evidence() != nil {
		t.Errorf("the mirror of %d is not the log's beginning: %v", m.Next(), m.Evidence())
	}
	found, err := m.Verify(t.Context(), VerifyOptions{Parts: func(leaf []byte) ([]PartRef, error) {
		var l testLeaf
		if err := json.Unmarshal(leaf, &l); err != nil || uint64(l.N) >= m.Cursor() {
			return nil, err // its part is on its way
		}
		return l.Refs, nil
	}})
	must(t, err)
	if len(found) > 0 {
		t.Errorf("%d found wrong: %v", len(found), found[0])
	}
	return lost
}
