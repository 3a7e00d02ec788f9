package station

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/tlog"
	"tims/internal/web"
)

var (
	tlogNotKnown    = fmt.Errorf("disk: %w", tlog.ErrNotKnown)
	tlogNotRecorded = fmt.Errorf("disk: %w", tlog.ErrNotRecorded)
	tlogStopped     = fmt.Errorf("disk: %w", tlog.ErrStopped)
)

// constants gives the string constants of a package whose type, or for an untyped one whose name's beginning, fits: the
// catalogue must have a word for each code of tomorrow too.
func constants(t *testing.T, dir string, fits func(name, kind string) bool) []string {
	t.Helper()
	var found []string
	pkgs, err := parser.ParseDir(token.NewFileSet(), dir, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range pkgs {
		ast.Inspect(pkg, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 {
				return true
			}
			kind, _ := spec.Type.(*ast.Ident)
			name := ""
			if kind != nil {
				name = kind.Name
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING && fits(spec.Names[0].Name, name) {
				value, _ := strconv.Unquote(lit.Value)
				found = append(found, value)
			}
			return true
		})
	}
	if len(found) < 3 {
		t.Fatalf("only %d constants found in %s", len(found), dir)
	}
	return found
}

// computed are the keys that templates and program make from codes.
func computed(t *testing.T) []string {
	typed := func(want string) func(string, string) bool { return func(_, kind string) bool { return kind == want } }
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, c := range codes {
			keys = append(keys, prefix+c)
		}
	}
	findings := constants(t, "../border", typed("Code"))
	add("finding.", slices.DeleteFunc(findings, func(c string) bool {
		return c == string(border.ZoneFault) || c == string(border.ZoneWarning) // said by the fault itself
	})...)
	add("doubt.", constants(t, "../border", typed("DoubtCode"))...)
	add("doubt.", "never-known")
	add("finding.", "posts-old.never", "list-old.never")
	add("field.", constants(t, "../mrz", typed("Field"))...)
	add("fault.", constants(t, "../mrz", func(name, kind string) bool {
		return kind == "" && (strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "Warn"))
	})...)
	for _, dir := range []border.Direction{border.Entry, border.Exit} {
		add("direction.", dir.String())
		add("way.", dir.String())
		for _, g := range border.Grounds(dir) {
			add("ground.", string(g))
		}
	}
	add("basis.", "none")
	for _, b := range border.Bases() {
		add("basis.", b.String())
	}
	for n := 1; n <= 6; n++ {
		add("action.", border.Action(n).String(), border.Action(n).String()+".do")
	}
	for _, s := range mrz.States() {
		add("state.", strings.TrimRight(s.Code, "<"))
	}
	for n := 1; n <= 3; n++ {
		add("kind.", border.AlertKind(n).String())
		for _, of := range []string{"advice.", "do.", "done."} {
			add(of, border.Decision(n).String())
		}
	}
	add("station.status.", "stolen", "lost", "revoked", "stolen-blank", "invalid", "other")
	add("part.", "primary", "secondary", "birth", "nationality", "sex", "document", "plate", "alias", "vin") // border.HitReason
	add("station.age.", "ok", "amber", "red")
	add("record.", "check", "crossing", "refusal", "referral")
	add("sex.", "F", "M", "X", "none")
	add("document.", "P", "I", "V", "AC")
	for _, tr := range troubles {
		keys = append(keys, tr.Key)
	}
	return keys
}

func TestLanguagesComplete(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range web.MissingKeys(p, append(computed(t), programKeys(t)...)...) {
		t.Error(gap)
	}
}

// programKeys are the literal keys that this package hands to t.
func programKeys(t *testing.T) []string {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for name, file := range pkgs["station"].Files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, _ := strconv.Unquote(lit.Value)
			head, rest, dotted := strings.Cut(s, ".")
			switch head {
			case "station", "error", "stay", "doubt", "frame":
				if dotted && rest != "" && !strings.HasSuffix(s, ".") && !strings.ContainsAny(s, " /") && !strings.HasSuffix(s, ".js") {
					keys = append(keys, s)
				}
			}
			return true
		})
	}
	if len(keys) < 50 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}

