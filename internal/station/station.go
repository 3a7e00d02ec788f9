// Package station is what the pages of a post, and of a centre, have in common: sign-in, the frame with a navigation by power,
// the states of the node, the stream that keeps open pages true, the words for what the node knows, and the way in which a
// form becomes signed records (deed.go).
//
// A face is a package with files (pages, parts, lang, assets) and a function that mounts its addresses. Whoever assembles a
// node's pages opens one Station with the files of all of them and lets each mount itself:
//
//	st, err := station.Open(n, station.Options{Label: "Kakavijë", Role: "frame.role.post"}, booth.Files(), paper.Files())
//	booth.Mount(st)
//	paper.Mount(st)
//	go st.Run(ctx)
//	http.Serve(l, st)
//
// and mounts, in its own package:
//
//	st.Nav(station.Entry{Href: "/paper", Text: "paper.nav", Power: roster.TypePaper})
//	st.Handle("GET /paper", roster.TypePaper, f.servePaper)
//	st.Deed("POST /paper", roster.TypePaper, station.Deed{Read: f.read, Done: f.done, Mend: f.mend})
//	st.Know(station.Trouble{Err: node.ErrSheet, Key: "paper.error.sheet", Status: http.StatusConflict, Mend: true})
//
// Every name in a face's files is global: pages, parts, assets and keys begin with the face's own name.
//
// Trust: a station lets through by one question, node.Can, asked at each request and for each push of a stream, so that an
// officer who was dropped is out at once. It is no gate of its own: the node asks again at each act.
package station

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/signin"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Files are the pages and words of this package and of the sign-in, for a face's test of its catalogues:
// web.Open(cfg, append(station.Files(), files)...).
func Files() []fs.FS { return []fs.FS{files, signin.Files()} }

// Options say how a node presents itself. Zero values are the node's own.
type Options struct {
	Label     string // as people write it: "Kakavijë"
	Role      string // key of the role's word in package web: "frame.role.post"
	Booth     string // the name of the one place there is, such as "centre"; empty asks the officer for his booth
	Demo      bool   // every page says that the travellers are invented
	Journal   *slog.Logger
	Languages fs.FS // further catalogues, CODE.json, beside those of the binary; may be nil
}

// A Handler answers an officer whose shift is open and who has the power.
type Handler func(w http.ResponseWriter, r *http.Request, s *node.Shift)

// A Station is the people's listener of a node. Mount everything before it serves; then it is safe for concurrent use.
type Station struct {
	Node  *node.Node
	Pages *web.Pages

	booth    string // the one place there is, which goes without saying
	signin   *signin.SignIn
	journal  *slog.Logger
	mux      *http.ServeMux
	larger   map[string]int64 // bytes of a form by path, where it may be above maxForm
	handler  http.Handler
	routes   []Route
	nav      []Entry
	strip    Strip
	states   []StatesFunc
	troubles []Trouble
	live     live
	inFlight inFlight
}

// Open makes the station of a node with the files of its faces.
func Open(n *node.Node, opt Options, faces ...fs.FS) (*Station, error) {
	if opt.Label == "" {
		opt.Label = labelIn(n.State().Roster.Nodes, n.Name())
	}
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	st := &Station{Node: n, journal: opt.Journal, mux: http.NewServeMux(), larger: map[string]int64{}, booth: opt.Booth, troubles: troubles, live: newLive()}
	var err error
	st.Pages, err = web.Open(web.Config{Node: n.Name(), Label: opt.Label, Role: opt.Role, Demo: opt.Demo, Zone: n.Zone(),
		Now: func() time.Time { return time.UnixMilli(n.Now()) }, Log: opt.Journal, Languages: opt.Languages},
		append(Files(), faces...)...)
	if err != nil {
		return nil, fmt.Errorf("open the pages: %w", err)
	}
	st.signin = signin.New(n, st.Pages, signin.Options{Booth: opt.Booth, Home: st.home})
	st.Pages.Mount(st.mux)
	st.signin.Mount(st.mux)
	st.mux.HandleFunc("GET "+stateAddress, st.signin.Require(st.serveStream))
	st.mountFrozen()
	st.mountTwice()
	st.mountIsolation()
	st.handler = web.Guard{Pages: st.Pages, MaxBody: maxForm, Larger: st.larger}.Wrap(st.whileSilent(st.mux))
	return st, nil
}

// ServeHTTP answers the people's listener.
func (st *Station) ServeHTTP(w http.ResponseWriter, r *http.Request) { st.handler.ServeHTTP(w, r) }

// A Route is an address with the power that it needs.
type Route struct {
	Pattern string // as of http.ServeMux: "GET /check/{index}"
	Power   roster.Power
}

// Routes lists what Handle and Deed have registered, so that a test can ask for every address in the name of every duty.
func (st *Station) Routes() []Route { return slices.Clone(st.routes) }

// Handle registers an address for officers who have the power by the roster as it is at the request. Who has another duty and
// comes to the start page is led to the first page of his own.
func (st *Station) Handle(pattern string, p roster.Power, serve Handler) {
	st.routes = append(st.routes, Route{pattern, p})
	st.mux.HandleFunc(pattern, st.signin.Require(func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		switch {
		case st.Node.Can(s, p):
			serve(w, r, s)
		case r.URL.Path == "/" && r.Method == http.MethodGet && st.home(s) != "/":
			http.Redirect(w, r, st.home(s), http.StatusSeeOther)
		default:
			st.Pages.Fail(w, r, http.StatusForbidden)
		}
	}))
}

// Larger lets the forms of a path have up to most bytes. What serves it reads them as a stream and holds no more than it needs.
func (st *Station) Larger(path string, most int64) { st.larger[path] = most }

// Page is the frame of a page of this officer: title is a key, help the line of keys. A page with parts of its own that are
// kept true sets Stream to LiveAddress; one with a script appends it to Scripts.
func (st *Station) Page(r *http.Request, s *node.Shift, title string, help ...web.Key) web.Page {
	w := st.Words(r)
	p := web.Page{Title: w.T(title), Scripts: []string{"deed.js"}, Help: help, Stream: stateAddress, Nav: st.links(r, s, w),
		States: st.statesNow(r.Context(), w), Above: st.above(r.Context(), s, w),
		User: w.T("station.user", "officer", s.Officer.Label, "booth", s.Booth), Leave: "/enter"}
	if s.Booth == st.booth {
		p.User = s.Officer.Label
	}
	if len(p.Nav) > 1 {
		p.Help = append(p.Help[:len(p.Help):len(p.Help)], web.Key{Keys: "Alt+1", Text: w.T("station.key.pages", "n", len(p.Nav))})
	}
	return p
}

// Render answers with pages/NAME.html of a face in the frame.
func (st *Station) Render(w http.ResponseWriter, r *http.Request, name string, p web.Page) {
	st.Pages.Render(w, r, name, p)
}

// Fail answers with the frame's page for a status: 404 for a record that the officer may not see as well as for none.
func (st *Station) Fail(w http.ResponseWriter, r *http.Request, status int) {
	st.Pages.Fail(w, r, status)
}

// Trouble answers an error of the node that belongs to no field, in words that say what to do.
func (st *Station) Trouble(w http.ResponseWriter, r *http.Request, s *node.Shift, err error) {
	words := st.Words(r)
	p := st.Page(r, s, "station.trouble.title", web.Key{Keys: "Escape", Text: words.T("station.key.home")})
	p.Status, p.Data = words.Status(err), words.Error(err)
	st.Render(w, r, "station-trouble", p)
}
