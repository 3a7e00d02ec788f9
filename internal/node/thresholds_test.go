package node

import (
	"context"
	"fmt"
	"testing"

	"tims/internal/border"
	"tims/internal/invented"
	"tims/internal/watchlist"
)

// Whoever floods a list with the names that everybody bears makes booths ask for more, but never for so much that the person whom a
// list really means is no hit. What was found is kept, and serves until the lists change noticeably.
func TestThresholds(t *testing.T) {
	n := centreForTest(t)
	rules := n.Rules()
	rules.HitBudget = map[border.AlertKind]float64{border.PersonAlert: 1}
	govern := func(rules border.Rulebook) {
		g := *n.state.Load()
		g.rules = rules
		n.state.Store(&g)
	}
	govern(rules)
	if c := n.Thresholds(); c.Sample != 0 || c.Kinds[border.PersonAlert].Score != rules.HitScore[border.PersonAlert] {
		t.Errorf("before anything was measured: %+v", c)
	}

	var alerts []border.Alert
	alike := func(count int) {
		alerts = nil
		for d := range invented.Travellers(77, count) { // other travellers, with the same common names
			alerts = append(alerts, border.Alert{ID: fmt.Sprintf("flood:%d", len(alerts)), List: "flood", Kind: border.PersonAlert,
				Action: border.ActInform, Names: []border.AlertName{{Primary: d.Primary, Secondary: d.Secondary}}})
		}
		alerts = append(alerts, border.Alert{ID: "flood:meant", List: "flood", Kind: border.PersonAlert, Action: border.ActArrest,
			Names:  []border.AlertName{{Primary: "Korobov", Secondary: "Igor"}},
			Births: []border.PartialDate{{Year: 1956, Month: 8, Day: 3}}, Nations: []string{"RUS"}, Sex: "M"})
	}
	measured := func() (watchlist.Threshold, bool) {
		t.Helper()
		if _, err := n.Release(context.Background(), "flood", 0, alerts); err != nil {
			t.Fatal(err)
		}
		anew := n.calibrate()
		c := n.Thresholds()
		if c.Sample != sampleSize {
			t.Fatalf("%d travellers were asked", c.Sample)
		}
		return c.Kinds[border.PersonAlert], anew
	}
	alike(200)
	few, _ := measured()
	alike(6000)
	many, _ := measured()
	clamp := rules.HitScore[border.PersonAlert] + 6
	if many.Score <= few.Score || many.Score > clamp || many.Rate == 0 {
		t.Errorf("%+v for a short list, %+v for a flood, never above %g", few, many, clamp)
	}
	alerts = alerts[1:]
	if _, anew := measured(); anew {
		t.Error("one alert of thousands less, and all is measured anew")
	}

	before := n.Thresholds()
	if err := n.saveThresholds(); err != nil {
		t.Fatal(err)
	}
	n.thresholds.now.Store(nil)
	n.thresholds.done = nil
	if err := n.openThresholds(); err != nil || n.Thresholds().Kinds[border.PersonAlert] != before.Kinds[border.PersonAlert] || n.calibrate() {
		t.Errorf("what was kept is not used: %v, %+v", err, n.Thresholds())
	}

	q := watchlist.Query{Primary: "KOROBOV", Secondary: "IGOR", Birth: border.PartialDate{Year: 1956, Month: 8, Day: 3}, Least: n.Thresholds().Least()}
	if hits := n.watch.now.Load().index.Match(q); len(hits) != 1 || hits[0].AlertID != "flood:meant" {
		t.Errorf("%d hits on the one who is meant", len(hits))
	}

	rules.HitBudget = map[border.AlertKind]float64{border.PersonAlert: 1e-9}
	govern(rules)
	if n.calibrate(); n.Thresholds().Kinds[border.PersonAlert].Score != clamp || !n.Thresholds().Kinds[border.PersonAlert].Bounded {
		t.Errorf("a budget that cannot be kept: %+v", n.Thresholds())
	}
	rules.HitBudget = nil // the scores of another rulebook are not used
	govern(rules)
	if c := n.Thresholds(); c.Kinds[border.PersonAlert].Score != rules.HitScore[border.PersonAlert] {
		t.Errorf("with another rulebook: %+v", c)
	}
}
