package centre

import (
	"html/template"
	"net/http"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/web"
)

// overview is what the overview's parts are made of, in one language.
type overview struct {
	Health         node.Health
	At             int64
	Posts, Centres []peer
	Frozen         []peer
	Lag            uint64
	LastHour       int
	Day            string
	ByPost, ByNat  table
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

func (f *face) overview(lang string, s *state) overview {
	o := overview{Health: s.health, At: s.health.Now, Posts: s.peers(roster.Post), Centres: s.peers(roster.Centre), Lag: s.lag(),
		Day: s.hours.Day.String(), ByPost: s.byPost(), ByNat: s.byNation(lang), Hours: f.bars(lang, "centre.hours", s.hours),
		Minutes: f.bars(lang, "centre.minutes", s.mins), Plot: f.plotOf(lang, s.mins), Zone: f.node.Zone().String(), Chains: s.chains,
		Aside: s.aside(), ClockOff: s.health.Clock.State != record.Synchronised}
	o.ClockLevel, o.ClockWord = clockState(s.health.Clock)
	o.Mirrors, o.MirrorsBehind = s.mirrors()
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

// states is the strip: the whole country in one line.
func (f *face) states(lang string, o overview) []web.State {
	text := func(key string, args ...any) string { return f.pages.T(lang, key, args...) }
	reached := 0
	for _, p := range o.Posts {
		if p.Reached {
			reached++
		}
	}
	level := web.OK
	switch {
	case reached == 0 && len(o.Posts) > 0:
		level = web.Red
	case reached < len(o.Posts):
		level = web.Amber
	}
	out := []web.State{{Level: level, Text: text("centre.strip.posts", "n", reached, "of", len(o.Posts))}}
	if o.Health.Stopped != "" {
		out = append(out, web.State{Level: web.Red, Text: text("centre.strip.stopped")})
	}
	if len(o.Frozen) > 0 {
		out = append(out, web.State{Level: web.Red, Text: text("centre.strip.frozen", "n", len(o.Frozen))})
	}
	out = append(out, web.State{Level: o.ClockLevel, Text: text(o.ClockWord)})
	if len(o.Health.Lists) == 0 {
		out = append(out, web.State{Level: web.Amber, Text: text("centre.strip.nolists")})
	}
	for _, l := range o.Health.Lists {
		age := f.pages.Ago(lang, time.UnixMilli(o.At), time.UnixMilli(l.Released))
		out = append(out, web.State{Level: web.OK, Text: l.List, Detail: age})
	}
	return out
}

func (f *face) showOverview(w http.ResponseWriter, r *http.Request, shift *node.Shift) {
	s, err := f.look(r.Context(), nil)
	if err != nil {
		f.opt.Journal.Error("centre: the overview could not be made", "error", err)
		f.pages.Fail(w, r, http.StatusServiceUnavailable)
		return
	}
	lang := f.pages.Lang(r)
	o := f.overview(lang, s)
	p := f.page(r, shift, "centre.overview")
	p.States, p.Data, p.Stream, p.Refresh = f.states(lang, o), o, "/live", reload
	f.pages.Render(w, r, "overview", p)
}
