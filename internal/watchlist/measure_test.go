package watchlist_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/lists/ofacdata"
	"tims/internal/mrz"
	"tims/internal/watchlist"
)

// A labelled is one query of the sets in ../shared/data/watchlist/queries.
type labelled struct {
	alert, class string
	query        watchlist.Query
}

// queries reads a labelled set, or nothing where the data folder is not there.
func queries(tb testing.TB, file string) []labelled {
	root := os.Getenv("TIMS_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(root, "watchlist", "queries", file))
	if err != nil {
		tb.Logf("%s is absent: set TIMS_DATA to the folder of the data sets", file)
		return nil
	}
	defer f.Close()
	var out []labelled
	for in := bufio.NewScanner(f); in.Scan(); {
		c := strings.Split(in.Text()+"\t\t\t", "\t")
		q := watchlist.Query{Primary: c[3], Secondary: c[4]}
		if birth := c[5]; birth != "" {
			q.Birth, err = border.ParsePartialDate(birth + "-??-??"[len(birth)-4:])
		}
		if err != nil {
			tb.Fatal(err)
		}
		q.Nationality, _ = mrz.StateByName(c[6])
		room := 39
		if strings.HasPrefix(c[2], "td1") || strings.HasSuffix(c[2], "td1") {
			room = 30
		}
		q.Truncated = len(c[3])+2+len(c[4]) >= room-2
		out = append(out, labelled{alert: "ofac:" + c[1], class: c[2], query: q})
	}
	return out
}

func ofacAlerts(tb testing.TB, files map[string]io.Reader) []border.Alert {
	var all []border.Alert
	if _, err := lists.Import(lists.OFACSDN, files, func(a border.Alert) error {
		all = append(all, a)
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return all
}

// primaryOnly drops aliases, which are the queries of a labelled set.
func primaryOnly(alerts []border.Alert) []border.Alert {
	out := slices.Clone(alerts)
	for i := range out {
		out[i].Names = out[i].Names[:1]
	}
	return out
}

// BenchmarkRecall measures what a threshold costs and finds: hits per thousand ordinary travellers on the whole list, and
// the share of labelled queries whose alert is hit, at the default threshold and at that of one ordinary traveller in a
// hundred and in four hundred. Time is of no interest.
func BenchmarkRecall(b *testing.B) {
	ordinary := queries(b, "ordinary_queries.tsv")
	alerts := ofacAlerts(b, ofacdata.Files())
	full, primary := watchlist.Build(alerts), watchlist.Build(primaryOnly(alerts))
	present := map[string]bool{}
	for _, a := range alerts {
		present[a.ID] = true
	}
	least := watchlist.DefaultLeast()[border.PersonAlert]
	if len(ordinary) == 0 {
		return
	}
	b.ReportMetric(1000*rate(ordinary, tops(full, ordinary), least), "hits/1000-ordinary")
	scores := tops(primary, ordinary)
	b.ReportMetric(1000*rate(ordinary, scores, least), "hits/1000-ordinary-primary")
	slices.Sort(scores)
	at := map[string]float64{"default": least, "1%": scores[len(scores)*99/100], "0.25%": scores[len(scores)*3990/4000]}
	fmt.Printf("thresholds: %v\n", at)
	for _, file := range []string{"ofac_alias_queries.tsv", "ofac_typo_queries.tsv", "trunc_queries.tsv"} {
		measure(primary, present, file, queries(b, file), at)
	}
	nameless := queries(b, "ofac_alias_queries.tsv")
	for i := range nameless {
		nameless[i].query.Birth, nameless[i].query.Nationality = border.PartialDate{}, ""
	}
	for i := range ordinary {
		ordinary[i].query.Birth, ordinary[i].query.Nationality = border.PartialDate{}, ""
	}
	scores = tops(primary, ordinary)
	slices.Sort(scores)
	at = map[string]float64{"default": least, "1%": scores[len(scores)*99/100], "0.25%": scores[len(scores)*3990/4000]}
	fmt.Printf("by name alone, thresholds: %v\n", at)
	measure(primary, present, "by name alone", nameless, at)
}

func everything() map[border.AlertKind]float64 {
	return map[border.AlertKind]float64{border.PersonAlert: 2}
}

func tops(x *watchlist.Index, qs []labelled) []float64 {
	out := make([]float64, len(qs))
	for i, l := range qs {
		l.query.Least = everything()
		out[i] = -99
		if hits := x.Match(l.query); len(hits) > 0 {
			out[i] = hits[0].Score
		}
	}
	return out
}

func rate(qs []labelled, scores []float64, least float64) float64 {
	n := 0
	for _, s := range scores {
		if s >= least {
			n++
		}
	}
	return float64(n) / float64(len(qs))
}

func measure(x *watchlist.Index, present map[string]bool, file string, qs []labelled, at map[string]float64) {
	found := map[string]map[string]int{}
	total, first := map[string]int{}, map[string]int{}
	for _, l := range qs {
		if !present[l.alert] {
			continue // of another issue of the list, or of another list
		}
		l.query.Least = everything()
		hits := x.Match(l.query)
		for _, class := range []string{l.class, "all"} {
			total[class]++
			if found[class] == nil {
				found[class] = map[string]int{}
			}
			for i, h := range hits {
				if h.AlertID != l.alert {
					continue
				}
				if i == 0 {
					first[class]++
				}
				for name, least := range at {
					if h.Score >= least {
						found[class][name]++
					}
				}
			}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(total)) {
		share := func(k int) float64 { return 100 * float64(k) / float64(total[class]) }
		fmt.Printf("%s %-18s %5d  default %5.1f  at 1%% %5.1f  at 0.25%% %5.1f  first %5.1f\n", strings.TrimSuffix(file, "_queries.tsv"),
			class, total[class], share(found[class]["default"]), share(found[class]["1%"]), share(found[class]["0.25%"]), share(first[class]))
	}
}
