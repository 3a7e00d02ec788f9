package watchlist_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tims/internal/border"
	"tims/internal/lists/ofacdata"
	"tims/internal/mrz"
	"tims/internal/watchlist"
)

// zoneName cuts the words of both identifiers to a zone's name field, as a state would write it.
func zoneName(n border.AlertName, room int) (primary, secondary string, full bool) {
	field := mrz.Truncate(mrz.Transliterate(n.Primary), mrz.Transliterate(n.Secondary), room)
	primary, secondary, _ = strings.Cut(field, "<<")
	blank := func(s string) string { return strings.ReplaceAll(s, "<", " ") }
	return blank(primary), blank(secondary), len(field) >= room
}

// reversed puts the words of a name the other way round, all in the primary identifier.
func reversed(n border.AlertName) string {
	w := strings.Fields(strings.ReplaceAll(mrz.Transliterate(n.Primary+" "+n.Secondary), "<", " "))
	slices.Reverse(w)
	return strings.Join(w, " ")
}

// mistyped exchanges two inner letters of the longest word of the surname.
func mistyped(s string) string {
	long := ""
	for _, w := range strings.Fields(s) {
		if len(w) > len(long) {
			long = w
		}
	}
	if len(long) < 6 {
		return s
	}
	i := len(long) / 2
	return strings.Replace(s, long, long[:i-1]+long[i:i+1]+long[i-1:i]+long[i+1:], 1)
}

var whole struct {
	sync.Once
	alerts []border.Alert
	index  *watchlist.Index
}

// ofac is the whole list and its index, made once.
func ofac(tb testing.TB) ([]border.Alert, *watchlist.Index) {
	whole.Do(func() {
		whole.alerts = ofacAlerts(tb, ofacdata.Files())
		whole.index = watchlist.Build(whole.alerts)
	})
	return whole.alerts, whole.index
}

// An alert finds itself by its own data under its primary name, in any order of words, cut to the name field of a
// passport, and with two letters exchanged.
func TestEveryAlertFindsItself(t *testing.T) {
	alerts, x := ofac(t)
	ways := map[string]func(q *watchlist.Query, n border.AlertName){
		"as listed": func(*watchlist.Query, border.AlertName) {},
		"reversed":  func(q *watchlist.Query, n border.AlertName) { q.Primary, q.Secondary = reversed(n), "" },
		"cut": func(q *watchlist.Query, n border.AlertName) {
			q.Primary, q.Secondary, q.Truncated = zoneName(n, 39)
		},
		"mistyped": func(q *watchlist.Query, n border.AlertName) { q.Primary = mistyped(q.Primary) },
	}
	for way, change := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			for i := 0; i < len(alerts); i += 9 {
				a := alerts[i]
				q := queryOf(a, a.Names[0])
				q.Primary, q.Secondary, _ = zoneName(a.Names[0], 200)
				change(&q, a.Names[0])
				if !slices.ContainsFunc(x.Match(q), func(h border.Hit) bool { return h.AlertID == a.ID }) {
					t.Errorf("%s: %s | %s (births %v nations %v)", a.ID, q.Primary, q.Secondary, a.Births, a.Nations)
				}
			}
		})
	}
}

// The pieces add up to the score, are ordered, and hits come best first.
func TestReasonsAddUp(t *testing.T) {
	alerts, x := ofac(t)
	seen := 0
	for i := 0; i < len(alerts); i += 50 {
		last := 1e9
		for _, h := range x.Match(queryOf(alerts[i], alerts[i].Names[0])) {
			sum := 0.0
			for _, r := range h.Reasons {
				sum += r.Weight
			}
			if d := sum - h.Score; d > 1e-9 || d < -1e-9 || h.Score > last {
				t.Errorf("%s: reasons add up to %f, score %f after %f", h.AlertID, sum, h.Score, last)
			}
			last = h.Score
			seen++
		}
	}
	if seen < len(alerts)/50 {
		t.Errorf("only %d hits", seen)
	}
}

// More agreeing evidence never lowers the score of the person himself.
func TestEvidenceNeverLowers(t *testing.T) {
	alerts, x := ofac(t)
	least := map[border.AlertKind]float64{border.PersonAlert: 0}
	for i := 0; i < len(alerts); i += 100 {
		a := alerts[i]
		full := queryOf(a, a.Names[0])
		if len(a.Documents) > 0 {
			full.Issuer, full.Number = a.Documents[0].Issuer, a.Documents[0].Number
		}
		q := watchlist.Query{Primary: full.Primary, Secondary: full.Secondary, Least: least}
		score := scoreOf(x, q, a.ID)
		for step, add := range []func(){
			func() { q.Birth = full.Birth }, func() { q.Nationality = full.Nationality }, func() { q.Sex = full.Sex },
			func() { q.Issuer, q.Number = full.Issuer, full.Number },
		} {
			add()
			next := scoreOf(x, q, a.ID)
			if next < score-1e-9 {
				t.Errorf("%s: step %d lowered %f to %f", a.ID, step, score, next)
			}
			score = next
		}
	}
}

func scoreOf(x *watchlist.Index, q watchlist.Query, id string) float64 {
	for _, h := range x.Match(q) {
		if h.AlertID == id {
			return h.Score
		}
	}
	return 0
}

func ExampleIndex_Match() {
	x := watchlist.Build(watchlist.List{{
		ID: "made:1", List: "made", Kind: border.PersonAlert, Action: border.ActArrest,
		Names:  []border.AlertName{{Primary: "RADMANOVIĆ", Secondary: "Nebojša"}},
		Births: []border.PartialDate{{Year: 1949, Month: 10, Day: 1}}, Nations: []string{"BIH"}, Sex: "M",
	}})
	hits := x.Match(watchlist.Query{Primary: "RADMANOVICH", Secondary: "NEBOJSA",
		Birth: border.PartialDate{Year: 1949, Month: 1, Day: 10}, Nationality: "BIH", Sex: "M"})
	for _, r := range hits[0].Reasons {
		fmt.Printf("%-11s %-12s %-12s %+.1f\n", r.Part, r.Seen, r.Listed, r.Weight)
	}
	fmt.Printf("%s %.1f\n", hits[0].AlertID, hits[0].Score)
	// Output:
	// secondary   NEBOJSA      NEBOJSA      +9.0
	// primary     RADMANOVICH  RADMANOVIC   +6.1
	// birth       1949-01-10   1949-10-01   +5.5
	// nationality BIH          BIH          +2.3
	// sex         M            M            +0.7
	// made:1 23.5
}
