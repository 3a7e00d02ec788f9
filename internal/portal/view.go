package portal

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"tims/internal/web"
)

// row is a crossing as the page shows it.
type row struct {
	Crossing
	Level       web.Level
	Word        string // of its state, in the reader's language
	TrafficWord string
	RegimeWord  string
	Wait        time.Duration
}

// now is the page's data in one language.
type nowPage struct {
	Rows    []row
	Frozen  []Contradiction
	At      int64
	Map     template.HTML
	Hours   int
	Unknown bool
	Static  bool   // for a plain file: addresses are relative, and nothing is live
	Other   string // name of the same page in the other language
}

var levels = map[string]web.Level{stateWorking: web.OK, stateSilent: web.Amber, stateUnknown: web.Grey, stateFrozen: web.Red}

func (p *Portal) view(lang string) nowPage {
	d := nowPage{At: p.now(), Hours: int(shownHours / time.Hour), Frozen: p.Contradictions()}
	for _, c := range p.Crossings() {
		r := row{Crossing: c, Level: levels[c.State], Word: p.pages.T(lang, "portal.state."+c.State)}
		if c.Traffic != "" {
			r.TrafficWord = p.pages.T(lang, "portal.traffic."+c.Traffic)
		}
		if c.Regime != "" {
			r.RegimeWord = p.pages.T(lang, "portal.regime."+c.Regime)
		}
		if c.Waiting != nil {
			r.Wait = time.Duration(*c.Waiting) * time.Second
		}
		d.Rows = append(d.Rows, r)
	}
	d.Map = mapSVG(p.ring.Country(), p.pages.T(lang, "portal.map"), d.Rows)
	return d
}

// page is the frame of both pages.
func (p *Portal) page(r *http.Request, title string) web.Page {
	lang := p.pages.Lang(r)
	text := func(key string) string { return p.pages.T(lang, key) }
	return web.Page{Title: text(title), Nav: []web.Link{
		{Href: "/", Text: text("portal.now.title"), Current: r.URL.Path == "/"},
		{Href: "/receipt", Text: text("portal.receipt.title"), Current: r.URL.Path == "/receipt"}}}
}

// states is the strip: the whole country in one line.
func (p *Portal) states(lang string, d nowPage) []web.State {
	working := 0
	for _, r := range d.Rows {
		if r.State == stateWorking {
			working++
		}
	}
	level := web.OK
	if working < len(d.Rows) {
		level = web.Amber
	}
	return []web.State{{Level: level, Text: p.pages.T(lang, "portal.strip", "n", working, "of", len(d.Rows))}}
}

func (p *Portal) serveCrossings(w http.ResponseWriter, r *http.Request) {
	lang := p.pages.Lang(r)
	d := p.view(lang)
	page := p.page(r, "portal.now.title")
	page.States, page.Data, page.Stream, page.Refresh = p.states(lang, d), d, "/live", reload
	p.pages.Render(w, r, "crossings", page)
}

// serveLive carries the crossings to one open page.
func (p *Portal) serveLive(w http.ResponseWriter, r *http.Request) {
	lang := p.pages.Lang(r)
	err := p.events.Serve(w, r, web.Stream{Topics: []string{lang}, First: func() []web.Event { return p.news(lang) }})
	if err != nil {
		p.pages.Fail(w, r, http.StatusServiceUnavailable)
	}
}

// news renders what changes on an open page.
func (p *Portal) news(lang string) []web.Event {
	d := p.view(lang)
	page := web.Page{States: p.states(lang, d), Data: d, Stream: "/live"}
	var out []web.Event
	for _, name := range []string{"portal-now", "states"} {
		html, err := p.pages.Text(lang, name, page)
		if err != nil {
			p.opt.Journal.Error("portal: a part of the live page is broken", "part", name)
			continue
		}
		out = append(out, web.Partial("#"+name, "outerMorph", html))
	}
	return out
}

// tell renders once a beat and language, for all open pages together, and only while there are any.
func (p *Portal) tell(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if p.events.Open() == 0 {
			continue
		}
		for _, lang := range p.langs {
			for _, ev := range p.news(lang) {
				p.events.Publish(lang, ev)
			}
		}
	}
}
