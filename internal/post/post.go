// Package post is the face of a post: the officer's one screen at a booth. It reads forms, asks the node and renders; what
// is right or wrong is decided below it.
//
// Trust: a page shows travellers of the officer's own shift and of checks left open, nothing else, so that a booth cannot be
// used to leaf through a post's crossings. No address carries personal data: checks and receipts are addressed by the index
// of their record. Every page reads and a decision can be submitted without script; the booth's signature needs it.
package post

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"tims/internal/node"
	"tims/internal/signin"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// Options say how the post is called. Zero values are the node's own.
type Options struct {
	Label   string // as people write it: "Kakavijë"
	Demo    bool   // every page says that the travellers are invented
	Journal *slog.Logger
}

// A Face serves one post's pages.
type Face struct {
	n        *node.Node
	pages    *web.Pages
	signin   *signin.SignIn
	booths   booths
	events   *web.Events
	handler  http.Handler
	inFlight inFlight
	settled  settled
}

// New makes the face of a node. Run must work for the pages to be live.
func New(n *node.Node, opt Options) (*Face, error) {
	if opt.Label == "" {
		opt.Label = capital(n.Name())
	}
	f := &Face{n: n, events: web.NewEvents(maxStreams)}
	var err error
	f.pages, err = web.Open(web.Config{Node: n.Name(), Label: opt.Label, Role: "frame.role.post", Demo: opt.Demo, Zone: n.Zone(),
		Now: func() time.Time { return time.UnixMilli(n.Now()) }, Log: opt.Journal}, files, signin.Files())
	if err != nil {
		return nil, err
	}
	f.signin = signin.New(n, f.pages, signin.Options{})
	mux := http.NewServeMux()
	f.pages.Mount(mux)
	f.signin.Mount(mux)
	f.routes(mux)
	f.handler = web.Guard{Pages: f.pages}.Wrap(mux)
	return f, nil
}

func (f *Face) routes(mux *http.ServeMux) {
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request, booth){
		"GET /{$}":             f.serveBooth,
		"POST /direction":      f.serveDirection,
		"POST /scan":           f.serveScan,
		"POST /hand":           f.serveHand,
		"GET /check/{index}":   f.serveCheck,
		"POST /check/{index}":  f.serveTerms,
		"POST /prepare":        f.servePrepare,
		"POST /commit":         f.serveCommit,
		"POST /decide":         f.serveDecide,
		"GET /receipt/{index}": f.serveReceipt,
		"GET /open":            f.serveOpenChecks,
		"GET /state":           f.serveState,
	} {
		mux.HandleFunc(pattern, f.inShift(serve))
	}
}

// ServeHTTP answers the people's listener.
func (f *Face) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// Run keeps open pages told of the node's state until ctx ends, and ends their streams then.
func (f *Face) Run(ctx context.Context) {
	defer f.events.Close()
	tick := time.NewTicker(stateEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.publish(ctx)
		}
	}
}

// inShift hands on the booth of the request's open shift; who has none is sent to sign in.
func (f *Face) inShift(serve func(http.ResponseWriter, *http.Request, booth)) http.HandlerFunc {
	return f.signin.Require(func(w http.ResponseWriter, r *http.Request, s *node.Shift) { serve(w, r, f.booths.of(s)) })
}

// page is the frame of a page of a booth.
func (f *Face) page(r *http.Request, b booth, title string, help ...web.Key) web.Page {
	w := f.words(r)
	p := web.Page{Title: w.t(title), Scripts: []string{"post.js"}, Help: help, Stream: "/state", States: f.states(r.Context(), w),
		User: w.t("post.user", "officer", b.shift.Officer.Label, "booth", b.shift.Booth)}
	for _, l := range []web.Link{{Href: "/", Text: w.t("post.booth")}, {Href: "/open", Text: w.t("post.open")}} {
		l.Current = l.Href == r.URL.Path
		p.Nav = append(p.Nav, l)
	}
	return p
}
