package watchlist

import (
	"math"
	"slices"

	"tims/internal/border"
)

const (
	calibrateFrom = 2.0  // score from which on the sample is looked at; no threshold is ever near it
	leastScore    = 5.0  // below which a threshold never falls, however short the list: that is a common name alone
	mostRise      = 6.0  // by which a budget may raise a threshold above the rulebook's score: who floods a list silences no alert
	tailShare     = 0.05 // of the sample by whose scores the tail is judged
	tailLeast     = 20   // travellers in it; with fewer hit at all, the rulebook's score stands
	counted       = 20   // travellers over a threshold from which on they are counted, not estimated
)

// A Calibration says which scores make a hit, and how many ordinary travellers hit something then.
type Calibration struct {
	Sample int // travellers asked
	Kinds  map[border.AlertKind]Threshold
}

// A Threshold is the score from which on alerts of a kind are hits.
type Threshold struct {
	Score float64
	Rate  float64 // ordinary travellers who hit such an alert, of 1,000; estimated where few of the sample did
	// Bounded: the budget asks for another score, which is further from the rulebook's than it may be.
	Bounded bool
}

// Least gives the scores as a Query takes them.
func (c Calibration) Least() map[border.AlertKind]float64 {
	least := make(map[border.AlertKind]float64, len(c.Kinds))
	for k, t := range c.Kinds {
		least[k] = t.Score
	}
	return least
}

// Calibrate finds for each kind of alert the score at which of 1,000 ordinary travellers as many hit something as the
// budget allows. Score gives the rulebook's: where a kind has no budget it stands, and where it has one the threshold moves
// at most mostRise above it and never below leastScore. The sample is of travellers of whom none is listed; the more there
// are, the surer it is.
//
// Scores are sums of logarithms, so beyond the first few of a hundred travellers their tail falls like an exponential; its
// slope is taken from the highest twentieth of the sample, and the threshold read from it where fewer than twenty
// travellers are left to count.
func (x *Index) Calibrate(sample []Query, score, budget map[border.AlertKind]float64) Calibration {
	from := map[border.AlertKind]float64{}
	for k := range score {
		from[k] = calibrateFrom
	}
	best := make([]map[border.AlertKind]float64, len(sample))
	parallel(len(sample), 16, 2, func(i int) {
		q := sample[i]
		q.Least = from
		best[i] = map[border.AlertKind]float64{}
		for _, h := range x.Match(q) {
			best[i][h.Kind] = max(best[i][h.Kind], h.Score)
		}
	})
	c := Calibration{Sample: len(sample), Kinds: map[border.AlertKind]Threshold{}}
	for k, stands := range score {
		var tops []float64
		for _, b := range best {
			if s, ok := b[k]; ok {
				tops = append(tops, s)
			}
		}
		slices.Sort(tops)
		t := tail{tops: tops, of: len(sample)}
		at, bounded := stands, false
		if share := budget[k] / 1000; share > 0 && t.known() {
			wanted := t.score(share)
			at = min(max(wanted, leastScore), stands+mostRise)
			bounded = at != wanted
		}
		c.Kinds[k] = Threshold{Score: at, Rate: 1000 * t.share(at), Bounded: bounded}
	}
	return c
}

// A tail is the highest scores of a sample, ascending: one for each traveller who reached any.
type tail struct {
	tops []float64
	of   int
}

func (t tail) known() bool { return len(t.tops) >= tailLeast }

// fit gives the score at which the tail begins, the share of travellers in it, and its mean excess.
func (t tail) fit() (from, share, excess float64) {
	n := min(len(t.tops)-1, max(tailLeast, int(tailShare*float64(t.of))))
	from = t.tops[len(t.tops)-1-n]
	for _, s := range t.tops[len(t.tops)-n:] {
		excess += (s - from) / float64(n)
	}
	return from, float64(n) / float64(t.of), max(excess, 0.05)
}

// score is where the share of all travellers is left.
func (t tail) score(share float64) float64 {
	if n := int(share * float64(t.of)); n >= counted && n < len(t.tops) {
		return t.tops[len(t.tops)-n]
	}
	from, all, excess := t.fit()
	if share >= all {
		n := min(len(t.tops), int(share*float64(t.of)))
		return t.tops[len(t.tops)-n]
	}
	return from + excess*math.Log(all/share)
}

// share is how many of all travellers reach a score.
func (t tail) share(score float64) float64 {
	at, _ := slices.BinarySearch(t.tops, score)
	left := len(t.tops) - at
	if left >= counted || !t.known() {
		return float64(left) / float64(max(1, t.of))
	}
	from, all, excess := t.fit()
	return all * min(1, math.Exp((from-score)/excess))
}
