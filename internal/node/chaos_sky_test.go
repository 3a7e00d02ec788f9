package node_test

import (
	"math/rand/v2"
	"sync"
	"time"
)

// A weather is what befalls a node's line beside a cut.
type weather string

const (
	mute   weather = "mute"   // what the node sends is swallowed; what others send it comes
	lossy  weather = "lossy"  // one write in five breaks its connection
	slow   weather = "slow"   // 9.6 kbit/s, up to a second late, so that connections overtake each other
	double weather = "double" // what the node sends comes a second time, as a connection of its own
)

var weathers = []weather{mute, lossy, slow, double}

// sky holds the weather of each node and draws what it does.
type sky struct {
	mu    sync.Mutex
	rng   *rand.Rand
	of    map[string]weather
	count map[weather]int // writes and connections that felt it
}

func newSky(rng *rand.Rand) *sky {
	return &sky{rng: rng, of: map[string]weather{}, count: map[weather]int{}}
}

func (k *sky) set(node string, w weather) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of[node] = w
}

// over puts a new connection under the weather of its two nodes, as it is at each write.
func (k *sky) over(here, there *pipeEnd, from string, l *wireListener) {
	if k == nil {
		return
	}
	here.out.via, there.out.via = k.through(from, l.node), k.through(l.node, from)
	k.mu.Lock()
	again := k.of[from] == double
	if again {
		k.count[double]++
	}
	k.mu.Unlock()
	if !again {
		return
	}
	copied, theirs := newPipe()
	first := here.out.via
	here.out.via = func(s *stream, p []byte) (time.Duration, bool, error) {
		copied.out.write(p)
		return first(s, p)
	}
	go func() {
		select {
		case l.conns <- theirs: // its answers are read by nobody
		case <-l.done:
		}
	}()
}

// through decides of each write whether and when it arrives.
func (k *sky) through(from, to string) func(*stream, []byte) (time.Duration, bool, error) {
	return func(s *stream, p []byte) (time.Duration, bool, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.of[from] == mute {
			k.count[mute]++
			return 0, false, nil
		}
		if (k.of[from] == lossy || k.of[to] == lossy) && k.rng.IntN(5) == 0 {
			k.count[lossy]++
			s.close()
			return 0, false, errNoRoad
		}
		if k.of[from] == slow || k.of[to] == slow {
			k.count[slow]++
			const bytesPerSecond = 1200
			return time.Duration(len(p))*time.Second/bytesPerSecond + time.Duration(k.rng.Int64N(int64(time.Second))), true, nil
		}
		return 0, true, nil
	}
}
