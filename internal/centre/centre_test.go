package centre

import (
	"bufio"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tims/internal/border"
	"tims/internal/messages"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

var twoPosts = []node.PlannedNode{{Name: "kakavija", Role: roster.Post, Place: "Kakavijë", Traffic: "road"},
	{Name: "rinas", Role: roster.Post, Place: "Rinas", Traffic: "air"}}

// Every word that a template or the program can ask for is there in each language.
func TestWords(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "centre"}, append(station.Files(), files, messages.Files())...)
	if err != nil {
		t.Fatal(err)
	}
	used := programKeys(t)
	for _, kind := range []record.Kind{record.Check, record.Crossing, record.Refusal, record.Referral, record.Late, record.Correction} {
		used = append(used, "centre.kind."+kind.String())
	}
	for _, d := range []border.Decision{border.Admit, border.Refer, border.Refuse} {
		used = append(used, "centre.decision."+d.String())
	}
	for k := border.Car; k <= border.OtherVehicle; k++ {
		used = append(used, "centre.vehicle."+k.String())
	}
	for _, regime := range []string{node.Relaxed, node.Unrecorded} {
		used = append(used, "centre.regime."+regime)
	}
	for _, traffic := range []string{"road", "sea", "air", "rail"} {
		used = append(used, "centre.traffic."+traffic)
	}
	for _, state := range node.HitStates {
		used = append(used, "centre.hits."+string(state))
	}
	for _, field := range []string{"number", "surname", "given", "reason"} {
		used = append(used, "centre."+field, "centre."+field+".hint")
	}
	for _, missing := range web.MissingKeys(pages, used...) {
		t.Error(missing)
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
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if key, _ := strconv.Unquote(lit.Value); strings.HasPrefix(key, "centre.") && !strings.HasSuffix(key, ".") {
					keys = append(keys, key)
				}
			}
			return true
		})
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys found", len(keys))
	}
	return keys
}

func (c *country) size() uint64 {
	c.Helper()
	h, err := c.centre.Health(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	return h.Size
}

var (
	inline   = regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|javascript:|hx-on`)
	scripted = regexp.MustCompile(`<script[^>]*>`)
	allowed  = regexp.MustCompile(`^<script( defer src="/assets/[0-9a-f]{16}/[a-z.-]+\.js"| type="module" src="/assets/[0-9a-f]{16}/[a-z]+\.js"| type="application/json")>$`)
	refresh  = regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="10"></noscript>`)
)

// The overview has the day's figures, in both languages, and reads without script.
func TestOverview(t *testing.T) {
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "GRC", "PAPADOPOULOU", "ELENI"), border.Entry, node.Vehicle{}, "")
	c.pass("kakavija", passport(t, "X0000002", "GRC", "PAPPAS", "NIKOS"), border.Entry, node.Vehicle{}, "")
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	c.settle()
	client := c.officer("Arta Hoxha")
	for lang, wants := range map[string][]string{
		"en": {"Greece <small>GRC</small></th><td class=\"num\">2</td><td class=\"num\">0</td>", "2 of 2 posts reachable",
			"Italy <small>ITA</small></th><td class=\"num\">0</td><td class=\"num\">1</td>", "roster 0, rulebook 0, authority 0",
			"<th scope=\"row\">All posts</th><td class=\"num\">2</td><td class=\"num\">1</td><td class=\"num\">3</td>"},
		"sq": {"Greqia <small>GRC</small></th><td class=\"num\">2</td>", "2 nga 2 pika të arritshme", "Kalime në orë"},
	} {
		res, body := c.get(client, "/", lang)
		for _, want := range append(wants, `id="centre-posts"`, `id="post-kakavija"`, `<svg class="bars"`) {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
		if !refresh.MatchString(body) || inline.MatchString(body) || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: no reload, or inline %q, or %q", lang, inline.FindString(body), res.Header.Get("Cache-Control"))
		}
		for _, tag := range scripted.FindAllString(body, -1) {
			if !allowed.MatchString(tag) {
				t.Errorf("%s: script %q", lang, tag)
			}
		}
		for _, name := range []string{"PAPADOPOULOU", "X0000001"} {
			if strings.Contains(body, name) {
				t.Errorf("%s: the overview names a traveller", lang)
			}
		}
	}
}

