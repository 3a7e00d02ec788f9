package watchlist

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tims/internal/border"
	"tims/internal/invented"
	"tims/internal/mrz"
)

// of is the score of an alert among the hits of a query, and whether it is one of them.
func scoreAmong(x *Index, q Query, id, list string) (float64, bool) {
	for _, h := range x.Match(q) {
		if h.AlertID == id && h.List == list {
			return h.Score, true
		}
	}
	return math.Inf(-1), false
}

// misspelt makes one error of a typist in one word: a letter left out, doubled, exchanged with the next, or another.
func misspelt(t *rapid.T, words []string) {
	i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
	w := words[i]
	at := rapid.IntRange(0, len(w)-1).Draw(t, "letter")
	switch rapid.SampledFrom([]string{"left out", "doubled", "turned", "another"}).Draw(t, "error") {
	case "left out":
		if len(w) > 2 {
			w = w[:at] + w[at+1:]
		}
	case "doubled":
		w = w[:at+1] + w[at:]
	case "turned":
		if at+1 < len(w) {
			w = w[:at] + w[at+1:at+2] + w[at:at+1] + w[at+2:]
		}
	default:
		w = w[:at] + string(rune('A'+rapid.IntRange(0, 25).Draw(t, "other"))) + w[at+1:]
	}
	words[i] = w
}

// A listed person with a whole birth date, other than the first of a month, and a nationality hits whatever order the words of the document stand in, with one error of a typist
// in any word, cut to the name field of a passport.
func TestFoundUnderOneError(t *testing.T) {
	var l List
	var wanted []border.Alert
	for a := range invented.Alerts(invented.List{Persons: 3000, Seed: 11}) {
		l = append(l, a)
		if b := a.Births; len(b) == 1 && b[0].Day > 1 && len(a.Nations) > 0 {
			wanted = append(wanted, a)
		}
	}
	x := Build(l)
	rapid.Check(t, func(t *rapid.T) {
		a := wanted[rapid.IntRange(0, len(wanted)-1).Draw(t, "alert")]
		n := a.Names[0]
		f := forms(n.Primary, n.Secondary)[0]
		field := mrz.Truncate(strings.Join(f.primary, "<"), strings.Join(f.secondary, "<"), 39)
		q := Query{Birth: a.Births[0], Nationality: a.Nations[0], Sex: a.Sex, Truncated: len(field) >= 39}
		words := strings.Fields(strings.ReplaceAll(field, "<", " "))
		misspelt(t, words)
		words = rapid.Permutation(words).Draw(t, "order")
		divide := rapid.IntRange(1, len(words)).Draw(t, "surnames")
		q.Primary, q.Secondary = strings.Join(words[:divide], " "), strings.Join(words[divide:], " ")
		if _, ok := scoreAmong(x, q, a.ID, a.List); !ok {
			t.Fatalf("%s | %s does not find %v, born %v", q.Primary, q.Secondary, n, q.Birth)
		}
	})
}

// Of two queries that agree with an alert, the one that says more never scores less.
func TestMoreEvidenceNeverLowers(t *testing.T) {
	var l List
	for a := range invented.Alerts(invented.List{Persons: 800, Seed: 12}) {
		l = append(l, a)
	}
	x := Build(l)
	rapid.Check(t, func(t *rapid.T) {
		a := l[rapid.IntRange(0, len(l)-1).Draw(t, "alert")]
		f := forms(a.Names[0].Primary, a.Names[0].Secondary)[0]
		less := Query{Primary: strings.Join(f.primary, " "), Least: map[border.AlertKind]float64{border.PersonAlert: -50}, Most: 1000}
		if rapid.Bool().Draw(t, "given names") {
			less.Secondary = strings.Join(f.secondary, " ")
		}
		more := less
		more.Secondary = strings.Join(f.secondary, " ")
		says := func(what string, tell func(q *Query)) {
			switch rapid.IntRange(0, 2).Draw(t, what) {
			case 0:
				tell(&less)
				tell(&more)
			case 1:
				tell(&more)
			}
		}
		if len(a.Births) > 0 {
			says("birth", func(q *Query) { q.Birth = a.Births[0] })
		}
		if len(a.Nations) > 0 {
			says("nation", func(q *Query) { q.Nationality = a.Nations[0] })
		}
		says("sex", func(q *Query) { q.Sex = a.Sex })
		if len(a.Documents) > 0 {
			says("document", func(q *Query) { q.Issuer, q.Number = a.Documents[0].Issuer, a.Documents[0].Number })
		}
		was, _ := scoreAmong(x, less, a.ID, a.List)
		is, _ := scoreAmong(x, more, a.ID, a.List)
		if is < was-1e-9 {
			t.Fatalf("%+v scores %.3f, %+v only %.3f", less, was, more, is)
		}
	})
}

var (
	someNames = rapid.SampledFrom(strings.Fields("KOROBOV KOROBOW IVAN IGOR AHMAD AHMED HASSAN HUSSEIN AL BIN DE LI WEI MARIA ELENA MARIAELENA I"))
	someDates = rapid.SampledFrom([]border.PartialDate{{Year: 1956, Month: 8, Day: 3}, {Year: 1956, Month: 3, Day: 8}, {Year: 1956},
		{Year: 1957, Month: 1, Day: 1}, {Year: 1980, Month: 5}, {Month: 8, Day: 3}})
	someStates = rapid.SampledFrom([]string{"RUS", "IRQ", "MEX"})
)

