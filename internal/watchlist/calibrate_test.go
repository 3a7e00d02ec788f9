package watchlist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/invented"
)

func inventedIndex(persons int) *Index {
	var l List
	for a := range invented.Alerts(invented.List{Persons: persons, Seed: 1}) {
		l = append(l, a)
	}
	return Build(l)
}

func travellersOf(seed uint64, n int) (qs []Query) {
	for d := range invented.Travellers(seed, n) {
		qs = append(qs, QueryOf(d))
	}
	return qs
}

// What a calibration promises for one sample holds for other travellers, and a longer list gets a higher threshold.
func TestCalibrationHolds(t *testing.T) {
	score := map[border.AlertKind]float64{border.PersonAlert: 10}
	budget := map[border.AlertKind]float64{border.PersonAlert: 10}
	last := 0.0
	for _, persons := range []int{1000, 8000} {
		x := inventedIndex(persons)
		c := x.Calibrate(travellersOf(5, 1000), score, budget)
		got := c.Kinds[border.PersonAlert]
		if math.Abs(got.Rate-10) > 1 && !got.Bounded {
			t.Errorf("%d persons: a rate of %.1f at %.2f for a budget of 10", persons, got.Rate, got.Score)
		}
		hit := 0
		others := travellersOf(6, 1000)
		for _, q := range others {
			if q.Least = c.Least(); len(x.Match(q)) > 0 {
				hit++
			}
		}
		if hit > 25 {
			t.Errorf("%d persons: %d of 1,000 others are hit at %.2f for a budget of 10", persons, hit, got.Score)
		}
		if got.Score < last {
			t.Errorf("%d persons: %.2f, below %.2f of the shorter list", persons, got.Score, last)
		}
		last = got.Score
	}
}

// Without a budget the rulebook's score stands; a budget that cannot be kept moves it only so far.
func TestCalibrationIsBounded(t *testing.T) {
	x, sample := inventedIndex(1000), travellersOf(5, 500)
	score := map[border.AlertKind]float64{border.PersonAlert: 10, border.DocumentAlert: 12}
	if got := x.Calibrate(sample, score, nil); got.Kinds[border.PersonAlert].Score != 10 || got.Kinds[border.DocumentAlert].Score != 12 {
		t.Errorf("without a budget: %+v", got)
	}
	for budget, want := range map[float64]float64{1e-12: 10 + mostRise, 100: leastScore} {
		got := x.Calibrate(sample, score, map[border.AlertKind]float64{border.PersonAlert: budget, border.DocumentAlert: budget})
		if k := got.Kinds[border.PersonAlert]; k.Score != want || !k.Bounded {
			t.Errorf("budget %g: %+v, want %.1f", budget, k, want)
		}
		if got.Kinds[border.DocumentAlert].Score != 12 {
			t.Errorf("numbers that nobody carries: %+v", got.Kinds[border.DocumentAlert])
		}
	}
	if got := Build().Calibrate(sample, score, score); got.Kinds[border.PersonAlert].Score != 10 {
		t.Errorf("an empty list: %+v", got)
	}
}

// Of scores that fall like an exponential the tail is read right far beyond the sample.
func TestTail(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var tl tail
	for range 4000 {
		if r.IntN(2) == 0 { // half of the travellers reach anything
			tl.tops = append(tl.tops, 3+1.4*r.ExpFloat64())
		}
	}
	tl.of = 4000
	slices.Sort(tl.tops)
	for _, share := range []float64{0.1, 0.01, 0.001, 0.0001} {
		want := 3 + 1.4*math.Log(0.5/share)
		if got := tl.score(share); math.Abs(got-want) > 0.8 {
			t.Errorf("%g: %.2f, want %.2f", share, got, want)
		}
		if got := tl.share(tl.score(share)); got < share*0.9 || got > share*1.1 {
			t.Error(fmt.Sprintf("share %g comes back as %g", share, got))
		}
	}
}
