package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"tims/internal/border"
	"tims/internal/invented"
	"tims/internal/record"
	"tims/internal/seal"
	"tims/internal/watchlist"
)

// The score from which on an alert is a hit follows from the rulebook's budget of hits and from what is in force here: a list ten times
// as long hits ten times as many travellers who are on no list. It is found in the background with invented travellers, the same at
// every node; until then, and for a kind without a budget, the rulebook's score stands. How far a budget may move it is bounded
// (watchlist.Calibrate), so that whoever floods a list with names silences no alert.
//
// It is kept in the node's directory, for a large list takes minutes. What is kept there is no secret, but it could make alerts match
// less, so it is sealed like the index, and whoever opens the seal could change the index itself.

// thresholdsFile holds, sealed, one savedThresholds.
const thresholdsFile = "thresholds"

// thresholds are scores and what they were found for.
type thresholds struct {
	now  atomic.Pointer[calibrated]
	wake chan struct{} // of capacity 1

	mu   sync.Mutex // one calibration at a time
	done *watchlist.Index
}

// calibrated is a calibration with what it was made of, immutable.
type calibrated struct {
	watchlist.Calibration
	alerts        int
	layers        int
	score, budget map[border.AlertKind]float64
}

// savedThresholds is calibrated in bytes.
type savedThresholds struct {
	_             struct{} `cbor:",toarray"`
	Sample        int
	Kinds         map[border.AlertKind]savedThreshold
	Alerts        int
	Layers        int
	Score, Budget map[border.AlertKind]float64
}

type savedThreshold struct {
	_           struct{} `cbor:",toarray"`
	Score, Rate float64
	Bounded     bool
}

// Thresholds gives the scores from which on an alert of each kind is a hit at this node, and how many of 1,000 ordinary travellers
// hit one by them. Where Sample is 0 nothing was measured, and the scores are the rulebook's: the list is short and has no budget,
// or is being measured.
func (n *Node) Thresholds() watchlist.Calibration {
	rules := n.Rules()
	if c := n.thresholds.now.Load(); c != nil && c.isOf(rules) {
		return c.Calibration
	}
	out := watchlist.Calibration{Kinds: map[border.AlertKind]watchlist.Threshold{}}
	for k, score := range rules.HitScore {
		out.Kinds[k] = watchlist.Threshold{Score: score}
	}
	return out
}

// isOf says whether scores were found for a rulebook. Those of another are not used: it may ask for more hits.
func (c *calibrated) isOf(rules border.Rulebook) bool {
	return maps.Equal(c.score, rules.HitScore) && maps.Equal(c.budget, rules.HitBudget)
}

// serves says whether scores still do for an index: one merged since, or with a twentieth more or fewer alerts, is measured anew.
func (c *calibrated) serves(x *watchlist.Index, rules border.Rulebook) bool {
	return c != nil && c.isOf(rules) && math.Abs(float64(x.Len()-c.alerts)) <= noticeable*float64(c.alerts) &&
		(x.Layers() > 1 || c.layers == 1)
}

func (t *thresholds) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// thresholdLoop measures what has come into force.
func (n *Node) thresholdLoop(ctx context.Context) {
	if err := n.openThresholds(); err != nil {
		n.opt.Journal.Warn("the scores of hits are found again", "node", n.Name(), "error", err)
	}
	for {
		if n.calibrate() {
			if err := n.saveThresholds(); err != nil {
				n.opt.Journal.Warn("the scores of hits will be found again at the next start", "node", n.Name(), "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-n.thresholds.wake:
		}
	}
}

// calibrate finds the scores for what is in force, where those in use do not serve. A short list without a budget needs none.
func (n *Node) calibrate() bool {
	n.thresholds.mu.Lock()
	defer n.thresholds.mu.Unlock()
	in, rules := n.watch.now.Load(), n.Rules()
	if in == nil || in.index == nil || in.index == n.thresholds.done && n.thresholds.now.Load().serves(in.index, rules) {
		return false
	}
	x := in.index
	n.thresholds.done = x
	if n.thresholds.now.Load().serves(x, rules) || len(rules.HitBudget) == 0 && x.Names() < fewNames {
		return false
	}
	sample := make([]watchlist.Query, 0, sampleSize)
	for d := range invented.Travellers(sampleSeed, sampleSize) {
		q := watchlist.QueryOf(d)
		q.On = n.Today()
		sample = append(sample, q)
	}
	buildTurn.Lock()
	defer buildTurn.Unlock()
	c := &calibrated{Calibration: x.Calibrate(sample, rules.HitScore, rules.HitBudget), alerts: x.Len(), layers: x.Layers(),
		score: maps.Clone(rules.HitScore), budget: maps.Clone(rules.HitBudget)}
	n.thresholds.now.Store(c)
	for k, t := range c.Kinds {
		n.opt.Journal.Info("score from which on an alert is a hit", "node", n.Name(), "kind", k.String(), "score", t.Score,
			"hits_per_1000", t.Rate, "bounded", t.Bounded)
	}
	return true
}

func (n *Node) saveThresholds() error {
	c := n.thresholds.now.Load()
	saved := savedThresholds{Sample: c.Sample, Kinds: map[border.AlertKind]savedThreshold{}, Alerts: c.alerts, Layers: c.layers,
		Score: c.score, Budget: c.budget}
	for k, t := range c.Kinds {
		saved.Kinds[k] = savedThreshold{Score: t.Score, Rate: t.Rate, Bounded: t.Bounded}
	}
	return n.saveSealed(thresholdsFile, func(to io.Writer) error {
		_, err := to.Write(record.Marshal(saved))
		return err
	})
}

func (n *Node) openThresholds() error {
	b, err := os.ReadFile(filepath.Join(n.opt.Dir, thresholdsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		b, err = seal.OpenFile(n.fileKey(thresholdsFile), b)
	}
	var saved savedThresholds
	if err == nil {
		err = record.Unmarshal(bytes.Clone(b), &saved)
	}
	if err != nil {
		return fmt.Errorf("the kept scores of hits are not used: %w", err)
	}
	c := &calibrated{Calibration: watchlist.Calibration{Sample: saved.Sample, Kinds: map[border.AlertKind]watchlist.Threshold{}},
		alerts: saved.Alerts, layers: saved.Layers, score: saved.Score, budget: saved.Budget}
	for k, t := range saved.Kinds {
		c.Kinds[k] = watchlist.Threshold{Score: t.Score, Rate: t.Rate, Bounded: t.Bounded}
	}
	n.thresholds.now.Store(c)
	return nil
}
