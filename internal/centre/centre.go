// Package centre is the face of a centre: how every post is at this moment, the day's figures, messages, the search for a
// person's crossings, and the hits that concern whoever issued an alert.
//
// Who sees what: the overview is for analysts, supervisors and administrators, and shows no traveller. The search is for
// analysts alone, is recorded with its reason before it is answered, and its terms are in no address and no journal line.
package centre

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"

	"tims/internal/alerts"
	"tims/internal/messages"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

//go:embed pages parts lang
var files embed.FS

// Options say how the centre presents itself. Zero values are the node's own.
type Options struct {
	Label     string // how people call the centre
	Demo      bool   // every page says that the travellers are invented
	Journal   *slog.Logger
	Languages fs.FS // further catalogues, CODE.json; may be nil
}

// A Face serves one centre's pages.
type Face struct {
	*station.Station
	journal *slog.Logger
	known   known
	filters hitFilters
}

// live names the overview among what open pages are told.
const live = "centre"

// New makes the pages of a centre. Run must work for them to be live.
func New(n *node.Node, opt Options) (*Face, error) {
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	st, err := station.Open(n, station.Options{Label: opt.Label, Role: "frame.role.centre", Booth: "centre", Demo: opt.Demo,
		Journal: opt.Journal, Languages: opt.Languages}, files, messages.Files(), alerts.Files())
	if err != nil {
		return nil, err
	}
	f := &Face{Station: st, journal: opt.Journal}
	f.mount()
	return f, nil
}

func (f *Face) mount() {
	f.Nav(station.Entry{Href: "/", Text: "centre.overview", Power: roster.ReadFigures},
		station.Entry{Href: "/search", Text: "centre.search", Power: roster.SearchCountry})
	messages.Mount(f.Station)
	f.mountHits()
	alerts.Mount(f.Station)
	f.Nav(station.Entry{Href: "/enter", Text: "centre.shift", Power: roster.ReadFigures})
	f.AddStates(states)
	f.Live(live, roster.ReadFigures, f.news)
	f.Handle("GET /{$}", roster.ReadFigures, f.showOverview)
	f.Handle("GET /search", roster.SearchCountry, f.showSearch)
	f.Handle("POST /search", roster.SearchCountry, f.search)
}

// page is the frame around a page of this officer.
func (f *Face) page(r *http.Request, s *node.Shift, title string) web.Page {
	words := f.Words(r)
	help := []web.Key{{Keys: "F2", Text: words.T("centre.overview")}}
	if f.Node.Can(s, roster.SearchCountry) {
		help = append(help, web.Key{Keys: "F3", Text: words.T("centre.search")})
	}
	return f.Page(r, s, title, help...)
}
