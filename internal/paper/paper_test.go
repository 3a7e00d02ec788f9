package paper

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

func newFace(n *node.Node) (stationtest.Face, error) {
	st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post", Demo: true}, Files())
	if err != nil {
		return nil, err
	}
	Mount(st, Options{State: "Republika e Shqipërisë", Post: "Kakavijë"})
	return st, nil
}

// A post has three registered sheets, printed the day before, and two clerks.
type post struct {
	*stationtest.Country
	a, b *stationtest.Browser
}

func open(t *testing.T, sheets int) post {
	t.Helper()
	p := post{Country: stationtest.Found(t, newFace)}
	if _, err := p.Post.RegisterSheets(t.Context(), record.Act{1}, sheets); err != nil {
		t.Fatal(err)
	}
	p.Now.Add((26 * time.Hour).Milliseconds())
	p.a, p.b = p.Browser(), p.Browser()
	p.a.Enter("A. Hoxha", "K1")
	p.b.Enter("B. Leka", "K2")
	return p
}

func number(n uint32) string { return border.SheetNumber("KAKAVIJA", n) }

// sheet is one as a clerk types it; change names fields and what he types in their place.
func sheet(n uint32, change ...string) []string {
	fields := []string{"sheet", number(n), "direction", "entry", "day", "20261121", "time", "1830", "code", "p", "issuer", "ita",
		"number", "YA1234567", "primary", "Rossi", "secondary", "Paolo", "birth", "12.08.1974", "sex", "F", "expiry", "2031-04-15",
		"nationality", "ita", "plate", "aa 123 bc", "country", "ita", "basis", "visa-free", "paper", "", "until", "", "decision", "admit",
		"ground", "", "booth", "k1", "officer", "A. Hoxha", "notes", ""}
	for i := 0; i < len(change); i += 2 {
		at := slices.Index(fields, change[i])
		fields[at+1] = change[i+1]
	}
	return fields
}

