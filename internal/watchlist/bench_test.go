package watchlist_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/lists/ofacdata"
	"tims/internal/watchlist"
)

// generated makes n alerts by setting OFAC's surnames, given names and aliases together anew: as many different words and
// as many common ones as a real list of that size has.
func generated(tb testing.TB, n int) []border.Alert {
	real := ofacAlerts(tb, ofacdata.Files())
	r := rand.New(rand.NewPCG(1, 2))
	name := func() border.AlertName {
		a, b := real[r.IntN(len(real))], real[r.IntN(len(real))]
		return border.AlertName{Primary: a.Names[r.IntN(len(a.Names))].Primary, Secondary: b.Names[r.IntN(len(b.Names))].Secondary}
	}
	out := make([]border.Alert, n)
	for i := range out {
		out[i] = border.Alert{ID: fmt.Sprintf("made:%d", i), List: "made", Kind: border.PersonAlert, Action: border.ActRefuse,
			Names:     []border.AlertName{name(), name()},
			Births:    []border.PartialDate{{Year: 1940 + r.IntN(65), Month: 1 + r.IntN(12), Day: 1 + r.IntN(28)}},
			Nations:   real[r.IntN(len(real))].Nations,
			Documents: []border.AlertDocument{{Issuer: "UTO", Number: fmt.Sprintf("M%08d", i)}},
		}
	}
	return out
}

func BenchmarkMatch(b *testing.B) {
	for name, alerts := range map[string][]border.Alert{"ofac": ofacAlerts(b, ofacdata.Files()), "20000": generated(b, 20_000)} {
		asked := []labelled{}
		for _, a := range generated(b, 4_000) { // travellers with names of the list's own kind: the dear case
			asked = append(asked, labelled{query: queryOf(a, a.Names[0])})
		}
		sets := map[string][]labelled{"listlike": asked}
		if ordinary := queries(b, "ordinary_queries.tsv"); len(ordinary) > 0 {
			sets["ordinary"] = ordinary
		}
		x := watchlist.Build(alerts)
		for set, qs := range sets {
			b.Run(name+"/"+set, func(b *testing.B) { matchAll(b, x, qs) })
		}
	}
}

func matchAll(b *testing.B, x *watchlist.Index, qs []labelled) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		begun := time.Now()
		x.Match(qs[i%len(qs)].query)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
}

func BenchmarkBuild(b *testing.B) {
	for name, alerts := range map[string][]border.Alert{"ofac": ofacAlerts(b, ofacdata.Files()), "20000": generated(b, 20_000)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				watchlist.Build(alerts)
			}
		})
	}
}

// queryOf is the traveller whom an alert describes, under one of its names.
func queryOf(a border.Alert, n border.AlertName) watchlist.Query {
	q := watchlist.Query{Primary: n.Primary, Secondary: n.Secondary, Sex: a.Sex}
	if len(a.Births) > 0 {
		q.Birth = a.Births[0]
	}
	if len(a.Nations) > 0 {
		q.Nationality = a.Nations[0]
	}
	return q
}
