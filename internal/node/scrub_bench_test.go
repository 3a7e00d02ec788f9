package node_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
)

// BenchmarkScrub measures how fast a post reads its log and its projection again when nothing else waits, and what a paced
// scrub, as it runs by itself, costs the booths: p99 of a check while it runs, and while it does not.
func BenchmarkScrub(b *testing.B) {
	const crossings = 5000
	n, s, dir := benchNodes(b, "")
	b.Cleanup(func() { n.Close() })
	commitAll(b, n, s, crossings)
	ctx := context.Background()
	info, err := os.Stat(filepath.Join(dir, "kakavija", "log.db"))
	if err != nil {
		b.Fatal(err)
	}
	scrub := func(o node.ScrubOptions) {
		got, err := n.Scrub(ctx, o)
		if err != nil || len(got.Found) > 0 {
			b.Errorf("scrub: %v, %v", got.Found, err)
		}
	}
	checks := func(until func() bool) float64 {
		var took []time.Duration
		for !until() || len(took) < 500 {
			began := time.Now()
			if _, err := n.Scan(ctx, node.Scan{Act: act(), Shift: s[0], Direction: border.Entry, Document: passport(len(took))}); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return float64(took[len(took)*99/100].Microseconds()) / 1000
	}
	quiet := checks(func() bool { return true })
	done := make(chan struct{})
	go func() { defer close(done); scrub(node.ScrubOptions{Paced: true}) }()
	busy := checks(func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	b.ResetTimer()
	for range b.N {
		scrub(node.ScrubOptions{})
	}
	b.StopTimer()
	b.ReportMetric(float64(info.Size())*float64(b.N)/1e6/b.Elapsed().Seconds(), "MB/s")
	b.ReportMetric(quiet, "p99-ms-quiet")
	b.ReportMetric(busy, "p99-ms-scrubbing")
}
