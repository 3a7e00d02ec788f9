package web

import (
	"crypto/sha256"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

// at is a Saturday night in Tirana, after midnight there and before it in UTC.
var at = time.Date(2026, 11, 21, 23, 41, 5, 0, time.UTC)

func tirana(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Tirane")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// open makes the pages of a post over the kitchen sink and the given files.
func open(t testing.TB, journal io.Writer, files fstest.MapFS) *Pages {
	t.Helper()
	p, err := Open(Config{Node: "kakavija", Label: "Kakavijë", Role: "frame.role.post", Demo: true, Zone: tirana(t),
		Now: func() time.Time { return at }, Log: slog.New(slog.NewTextHandler(journal, &slog.HandlerOptions{Level: slog.LevelDebug}))},
		os.DirFS("testdata/sink"), files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// sink is what the kitchen-sink pages need.
func sink() Page {
	return Page{
		Title: "<b>Booth</b>", User: "<i>Ana</i>", Stream: "/live", Refresh: 5 * time.Second, Scripts: []string{"frame.js"},
		Nav:    []Link{{Href: "javascript:alert(1)", Text: "<u>Booth</u>", Current: true, Key: "<x>", Count: 3}},
		States: []State{{OK, "<s>Centre</s>", "<s>12 s</s>"}, {"evil\"", "x", ""}},
		Help:   []Key{{"F2", "<q>Admit</q>"}},
		Data: map[string]any{"Earlier": at.Add(-27 * time.Hour), "Near": at.Add(-12 * time.Second), "Span": 26 * time.Hour,
			"Hostile": `<script>alert("1")</script>`, "Icons": []string{"ok", "cut"},
			"Chart": BarsSVG("<t>", []string{"<l>", "b"}, Series{"<n>", []float64{1, 2}}),
			"Plot":  map[string]any{"x": []int{1}, "series": []string{"</script><script>alert(1)</script>"}},
			"Posts": []map[string]any{{"Name": "<p>Rinas", "Level": "amber", "State": "<p>Late", "Lag": 309}},
		},
	}
}

func get(h http.Handler, target string, header ...string) *http.Response {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	inline   = regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=|<style|javascript:|hx-on`)
	scripted = regexp.MustCompile(`<script[^>]*>`)
	allowed  = regexp.MustCompile(`^<script( (defer|type="module") src="/assets/[0-9a-f]{16}/[a-z.-]+\.js"| type="application/json")>$`)
)

// Each page of the sink is whole, has nothing the policy forbids, and shows
// hostile text as text.
func TestPagesNeedNothingInline(t *testing.T) {
	for _, lang := range []string{"en", "sq"} {
		for _, name := range []string{"booth", "parts", "centre"} {
			p := open(t, io.Discard, nil)
			res := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Render(w, r, name, sink()) }), "/x?lang="+lang)
			html := body(t, res)
			if res.StatusCode != 200 || !strings.HasSuffix(strings.TrimSpace(html), "</html>") {
				t.Fatalf("%s: status %d or not whole", name, res.StatusCode)
			}
			if found := inline.FindString(html); found != "" {
				t.Errorf("%s: inline %q", name, found)
			}
			for _, tag := range scripted.FindAllString(html, -1) {
				if !allowed.MatchString(tag) {
					t.Errorf("%s: script %q", name, tag)
				}
			}
			for _, raw := range []string{"<b>", "<i>", "<u>", "<s>", "<q>", "<t>", "<l>", "<n>", "<p>Rinas", "<p>Late", "alert(\"1\")", `pill evil`} {
				if strings.Contains(html, raw) {
					t.Errorf("%s: %q is not escaped", name, raw)
				}
			}
		}
	}
}

func TestHelpersEscape(t *testing.T) {
	const hostile = `"><script>x</script>`
	for name, html := range map[string]template.HTML{
		"Pill": Pill(Level(hostile), hostile), "Keys": Keys("F2+" + hostile), "Icon": Icon(hostile),
		"BarsSVG": BarsSVG(hostile, []string{hostile}, Series{hostile, []float64{1}}),
	} {
		if strings.Contains(string(html), "<script") {
			t.Errorf("%s: %s", name, html)
		}
	}
	if got := Partial(`#a" x="`, `innerHTML"`, "<b>kept</b>").Data; got !=
		`<hx-partial hx-target="#a&#34; x=&#34;" hx-swap="innerHTML&#34;"><b>kept</b></hx-partial>` {
		t.Error(got)
	}
}

// A page that fails in its middle gives the error page and not its first half;
// the journal names the place and not the value.
func TestNoHalfPage(t *testing.T) {
	var journal strings.Builder
	p := open(t, &journal, fstest.MapFS{
		"pages/half.html": file("<p>first half</p>\n{{index .Data \"SECRETKEY\"}}"),
		"pages/long.html": file("{{range .Data}}{{.}}{{end}}"),
	})
	for name, data := range map[string]any{"half": 7, "long": []string{strings.Repeat("x", maxPage), "y"}, "absent": nil} {
		res := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Render(w, r, name, Page{Data: data}) }), "/x")
		html := body(t, res)
		if res.StatusCode != 500 || strings.Contains(html, "first half") || !strings.Contains(html, "This page could not be shown") ||
			!strings.HasSuffix(strings.TrimSpace(html), "</html>") {
			t.Errorf("%s: %d %.300s", name, res.StatusCode, html)
		}
	}
	if log := journal.String(); !strings.Contains(log, "page/half:2") || strings.Contains(log, "SECRETKEY") {
		t.Error(log)
	}
}

func TestFragmentAndText(t *testing.T) {
	p := open(t, io.Discard, fstest.MapFS{"parts/hello.html": file(`<p>{{T "sink.left" "n" .Data}}</p>`)})
	res := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Fragment(w, r, "hello", Page{Status: 422, Data: 1})
	}), "/x")
	if got := body(t, res); got != "<p>1 day left of 90</p>" || res.StatusCode != 422 {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	if got, err := p.Text("sq", "hello", Page{Data: 2}); got != "<p>edhe 2 ditë nga 90</p>" || err != nil {
		t.Errorf("%s %v", got, err)
	}
	for _, bad := range [][2]string{{"xx", "hello"}, {"en", "absent"}} {
		if got, err := p.Text(bad[0], bad[1], Page{}); err == nil {
			t.Errorf("%v gave %q", bad, got)
		}
	}
}

