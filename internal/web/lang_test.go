package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestCataloguesAreComplete(t *testing.T) {
	var used []string
	for _, status := range []int{400, 401, 403, 404, 405, 413, 429, 500, 503} {
		used = append(used, failureKey(status)+".title", failureKey(status)+".text")
	}
	for _, role := range []string{"node", "post", "centre", "portal"} {
		used = append(used, "frame.role."+role)
	}
	used = append(used, "frame.decimal", "frame.months", "frame.never", "frame.ago", "frame.ahead",
		"frame.span.s", "frame.span.min", "frame.span.h", "frame.span.day")
	if gaps := MissingKeys(open(t, io.Discard, nil), used...); len(gaps) != 0 {
		t.Error(strings.Join(gaps, "\n"))
	}
}

func TestMissingKeys(t *testing.T) {
	p := open(t, io.Discard, fstest.MapFS{
		"lang/en.json":    file(`{"a": "{n} {who}", "only.en": "x"}`),
		"lang/sq.json":    file(`{"a": "{n}", "only.sq": "x"}`),
		"pages/one.html":  file(`{{if T "in.if"}}{{else}}{{range $x := .Data}}{{pill "ok" (T "in.range" "n" (T "in.arg"))}}{{end}}{{end}}{{with .Data}}{{T .}}{{end}}`),
		"parts/two.html":  file(`{{define "inner"}}{{T "in.define" | print}}{{end}}{{template "inner" (T "in.dot")}}`),
		"pages/good.html": file(`{{T "a" "n" 1 "who" "x"}}`),
	})
	want := []string{
		"en: in.arg is used in page/one", "en: in.define is used in inner", "en: in.dot is used in two", "en: in.go is used by the program",
		"en: in.if is used in page/one", "en: in.range is used in page/one", "en: only.sq is in sq",
		"sq: a has other parameters than in en", "sq: only.en is in en",
	}
	if diff := cmp.Diff(want, MissingKeys(p, "in.go", "a")); diff != "" {
		t.Error(diff)
	}
}

func TestT(t *testing.T) {
	p := open(t, io.Discard, fstest.MapFS{"lang/en.json": file(`{"t.name": "{n} of {name}", "t.en": "only English"}`)})
	for _, test := range []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "sink.left", []any{"n", 1}, "1 day left of 90"},
		{"en", "sink.left", []any{"n", int64(1)}, "1 day left of 90"},
		{"en", "sink.left", []any{"n", 0}, "0 days left of 90"},
		{"en", "sink.left", []any{"n", 21}, "21 days left of 90"},
		{"sq", "sink.left", []any{"n", 12345}, "edhe 12\u202f345 ditë nga 90"},
		{"en", "t.name", []any{"n", 2.5, "name", "{n} <b>"}, "2.5 of {n} <b>"}, // values are not searched again
		{"sq", "t.name", []any{"n", 2.5, "name", "x"}, "2,5 of x"},
		{"sq", "t.en", nil, "only English"},
		{"sq", "t.absent", nil, "t.absent"},
		{"xx", "t.en", nil, "only English"},
	} {
		if got := p.T(test.lang, test.key, test.args...); got != test.want {
			t.Errorf("T(%s, %s, %v) = %q, want %q", test.lang, test.key, test.args, got, test.want)
		}
	}
}

func TestLang(t *testing.T) {
	p := open(t, io.Discard, nil)
	for _, test := range []struct{ query, cookie, accept, want string }{
		{"", "", "", "en"},
		{"", "", "sq", "sq"},
		{"", "", "sq-AL,sq;q=0.9,en;q=0.8", "sq"},
		{"", "", "de, el;q=0.9, sq;q=0.2, en;q=0.1", "sq"},
		{"", "", "en;q=0.5,sq;q=0.6", "sq"},
		{"", "", "sq;q=0", "en"},
		{"", "", "sq;q=7, de", "en"},
		{"", "", strings.Repeat(" ,", 5000) + "sq", "en"},
		{"", "sq", "en", "sq"},
		{"", "../x", "sq", "sq"},
		{"en", "sq", "sq", "en"},
		{"xx", "sq", "en", "sq"},
	} {
		r := httptest.NewRequest("GET", "/?lang="+test.query, nil)
		r.Header.Set("Accept-Language", test.accept)
		r.AddCookie(&http.Cookie{Name: langCookie, Value: test.cookie})
		if got := p.Lang(r); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// ?lang= is remembered, and the page says which language and theme it has.
func TestPreferencesShow(t *testing.T) {
	p := open(t, io.Discard, nil)
	res := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Render(w, r, "booth", sink()) }),
		"/booth?lang=sq", "Cookie", "tims-theme=dark; tims-sound=off")
	if html := body(t, res); !strings.Contains(html, `<html lang="sq" data-theme="dark" data-volume="off" data-live="opening">`) ||
		!strings.Contains(html, "Demonstrim") || !strings.Contains(html, "22\u00a0nën\u00a02026 00:41:05") {
		t.Errorf("%.900s", html)
	}
	if got := res.Header.Get("Set-Cookie"); got != "tims-lang=sq; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax" {
		t.Error(got)
	}
}