// A further language is a file; what it lacks is English.
func TestLanguages(t *testing.T) {
	c := found(t, nil, twoPosts...)
	client := c.officer("Arta Hoxha")
	h := c.newFace(Options{Languages: fstest.MapFS{"fr.json": {Data: []byte(`{"centre.overview": "Vue d’ensemble"}`)}}})
	c.server.Config.Handler = h
	c.resume(client, "Arta Hoxha")
	if _, body := c.get(client, "/", "fr"); !strings.Contains(body, `<html lang="fr"`) || !strings.Contains(body, "Vue d’ensemble") || !strings.Contains(body, "Crossings today") {
		t.Error("the page is not in the further language, or has no English where it lacks a text")
	}
	if _, err := New(c.centre, Options{Languages: fstest.MapFS{"fr.json": {Data: []byte(`{`)}}}); err == nil {
		t.Error("a broken catalogue is taken")
	}
}

// An open page is told the state of now and then what changes.
func TestLive(t *testing.T) {
	c := found(t, nil, twoPosts...)
	client := c.officer("Ilir Dema")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+station.LiveAddress(live), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("no %s came: %v", want, lines.Err())
	}
	until(`hx-target="#centre-posts"`)
	until("event: " + minutesEvent)
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	until("Italy <small>ITA</small></th>")
}

// A search is answered after it is recorded; what cannot be searched is recorded nowhere; nothing of it is in the journal.
func TestSearch(t *testing.T) {
	c := found(t, nil, twoPosts...)
	ref := c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA MARIA"), border.Entry, node.Vehicle{Plate: "AA123BC", Occupants: 3}, "")
	c.pass("rinas", passport(t, "X0000001", "ALB", "CELA", "ERINA MARIA"), border.Exit, node.Vehicle{}, border.ExitWanted)
	c.settle()
	client := c.officer("Arta Hoxha")
	for _, bad := range []url.Values{
		{"number": {"X0000001"}}, {"number": {"X0000001"}, "reason": {"case"}}, {"number": {"X0000001"}, "reason": {strings.Repeat("x", 201)}},
		{"reason": {"case 12"}}, {"number": {"X0000001"}, "surname": {"Cela"}, "reason": {"case 12"}},
		{"number": {"X000;1"}, "reason": {"case 12"}}, {"surname": {"C"}, "reason": {"case 12"}}, {"given": {"Erina"}, "reason": {"case 12"}},
		{"surname": {"北京"}, "reason": {"case 12"}},
	} {
		size := c.size()
		res, body := c.post(client, "/search", bad)
		if res.StatusCode != 400 || !strings.Contains(body, `aria-invalid="true"`) || c.size() != size {
			t.Errorf("%v: %d, recorded %v", bad, res.StatusCode, c.size() != size)
		}
	}
	for _, good := range []url.Values{
		{"number": {" x000-0001 "}, "reason": {"case 12/2026"}},
		{"surname": {"Çela"}, "reason": {"case 12/2026"}},
		{"surname": {"çe"}, "given": {"Erina-M"}, "reason": {"case 12/2026"}},
	} {
		res, body := c.post(client, "/search", good)
		for _, want := range []string{"CELA, ERINA MARIA", number(ref.Border()), "AA123BC", "3 persons", "Refusal, refused: X1, wanted",
			"by the node", "2 checks that were decided", "1 crossing<", "1 document, 4 records"} {
			if !strings.Contains(body, want) {
				t.Errorf("%v: no %q", good, want)
			}
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Request.URL.RawQuery != "" || inline.MatchString(body) {
			t.Errorf("%v: may be kept, or is in the address, or inline", good)
		}
		last, err := c.centre.ReadOwn(c.size() - 1)
		if err != nil || last.Leaf.Kind != record.Search {
			t.Errorf("%v: the newest record is %v, %v", good, last.Leaf.Kind, err)
		}
	}
	if _, body := c.post(client, "/search", url.Values{"number": {"NOBODY"}, "reason": {"case 12/2026"}}); !strings.Contains(body, "Nothing is known here") {
		t.Error("an empty answer is not said")
	}
	for _, secret := range []string{"X0000001", "x000", "CELA", "ERINA", "Erina", "case 12", "NOBODY"} {
		if strings.Contains(c.said.String(), secret) {
			t.Errorf("the journal has %q", secret)
		}
	}
	if !strings.Contains(c.said.String(), `pattern="POST /search"`) {
		t.Error("the journal was not looked at")
	}
}
