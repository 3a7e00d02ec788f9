// Package forms is what is printed and signed: the refusal of entry or exit in the officer's and the traveller's language,
// the fact sheet at exit, numbered sheets for an outage, the hand-over of a shift. It takes plain values and writes whole
// HTML pages for A4; it is pure and knows no node.
//
// Trust: every value is escaped by html/template. A page holds the traveller's data, so whoever serves it forbids storing.
package forms

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed assets parts
var files embed.FS

// Files has assets/forms.css, assets/forms.js and parts/forms-head.html, for a face to open with its own: the part
// forms-head, rendered by package web, is the Head of a Look.
var Files fs.FS = files

//go:embed pages
var pages embed.FS

//go:embed lang refusal
var words embed.FS

// A Look says how a page stands in a browser.
type Look struct {
	// Head stands in the page's head and names the style sheet. Where it is empty the style stands in the page itself, which
	// is then whole in one file; the faces' content security policy would not let that style through.
	Head template.HTML
	// Back is the address of a way back, shown on the screen alone; empty for none.
	Back string
}

// A catalogue is the texts of one language by key.
type catalogue map[string]string

var (
	refusals  = catalogues("refusal")
	languages = catalogues("lang")
	set       = template.Must(template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(pages, "pages/*.html"))
	style     = must(files.ReadFile("assets/forms.css"))
)

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err) // an embedded file
	}
	return b
}

// catalogues reads DIR/CODE.json. A broken file ends the program in its first test.
func catalogues(dir string) map[string]catalogue {
	entries, err := words.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	out := map[string]catalogue{}
	for _, e := range entries {
		var c catalogue
		if err := json.Unmarshal(must(words.ReadFile(path.Join(dir, e.Name()))), &c); err != nil {
			panic(fmt.Errorf("%s/%s: %w", dir, e.Name(), err))
		}
		out[strings.TrimSuffix(e.Name(), ".json")] = c
	}
	return out
}

// T is the text of key with {name} replaced by the value that follows name. An unknown key is an error of the page.
func (c catalogue) T(key string, args ...any) (string, error) {
	text, ok := c[key]
	if !ok {
		return "", fmt.Errorf("no text %s", key)
	}
	pairs := make([]string, len(args))
	for i, a := range args {
		if pairs[i] = fmt.Sprint(a); i%2 == 0 {
			pairs[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(text), nil
}

// in gives the catalogue of a page that is made in Albanian and English alone.
func in(lang string) catalogue {
	if c, ok := languages[lang]; ok {
		return c
	}
	return languages["en"]
}

var funcs = template.FuncMap{
	"seq":   func(n int) []struct{} { return make([]struct{}, n) },
	"day":   func(t time.Time) string { return show(t, time.DateOnly) },
	"clock": func(t time.Time) string { return show(t, "15:04") },
	"at":    func(t time.Time) string { return show(t, "2006-01-02 15:04 UTC-07:00") },
	"dict": func(pairs ...any) map[string]any {
		m := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			m[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return m
	},
}

// show writes a moment year first, as every reader of fourteen languages takes it, in the zone that the time came with.
// The zero time is empty: a place to be filled in by hand.
func show(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}

// A sheet of paper as its template sees it.
type view struct {
	Look
	Lang, Dir string
	Title     string
	C         catalogue // of the page's language
	Data      any
}

// Style is the inline style of a page without a Head.
func (v view) Style() template.CSS { return template.CSS(style) }

// write makes the whole page before the first byte goes out: nobody signs half a form.
func write(w io.Writer, page string, v view) error {
	var b strings.Builder
	if err := set.ExecuteTemplate(&b, page, v); err != nil {
		return fmt.Errorf("print %s: %w", page, cause(err))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print %s: %w", page, err)
	}
	return nil
}

// cause keeps the place of a template error and drops its text, which may quote a traveller's data.
func cause(err error) error {
	at, _, found := strings.Cut(err.Error(), ": executing")
	if !found {
		at = "an unknown place"
	}
	return fmt.Errorf("the template failed at %s", at)
}