func (p post) paper() node.Paper {
	p.Helper()
	got, err := p.Post.Paper(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	return got
}

var invalid = regexp.MustCompile(`<(?:input|select) id="([a-z]+)"[^>]*aria-invalid`)

func marked(a stationtest.Answer) (fields []string) {
	for _, m := range invalid.FindAllStringSubmatch(a.Body, -1) {
		fields = append(fields, m[1])
	}
	return fields
}

// type types one sheet from a fresh form, signed by the booth key as deed.js does.
func typed(b *stationtest.Browser, fields []string) stationtest.Answer {
	b.Helper()
	hidden := b.Get("/paper/type").Hiddens(b.TB)
	return b.Signed("/paper/type", append(hidden, fields...)...)
}

func TestTwoKeyings(t *testing.T) {
	p := open(t, 3)
	p.a.Get("/paper").Has(t, "Issued 3", "Blank or missing 3", "No sheet waits")
	first := typed(p.a, sheet(1))
	first.Has(t, number(1)+" typed once", "as before", "A. Hoxha")
	if strings.Contains(stationtest.Plain(first.Body), "by the node") || !strings.Contains(first.Body, `value="21.11.2026"`) {
		t.Error("a signed keying is shown as by the node, or the date is not kept")
	}
	p.a.Post("/paper/type", append(p.a.Get("/paper/type").Hiddens(t), sheet(1)...)...).Has(t, "You typed this sheet the first time")

	// The second officer sees that it waits and nothing of it.
	account := p.b.Get("/paper")
	account.Has(t, "Typed once 1", number(1), "A. Hoxha")
	for _, secret := range []string{"ROSSI", "YA1234567", "ITA"} {
		if strings.Contains(account.Body, secret) {
			t.Errorf("the account shows %s of the first keying", secret)
		}
	}
	hidden := p.b.Get("/paper/type").Hiddens(t)
	differ := p.b.Post("/paper/type", append(hidden, sheet(1, "number", "YA1234561", "birth", "13.08.1974", "time", "1831")...)...)
	differ.Has(t, "Not as it was typed the first time", "Differs. Look at the sheet")
	if got, want := marked(differ), []string{"day", "time", "number", "birth"}; !slices.Equal(got, want) {
		t.Errorf("marked are %v, want %v", got, want)
	}
	for _, secret := range []string{"YA1234567", "12.08.1974", "18:30", "1830"} {
		if strings.Contains(differ.Body, secret) {
			t.Errorf("the second officer is shown %s of the first keying", secret)
		}
	}
	if strings.Contains(differ.Body, "YA1234561") || !strings.Contains(differ.Body, `value="Rossi"`) {
		t.Error("the differing field is not emptied, or another one is")
	}
	again := p.b.Post("/paper/type", append(differ.Hiddens(t), sheet(1)...)...)
	again.Has(t, number(1)+" recorded. Both keyings agree")
	if got := p.paper(); got.Used != 1 || got.Left != 2 || len(got.Once) != 0 {
		t.Errorf("the account is %+v", got)
	}
	p.a.Post("/paper/type", append(p.a.Get("/paper/type").Hiddens(t), sheet(1)...)...).Has(t, "typed in already")
}

// What the second officer keyed twice is in force, though it still differs. A form that claims fields of itself is not believed.
func TestDifferEarned(t *testing.T) {
	p := open(t, 1)
	typed(p.a, sheet(1))
	hidden := p.b.Get("/paper/type").Hiddens(t)
	mine := sheet(1, "number", "YA1234561")
	a := p.b.Post("/paper/type", append(append(hidden, mine...), "differ", "number", "again", "1")...)
	a.Has(t, "Not as it was typed")
	a = p.b.Post("/paper/type", append(hidden, mine...)...)
	a.Has(t, "recorded. Both keyings agree")
}

func TestFaults(t *testing.T) {
	p := open(t, 2)
	for _, c := range []struct{ field, typed, says string }{
		{"sheet", "KAKAVIJA-000001-!", "Not the number of a sheet"},
		{"sheet", border.SheetNumber("DURRES", 1), "of another post"},
		{"sheet", number(9), "No sheet with this number was registered"},
		{"direction", "", "1 entry or 2 exit"},
		{"day", "31.02.2026", "A whole date"},
		{"day", "20261123", "later than now"},
		{"day", "20261101", "between the registration of the sheet and now"},
		{"time", "2460", "24 hours"},
		{"code", "", "P, ID, AC"},
		{"issuer", "XQQ", "A state's code"},
		{"number", "", "Letters and digits"},
		{"primary", "", "In Latin or Cyrillic"},
		{"birth", "", "Day.month.year"},
		{"basis", "", "As ticked"},
		{"until", "soon", "Day.month.year"},
		{"decision", "", "1 admitted or 2 refused"},
		{"decision", "refuse", "A ground that belongs"},
		{"officer", "", ""},
		{"booth", "", ""},
	} {
		a := p.a.Post("/paper/type", append(p.a.Get("/paper/type").Hiddens(t), sheet(1, c.field, c.typed)...)...)
		want := c.field
		if c.says == "A ground that belongs" {
			want = "ground"
		}
		if got := marked(a); a.Status < 400 || !slices.Equal(got, []string{want}) {
			t.Errorf("%s %q: %d, marked %v", c.field, c.typed, a.Status, got)
		}
		a.Has(t, c.says)
	}
	if got := p.paper(); got.Left != 2 {
		t.Errorf("a faulty form was recorded: %+v", got)
	}
}

// A wanted person who passed on paper is told loudly, and only when the second keying is in force.
func TestWantedOnPaper(t *testing.T) {
	p := open(t, 1)
	born, err := border.NewPartialDate(1974, 8, 12)
	if err != nil {
		t.Fatal(err)
	}
	p.OpenCentre(border.Alert{ID: "demo:1", List: "demo", Kind: border.PersonAlert, Action: border.ActArrest, Issuer: "Gjykata", Reason: "theft",
		Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}},
		border.Alert{ID: "demo:secret", List: "demo", Kind: border.PersonAlert, Action: border.ActDiscreet, Issuer: "x",
			Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}})
	if a := typed(p.a, sheet(1)); a.Path != "/paper/type" {
		t.Errorf("the first keying leads to %s", a.Path)
	}
	a := typed(p.b, sheet(1))
	a.Has(t, "On the watchlist, and passed on paper", "ROSSI, PAOLO", "Wanted. Do not let go", "demo:1", "What to do", "21 Nov 2026 18:30:00", number(1))
	if strings.Contains(a.Body, "demo:secret") {
		t.Error("an alert that must not be noticed is shown")
	}
	if !strings.HasPrefix(a.Path, "/paper/sheet/") {
		t.Fatalf("a hit leads to %s", a.Path)
	}
	if got := p.a.Get(a.Path); got.Status != http.StatusNotFound {
		t.Errorf("another officer reads the sheet: %d", got.Status)
	}
}

