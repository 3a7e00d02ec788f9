package watchlist

import (
	"fmt"
	"testing"

	"tims/internal/border"
)

// Whoever floods the lists with one person's name and number in alerts that a booth is not shown hides no alert by which he is held.
func TestFloodOfOneActionHidesNoOther(t *testing.T) {
	one := border.Alert{ID: "w:1", List: "w", Kind: border.PersonAlert, Action: border.ActArrest, Names: []border.AlertName{{Primary: "KOLDASHI", Secondary: "ARBENIT"}},
		Births: []border.PartialDate{{Year: 1974, Month: 8, Day: 12}}}
	q := Query{Primary: "KOLDASHI", Secondary: "ARBENIT", Birth: one.Births[0], Issuer: "ALB", Number: "AB1234567"}
	all := List{one}
	for i := range 4 * maxHits {
		a := one
		a.ID, a.Action = fmt.Sprint("a:", i), border.ActDiscreet
		if i%2 == 0 {
			a.Action = border.ActInform
		}
		a.Documents = []border.AlertDocument{{Issuer: "ALB", Number: "AB1234567"}}
		all = append(all, a)
	}
	hits := Build(all).Match(q)
	count := map[border.Action]int{}
	for _, h := range hits {
		count[h.Action]++
	}
	if len(hits) != maxHits || count[border.ActArrest] != 1 || count[border.ActDiscreet] < maxHits/sureShare || count[border.ActInform] < maxHits/sureShare {
		t.Errorf("%d hits, by action %v", len(hits), count)
	}
}

// Whatever number of names a valid alert has, it is found by the last of them.
func TestLastNameOfAnAlertIsSearched(t *testing.T) {
	a := border.Alert{ID: "w:1", List: "w", Kind: border.PersonAlert, Action: border.ActArrest}
	for i := range border.MaxAlertNames - 1 {
		a.Names = append(a.Names, border.AlertName{Primary: fmt.Sprintf("QQX%c%c", 'A'+i%26, 'A'+i/26)})
	}
	a.Names = append(a.Names, border.AlertName{Primary: "KOLDASHI", Secondary: "ARBENIT"})
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	if hits := Build(List{a}).Match(Query{Primary: "KOLDASHI", Secondary: "ARBENIT"}); len(hits) != 1 {
		t.Errorf("%d hits", len(hits))
	}
}
