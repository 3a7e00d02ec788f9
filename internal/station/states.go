package station

import (
	"context"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/web"
)

// StatesFunc gives states that a face knows of, such as a regime in force, for the strip below every page's head.
type StatesFunc func(ctx context.Context, h node.Health, w Words) []web.State

// AddStates adds states after the station's own. They are asked for every page: they must be quick.
func (st *Station) AddStates(f StatesFunc) { st.states = append(st.states, f) }

// statesNow says what an officer must know of his node without asking: is the centre there, is what was recorded copied, how
// old is what he is told. What is in order and needs no eye is left out.
func (st *Station) statesNow(ctx context.Context, w Words) []web.State {
	h, err := st.Node.Health(ctx)
	if err != nil {
		return []web.State{{Level: web.Red, Text: w.T("station.state.unknown")}}
	}
	var states []web.State
	if st.Node.Self().Role == roster.Post {
		states = []web.State{st.centreState(w, h), st.copyState(w, h), st.listState(w, h), st.postState(w, h)}
	}
	if i := h.Isolated; i != nil {
		states = append([]web.State{{Level: web.Amber, Text: w.T("station.isolation.state." + i.Scope), Detail: w.At(i.Since)}}, states...)
	}
	for _, p := range h.Peers {
		if p.Isolated != nil {
			states = append(states, web.State{Level: web.Amber, Text: w.T("station.isolation.state.other", "node", w.Label(p.Node)), Detail: w.At(p.Isolated.Since)})
		}
	}
	if h.Stopped != "" {
		states = append([]web.State{{Level: web.Red, Text: w.T("station.state.stopped"), Detail: w.Stopped(h)}}, states...)
	}
	states = append(states, st.restoredStates(w, h)...)
	states = append(append(states, st.damagedStates(w, h)...), canaryStates(w, h)...)
	states = append(frozenStates(h, w, st.Node.Self().Role == roster.Post), states...)
	switch h.Clock.State {
	case record.Unsynchronised:
		states = append(states, web.State{Level: web.Red, Text: w.T("station.state.clock.behind"), Detail: w.At(h.Clock.Since)})
	case record.Stepped:
		states = append(states, web.State{Level: web.Amber, Text: w.T("station.state.clock.set"), Detail: w.At(h.Clock.Since)})
	}
	states = append(states, st.twiceStates(ctx, w)...)
	if n := st.forgotten(ctx, h.Now); n > 0 {
		states = append(states, web.State{Level: web.Grey, Text: w.T("station.state.open", "n", n)})
	}
	for _, more := range st.states {
		states = append(states, more(ctx, h, w)...)
	}
	return states
}

// forgotten counts the open checks that are older than one under work.
func (st *Station) forgotten(ctx context.Context, now int64) (n int) {
	open, err := st.Node.OpenChecks(ctx)
	if err != nil {
		return 0
	}
	for _, o := range open {
		if now-o.Happened > underWork.Milliseconds() {
			n++
		}
	}
	return n
}

func (st *Station) centreState(w Words, h node.Health) web.State {
	var seen int64
	for _, p := range h.Peers {
		if p.Role == "centre" {
			seen = max(seen, p.LastSeen)
		}
	}
	switch {
	case seen > 0 && h.Now-seen < reachedWithin.Milliseconds():
		return web.State{Level: web.OK, Text: w.T("station.state.centre")}
	case seen > 0:
		return web.State{Level: web.Amber, Text: w.T("station.state.centre.cut"), Detail: w.Ago(h.Now, seen)}
	}
	return web.State{Level: web.Amber, Text: w.T("station.state.centre.never")}
}

// copyState counts the records that no mirror has cosigned. A few on their way are no news while the mirrors are there.
func (st *Station) copyState(w Words, h node.Health) web.State {
	var cosigned uint64
	for _, p := range h.Peers {
		cosigned = max(cosigned, p.Cosigned)
	}
	if cosigned >= h.Size {
		return web.State{Level: web.OK, Text: w.T("station.state.copied")}
	}
	s := web.State{Level: web.Grey, Text: w.T("station.state.uncopied", "n", h.Size-cosigned)}
	if st.centreState(w, h).Level != web.OK {
		s.Level = web.Amber
	}
	return s
}

func (st *Station) listState(w Words, h node.Health) web.State {
	if len(h.Lists) == 0 {
		return web.State{Level: web.Amber, Text: w.T("station.state.lists.none")}
	}
	oldest := h.Now
	for _, l := range h.Lists {
		oldest = min(oldest, l.KnownTo)
	}
	rules, aside := st.Node.Rules(), len(h.ListsOut)+min(h.ListsOver, 1)
	for _, l := range h.Lists {
		if l.Refused != 0 || l.Missing != 0 {
			aside++
		}
	}
	level := PillOf(rules.Lists.Level(h.Now - oldest))
	if aside > 0 && level != web.Red {
		return web.State{Level: web.Amber, Text: w.T("station.state.lists.aside", "n", aside), Detail: w.Ago(h.Now, oldest)}
	}
	return web.State{Level: level, Text: w.T("station.state.lists", "n", len(h.Lists)),
		Detail: w.Ago(h.Now, oldest)}
}

func (st *Station) postState(w Words, h node.Health) web.State {
	rules, posts, old := st.Node.Rules(), 0, 0
	level, worst := border.Level(0), h.Now
	for _, p := range h.Peers {
		if p.Role != "post" {
			continue
		}
		posts++
		l := AgeLevel(rules.Posts, h.Now, p.Written)
		if worst = min(worst, p.Written); l > 0 {
			old++
		}
		level = max(level, l)
	}
	switch {
	case posts == 0:
		return web.State{Level: web.Grey, Text: w.T("station.state.posts.none")}
	case old > 0:
		return web.State{Level: PillOf(level), Text: w.T("station.state.posts.old", "n", old), Detail: w.Ago(h.Now, worst)}
	}
	return web.State{Level: web.OK, Text: w.T("station.state.posts", "n", posts)}
}

// AgeLevel is the rulebook's word for an age; what was never heard of is the worst.
func AgeLevel(ages border.Ages, now, then int64) border.Level {
	if then <= 0 {
		return border.Warn
	}
	return ages.Level(now - then)
}

// PillOf shows the age of a thing: the rulebook's amber is a note, its red a warning.
func PillOf(l border.Level) web.Level {
	switch l {
	case 0:
		return web.OK
	case border.Note:
		return web.Amber
	}
	return web.Red
}

// Stopped says why a node takes no acts: in words where there are some, else in those of the program.
func (w Words) Stopped(h node.Health) string {
	switch h.StoppedBy {
	case node.StoppedTwice:
		return w.T("station.stopped.twice")
	case node.StoppedSetBack:
		return w.T("station.stopped.back")
	}
	return h.Stopped
}
