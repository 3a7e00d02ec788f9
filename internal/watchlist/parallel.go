package watchlist

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// workers is how many goroutines a share of the processors is: 1 is all of them, 2 half.
func workers(share int) int { return max(1, runtime.GOMAXPROCS(0)/share) }

// parallel calls f for 0 to n-1, in batches on a share of the processors. f writes only what belongs to its number, so the
// result does not depend on the order.
func parallel(n, batch, share int, f func(i int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(workers(share), n/batch+1) {
		done.Go(func() {
			for {
				to := int(next.Add(int64(batch)))
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

// An inTurn lets work that is done in any order wait until all before it is done.
type inTurn struct {
	mu    sync.Mutex
	moved sync.Cond
	done  []bool
	next  int // the first that is not done
}

func newInTurn(n int) *inTurn {
	t := &inTurn{done: make([]bool, n)}
	t.moved.L = &t.mu
	return t
}

// wait returns when all before i are done.
func (t *inTurn) wait(i int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.next < i {
		t.moved.Wait()
	}
}

func (t *inTurn) end(i int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[i] = true
	for t.next < len(t.done) && t.done[t.next] {
		t.next++
	}
	t.moved.Broadcast()
}
