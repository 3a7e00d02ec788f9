package alerts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/station"
	"tims/internal/web"
)

// Every word that a page or the program can ask for is there in each language.
func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "qendra"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	keys := programKeys(t)
	for _, f := range fields {
		keys = append(keys, "alerts.field."+f.name)
	}
	for _, s := range statuses {
		keys = append(keys, "alerts.status."+strings.ReplaceAll(s, " ", "-"))
	}
	for _, part := range []string{"alias", "vin"} {
		keys = append(keys, "alerts.part."+part)
	}
	for _, q := range []string{"name", "alias", "weak"} {
		keys = append(keys, "alerts."+q)
	}
	for _, gap := range web.MissingKeys(p, keys...) {
		t.Error(gap)
	}
}

// programKeys are the literal keys of this package's program.
func programKeys(t *testing.T) (keys []string) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if key, _ := strconv.Unquote(lit.Value); strings.HasPrefix(key, "alerts.") && !strings.HasSuffix(key, ".") && key != "alerts.js" {
				keys = append(keys, key)
			}
			return true
		})
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}

// full is an alert with something in every field.
func full() border.Alert {
	return border.Alert{ID: "single:qendra:0102", List: "single:qendra", Kind: border.PersonAlert, Action: border.ActRefuse, Issuer: "Court of Tirana",
		Reason: "fraud", Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}, {Primary: "Rosso", Alias: true}, {Primary: "Il Rosso", Alias: true, Weak: true}},
		Births: []border.PartialDate{{Year: 1974, Month: 8, Day: 12}, {Year: 1975}}, Nations: []string{"ITA", "D"}, Sex: "M",
		Documents: []border.AlertDocument{{Issuer: "ITA", Number: "YA0000010", To: "YA0000019", Status: "stolen blank"}, {Number: "X1"}},
		Vehicles:  []border.AlertVehicle{{Country: "ITA", Plate: "AB123CD", VIN: "ZFA00000000000001"}, {Plate: "AA1"}},
		From:      20000, Until: 20100, Caveats: "armed", Face: png(8, 8), Notify: []string{"kakavija"}, Canary: true}
}

// The fields of the pages are all fields of an alert: none is left out of a diff, and the form writes what it reads.
func TestFieldsAreComplete(t *testing.T) {
	from, to := full(), border.Alert{ID: "single:qendra:0102", List: "single:qendra"}
	for _, f := range fields {
		f.carry(&to, &from)
	}
	if !reflect.DeepEqual(from, to) {
		t.Errorf("carried field by field it is\n%+v, not\n%+v", to, from)
	}
	v := reflect.ValueOf(from)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the alert of this test has no %s", v.Type().Field(i).Name)
		}
	}
}

// A field weakens where the domain says so, and the page says so of that field alone.
func TestChanges(t *testing.T) {
	p, err := web.Open(web.Config{Node: "qendra"}, append(station.Files(), files)...)
	if err != nil {
		t.Fatal(err)
	}
	w := station.WordsOf(p, "en")
	for name, c := range map[string]struct {
		change func(a *border.Alert)
		field  string
		gone   string
		fresh  string
		weak   bool
	}{
		"a name more":         {func(a *border.Alert) { a.Names = append(a.Names, border.AlertName{Primary: "Rousseau"}) }, "Names", "", "Rousseau", false},
		"a name less":         {func(a *border.Alert) { a.Names = a.Names[1:] }, "Names", "Rossi, Paolo", "", true},
		"an alias made weak":  {func(a *border.Alert) { a.Names[1].Weak = true }, "Names", "Rosso (alias)", "Rosso (weak alias)", true},
		"a higher action":     {func(a *border.Alert) { a.Action = border.ActArrest }, "What to do", "refuse entry", "wanted person", false},
		"a lower action":      {func(a *border.Alert) { a.Action = border.ActInform }, "What to do", "refuse entry", "inform the issuer", true},
		"an earlier end":      {func(a *border.Alert) { a.Until -= 10 }, "In force", "4\u00a0Oct\u00a02024 to 12\u00a0Jan\u00a02025", "4\u00a0Oct\u00a02024 to 2\u00a0Jan\u00a02025", true},
		"another sex":         {func(a *border.Alert) { a.Sex = "" }, "Sex", "Male", "", true},
		"a range cut":         {func(a *border.Alert) { a.Documents[0].To = "YA0000018" }, "Documents", "ITA YA0000010 – YA0000019, stolen blank", "ITA YA0000010 – YA0000018, stolen blank", true},
		"another face":        {func(a *border.Alert) { a.Face = png(9, 9) }, "Image of the face", "image of 1 KiB", "image of 1 KiB", true},
		"another reason":      {func(a *border.Alert) { a.Reason = "theft" }, "Why he is looked for", "fraud", "theft", false},
		"one fewer to notify": {func(a *border.Alert) { a.Notify = nil }, "Who is told of a hit", "Kakavija", "", true},
	} {
		old, now := full(), full()
		c.change(&now)
		got := changes(w, &old, &now)
		if len(got) != 1 || got[0].Name != c.field || strings.Join(got[0].Gone, "|") != c.gone || strings.Join(got[0].New, "|") != c.fresh || got[0].Weak != c.weak {
			t.Errorf("%s: %+v", name, got)
		}
		if now.Weakens(&old) != c.weak {
			t.Errorf("%s: the domain says otherwise", name)
		}
	}
	old, now := full(), full()
	if got := changes(w, &old, &now); len(got) != 0 {
		t.Errorf("nothing is changed, and the page says %+v", got)
	}
	if got := changes(w, nil, &now); len(got) != len(fields) {
		t.Errorf("a new alert shows %d of %d fields", len(got), len(fields))
	}
}