func someName(t *rapid.T) border.AlertName {
	some := func(what string, from int) string {
		return strings.Join(rapid.SliceOfN(someNames, from, 3).Draw(t, what), " ")
	}
	n := border.AlertName{Primary: some("primary", 1), Secondary: some("secondary", 0), Alias: rapid.Bool().Draw(t, "alias")}
	n.Weak = n.Alias && rapid.Bool().Draw(t, "weak")
	return n
}

func someAlert(t *rapid.T) border.Alert {
	a := border.Alert{ID: "a:1", List: "old", Kind: border.PersonAlert, Action: border.ActInform, Sex: rapid.SampledFrom([]string{"", "M", "F"}).Draw(t, "sex")}
	for range rapid.IntRange(1, 3).Draw(t, "names") {
		a.Names = append(a.Names, someName(t))
	}
	a.Births = rapid.SliceOfN(someDates, 0, 2).Draw(t, "births")
	a.Nations = rapid.SliceOfN(someStates, 0, 2).Draw(t, "nations")
	return a
}

// widened adds to an alert what may be added without the authority's approval.
func widened(t *rapid.T, old border.Alert) border.Alert {
	now := old
	now.Names, now.Births, now.Nations = slices.Clone(old.Names), slices.Clone(old.Births), slices.Clone(old.Nations)
	for range rapid.IntRange(0, 2).Draw(t, "more names") {
		now.Names = slices.Insert(now.Names, rapid.IntRange(0, len(now.Names)).Draw(t, "at"), someName(t))
	}
	for i := range now.Names {
		if rapid.Bool().Draw(t, "better") {
			now.Names[i].Weak = false
			now.Names[i].Alias = now.Names[i].Alias && rapid.Bool().Draw(t, "still an alias")
		}
	}
	if len(old.Births) > 0 && rapid.Bool().Draw(t, "more births") {
		now.Births = append(now.Births, someDates.Draw(t, "birth"))
	}
	if len(old.Nations) > 0 && rapid.Bool().Draw(t, "more nations") {
		now.Nations = append(now.Nations, someStates.Draw(t, "nation"))
	}
	if rapid.Bool().Draw(t, "document") {
		now.Documents = append(now.Documents, border.AlertDocument{Issuer: "RUS", Number: "12345"})
	}
	return now
}

// What border.Weakens calls no loss is none: in one index, no query scores the newer version of an alert below the older.
func TestWhatDoesNotWeakenScoresNoLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := someAlert(t)
		now := widened(t, old)
		if now.Weakens(&old) {
			t.Fatalf("%+v weakens %+v", now, old)
		}
		now.List = "now"
		x := Build(List{old}, List{now})
		n := someName(t)
		q := Query{Primary: n.Primary, Secondary: n.Secondary, Birth: rapid.OneOf(someDates, rapid.Just(border.PartialDate{})).Draw(t, "born"),
			Nationality: rapid.SampledFrom([]string{"", "RUS", "FRA"}).Draw(t, "nationality"), Sex: rapid.SampledFrom([]string{"", "M", "F"}).Draw(t, "of sex"),
			Number: rapid.SampledFrom([]string{"", "12345"}).Draw(t, "number"), Truncated: rapid.Bool().Draw(t, "cut"),
			Least: map[border.AlertKind]float64{border.PersonAlert: -60}}
		was, _ := scoreAmong(x, q, old.ID, "old")
		is, _ := scoreAmong(x, q, old.ID, "now")
		if is < was-1e-6 {
			t.Fatalf("%+v: %.3f by\n%+v, but %.3f by\n%+v", q, was, old, is, now)
		}
	})
}

// The cost of spelling is the same both ways, nothing for equal words, and the loss for it only grows.
func TestSpelling(t *testing.T) {
	word := rapid.StringMatching(`[AEIKHSTOUVW]{1,12}|[A-Z]{1,40}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		there, back := spellingCost(a, b), spellingCost(b, a)
		if there != back || there < 0 || there > mostCost || (a == b) != (there == 0) {
			t.Fatalf("%s to %s costs %g, back %g", a, b, there, back)
		}
		for k := range likenesses {
			if loss := spellingLoss(k, there); loss < 0 || spellingLoss(k, there+1) < loss {
				t.Fatalf("likeness %d: cost %g loses %g, one more %g", k, there, loss, spellingLoss(k, there+1))
			}
		}
	})
	for _, c := range []struct{ likely, unlikely string }{
		{"AHMAD AHMED", "AHMAD AHMIR"}, {"SERGEI SERGEY", "SERGEI SERGIO"}, {"YOUSSEF YUSUF", "YOUSSEF JOSETTE"},
		{"HABIB HABIBULLAH", "HABIB HABIBOVICH"}, {"VIKTOR VICTOR", "VIKTOR VIGTOR"}, {"IVANOV IWANOW", "IVANOV IVANKOV"},
	} {
		a, b, _ := strings.Cut(c.likely, " ")
		d, e, _ := strings.Cut(c.unlikely, " ")
		if spellingCost(a, b) >= spellingCost(d, e) {
			t.Errorf("%s costs %.1f, %s %.1f", c.likely, spellingCost(a, b), c.unlikely, spellingCost(d, e))
		}
	}
}
