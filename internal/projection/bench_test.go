package projection

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tims/internal/record"
)

// recordsForBench are crossings as a post writes them, each behind its check: records [from, from+2*count) of one log.
func recordsForBench(from uint64, count int) []Record {
	var out []Record
	for i := range uint64(count) {
		idx := from + 2*i
		tag := sha256.Sum256(binary.BigEndian.AppendUint64(nil, idx))
		written := 1_790_000_000_000 + int64(idx)*1000
		slip := &record.SlipPart{Direction: 1, Happened: written, Day: 20_700, Basis: 1, Nationality: "ITA", StayKey: 1, DocumentTag: tag, PersonTag: tag[:]}
		person := &record.PersonPart{Direction: 1, Happened: written, Day: 20_700, Booth: "K1", Document: record.Document{Code: "P", Issuer: "ITA",
			Number: fmt.Sprintf("Y%07d", tag[0:4]), Nationality: "ITA", Primary: fmt.Sprintf("ERIKSSON%x", tag[:3]), Secondary: "ANNA", Birth: "1974-08-12", Sex: "F", Expiry: "2033-04-15"}}
		check := Record{Origin: "al/kakavija/1", Node: "kakavija", Index: idx, Slip: slip, Person: person, Police: &record.PolicePart{}}
		check.Leaf = record.Leaf{Kind: record.Check, Act: record.Act(tag[:16]), Written: written}
		decided := check
		decided.Index++
		decided.Leaf.Kind, decided.Leaf.Act = record.Crossing, record.Act(tag[16:])
		decided.Leaf.About = []record.Ref{{Origin: check.Origin, Index: idx}}
		out = append(out, check, decided)
	}
	return out
}

var foldBatch, foldBare = flag.Int("fold-batch", 512, ""), flag.Bool("fold-bare", false, "")

// BenchmarkFold measures how fast opened records are folded: by the records of one batch, into an empty projection.
func BenchmarkFold(b *testing.B) {
	d, err := Open(filepath.Join(b.TempDir(), "shadow.db"), [64]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	batch := *foldBatch // crossings
	if *foldBare {
		if _, err := d.Unindex(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	b.ResetTimer()
	for i := range b.N {
		next := uint64(2 * batch * (i + 1))
		b.StopTimer()
		records := recordsForBench(next-2*uint64(batch), batch)
		b.StartTimer()
		if err := d.Fold(context.Background(), records, next); err != nil {
			b.Fatal(err)
		}
	}
	if *foldBare {
		if err := d.Index(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	spent := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(batch*b.N)/spent.Seconds(), "crossings/cpu-s")
}
