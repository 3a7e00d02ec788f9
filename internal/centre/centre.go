// Package centre is the face of a centre: how every post is at this moment, the day's figures, and the search for a person's
// crossings.
//
// Who sees what: the overview is for analysts, supervisors and administrators, and shows no traveller. The search is for
// analysts alone, is recorded with its reason before it is answered, and its terms are in no address and no journal line.
package centre

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/signin"
	"tims/internal/web"
)

//go:embed pages parts lang
var files embed.FS

// Options say how the centre presents itself. Zero values are the real world.
type Options struct {
	Label   string // how people call the centre; the node's name if empty
	Demo    bool   // every page says that the travellers are invented
	Journal *slog.Logger
}

// face is the centre's handler.
type face struct {
	node   *node.Node
	pages  *web.Pages
	signin *signin.SignIn
	events *web.Events
	live   live
	opt    Options
}

// New makes the handler of a centre's people's listener, to be served by web.Serve.
func New(n *node.Node, opt Options) http.Handler {
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	f := &face{node: n, opt: opt, events: web.NewEvents(maxStreams), pages: openPages(n, opt, files, signin.Files())}
	f.signin = signin.New(n, f.pages, signin.Options{Booth: "centre"})
	mux := http.NewServeMux()
	f.pages.Mount(mux)
	f.signin.Mount(mux)
	mux.HandleFunc("GET /{$}", f.require(f.showOverview, overviewDuties...))
	mux.HandleFunc("GET /live", f.require(f.stream, overviewDuties...))
	mux.HandleFunc("GET /search", f.require(f.showSearch, roster.Analyst))
	mux.HandleFunc("POST /search", f.require(f.search, roster.Analyst))
	return web.Guard{Pages: f.pages}.Wrap(mux)
}

// openPages panics where an embedded page or catalogue is broken: such a binary passes no test and must not start.
func openPages(n *node.Node, opt Options, faces ...fs.FS) *web.Pages {
	pages, err := web.Open(web.Config{Node: n.Name(), Label: opt.Label, Role: "frame.role.centre", Demo: opt.Demo, Zone: n.Zone(),
		Now: func() time.Time { return time.UnixMilli(n.Now()) }, Log: opt.Journal}, faces...)
	if err != nil {
		panic(fmt.Sprintf("centre: the embedded pages are broken: %v", err))
	}
	return pages
}

var overviewDuties = []roster.Duty{roster.Analyst, roster.Supervisor, roster.Administrator}

// require lets officers through who have one of the duties by the roster as it is now.
func (f *face) require(next func(http.ResponseWriter, *http.Request, *node.Shift), duties ...roster.Duty) http.HandlerFunc {
	return f.signin.Require(func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		if !f.may(s, duties...) {
			f.pages.Fail(w, r, http.StatusForbidden)
			return
		}
		next(w, r, s)
	})
}

func (f *face) may(s *node.Shift, duties ...roster.Duty) bool {
	officer, ok := f.node.State().Roster.Officer(s.Officer.ID)
	for _, d := range duties {
		if ok && officer.May(d) {
			return true
		}
	}
	return false
}

// page is the frame around a page of this officer: what his duty does not allow is not offered.
func (f *face) page(r *http.Request, s *node.Shift, title string) web.Page {
	lang := f.pages.Lang(r)
	text := func(key string) string { return f.pages.T(lang, key) }
	p := web.Page{Title: text(title), User: s.Officer.Label, Nav: []web.Link{{Href: "/", Text: text("centre.overview"), Current: r.URL.Path == "/"}}}
	p.Help = []web.Key{{Keys: "F2", Text: text("centre.overview")}}
	if f.may(s, roster.Analyst) {
		p.Nav = append(p.Nav, web.Link{Href: "/search", Text: text("centre.search"), Current: r.URL.Path == "/search"})
		p.Help = append(p.Help, web.Key{Keys: "F3", Text: text("centre.search")})
	}
	p.Nav = append(p.Nav, web.Link{Href: "/enter", Text: text("centre.shift")})
	return p
}
