// Package post is the face of a post: the officer's one screen at a booth. It reads forms, asks the node and renders; what
// is right or wrong is decided below it.
//
// Trust: a page shows travellers of the officer's own shift and of checks left open, nothing else, so that a booth cannot be
// used to leaf through a post's crossings. No address carries personal data: checks and receipts are addressed by the index
// of their record. Every page reads and a decision can be submitted without script; the booth's signature needs it.
package post

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"

	"tims/internal/alerts"
	"tims/internal/amend"
	"tims/internal/messages"
	"tims/internal/node"
	"tims/internal/paper"
	"tims/internal/roster"
	"tims/internal/secondline"
	"tims/internal/station"
	"tims/internal/supervisor"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Options say how the post is called. Zero values are the node's own.
type Options struct {
	Label     string // as people write it: "Kakavijë"
	Demo      bool   // every page says that the travellers are invented
	Journal   *slog.Logger
	Languages fs.FS  // further catalogues, CODE.json; may be nil
	State     string // as it stands on printed forms: "Republika e Shqipërisë"; the country's code if empty
	Office    string // of the authority that refuses, as on the forms
	// Devices are the gates and cameras that may post counts: name to the SHA-256 of its token in hex.
	Devices map[string]string
}

// A Face serves one post's pages.
type Face struct {
	*station.Station
	booths  booths
	settled settled
	devices http.Handler
}

// New makes the pages of a post: the booth's, and those of the second line, the supervisor, paper, messages and amendments. Run
// must work for them to be live. It fails where a device of the options is none.
func New(n *node.Node, opt Options) (*Face, error) {
	faces := append(amend.Files(), files, secondline.Files(), supervisor.Files(), paper.Files(), messages.Files(), alerts.Files())
	st, err := station.Open(n, station.Options{Label: opt.Label, Role: "frame.role.post", Demo: opt.Demo, Journal: opt.Journal,
		Languages: opt.Languages}, faces...)
	if err != nil {
		return nil, err
	}
	f := &Face{Station: st}
	f.mount()
	secondline.Mount(st)
	if f.devices, err = supervisor.Mount(st, supervisor.Options{Devices: opt.Devices}); err != nil {
		return nil, err
	}
	paper.Mount(st, paper.Options{State: opt.State, Post: opt.Label})
	messages.Mount(st)
	amend.Mount(st, amend.Options{State: opt.State, Office: opt.Office})
	alerts.Mount(st)
	return f, nil
}

// ServeHTTP answers the people's listener, and the devices, which have no session.
func (f *Face) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/count" {
		f.devices.ServeHTTP(w, r)
		return
	}
	f.Station.ServeHTTP(w, r)
}

func (f *Face) mount() {
	f.Nav(station.Entry{Href: "/", Text: "post.booth", Power: roster.CheckTravellers, Main: roster.BoothOfficer},
		station.Entry{Href: "/open", Text: "post.open", Power: roster.CheckTravellers})
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request, booth){
		"GET /{$}":                       f.serveBooth,
		"POST /direction":                f.serveDirection,
		"POST /scan":                     f.serveScan,
		"POST /hand":                     f.serveHand,
		"GET /check/{index}":             f.serveCheck,
		"POST /check/{index}":            f.serveTerms,
		"GET /check/{index}/face/{name}": f.serveFace,
		"GET /receipt/{index}":           f.serveReceipt,
		"GET /open":                      f.serveOpenChecks,
		"GET /party/{index}":             f.serveParty,
		"POST /more/{index}":             f.serveMore,
		"POST /party":                    f.serveNewParty,
	} {
		f.Handle(pattern, roster.CheckTravellers, f.atBooth(serve))
	}
	f.Deed("POST /decide", roster.CheckTravellers, station.Deed{Read: f.readDecision, Ask: f.askBack, Done: f.doneDecision,
		Mend: f.mendDecision, What: whatDecision, Back: backToCheck})
	f.Deed("POST /together", roster.CheckTravellers, station.Deed{Read: f.readTogether, Ask: f.askTogether, Done: f.doneTogether,
		Mend: f.mendTogether, What: whatTogether})
	f.Know(station.Trouble{Err: node.ErrReferral, Key: "post.error.referral", Status: http.StatusConflict, Mend: true})
	f.Live(liveBooth, roster.CheckTravellers, f.liveFlags)
}

// atBooth hands on the booth of the shift.
func (f *Face) atBooth(serve func(http.ResponseWriter, *http.Request, booth)) station.Handler {
	return func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		serve(w, r, f.restore(r.Context(), f.booths.of(s)))
	}
}

// page is the frame of a page of a booth. All of them have one stream: pages of one stream are exchanged without a reload, so that
// no key of the next document is lost.
func (f *Face) page(r *http.Request, b booth, title string, help ...web.Key) web.Page {
	f.booths.update(b.shift, func(b *booth) { b.shown = 0 })
	p := f.Page(r, b.shift, title, help...)
	p.Scripts, p.Stream = append(p.Scripts, "post.js"), station.LiveAddress(liveBooth)
	return p
}
