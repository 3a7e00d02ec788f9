package secondline

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/station/stationtest"
	"tims/internal/web"
)

// booth is the page of a booth that shows what the second line answered.
var booth = fstest.MapFS{
	"pages/testbooth.html": {Data: []byte(`<h1>booth</h1>{{template "second-answers" (dict "Data" .Data)}}`)},
}

// A stage is a post with the second line's pages and a booth's.
type stage struct {
	*stationtest.Country
	face  *Face
	booth *stationtest.Browser
}

func open(t testing.TB) *stage {
	t.Helper()
	g := new(stage)
	g.Country = stationtest.Found(t, func(n *node.Node) (stationtest.Face, error) {
		st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post", Demo: true}, Files(), booth)
		if err != nil {
			return nil, err
		}
		g.face = Mount(st)
		st.Handle("GET /{$}", roster.CheckTravellers, func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
			p := st.Page(r, s, "second.booth")
			p.Data = map[string]any{"List": Answers(r.Context(), n, s, st.Words(r)), "Key": "F12"}
			st.Render(w, r, "testbooth", p)
		})
		return g.face, nil
	})
	g.booth = g.Browser()
	g.booth.Enter("A. Hoxha", "K1")
	return g
}

// desk opens a shift at a desk of the second line.
func (g *stage) desk(label string) *stationtest.Browser {
	g.Helper()
	b := g.Browser()
	b.Enter(label, "D1")
	return b
}

var born, _ = border.NewPartialDate(1974, 8, 12)

// alert fits the holder of a passport of stationtest.Passport.
func alert(id, surname, given string, action border.Action) border.Alert {
	return border.Alert{ID: id, List: "demo", Kind: border.PersonAlert, Action: action, Issuer: "Gjykata e Tiranës", Reason: "theft of a lorry",
		Names: []border.AlertName{{Primary: surname, Secondary: given}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}, Sex: "F"}
}

// scan reads a passport at the booth.
func (g *stage) scan(dir border.Direction, surname, given, number string) node.View {
	g.Helper()
	lines := strings.Split(stationtest.Passport(g.TB, surname, given, number, "ITA"), "\n")
	v, err := g.Post.Scan(g.Context(), node.Scan{Act: station.NewAct(), Shift: g.booth.Shift, Direction: dir, Document: border.ReadZone(lines, g.Post.Today())})
	if err != nil {
		g.Fatal(err)
	}
	return v
}

func (g *stage) do(d node.Deed) node.Receipt {
	g.Helper()
	r, err := g.Post.Do(g.Context(), d)
	if err != nil {
		g.Fatal(err)
	}
	return r
}

// refer reads a passport and refers its holder; the answer is the referral's index.
func (g *stage) refer(surname, given, number, notes string) uint64 {
	g.Helper()
	v := g.scan(border.Entry, surname, given, number)
	return g.do(node.Decision{Act: station.NewAct(), Shift: g.booth.Shift, Check: v.Ref.Index, Decision: border.Refer, Notes: notes}).Ref.Index
}

// cross lets the holder of a passport pass.
func (g *stage) cross(dir border.Direction, surname, given, number string) uint64 {
	g.Helper()
	v := g.scan(dir, surname, given, number)
	return g.do(node.Decision{Act: station.NewAct(), Shift: g.booth.Shift, Check: v.Ref.Index, Decision: border.Admit, Terms: border.Terms{Basis: border.VisaFree}}).Ref.Index
}

func at(index uint64) string { return "/second/" + strconv.FormatUint(index, 10) }

// answers gives what is recorded of a referral.
func (g *stage) answers(index uint64) []node.Answer {
	g.Helper()
	list, err := g.Post.Referrals(context.Background(), g.booth.Shift)
	if err != nil {
		g.Fatal(err)
	}
	for _, r := range list {
		if r.Ref.Index == index {
			return r.Answers
		}
	}
	g.Fatalf("no referral %d", index)
	return nil
}

// hides fails where a reader sees one of the texts.
func hides(t testing.TB, a stationtest.Answer, not ...string) {
	t.Helper()
	for _, n := range not {
		if strings.Contains(stationtest.Plain(a.Body), n) {
			t.Errorf("%s shows %q:\n%s", a.Path, n, stationtest.Plain(a.Body))
		}
	}
}

func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"second.nav", "second.agree.nav", "second.why.document", "second.why.person", "second.title", "second.dossier",
		"second.agree.title", "second.key.take", "second.key.hit", "second.key.look", "second.back", "second.leave", "second.notes", "second.take",
		"second.back.proposals", "second.agree.do", "second.error.choice"}
	for _, o := range outcomes {
		keys = append(keys, "second.outcome."+string(o.code))
	}
	for _, key := range standings {
		keys = append(keys, key)
	}
	for _, tr := range troubles {
		keys = append(keys, tr.Key)
	}
	for _, gap := range web.MissingKeys(p, keys...) {
		t.Error(gap)
	}
}

func TestOutcomesAreAll(t *testing.T) {
	if len(outcomes) != 6 {
		t.Errorf("%d outcomes", len(outcomes))
	}
	for _, code := range []record.Outcome{record.SamePerson, record.OtherPerson, record.Cleared, record.Refused, record.HandedOver,
		record.Unsure} {
		if shownAs(code) == nil {
			t.Errorf("%s has no key", code)
		}
	}
	if shownAs("maybe") != nil {
		t.Error("an unknown code is an outcome")
	}
}
