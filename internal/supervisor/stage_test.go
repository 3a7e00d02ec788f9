package supervisor

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

// A face is the station with the devices' address in front of it, as a post is served.
type face struct {
	http.Handler
	*station.Station
}

func (f face) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.Handler.ServeHTTP(w, r) }

const gateToken = "gate-token-of-this-post"

// gateHash is what `printf gate-token-of-this-post | sha256sum` prints.
const gateHash = "99109a83def4aff6c02a7773ba51dc7e726eaed66069ad64cdc2703c416231a2"

func pages(hash string) func(*node.Node) (stationtest.Face, error) {
	return func(n *node.Node) (stationtest.Face, error) {
		st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post", Demo: true}, Files())
		if err != nil {
			return nil, err
		}
		devices, err := Mount(st, Options{Devices: map[string]string{"gate-1": hash}})
		if err != nil {
			return nil, err
		}
		mux := http.NewServeMux()
		mux.Handle("POST /count", devices)
		mux.Handle("/", st)
		return face{mux, st}, nil
	}
}

// A stage is a post with two booths that work and a supervisor in his office.
type stage struct {
	*stationtest.Country
	k1, k2, chief *stationtest.Browser
}

func open(t testing.TB) *stage {
	t.Helper()
	c := stationtest.Found(t, pages(gateHash))
	g := &stage{Country: c, k1: c.Browser(), k2: c.Browser(), chief: c.Browser()}
	g.k1.Enter("A. Hoxha", "K1")
	g.k2.Enter("B. Leka", "K2")
	g.chief.Enter("S. Prifti", "ZYRA")
	return g
}

// pass moves the clock on.
func (g *stage) pass(d time.Duration) { g.Now.Add(d.Milliseconds()) }

// scan reads a passport at a booth; nobody decides.
func (g *stage) scan(b *stationtest.Browser, dir border.Direction, surname, number string, v node.Vehicle) node.View {
	g.Helper()
	lines := strings.Split(stationtest.Passport(g.TB, surname, "Anna", number, "ITA"), "\n")
	view, err := g.Post.Scan(g.Context(), node.Scan{Act: station.NewAct(), Shift: b.Shift, Direction: dir, Vehicle: v,
		Document: border.ReadZone(lines, g.Post.Today())})
	if err != nil {
		g.Fatal(err)
	}
	return view
}

func (g *stage) do(d node.Deed) node.Receipt {
	g.Helper()
	r, err := g.Post.Do(g.Context(), d)
	if err != nil {
		g.Fatal(err)
	}
	return r
}

// decide reads a passport and decides after ten seconds.
func (g *stage) decide(b *stationtest.Browser, dir border.Direction, surname, number string, what border.Decision, v node.Vehicle) node.Receipt {
	g.Helper()
	view := g.scan(b, dir, surname, number, v)
	g.pass(10 * time.Second)
	d := node.Decision{Act: station.NewAct(), Shift: b.Shift, Check: view.Ref.Index, Decision: what, Vehicle: v}
	if what == border.Admit {
		d.Terms = border.Terms{Basis: border.VisaFree}
	} else if what == border.Refuse {
		d.Ground = border.NoMeans
	}
	return g.do(d)
}

// A day is what the stage's morning left in the log, by record.
type day struct {
	void, correction, open uint64
}

// morning makes a shift: eight entries and three exits, a refusal, a referral, a void, a proposal, an open check, a regime that
// ended, a count at K1 with two more entries than recorded, and twenty minutes without the node.
func (g *stage) morning() (d day) {
	g.Helper()
	car := node.Vehicle{Plate: "AA123BB", Country: "ITA", Kind: border.Car}
	numbers := []string{"YA0000001", "YA0000002", "YA0000003", "YA0000004", "YA0000005", "YA0000006", "YA0000007", "YA0000008"}
	var last node.Receipt
	for i, number := range numbers {
		v := node.Vehicle{}
		if i < 2 {
			v = car
		}
		last = g.decide(g.k1, border.Entry, "Rossi", number, border.Admit, v)
	}
	for _, number := range numbers[:3] {
		g.decide(g.k2, border.Exit, "Rossi", number, border.Admit, node.Vehicle{})
	}
	g.decide(g.k2, border.Entry, "Bianchi", "YA0000011", border.Refuse, node.Vehicle{})
	g.decide(g.k2, border.Entry, "Verdi", "YA0000012", border.Refer, node.Vehicle{})
	taken := g.decide(g.k1, border.Entry, "Neri", "YA0000013", border.Admit, node.Vehicle{})
	d.void = g.do(node.Void{Act: station.NewAct(), Shift: g.k1.Shift, Of: taken.Ref.Index, Reason: "scanned the wrong passport"}).Ref.Index
	lines := strings.Split(stationtest.Passport(g.TB, "Rossini", "Anna", numbers[7], "ITA"), "\n")
	d.correction = g.do(node.Correction{Act: station.NewAct(), Shift: g.k1.Shift, Of: last.Ref.Index, Reason: "the surname was read wrongly",
		Direction: border.Entry, Document: border.ReadZone(lines, g.Post.Today())}).Ref.Index
	d.open = g.scan(g.k2, border.Entry, "Forgotten", "YA0000014", node.Vehicle{}).Ref.Index
	g.do(node.Regime{Act: station.NewAct(), Shift: g.chief.Shift, Regime: node.Relaxed, Reason: "queue over three hours, article 9", Until: g.Post.Now() + 3600_000})
	g.pass(10 * time.Minute)
	g.do(node.Regime{Act: station.NewAct(), Shift: g.chief.Shift, End: true, Passed: 340})
	hour := stationtest.Noon.UnixMilli()
	g.pass(time.Hour)
	g.do(node.Count{Act: station.NewAct(), Shift: g.chief.Shift, CountBody: record.CountBody{Booth: "K1", From: hour, To: hour + 3600_000,
		Entries: 10, Waiting: 25 * 60}})
	if err := g.Post.Close(); err != nil {
		g.Fatal(err)
	}
	g.pass(20 * time.Minute)
	g.Open()
	for _, b := range []*stationtest.Browser{g.k1, g.k2, g.chief} {
		b.Resume()
	}
	return d
}
