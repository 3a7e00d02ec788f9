package watchlist

import (
	"fmt"
	"math"
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

// Whoever adds a person's names to alerts without end, letter for letter or in spellings like them, takes no more from what a word is
// worth than the bound; and who is found by two uncommon words, his nationality and the year of his birth stays a hit, whatever score a
// budget asks for.
func TestFloodOfANameLowersNoWordFurther(t *testing.T) {
	one := border.Alert{ID: "w:1", List: "w", Kind: border.PersonAlert, Action: border.ActArrest, Names: []border.AlertName{{Primary: "KOLDASHI", Secondary: "ARBENIT"}},
		Births: []border.PartialDate{{Year: 1974}}, Nations: []string{"ALB"}}
	q := Query{Primary: "KOLDASHI", Secondary: "ARBENIT", Birth: border.PartialDate{Year: 1974, Month: 8, Day: 12}, Nationality: "ALB", Most: 1 << 20}
	before := scoreOf(t, Build(List{one}).Match(q), one.ID)
	letters := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for what, name := range map[string]func(i int) border.AlertName{
		"the names": func(int) border.AlertName { return border.AlertName{Primary: "KOLDASHI", Secondary: "ARBENIT"} },
		"sounds": func(i int) border.AlertName {
			return border.AlertName{Primary: []string{"KHOLDASHI", "KOLDASHY", "KOLDACHI", "KOLLDASHI"}[i%4], Secondary: "ARBENIT"}
		},
		"neighbours": func(i int) border.AlertName {
			return border.AlertName{Primary: "KOLDASH" + letters[i%26:i%26+1], Secondary: "ARBENI" + letters[i/26%26:i/26%26+1]}
		},
		"both": func(i int) border.AlertName {
			return border.AlertName{Primary: "KOLDASHI" + letters[i%26 : i%26+1][:i%2], Secondary: "ARBENIT"}
		},
	} {
		all := List{one}
		for i := range 100 {
			a := one
			a.ID, a.Names = fmt.Sprint("a:", i), nil
			for k := range 250 {
				a.Names = append(a.Names, name(250*i+k))
			}
			all = append(all, a)
		}
		for how, x := range map[string]*Index{"at once": Build(all), "later": Build(List{one}).With(all[1:], nil).Merge()} {
			after := scoreOf(t, x.Match(q), one.ID)
			if after < before-2*math.Log(1+mostListed) || after < DefaultLeast()[border.PersonAlert]+mostRise {
				t.Errorf("%s, %s: %.1f became %.1f", what, how, before, after)
			}
		}
	}
}

func scoreOf(t *testing.T, hits []border.Hit, id string) float64 {
	t.Helper()
	for i := range hits {
		if hits[i].AlertID == id {
			return hits[i].Score
		}
	}
	t.Fatal("the alert is no hit")
	return 0
}