func TestFail(t *testing.T) {
	p := open(t, io.Discard, nil)
	for status, want := range map[int]string{400: "could not be read", 401: "signed in", 403: "not allowed", 404: "no such page",
		405: "kind of request", 413: "too large", 429: "Too many", 500: "could not be shown", 503: "Not available", 502: "could not be shown"} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Fail(w, r, status) })
		res := get(h, "/x")
		if html := body(t, res); res.StatusCode != status || !strings.Contains(html, want) || !strings.Contains(html, "<html") {
			t.Errorf("%d: %d %s", status, res.StatusCode, html)
		}
		res = get(h, "/x", "HX-Request", "true")
		if html := body(t, res); res.StatusCode != status || !strings.Contains(html, want) || strings.Contains(html, "<html") {
			t.Errorf("%d for htmx: %d %s", status, res.StatusCode, html)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	ok := Config{Node: "n"}
	for name, test := range map[string]struct {
		cfg   Config
		files fstest.MapFS
		want  string
	}{
		"node name":      {Config{Node: "Kakavijë"}, nil, "node name"},
		"template":       {ok, fstest.MapFS{"pages/a.html": file("{{")}, "page a"},
		"part twice":     {ok, fstest.MapFS{"parts/states.html": file("x")}, "part states is there twice"},
		"function":       {ok, fstest.MapFS{"parts/a.html": file("{{nope}}")}, "nope"},
		"key twice":      {ok, fstest.MapFS{"lang/en.json": file(`{"frame.skip": "x"}`)}, `"frame.skip" is there twice`},
		"plural":         {ok, fstest.MapFS{"lang/en.json": file(`{"a": {"one": "x"}}`)}, "lang/en.json"},
		"asset twice":    {ok, fstest.MapFS{"assets/tims.css": file("x")}, "asset tims.css is there twice"},
		"catalogue text": {ok, fstest.MapFS{"lang/sq.json": file(`[]`)}, "lang/sq.json"},
	} {
		if _, err := Open(test.cfg, test.files); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAssets(t *testing.T) {
	p := open(t, io.Discard, fstest.MapFS{"assets/booth.js": file("'use strict'")})
	mux := http.NewServeMux()
	p.Mount(mux)
	for name, kind := range map[string]string{"booth.js": "text/javascript", "tims.css": "text/css", "favicon.svg": "image/svg+xml",
		"ibm-plex-mono-latin-400-normal.woff2": "font/woff2", "licences/htmx.txt": "text/plain"} {
		url, err := p.assets.url(name)
		if err != nil {
			t.Fatal(err)
		}
		res := get(mux, url)
		if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || !strings.HasPrefix(got, kind) ||
			res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || len(body(t, res)) == 0 {
			t.Errorf("%s: %d %s", url, res.StatusCode, got)
		}
	}
	for _, url := range []string{"/assets/0000000000000000/tims.css", "/assets/" + p.assets.hash + "/absent.js", "/assets/" + p.assets.hash + "/../web.go", "/nothing"} {
		if res := get(mux, url); res.StatusCode == 200 {
			t.Errorf("%s is served", url)
		}
	}
	if _, err := p.assets.url("absent.js"); err == nil {
		t.Error("an absent asset has an address")
	}
	if other := open(t, io.Discard, nil); other.assets.hash == p.assets.hash {
		t.Error("two sets of assets share a hash")
	}
}

// The vendored files are those of the README, whole, and the fonts stay small.
func TestVendored(t *testing.T) {
	readme, err := frame.ReadFile("assets/README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$`).FindAllStringSubmatch(string(readme), -1) {
		listed[row[1]] = row[2]
	}
	found, fonts := map[string]string{}, 0
	entries, err := frame.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() == "README.md" || e.Name() == "tims.css" || e.Name() == "frame.js" || e.Name() == "sound.js" || e.Name() == "favicon.svg" {
			continue
		}
		b, err := frame.ReadFile("assets/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = fmt.Sprintf("%x", sha256.Sum256(b))
		if path.Ext(e.Name()) == ".woff2" {
			fonts += len(b)
		}
	}
	if diff := cmp.Diff(listed, found); diff != "" {
		t.Error(diff)
	}
	if fonts > 300<<10 {
		t.Errorf("fonts are %d bytes", fonts)
	}
}
