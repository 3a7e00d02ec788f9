package node

import (
	"context"
	"sync"
	"time"

	"tims/internal/projection"
	"tims/internal/roster"
)

// Bounds of the search for documents used twice.
const (
	twiceBack  = 31 * 24 * time.Hour // a post that was alone for a month finds on healing what was done meanwhile
	twiceKept  = time.Minute         // an answer is good for so long: every page shows the count
	maxTwice   = 100                 // pairs that are shown: a supervisor looks at each
	centreBack = 7 * 24 * time.Hour  // at a centre, which has every post's passages to look through
)

// twiceUsed remembers the last answer.
type twiceUsed struct {
	mu    sync.Mutex
	at    int64 // UTC ms
	pairs []projection.Twice
}

// UsedTwice lists documents that passed twice in one direction within a day, at two logs and without a passage the other way
// between, as far as the logs are here: at a centre in the whole country, at a post those of which one passage is its own. What was
// done at nodes that were cut from each other comes to light when their logs meet, and no scan is waited for.
func (n *Node) UsedTwice(ctx context.Context) ([]projection.Twice, error) {
	n.twice.mu.Lock()
	defer n.twice.mu.Unlock()
	now := n.Now()
	if n.twice.at != 0 && now >= n.twice.at && now-n.twice.at < twiceKept.Milliseconds() {
		return n.twice.pairs, nil
	}
	writer, back := n.Name(), twiceBack
	if n.Self().Role == roster.Centre {
		writer, back = "", centreBack
	}
	pairs, err := n.shadow.UsedTwice(ctx, writer, now-back.Milliseconds(), maxTwice)
	if err != nil {
		return nil, err
	}
	n.twice.at, n.twice.pairs = now, pairs
	return pairs, nil
}
