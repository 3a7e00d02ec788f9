package watchlist

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f for 0 to n-1 on half of the processors: an index is built while officers work, and they need the other
// half. f writes only what belongs to its number, so the result does not depend on the order.
func parallel(n int, f func(i int)) {
	const batch = 64
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(max(1, runtime.GOMAXPROCS(0)/2), n/batch+1) {
		done.Go(func() {
			for {
				to := int(next.Add(batch))
				for i := to - batch; i < min(to, n); i++ {
					f(i)
				}
				if to >= n {
					return
				}
			}
		})
	}
	done.Wait()
}
