package tlog

import (
	"bytes"
	"context"
	"crypto/rand"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// benchEntry is the entry of a crossing: a leaf of 400 bytes, two parts of 500.
func benchEntry(body []byte) Entry {
	e := Entry{Leaf: make([]byte, 400)}
	rand.Read(e.Act[:])
	rand.Read(e.Leaf)
	wrap := body[:100]
	e.Parts = []Part{{0, wrap, body}, {1, wrap, body}}
	return e
}

func perSecond(b *testing.B, n int) { b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s") }

// BenchmarkBareInsert is what the disk gives: one row of 1 KB in a transaction
// of its own, with the pragmas of a log.
func BenchmarkBareInsert(b *testing.B) {
	c, err := dial(filepath.Join(b.TempDir(), "bare.db"), "", sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	must(b, err)
	defer c.close()
	must(b, c.durable())
	must(b, c.c.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, row BLOB)"))
	row := make([]byte, 1024)
	rand.Read(row)
	for b.Loop() {
		must(b, second(c.exec("INSERT INTO t (row) VALUES (?)", row)))
	}
	perSecond(b, b.N)
}

func BenchmarkAppendSingle(b *testing.B) {
	l := newLog(b)
	body := make([]byte, 500)
	for b.Loop() {
		appendOne(b, l, benchEntry(body))
	}
	perSecond(b, b.N)
}

// BenchmarkAppendFenced is BenchmarkAppendSingle with a second device, which here is a file of the same disk.
func BenchmarkAppendFenced(b *testing.B) {
	o := testOptions(b)
	o.Fence = filepath.Join(b.TempDir(), "fence")
	l := openLog(b, filepath.Join(b.TempDir(), "log.db"), o)
	body := make([]byte, 500)
	for b.Loop() {
		appendOne(b, l, benchEntry(body))
	}
	perSecond(b, b.N)
}

func BenchmarkAppend64(b *testing.B) { benchAppend64(b, newLog(b)) }

func BenchmarkAppend64Fenced(b *testing.B) {
	o := testOptions(b)
	o.Fence = filepath.Join(b.TempDir(), "fence")
	benchAppend64(b, openLog(b, filepath.Join(b.TempDir(), "log.db"), o))
}

func benchAppend64(b *testing.B, l *Log) {
	body := make([]byte, 500)
	var failed atomic.Value
	b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := l.Append(context.Background(), benchEntry(body)); err != nil {
				failed.Store(err)
			}
		}
	})
	if err := failed.Load(); err != nil {
		b.Fatal(err)
	}
	perSecond(b, b.N)
}

// BenchmarkMirrorIntake takes packages of 256 entries with two parts each from
// their wire form, verified and durable, and cosigns at the end.
func BenchmarkMirrorIntake(b *testing.B) {
	const size = 256 * 40
	l := newLog(b)
	fill(b, l, size, 0, 1)
	must(b, l.Close())
	l = openLog(b, l.db.path, testOptions(b))
	entries := upload(b, l, 0, size, size/PackageSize)
	var parts [][]byte
	for from := uint64(0); from < size; from += PackageSize {
		got, _, err := l.Parts(from, from+PackageSize, 0, 1)
		must(b, err)
		var body []byte
		for _, p := range got {
			body = p.AppendTo(body)
		}
		parts = append(parts, body)
	}
	for b.Loop() {
		m := newMirror(b, testRefs)
		must(b, m.AddCheckpoint(checkpointFor(b, l, m.Mirror, size)))
		d, err := DecodeEntries(bytes.NewReader(entries))
		must(b, err)
		for i := range parts {
			o, err := d.Next()
			must(b, err)
			must(b, second(m.Extend(size, o)))
			batch, err := decodeParts(parts[i])
			must(b, err)
			must(b, second(m.AddParts(batch)))
		}
		must(b, second(m.Settle(size)))
		must(b, m.Close())
	}
	perSecond(b, b.N*size)
}

func BenchmarkOffer(b *testing.B) {
	l := newLog(b)
	fill(b, l, 2560)
	var n uint64
	for b.Loop() {
		_, err := l.Offer(n*PackageSize%2560, 2560)
		must(b, err)
		n++
	}
	perSecond(b, b.N*PackageSize)
}

func BenchmarkVerify(b *testing.B) {
	const size = 10_000
	l := newLog(b)
	fill(b, l, size, 0, 1)
	for b.Loop() {
		checkSound(b, l.Reader)
	}
	perSecond(b, b.N*size)
}