func TestPrefs(t *testing.T) {
	p := open(t, io.Discard, nil)
	mux := http.NewServeMux()
	p.Mount(mux)
	for _, test := range []struct {
		lang, theme, volume, back, goes string
		cookies                         int
	}{
		{"sq", "", "", "/centre", "/centre", 1},
		{"", "dark", "", "/centre", "/centre", 1},
		{"", "", "low", "/", "/", 1},
		{"xx", "pink", "loud", "/", "/", 0},
		{"sq", "auto", "off", "//evil.example/", "/", 3},
		{"sq", "", "", `/\evil.example`, "/", 1},
		{"sq", "", "", "https://evil.example", "/", 1},
		{"sq", "", "", "", "/", 1},
	} {
		form := url.Values{"lang": {test.lang}, "theme": {test.theme}, "volume": {test.volume}, "back": {test.back}}
		r := httptest.NewRequest("POST", "/prefs", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != 303 || w.Header().Get("Location") != test.goes || len(w.Result().Cookies()) != test.cookies {
			t.Errorf("%+v: %d %v", test, w.Code, w.Header())
		}
	}
}

// A third language is a file: beside a face's others, or in a directory of the country's own. It stands in the menu, is chosen
// like the others, and what it lacks is read in English.
func TestFurtherLanguages(t *testing.T) {
	cfg := Config{Node: "kakavija", Languages: fstest.MapFS{"mk.json": file(`{"frame.theme": "Тема", "face.title": "Наслов"}`)}}
	p, err := Open(cfg, fstest.MapFS{"pages/one.html": file(`<h1>{{T "face.title"}}</h1><p>{{T "face.text"}}</p>`),
		"lang/en.json": file(`{"face.title": "Title", "face.text": "Text"}`), "lang/it.json": file(`{"face.title": "Titolo"}`),
		"lang/it.more.json": file(`{"frame.theme": "Tema"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Languages(); !slices.Equal(got, []string{"en", "it", "mk", "sq"}) {
		t.Fatalf("languages %v", got)
	}
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Render(w, r, "one", Page{}) })
	for lang, want := range map[string][]string{"mk": {"<h1>Наслов</h1><p>Text</p>", `aria-label="Тема"`}, "it": {"<h1>Titolo</h1><p>Text</p>", `aria-label="Tema"`}} {
		html := body(t, get(serve, "/", "Accept-Language", lang+"-X,en;q=0.5"))
		for _, w := range append(want, `<html lang="`+lang+`"`, `value="`+lang+`" lang="`+lang+`" aria-pressed="true"`, `value="sq" lang="sq" aria-pressed="false"`) {
			if !strings.Contains(html, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, html)
			}
		}
	}
	for name, bad := range map[string]string{"en.json": `{"frame.theme": "twice"}`, "klingon.json": `{}`, "mk.json": `{`} {
		cfg.Languages = fstest.MapFS{name: file(bad)}
		if _, err := Open(cfg); err == nil {
			t.Errorf("%s with %s is taken", name, bad)
		}
	}
}

// Whatever a browser sends as its wish, the answer is a language that exists.
func FuzzAcceptLanguage(f *testing.F) {
	for _, seed := range []string{"", "sq-AL,sq;q=0.9", "*;q=0.1", ";;;q=,,", "sq;q=NaN", "EN-us ; q=1.0"} {
		f.Add(seed)
	}
	p := open(f, io.Discard, nil)
	f.Fuzz(func(t *testing.T, header string) {
		if got := p.wished(header); !slices.Contains([]string{"en", "sq"}, got) {
			t.Errorf("%q gave %q", header, got)
		}
	})
}
