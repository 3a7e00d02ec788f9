package centre

import (
	"context"
	"html/template"
	"net/http"
	"slices"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

// overview is what the overview's parts are made of, in one language.
type overview struct {
	Health         node.Health
	At             int64
	Posts, Centres []peer
	Frozen         []peer
	Stopped        string // why this node takes no more records
	Lag            uint64
	LastHour       int
	Day            string
	ByPost, ByNat  table
	Outages        []outage
	Hours, Minutes template.HTML
	Plot           plot
	Zone           string
	Chains         []chain
	Aside          []aside
	ClockLevel     web.Level
	ClockWord      string
	ClockOff       bool // then it has a Since
	Mirrors        int
	MirrorsBehind  int
}

// An overviewPage offers the search to who may.
type overviewPage struct {
	overview
	Search bool
}

func (f *Face) overview(w station.Words, s *state) overview {
	o := overview{Health: s.health, At: s.health.Now, Posts: s.peers(w, roster.Post), Centres: s.peers(w, roster.Centre), Lag: s.lag(),
		Day: s.hours.Day.String(), ByPost: s.byPost(w), ByNat: s.byNation(w), Outages: s.outages(w),
		Hours: f.bars(w, "centre.hours", s.hours), Minutes: f.bars(w, "centre.minutes", s.mins), Plot: plotOf(w, s.mins),
		Zone: f.Node.Zone().String(), Chains: s.chains, Aside: s.aside(), ClockOff: s.health.Clock.State != record.Synchronised}
	o.ClockLevel, o.ClockWord = clockState(s.health.Clock)
	o.Mirrors, o.MirrorsBehind = s.mirrors()
	o.Stopped = w.Stopped(s.health)
	for i := range s.mins.Entries {
		o.LastHour += s.mins.Entries[i] + s.mins.Exits[i]
	}
	for _, p := range append(o.Posts[:len(o.Posts):len(o.Posts)], o.Centres...) {
		if p.Frozen != "" {
			o.Frozen = append(o.Frozen, p)
		}
	}
	return o
}

// states is the whole country in one line, below the head of every page.
func states(_ context.Context, h node.Health, w station.Words) []web.State {
	posts, reachable, frozen := 0, 0, 0
	for _, p := range h.Peers {
		if p.Frozen != "" {
			frozen++
		}
		if p.Role == roster.Post {
			posts++
			if reached(h.Now, p) {
				reachable++
			}
		}
	}
	level := web.OK
	switch {
	case reachable == 0 && posts > 0:
		level = web.Red
	case reachable < posts:
		level = web.Amber
	}
	out := []web.State{{Level: level, Text: w.T("centre.strip.posts", "n", reachable, "of", posts)}}
	if frozen > 0 {
		out = append(out, web.State{Level: web.Red, Text: w.T("centre.strip.frozen", "n", frozen)})
	}
	if len(h.Lists) == 0 {
		out = append(out, web.State{Level: web.Amber, Text: w.T("centre.strip.nolists")})
	}
	for _, l := range h.Lists {
		out = append(out, web.State{Level: web.OK, Text: l.List, Detail: w.Ago(h.Now, l.Released)})
	}
	return out
}

func (f *Face) showOverview(w http.ResponseWriter, r *http.Request, shift *node.Shift) {
	s, err := f.look(r.Context())
	if err != nil {
		f.journal.Error("centre: the overview could not be made", "error", err)
		f.Fail(w, r, http.StatusServiceUnavailable)
		return
	}
	p := f.page(r, shift, "centre.overview")
	p.Stream, p.Refresh = station.LiveAddress(live), reload
	p.Data = overviewPage{f.overview(f.Words(r), s), f.Node.Can(shift, roster.SearchCountry)}
	f.Render(w, r, "overview", p)
}

// parts are what an open overview is told, each the element of its name.
var parts = []string{"centre-alarms", "centre-totals", "centre-posts", "centre-hours", "centre-today", "centre-nations",
	"centre-outages", "centre-node", "centre-lists"}

const minutesEvent = "minutes" // also the name of its plot on the page

// news renders the overview for open pages: it is the same for every officer, so a language is rendered once for each look.
func (f *Face) news(ctx context.Context, _ *node.Shift, w station.Words) []web.Event {
	s, err := f.look(ctx)
	if err != nil {
		f.journal.Error("centre: the live overview could not be made and is tried again", "error", err)
		return nil
	}
	f.known.mu.Lock()
	defer f.known.mu.Unlock()
	if made := f.known.news[w.Lang]; made != nil && f.known.state == s {
		return slices.Clone(made)
	}
	o := f.overview(w, s)
	var out []web.Event
	for _, name := range parts {
		html, err := f.Pages.Text(w.Lang, name, web.Page{Data: o})
		if err != nil {
			f.journal.Error("centre: a part of the live overview is broken", "part", name)
			continue
		}
		out = append(out, web.Partial("#"+name, "outerMorph", html))
	}
	if ev, err := web.JSON(minutesEvent, o.Plot); err == nil {
		out = append(out, ev)
	}
	if f.known.state == s {
		f.known.news[w.Lang] = out
	}
	return slices.Clone(out)
}
