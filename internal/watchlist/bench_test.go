package watchlist_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/watchlist"
)

// A world invents persons with names as common as in life: two words in three are of the embedded table, by its shares,
// the others made of syllables, the n-th commonest as often as Zipf has it.
type world struct {
	r       *rand.Rand
	words   []string
	upTo    []float64
	rare    *rand.Zipf
	nations []string
}

var syllables = strings.Fields("BA BEL BI BO BRA CA CHE CHI DA DEL DI DRA DO FA FE GA GOR HA HO I JA JE KA KHA KI KO LA LE LI LO MA MAR ME MI MO NA " +
	"NE NI NO O PA PE PO RA RE RI ROS SA SE SHA SI SO STA TA TE TI TO U VA VE VI VLA YA ZA ZE ZO NOV SKI VIC MAN DOT YAN ULA EZ INI")

func newWorld(tb testing.TB, seed uint64) *world {
	text, err := os.ReadFile("popular.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{r: rand.New(rand.NewPCG(seed, 1)), nations: strings.Fields("AFG DZA IRQ SYR TUR RUS UKR SRB ALB MAR NGA PAK IRN ITA ROU COL BRA GEO")}
	total := 0.0
	for line := range strings.Lines(string(text)) {
		word, millionths, _ := strings.Cut(strings.TrimSpace(line), "\t")
		n, _ := strconv.ParseFloat(millionths, 64)
		total += n
		w.words, w.upTo = append(w.words, word), append(w.upTo, total)
	}
	w.rare = rand.NewZipf(w.r, 1.07, 50, 3_000_000)
	return w
}

func (w *world) word() string {
	if w.r.IntN(3) > 0 {
		i, _ := slices.BinarySearch(w.upTo, w.r.Float64()*w.upTo[len(w.upTo)-1])
		return w.words[i]
	}
	made := ""
	for n := w.rare.Uint64() + 7; n > 0; n /= uint64(len(syllables)) {
		made += syllables[n%uint64(len(syllables))]
	}
	return made
}

func (w *world) name() border.AlertName {
	n := border.AlertName{Primary: w.word(), Secondary: w.word()}
	if w.r.IntN(4) == 0 {
		n.Primary += " " + w.word()
	}
	if w.r.IntN(3) == 0 {
		n.Secondary += " " + w.word()
	}
	return n
}

// birth is unknown for one person in twenty, a year for one in ten, and the first of January for one in thirty.
func (w *world) birth() border.PartialDate {
	d := border.PartialDate{Year: 1940 + w.r.IntN(65), Month: 1 + w.r.IntN(12), Day: 1 + w.r.IntN(28)}
	switch n := w.r.IntN(60); {
	case n < 3:
		return border.PartialDate{}
	case n < 9:
		return border.PartialDate{Year: d.Year}
	case n < 11:
		return border.PartialDate{Year: d.Year, Month: 1, Day: 1}
	}
	return d
}

// persons makes alerts from number from on: half with one alias, two in five with a document.
func (w *world) persons(from, n int) []border.Alert {
	out := make([]border.Alert, n)
	for i := range out {
		a := border.Alert{ID: fmt.Sprintf("made:%d", from+i), List: "made", Kind: border.PersonAlert, Action: border.ActRefuse,
			Issuer: "police of " + w.nations[w.r.IntN(18)], Reason: "wanted", Names: []border.AlertName{w.name()},
			Nations: []string{w.nations[w.r.IntN(18)]}, Sex: "FM"[w.r.IntN(2):][:1]}
		if b := w.birth(); !b.IsZero() {
			a.Births = []border.PartialDate{b}
		}
		if w.r.IntN(2) == 0 {
			alias := w.name()
			alias.Alias = true
			a.Names = append(a.Names, alias)
		}
		if w.r.IntN(5) < 2 {
			a.Documents = []border.AlertDocument{{Issuer: a.Nations[0], Number: fmt.Sprintf("M%08d", w.r.IntN(1e8))}}
		}
		out[i] = a
	}
	return out
}

// travellers are persons of the same world who are on no list.
func (w *world) travellers(n int) []watchlist.Query {
	out := make([]watchlist.Query, n)
	for i, a := range w.persons(0, n) {
		out[i] = queryOf(a, a.Names[0])
		for out[i].Birth.Day == 0 {
			out[i].Birth = w.birth()
		}
		out[i].Issuer, out[i].Number = a.Nations[0], fmt.Sprintf("T%08d", i)
	}
	return out
}

// sizes of lists to measure: TIMS_BENCH_PERSONS names others, such as 10000000.
func sizes(tb testing.TB) []int {
	text := os.Getenv("TIMS_BENCH_PERSONS")
	if text == "" {
		return []int{10_000, 100_000, 1_000_000}
	}
	var out []int
	for _, s := range strings.Split(text, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func built(tb testing.TB, n int) *watchlist.Index {
	w, b := newWorld(tb, 1), watchlist.NewBuilder()
	for at := 0; at < n; at += 100_000 {
		b.Add(w.persons(at, min(100_000, n-at)))
	}
	return b.Index()
}

// cpu is what the process has used of the processors, which other work on the machine does not change.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkGrowth is the table of growth: what a query of an ordinary traveller costs on lists of each size, at the
// score from which an alert is a hit by default and at one that a long list would have by its budget.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range sizes(b) {
		x := sync.OnceValue(func() *watchlist.Index { return built(b, n) })
		for _, least := range []float64{10, 16} {
			b.Run(fmt.Sprintf("%d/least=%.0f", n, least), func(b *testing.B) {
				x := x()
				qs := newWorld(b, 2).travellers(50_000)
				for i := range 4000 { // a node remembers what common names gain
					x.Match(newQuery(qs[len(qs)-1-i], least))
				}
				runtime.GC()
				ask(b, x, qs, least)
				b.ReportMetric(float64(x.Size())/float64(x.Names()), "bytes/name")
			})
		}
	}
}

func newQuery(q watchlist.Query, least float64) watchlist.Query {
	q.Least = map[border.AlertKind]float64{border.PersonAlert: least, border.DocumentAlert: 10, border.VehicleAlert: 10}
	return q
}

func ask(b *testing.B, x *watchlist.Index, qs []watchlist.Query, least float64) {
	var took []time.Duration
	hits, asked, begun := 0, 0, cpu()
	for b.Loop() {
		q := newQuery(qs[asked%len(qs)], least)
		at := time.Now()
		if len(x.Match(q)) > 0 {
			hits++
		}
		took = append(took, time.Since(at))
		asked++
	}
	b.ReportMetric(float64((cpu()-begun).Microseconds())/float64(asked), "cpu-us/query")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(1000*float64(hits)/float64(asked), "hits/1000")
}

// BenchmarkBuild builds, writes and opens lists of each size, and adds a thousand alerts to them.
func BenchmarkBuild(b *testing.B) {
	for _, n := range sizes(b) {
		alerts := sync.OnceValue(func() []border.Alert { return newWorld(b, 1).persons(0, n) })
		b.Run(fmt.Sprintf("%d/build", n), func(b *testing.B) {
			all := alerts()
			begun := cpu()
			for b.Loop() {
				watchlist.Build(all)
			}
			spent(b, begun)
		})
		index := sync.OnceValue(func() *watchlist.Index { return watchlist.Build(alerts()) })
		b.Run(fmt.Sprintf("%d/open", n), func(b *testing.B) {
			var file bytes.Buffer
			if _, err := index().WriteTo(&file); err != nil {
				b.Fatal(err)
			}
			begun := cpu()
			for b.Loop() {
				if _, err := watchlist.Open(file.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
			spent(b, begun)
		})
		b.Run(fmt.Sprintf("%d/with1000", n), func(b *testing.B) {
			x, more := index(), newWorld(b, 3).persons(n, 1000)
			x.With(more[:1], nil) // learns what later changes need too
			begun := cpu()
			for b.Loop() {
				x.With(more, nil)
			}
			spent(b, begun)
		})
	}
}

// spent reports the processors' time of each round.
func spent(b *testing.B, begun time.Duration) {
	b.ReportMetric(float64((cpu()-begun).Microseconds())/1000/float64(b.N), "cpu-ms")
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
