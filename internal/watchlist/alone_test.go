package watchlist

import (
	"math"
	"testing"

	"tims/internal/border"
)

// An alert alone scores nearly as it does among the others, and is found however little it has in common.
func TestAlone(t *testing.T) {
	korobov := border.Alert{ID: "1", List: "l", Kind: border.PersonAlert, Action: border.ActArrest, Names: []border.AlertName{{Primary: "Korobov", Secondary: "Igor"}},
		Births: []border.PartialDate{{Year: 1956, Month: 8, Day: 3}}}
	other := border.Alert{ID: "2", List: "l", Kind: border.PersonAlert, Action: border.ActArrest, Names: []border.AlertName{{Primary: "Korobov", Secondary: "Anna"}}}
	all := Build(List{korobov, other, other, other})
	q := Query{Primary: "KOROBOW", Secondary: "IGOR", Birth: border.PartialDate{Year: 1956, Month: 3, Day: 8}}
	among, alone := all.Match(q), all.Alone(&korobov).Match(q)
	if len(among) == 0 || len(alone) != 1 || among[0].AlertID != "1" || math.Abs(among[0].Score-alone[0].Score) > 0.5 {
		t.Errorf("among others %+v, alone %+v", among, alone)
	}
	q = Query{Primary: "KOROBOV", Least: map[border.AlertKind]float64{border.PersonAlert: -1000}}
	if far := all.Alone(&other).Match(q); len(far) != 1 || far[0].AlertID != "2" {
		t.Errorf("%+v", far)
	}
	var none *Index
	if hits := none.Alone(&korobov).Match(Query{Primary: "KOROBOV", Secondary: "IGOR"}); len(hits) != 1 {
		t.Errorf("without other alerts: %+v", hits)
	}
}
