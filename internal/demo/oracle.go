package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
)

// An oracle is the list kept outside all nodes: every act whose receipt a booth got, and how long it took.
type oracle struct {
	mu       sync.Mutex
	accepted map[record.Act]string // crossings with a receipt, and the post
	others   int                   // refusals and referrals with a receipt
	failed   int                   // acts that got no receipt
	problem  string                // the last reason, without personal data
	checks   []time.Duration
	commits  []time.Duration
}

func newOracle() *oracle { return &oracle{accepted: map[record.Act]string{}} }

func (o *oracle) note(post string, p passed) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.kind == record.Crossing {
		o.accepted[p.act] = post
	} else {
		o.others++
	}
	if len(o.checks) < maxSamples {
		o.checks, o.commits = append(o.checks, p.check), append(o.commits, p.commit)
	}
}

func (o *oracle) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed++
	o.problem = err.Error()
}

// compare looks for every accepted act at a node. It gives how many are there, and how many are there more than once.
func (o *oracle) compare(ctx context.Context, n *node.Node) (found, doubled int, err error) {
	o.mu.Lock()
	acts := make([]record.Act, 0, len(o.accepted))
	for a := range o.accepted {
		acts = append(acts, a)
	}
	o.mu.Unlock()
	for _, a := range acts {
		seen, err := n.ByAct(ctx, a)
		if err != nil {
			return found, doubled, fmt.Errorf("look for an act: %w", err)
		}
		if len(seen) > 0 {
			found++
		}
		if len(seen) > 1 {
			doubled++
		}
	}
	return found, doubled, nil
}

// percentile gives the p-th part of durations in milliseconds, 0 where there are none.
func percentile(all []time.Duration, p float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	i := min(int(p*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Microseconds()) / 1000
}

// Summary is the line that a run without a person ends with.
type Summary struct {
	Accepted    int     `json:"accepted"`  // crossings that got a receipt at a booth
	AtCentre    int     `json:"at_centre"` // distinct of these found at the centre after settling
	Lost        int     `json:"lost"`
	Doubled     int     `json:"doubled"`
	CheckP50    float64 `json:"check_p50_ms"`
	CheckP99    float64 `json:"check_p99_ms"`
	CommitP50   float64 `json:"commit_p50_ms"`
	CommitP99   float64 `json:"commit_p99_ms"`
	Seconds     float64 `json:"seconds"`      // of traffic
	OtherActs   int     `json:"other_acts"`   // refusals and referrals with a receipt
	NotRecorded int     `json:"not_recorded"` // acts that got none
}
