// Package web is the page frame of the faces (booth, centre, portal): look,
// assets, languages, sessions, guard, server-sent events. It knows nothing of
// borders or logs.
//
// A face brings one file system with up to four folders: pages/NAME.html (the
// content of one page each), parts/NAME.html (fragments, usable in every page
// and rendered alone for htmx), lang/CODE.json (its words), assets/ (its
// scripts and pictures). A handler then has four moves: read the form, ask the
// node, choose the page, render.
//
// Trust: everything a template prints is escaped by html/template; the content
// security policy allows no inline script and no inline style, so that an
// escaping mistake still runs nothing.
package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"time"
)

//go:embed assets lang parts
var frame embed.FS

// Config says whose pages they are.
type Config struct {
	// Node is the node's short name, lower-case letters, digits and hyphens.
	Node string
	// Label is how people call it ("Kakavijë"); Node if empty.
	Label string
	// Role is a catalogue key of what the node is to its user, such as
	// "frame.role.post".
	Role string
	// Demo shows on every page that the travellers are invented.
	Demo bool
	// Zone is the civil time zone that every time is shown in; UTC if nil.
	Zone *time.Location
	// Now is the node's clock; time.Now if nil.
	Now func() time.Time
	// Log is the node's journal; slog.Default if nil.
	Log *slog.Logger
	// Languages are further catalogues, CODE.json each, beside those of the faces;
	// nil for none. What one lacks is shown in English.
	Languages fs.FS
}

// Pages renders a face's pages and fragments. It is safe for concurrent use.
type Pages struct {
	cfg    Config
	assets *assets
	words  catalogues
	sets   map[string]*templates // by language
}

var nodeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Open loads the frame and the faces' file systems. A name given twice, a
// template that does not parse or a broken catalogue is an error here, not at
// the first request.
func Open(cfg Config, faces ...fs.FS) (*Pages, error) {
	if !nodeName.MatchString(cfg.Node) {
		return nil, fmt.Errorf("web: node name %q: want a-z, 0-9 and hyphens", cfg.Node)
	}
	p := &Pages{cfg: cfg.filled(), sets: map[string]*templates{}}
	all := append([]fs.FS{frame}, faces...)
	var err error
	if p.assets, err = loadAssets(all); err != nil {
		return nil, fmt.Errorf("web: load assets: %w", err)
	}
	if p.words, err = loadCatalogues(all, cfg.Languages); err != nil {
		return nil, fmt.Errorf("web: load catalogues: %w", err)
	}
	for _, lang := range p.words.languages() {
		if p.sets[lang], err = loadTemplates(all, p.funcs(lang)); err != nil {
			return nil, fmt.Errorf("web: load templates: %w", err)
		}
	}
	return p, nil
}

func (cfg Config) filled() Config {
	if cfg.Label == "" {
		cfg.Label = cfg.Node
	}
	if cfg.Role == "" {
		cfg.Role = "frame.role.node"
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return cfg
}

// Mount registers what the frame itself serves: the assets, the choice of
// language and theme, and a readable answer for every other address.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /assets/{hash}/{name...}", p.serveAsset)
	mux.HandleFunc("POST /prefs", p.servePrefs)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.Fail(w, r, http.StatusNotFound) })
}

// Page is what a handler says about one answer. Texts in it are already in
// the reader's language (Pages.T); Data is the template's own.
type Page struct {
	Status  int // 200 if zero
	Title   string
	Nav     []Link
	States  []State
	User    string // who works here, shown in the head
	Leave   string // where he ends his shift, empty for nowhere
	Help    []Key
	Scripts []string // assets that run on this page as ES modules, after the frame's
	// Above stands between states and page, such as messages. It is made by Text, and stays while main is exchanged.
	Above template.HTML
	// Stream is the address of this page's server-sent events; empty for none.
	Stream string
	// Refresh reloads the page in browsers without script; zero for never.
	Refresh time.Duration
	Data    any
}

// Link is a place in the navigation.
type Link struct {
	Href, Text string
	Current    bool
	Key        string // opens it, as in data-key: "Alt+2"; may be empty
	Count      int    // what waits there; 0 shows nothing
}

// State is one pill of the strip below the head.
type State struct {
	Level        Level
	Text, Detail string // Detail is smaller, such as an age; may be empty
}

// Key is one hint of the help line, such as {"F2", "Admit"}.
type Key struct{ Keys, Text string }

// View is the dot of every page and fragment: the Page and the frame's facts.
type View struct {
	Page
	Node, Label, Role string
	Demo              bool
	Lang, Theme, Path string
	Volume            string // of sounds: "off", "low" or "full"
	Languages         []string
	At                time.Time // when the page was made, by the node's clock
	content           template.HTML
}

// Content is the rendered page inside the frame.
func (v View) Content() template.HTML { return v.content }

// Seconds is Refresh for the browser, at least 1.
func (v View) Seconds() int { return max(1, int(v.Refresh/time.Second)) }
