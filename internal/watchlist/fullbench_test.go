package watchlist_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/watchlist"
	"tims/internal/watchlist/numbers"
)

// perSecond is what the Schengen Information System was asked in 2024, over all of Europe: 15 billion searches a year.
const perSecond = 475

// BenchmarkFull asks an index of persons and bare document numbers for whole checks at a rate, not as fast as it can, from two
// workers: a check's time runs from when it was due. TIMS_BENCH_FULL=persons,numbers sets sizes, such as 2000000,91000000; it is left out
// without. Each iteration is one check.
func BenchmarkFull(b *testing.B) {
	var persons, papers int
	if n, err := fmt.Sscanf(os.Getenv("TIMS_BENCH_FULL"), "%d,%d", &persons, &papers); n != 2 {
		b.Logf("left out: TIMS_BENCH_FULL names no sizes (%v)", err)
		return
	}
	x := built(b, persons).WithPapers(watchlist.Papers{Set: stolen(b, papers), Groups: []border.Alert{{
		ID: "stolen", List: "stolen", Kind: border.DocumentAlert, Action: border.ActSeize}}})
	qs := newWorld(b, 2).travellers(50_000)
	least := 16.0
	for i := range 4000 {
		x.Match(newQuery(qs[len(qs)-1-i], least))
	}
	runtime.GC()
	var at runtime.MemStats
	runtime.ReadMemStats(&at)
	due := make(chan time.Time, 1_000_000)
	took := make([][]time.Duration, 2)
	var done sync.WaitGroup
	begun, cpus := time.Now(), cpu()
	for w := range took {
		done.Go(func() {
			i := w
			for t := range due {
				x.Match(newQuery(qs[i%len(qs)], least))
				took[w] = append(took[w], time.Since(t))
				i += 2
			}
		})
	}
	asked := 0
	for b.Loop() {
		t := begun.Add(time.Duration(asked) * time.Second / perSecond)
		time.Sleep(time.Until(t))
		due <- t
		asked++
	}
	close(due)
	done.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(asked)/time.Since(begun).Seconds(), "checks/s")
	b.ReportMetric(float64((cpu()-cpus).Microseconds())/float64(asked), "cpu-us/check")
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(at.HeapAlloc>>20), "heap-MiB")
}

func stolen(b *testing.B, n int) *numbers.Set {
	var made numbers.Builder
	for i := range n {
		if err := made.Add(numbers.Entry{Issuer: "ITA", Number: "Y" + strconv.Itoa(100_000_000 + i)[1:]}); err != nil {
			b.Fatal(err)
		}
	}
	return made.Set()
}
