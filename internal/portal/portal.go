// Package portal is the public face of a country: how each crossing point is at this moment, and whether a traveller's record
// stands in its log. It holds checkpoints, tree hashes, epoch statements and status records, and nothing else: no leaf of a
// passage, no part of one, no key that opens one. There is no road from here to a projection.
//
// Trust: posts and centres push to it; it reaches into nobody. What they push is verified before it is stored, so whoever takes
// the portal over can withhold and delay, and can show nothing that the posts have not signed. A log that contradicts itself is
// kept as evidence, frozen, and shown as such.
package portal

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"tims/internal/keyring"
	"tims/internal/roster"
	"tims/internal/web"
)

//go:embed pages parts lang assets
var files embed.FS

// A Place says where a post lies on the map and how people call it.
type Place struct {
	Name  string  // of the node in the roster
	Label string  // the roster's place if empty
	Lat   float64 // degrees north
	Lon   float64 // degrees east
}

// Options say where a portal lives and how it presents itself. Zero values are the real world.
type Options struct {
	Dir      string   // made by `tims found` or `tims join`: keys and founding
	Founding [32]byte // hash given by hand; zero takes the file on trust, for the demo and for tests
	Label    string   // of the pages; the country's code if empty
	Places   []Place  // on the map; what is not named stands in the list alone
	Static   string   // directory that the pages are also written to each minute; none if empty
	Demo     bool
	Now      func() time.Time
	Journal  *slog.Logger
}

// A Portal is one open portal.
type Portal struct {
	opt    Options
	ring   *keyring.Ring
	zone   *time.Location
	pages  *web.Pages
	langs  []string
	events *web.Events
	limit  *web.Limiter

	gov   sync.Mutex // one change of governed state at a time
	mu    sync.RWMutex
	state *roster.State
	logs  map[string]*heldLog // by origin

	strangers chan struct{}
	pushes    chan struct{}
	pushing   web.Turns
}

// Open opens the portal of a directory. It ends with Close.
func Open(opt Options) (_ *Portal, err error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	p := &Portal{opt: opt, logs: map[string]*heldLog{}, events: web.NewEvents(maxStreams), limit: newLimiter(),
		pushing:   web.Turns{Each: maxPushesEach, All: maxPushesEach * maxPeers},
		strangers: make(chan struct{}, maxStrangers), pushes: make(chan struct{}, maxPushes)}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open portal %s: %w", opt.Dir, err), p.Close())
		}
	}()
	if p.ring, err = keyring.Open(filepath.Join(opt.Dir, keysFile)); err != nil {
		return nil, err
	}
	if err := p.begin(); err != nil {
		return nil, err
	}
	if self, ok := p.state.Roster.Node(p.Name()); ok && self.Role != roster.Portal {
		return nil, fmt.Errorf("the roster knows node %s as %s, not as a portal", p.Name(), self.Role)
	}
	if err := p.openLogs(); err != nil {
		return nil, err
	}
	return p, p.openPages(files)
}

func (p *Portal) openPages(face fs.FS) (err error) {
	label := p.opt.Label
	if label == "" {
		label = p.ring.Country()
	}
	if p.pages, err = web.Open(web.Config{Node: p.Name(), Label: label, Role: "portal.role", Demo: p.opt.Demo, Zone: p.zone,
		Now: p.opt.Now, Log: p.opt.Journal}, face); err != nil {
		return err
	}
	names, err := fs.Glob(face, "lang/*.json")
	for _, name := range names {
		p.langs = append(p.langs, name[len("lang/"):len(name)-len(".json")])
	}
	return err
}

// Name is the portal's name in the roster.
func (p *Portal) Name() string { return p.ring.Node() }

// State is the governed state in force.
func (p *Portal) State() *roster.State {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.state
}

func (p *Portal) now() int64 { return p.opt.Now().UnixMilli() }

// Handler serves people: no sign-in, no cookie but language and theme.
func (p *Portal) Handler() http.Handler {
	mux := http.NewServeMux()
	p.pages.Mount(mux)
	mux.HandleFunc("GET /{$}", p.serveCrossings)
	mux.HandleFunc("GET /live", p.serveLive)
	mux.HandleFunc("GET /crossings.json", p.serveJSON)
	mux.HandleFunc("GET /receipt", p.serveReceipt)
	mux.HandleFunc("POST /receipt", p.lookUp)
	mux.HandleFunc("POST /receipt/proof", p.serveReceiptProof)
	mux.HandleFunc("GET /proof/{log}/{index}", p.serveProof)
	mux.HandleFunc("GET /policy", p.servePolicy)
	mux.HandleFunc("GET /evidence/{log}", p.serveEvidence)
	return web.Guard{Pages: p.pages, MaxBody: maxForm}.Wrap(mux)
}

// Run keeps open pages and static files up to date until ctx ends.
func (p *Portal) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { p.tell(ctx) })
	if p.opt.Static != "" {
		work.Go(func() { p.writeStaticLoop(ctx) })
	}
	work.Wait()
	p.events.Close()
}

// Close closes the files. What was taken in is on disk already.
func (p *Portal) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, l := range p.logs {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
