package amend

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

// start is a page to come back to.
var start = fstest.MapFS{"pages/teststart.html": {Data: []byte(`<h1>start</h1>`)}}

// A stage is a post with the pages of this package, and an officer at booth K1.
type stage struct {
	*stationtest.Country
	booth *stationtest.Browser
}

func open(t testing.TB) *stage {
	t.Helper()
	g := new(stage)
	g.Country = stationtest.Found(t, func(n *node.Node) (stationtest.Face, error) {
		st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post", Demo: true}, append(Files(), start)...)
		if err != nil {
			return nil, err
		}
		Mount(st, Options{State: "Republika e Shqipërisë", Office: "Policia e Shtetit"})
		st.Handle("GET /{$}", roster.CheckTravellers, func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
			st.Render(w, r, "teststart", st.Page(r, s, "amend.nav"))
		})
		return st, nil
	})
	g.booth = g.officer("A. Hoxha", "K1")
	return g
}

func (g *stage) officer(label, booth string) *stationtest.Browser {
	g.Helper()
	b := g.Browser()
	b.Enter(label, booth)
	return b
}

// scan reads a passport in a shift; the answer is the check's index.
func (g *stage) scan(b *stationtest.Browser, dir border.Direction, nation string) uint64 {
	g.Helper()
	lines := strings.Split(stationtest.Passport(g.TB, "Rossi", "Paola", "YA1234567", nation), "\n")
	v, err := g.Post.Scan(g.Context(), node.Scan{Act: station.NewAct(), Shift: b.Shift, Direction: dir, Document: border.ReadZone(lines, g.Post.Today())})
	if err != nil {
		g.Fatal(err)
	}
	return v.Ref.Index
}

func (g *stage) do(d node.Deed) node.Receipt {
	g.Helper()
	r, err := g.Post.Do(g.Context(), d)
	if err != nil {
		g.Fatal(err)
	}
	return r
}

// pass lets the traveller in or out.
func (g *stage) pass(b *stationtest.Browser, dir border.Direction) node.Receipt {
	g.Helper()
	return g.do(node.Decision{Act: station.NewAct(), Shift: b.Shift, Check: g.scan(b, dir, "ITA"), Decision: border.Admit,
		Terms: border.Terms{Basis: border.VisaFree}})
}

func (g *stage) refuse(b *stationtest.Browser, dir border.Direction, ground border.Ground, nation string) uint64 {
	g.Helper()
	return g.do(node.Decision{Act: station.NewAct(), Shift: b.Shift, Check: g.scan(b, dir, nation), Decision: border.Refuse, Ground: ground}).Ref.Index
}

// used is how many days of a stay the rules count for the traveller now.
func (g *stage) used(b *stationtest.Browser) (inside bool, days int) {
	g.Helper()
	v, err := g.Post.View(g.Context(), g.scan(b, border.Exit, "ITA"), border.Terms{}, nil)
	if err != nil {
		g.Fatal(err)
	}
	return v.Advice.Stay.Inside, v.Advice.Stay.Used
}

func at(path string, index uint64) string { return path + strconv.FormatUint(index, 10) }

// filled are the fields of the form of a correction as the page has them, with some changed: name, value, ….
func filled(t testing.TB, a stationtest.Answer, changed ...string) []string {
	t.Helper()
	fields := a.Hiddens(t)
	for _, m := range typed.FindAllStringSubmatch(a.Body, -1) {
		fields = append(fields, m[1], m[2])
	}
	for _, m := range selected.FindAllStringSubmatch(a.Body, -1) {
		fields = append(fields, m[1], m[2])
	}
	for i := 0; i < len(changed); i += 2 {
		found := false
		for j := 0; j < len(fields); j += 2 {
			if fields[j] == changed[i] {
				fields[j+1], found = changed[i+1], true
			}
		}
		if !found {
			fields = append(fields, changed[i], changed[i+1])
		}
	}
	return fields
}
