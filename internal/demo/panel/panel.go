// Package panel is the start page of the demonstration: the country as it is at this moment, doors to its booths and its
// centre, and attacks on it whose effects are measured from outside all nodes.
//
// Trust: whoever reaches this page can destroy the country. It belongs on loopback, over invented travellers, and in no
// other program than the demonstration.
package panel

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"tims/internal/demo"
	"tims/internal/roster"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// A Panel is the handler of the start address, and what it knows of the country. Close it before the country.
type Panel struct {
	country *demo.Country
	pages   *web.Pages
	events  *web.Events
	langs   []string
	places  []place // the centre first
	policy  string
	handler http.Handler

	stop  context.CancelFunc
	work  sync.WaitGroup
	stale chan struct{} // the state changed between two beats

	mu sync.Mutex
	s  state
}

// A place is a node as people call it.
type place struct{ Node, Label, Traffic string }

// New makes the panel of a running country and begins to watch it.
func New(c *demo.Country, t *demo.Traffic) (*Panel, error) {
	first := c.Node(demo.Posts()[0])
	if first == nil {
		return nil, errors.New("the attack panel needs a running country")
	}
	p := &Panel{country: c, events: web.NewEvents(maxStreams), stale: make(chan struct{}, 1)}
	var err error
	p.pages, err = web.Open(web.Config{Node: "demo", Label: "Shqipëria · Albania", Role: "demo.role", Demo: true, Zone: first.Zone()}, files)
	if err != nil {
		return nil, fmt.Errorf("open the attack panel: %w", err)
	}
	texts, err := files.ReadDir("lang")
	if err != nil {
		return nil, fmt.Errorf("open the attack panel: %w", err)
	}
	for _, f := range texts {
		p.langs = append(p.langs, strings.TrimSuffix(f.Name(), path.Ext(f.Name())))
	}
	for _, n := range first.State().Roster.Nodes {
		if n.Role == roster.Portal {
			continue // it is a page for the public, and no attack is about it
		}
		p.places = append(p.places, place{n.Name, n.Place, n.Traffic})
	}
	p.policy = p.policyFor()
	p.s.verified = map[string]*verified{}
	p.note(web.OK, "ok", "demo.log.open", "n", len(demo.Posts()))
	p.handler = p.routes()
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	p.work.Go(func() { p.watch(ctx, t.Watch()) })
	return p, nil
}

// Close ends the watching, waits for an action under way and ends the open streams.
func (p *Panel) Close() error {
	p.stop()
	p.events.Close()
	ended := make(chan struct{})
	go func() { p.work.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-time.After(closeFor):
		return errors.New("an attack did not end in time")
	}
}

// ServeHTTP answers for the start address.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func (p *Panel) routes() http.Handler {
	mux := http.NewServeMux()
	p.pages.Mount(mux)
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("GET /live", p.stream)
	mux.HandleFunc("POST /act", p.act)
	mux.HandleFunc("POST /open", p.open)
	guarded := web.Guard{Pages: p.pages}.Wrap(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.named(r.Host) {
			http.Error(w, "this page answers to its own address only", http.StatusMisdirectedRequest)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// named says whether a request came by an address of this page. A name that somebody's site has pointed at this machine
// would make that site "same origin" and let it attack.
func (p *Panel) named(host string) bool {
	own, port, err := net.SplitHostPort(p.country.StartAddress())
	if err != nil {
		return false
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if ip := net.ParseIP(name); ip != nil {
		return true
	}
	return host == net.JoinHostPort(own, port) || name == "localhost"
}

// policyFor is the frame's policy with one road more: browsers hold a form's redirect against form-action, and a door leads
// to a node's own origin.
func (p *Panel) policyFor() string {
	doors := "form-action 'self'"
	for _, pl := range p.places {
		host, port, err := net.SplitHostPort(p.country.PeopleAddress(pl.Node))
		if err != nil {
			continue
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
			host = "localhost" // as Country.Door has it
		}
		doors += " http://" + net.JoinHostPort(host, port)
	}
	return strings.Replace(web.Policy, "form-action 'self'", doors, 1)
}

func (p *Panel) show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", p.policy)
	lang := p.pages.Lang(r)
	v := p.view(lang)
	p.pages.Render(w, r, "panel", web.Page{Title: p.pages.T(lang, "demo.title"), States: v.States, Stream: "/live", Refresh: reload, Data: v})
}

// open goes to the sign-in page of a node, with the officer of the door and his booth filled in.
func (p *Panel) open(w http.ResponseWriter, r *http.Request) {
	if !p.pages.ReadForm(w, r) {
		return
	}
	name := r.PostFormValue("node")
	if p.label(name) == "" {
		p.pages.Fail(w, r, http.StatusBadRequest)
		return
	}
	address, err := p.country.Door(name, r.PostFormValue("door"))
	if err != nil {
		p.pages.Fail(w, r, http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// label is how people call a node, empty if there is none of this name.
func (p *Panel) label(name string) string {
	for _, pl := range p.places {
		if pl.Node == name {
			return pl.Label
		}
	}
	return ""
}