// Every finding reads as a sentence in both languages, with each of its parameters where it belongs.
func TestFindingsRead(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	params := []border.Param{{Name: "nationality", Value: "GRC"}, {Name: "expiry", Value: "2026-01-02"}, {Name: "until", Value: "2026-01-03"}, {Name: "days", Value: "90"}, {Name: "day", Value: "2026-01-09"},
		{Name: "age", Value: "18"}, {Name: "basis", Value: "visa-free"}, {Name: "from", Value: "2026-01-04"}, {Name: "entries", Value: "1"}, {Name: "used", Value: "2"}, {Name: "window", Value: "180"},
		{Name: "left", Value: "1"}, {Name: "last", Value: "2026-01-05"}, {Name: "over", Value: "3"}, {Name: "proven", Value: "2"}, {Name: "since", Value: "2026-01-06"}, {Name: "entered", Value: "2026-01-07"},
		{Name: "departure", Value: "2026-01-08"}, {Name: "doubts", Value: "4"}, {Name: "node", Value: "durres"}, {Name: "direction", Value: "exit"}, {Name: "at", Value: "1795000000000"},
		{Name: "booth", Value: "K2"}, {Name: "alert", Value: "ofac:36"}, {Name: "list", Value: "ofac-sdn"}, {Name: "kind", Value: "person"}, {Name: "action", Value: "arrest"}, {Name: "score", Value: "12.5"},
		{Name: "to", Value: "0"}, {Name: "posts", Value: "5"}, {Name: "alerts", Value: "7"}, {Name: "code", Value: mrz.ErrCheckBirthDate}, {Name: "line", Value: "2"}, {Name: "position", Value: "20"}}
	for _, lang := range p.Languages() {
		w := WordsOf(p, lang)
		for _, code := range constants(t, "../border", func(_, kind string) bool { return kind == "Code" }) {
			got := w.Finding(border.Finding{Code: border.Code(code), Field: "birth_date", Params: params})
			if strings.ContainsAny(got, "{}") || strings.Contains(got, code+".") || strings.HasPrefix(got, "finding.") {
				t.Errorf("%s %s reads %q", lang, code, got)
			}
		}
	}
	if got, want := WordsOf(p, "en").Finding(border.Finding{Code: border.FewDaysLeft, Params: params}), "Only 1 day left, last lawful day 5\u00a0Jan\u00a02026"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := WordsOf(p, "sq").Finding(border.Finding{Code: border.ZoneFault, Field: "birth_date", Params: params}), "Lindur më: Shifra e kontrollit e datëlindjes është e gabuar (rreshti 2, pozicioni 20)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStateNames(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range mrz.States() {
		if got := WordsOf(p, "en").StateName(s.Code); got != s.Name {
			t.Errorf("%s is %q, want %q", s.Code, got, s.Name)
		}
	}
	for _, test := range [][3]string{{"en", "D<<", "Germany"}, {"sq", "D<<", "Gjermania"}, {"sq", "QQQ", ""}} {
		if got := WordsOf(p, test[0]).StateName(test[1]); got != test[2] {
			t.Errorf("%s %s: %q", test[0], test[1], got)
		}
	}
}

func TestOutcome(t *testing.T) {
	words := Words{troubles: troubles}
	for _, test := range []struct {
		err           error
		again, looked bool
		want          outcome
	}{
		{node.ErrGround, true, false, mendable},
		{node.ErrDecided, false, true, mendable},
		{node.ErrPlateHit, false, false, mendable},
		{tlogNotKnown, false, true, notKnown},
		{tlogNotRecorded, false, true, notRecorded},
		{tlogNotRecorded, true, true, notRecorded}, // the log was asked, and has not the act
		{tlogNotRecorded, true, false, notKnown},
		{tlogStopped, false, true, notRecorded},
		{tlogStopped, true, true, notKnown},
		{node.ErrForgotten, false, true, notRecorded},
		{node.ErrDuty, false, false, notRecorded},
		{node.ErrDuty, true, false, notKnown},
		{io.ErrUnexpectedEOF, false, false, notRecorded},
		{io.ErrUnexpectedEOF, false, true, notKnown},
	} {
		if got := words.outcomeOf(test.err, test.again, test.looked); got != test.want {
			t.Errorf("%v, again %v, looked %v: %v, want %v", test.err, test.again, test.looked, got, test.want)
		}
	}
}
