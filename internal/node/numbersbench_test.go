package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tims/internal/lists"
	"tims/internal/roster"
	"tims/internal/watchlist/numbers"
)

// BenchmarkNumbersInNode takes a list of stolen documents through the life that it has at a centre: read from its file, released,
// started with from the node's own files and from the chunks alone, released with a thousand additions, then with a thousand
// withdrawals scattered over it, and those approved. Of each step it says processor time (the machine may do other work), the most
// memory that the process took, and what a post has to fetch for it. TIMS_BENCH_NUMBERS sets how many numbers; the figures of
// docs/benchmarks.md are those of 100000000, which needs 3 GB of memory and 4 GB of disk:
//
//	TIMS_BENCH_NUMBERS=100000000 go test ./internal/node -run '^$' -bench NumbersInNode -benchtime 1x -timeout 0
func BenchmarkNumbersInNode(b *testing.B) {
	count, err := strconv.Atoi(os.Getenv("TIMS_BENCH_NUMBERS"))
	if err != nil {
		count = 100_000
		b.Logf("%d numbers only: TIMS_BENCH_NUMBERS names no other size, such as 100000000", count)
	}
	for range b.N {
		(&numbersBench{B: b, dir: b.TempDir()}).run(count)
	}
}

const benchChanges = 1000

type numbersBench struct {
	*testing.B
	dir     string
	founded Founded
	n       *Node
	set     *numbers.Set
	told    strings.Builder
}

func (b *numbersBench) run(count int) {
	var err error
	b.founded, err = Found(b.dir, Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes: []PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}}})
	b.must(err)
	b.open()
	b.step("read", func() { b.set = b.read(0, count) })
	b.step("release", func() { b.release(count, 0) })
	b.step("save", func() { b.must(b.n.saveIndex()) })
	b.step("start-files", func() { b.again(count) })
	b.must(os.Remove(filepath.Join(b.n.opt.Dir, numbersFile)))
	b.step("start-chunks", func() { b.again(count) })
	b.set = b.read(0, count+benchChanges)
	b.step("add", func() { b.release(count+benchChanges, 0) })
	b.set = b.read(benchChanges, count+benchChanges)
	b.step("withdraw", func() { b.release(count, benchChanges) })
	b.step("approve", b.approve)
	b.must(b.n.saveIndex())
	b.step("start-again", func() { b.again(count) })
	b.must(b.n.Close())
	b.Logf("%d numbers\n%s", count, &b.told)
}

func (b *numbersBench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *numbersBench) open() {
	n, err := Open(Options{Dir: filepath.Join(b.dir, "centre")})
	b.must(err)
	b.n = n
}

// again starts the node anew, up to where its lists are in force.
func (b *numbersBench) again(count int) {
	b.must(b.n.Close())
	b.n = nil
	b.open()
	if err := b.n.openIndex(); err != nil && !errors.Is(err, errStale) {
		b.Fatal(err)
	}
	b.must(b.n.loadLists())
	if l := b.n.Lists(); len(l) != 1 || l[0].Numbers != count {
		b.Fatalf("in force: %+v", l)
	}
}

// read makes a set of the file of the numbers from and to.
func (b *numbersBench) read(from, to int) *numbers.Set {
	var build numbers.Builder
	_, err := lists.ImportNumbers(&numbersText{next: from, end: to, count: to - from}, func(x lists.Number) error {
		return build.Add(numbers.Entry{Issuer: x.Issuer, Number: x.Number, To: x.To})
	})
	b.must(err)
	set := build.Set()
	if set.Len() != to-from {
		b.Fatalf("%d numbers", set.Len())
	}
	return set
}

func (b *numbersBench) release(count, waiting int) {
	out, err := b.n.ReleaseNumbers(context.Background(), "papers", 0, seized, b.set, 1)
	b.set = nil
	b.must(err)
	if out.Numbers != count || out.Waiting != waiting {
		b.Fatalf("%+v", out)
	}
}

func (b *numbersBench) approve() {
	d, err := b.n.DraftLoss("papers", nil, time.Now())
	b.must(err)
	d.Approvals = []roster.Approval{roster.Approve(d.Change, "one", b.founded.Approvers["one"])}
	b.must(b.n.Withdraw(context.Background(), d))
	if l := b.n.Lists()[0]; l.Waiting != 0 {
		b.Fatalf("%+v", l)
	}
}

// step runs a step and says what it took.
func (b *numbersBench) step(name string, run func()) {
	debug.FreeOSMemory()
	before, known := b.processors(), map[[32]byte]bool{}
	for _, hash := range b.blobs() {
		known[hash] = true
	}
	b.must(os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)) // the peak begins again
	run()
	spent := b.processors() - before
	fresh := 0
	for _, hash := range b.blobs() {
		if !known[hash] {
			blob, err := b.n.log.Blob(hash)
			b.must(err)
			fresh += len(blob)
		}
	}
	disk := int64(0)
	b.must(filepath.Walk(b.dir, func(_ string, i os.FileInfo, err error) error {
		if err == nil && i.Mode().IsRegular() {
			disk += i.Size()
		}
		return err
	}))
	fmt.Fprintf(&b.told, "%-13s %8.2f s of processors, %5d MB at most, %9.1f KB of new chunks, %5d MB on disk\n", name, spent.Seconds(), b.peak()>>10,
		float64(fresh)/1e3, disk>>20)
	b.ReportMetric(spent.Seconds(), name+"-cpu-s")
}

// blobs names what lies beside the node's log.
func (b *numbersBench) blobs() [][32]byte {
	all, err := b.n.log.Blobs()
	b.must(err)
	return all
}

func (b *numbersBench) processors() time.Duration {
	var u syscall.Rusage
	b.must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory that the process took since it began again, in KiB.
func (b *numbersBench) peak() int {
	status, err := os.ReadFile("/proc/self/status")
	b.must(err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(kib)
	b.must(err)
	return n
}

// numbersText is the file of invented numbers, of which none is twice and none is near the one before.
type numbersText struct {
	next, end, count int
	buf              bytes.Buffer
}

func (t *numbersText) Read(p []byte) (int, error) {
	states := [8]string{"ALB", "ITA", "DEU", "FRA", "GRC", "SYR", "AFG", "UKR"}
	for ; t.buf.Len() < len(p) && t.next < t.end; t.next++ {
		v := uint64(t.next) * 0x2545f4915 & (1<<34 - 1)
		line := append(t.buf.AvailableBuffer(), states[v&7]...)
		line = append(line, ',', byte('A'+v>>3&15), byte('A'+v>>7&15))
		line = append(line, "0000000"...)
		for at, d := len(line), v>>11; d > 0; d /= 10 {
			at--
			line[at] = byte('0' + d%10)
		}
		t.buf.Write(append(line, '\n'))
	}
	if t.next == t.end {
		t.next++
		fmt.Fprintf(&t.buf, "#end,%d\n", t.count)
	}
	if t.buf.Len() == 0 {
		return 0, io.EOF
	}
	return t.buf.Read(p)
}