func TestVoidAndSheets(t *testing.T) {
	p := open(t, 2)
	hidden := p.a.Get("/paper").Hiddens(t)
	p.a.Post("/paper/void", append(hidden, "sheet", "kakavija 2 x")...).Has(t, "Not the number of a sheet")
	p.a.Post("/paper/void", append(hidden, "sheet", number(2))...).Has(t, number(2)+" is void", "Void 1", "Blank or missing 1")
	if a := p.a.Post("/paper/sheets", "act", strings.Repeat("0a", 16), "count", "10"); a.Status != http.StatusForbidden {
		t.Errorf("a booth officer registers sheets: %d", a.Status)
	}
	s := p.Browser()
	s.Enter("S. Prifti", "K3")
	for _, bad := range []string{"", "0", "2001", "ten"} {
		s.Post("/paper/sheets", "act", strings.Repeat("0a", 16), "count", bad).Has(t, "from 1 to 2000")
	}
	s.Post("/paper/sheets", "act", strings.Repeat("0b", 16), "count", "4").Has(t, "Issued 6", number(3), number(6))
	s.Post("/paper/sheets", "act", strings.Repeat("0b", 16), "count", "4").Has(t, "Issued 6") // asked again, registered once
	printed := s.Get("/paper/print?first=3&last=6")
	printed.Has(t, number(3), number(6), "Republika e Shqipërisë")
	if strings.Contains(printed.Body, number(7)) {
		t.Error("a sheet was printed that is not registered")
	}
	for _, bad := range []string{"first=3&last=7", "first=2&last=3", "first=6&last=3", "", "first=0&last=0"} {
		if a := s.Get("/paper/print?" + bad); a.Status != http.StatusNotFound {
			t.Errorf("print %q: %d", bad, a.Status)
		}
	}
}

func TestZoneFills(t *testing.T) {
	p := open(t, 1)
	zone := stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA")
	hidden := p.a.Get("/paper/type").Hiddens(t)
	a := p.a.Post("/paper/zone", append(hidden, "zone", zone, "sheet", number(1), "booth", "K1")...)
	for _, want := range []string{`value="ROSSI"`, `value="YA1234567"`, `value="12.08.1974"`, `value="K1"`, number(1)} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the form has no %s", want)
		}
	}
	p.a.Post("/paper/zone", append(hidden, "zone", "no zone")...).Has(t, "No zone of one document")
	b := p.a.Post("/paper/type", append(append(hidden, sheet(1)...), "zone", zone)...)
	b.Has(t, "typed once")
	once := p.paper().Once
	if len(once) != 1 {
		t.Fatalf("%d keyings", len(once))
	}
	o, err := p.Post.ReadOwn(once[0].Ref.Index)
	if err != nil || len(o.Person.Document.Zone) != 2 {
		t.Errorf("the zone that agrees with the fields is not kept: %v", err)
	}
}
