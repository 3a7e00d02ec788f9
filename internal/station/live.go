package station

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

const stateAddress = "/state"

// LiveAddress is the stream of a page that shows the live part of that name.
func LiveAddress(name string) string { return stateAddress + "?live=" + url.QueryEscape(name) }

// live are the open pages: who looks at what. Nothing is asked of the node while nobody looks.
type live struct {
	events *web.Events
	nudge  chan struct{}
	parts  map[string]livePart

	mu    sync.Mutex
	open  map[looker]int
	shift map[looker]*node.Shift
}

// A looker is one officer at one live part in one language, in as many pages as he has open.
type looker struct{ shift, lang, part string }

type livePart struct {
	power  roster.Power
	render func(ctx context.Context, s *node.Shift, w Words) []web.Event
}

func newLive() live {
	return live{events: web.NewEvents(maxStreams), nudge: make(chan struct{}, 1), parts: map[string]livePart{},
		open: map[looker]int{}, shift: map[looker]*node.Shift{}}
}

// Live adds a part that is kept true on pages whose Stream is LiveAddress(name): render gives the events (web.Partial,
// web.JSON) of what it is now, for officers with the power. It is asked when a page opens, every five seconds, and after a
// Nudge; what has not changed is not sent again.
func (st *Station) Live(name string, p roster.Power, render func(ctx context.Context, s *node.Shift, w Words) []web.Event) {
	st.live.parts[name] = livePart{p, render}
}

// Nudge says that something changed which open pages should know at once. It never waits.
func (st *Station) Nudge() {
	select {
	case st.live.nudge <- struct{}{}:
	default:
	}
}

// Run keeps open pages true until ctx ends, and ends their streams then.
func (st *Station) Run(ctx context.Context) {
	defer st.live.events.Close()
	tick := time.NewTicker(stateEvery)
	defer tick.Stop()
	said := map[looker][]web.Event{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-st.live.nudge:
			time.Sleep(nudgeEvery)
		}
		said = st.round(ctx, said)
	}
}

// round tells each looker what has changed since the last one.
func (st *Station) round(ctx context.Context, said map[looker][]web.Event) map[looker][]web.Event {
	now := map[looker][]web.Event{}
	states := map[string]web.Event{}
	for l, s := range st.live.lookers() {
		w := st.WordsIn(l.lang)
		if _, ok := states[l.lang]; !ok {
			states[l.lang] = st.statesEvent(ctx, w)
		}
		now[l] = append([]web.Event{states[l.lang]}, st.news(ctx, s, w, l.part)...)
		for i, e := range now[l] {
			if before := said[l]; i >= len(before) || before[i] != e {
				st.live.events.Publish(l.topic(), e)
			}
		}
	}
	return now
}

// news is what one officer sees above and in a live part.
func (st *Station) news(ctx context.Context, s *node.Shift, w Words, part string) []web.Event {
	events := []web.Event{web.Partial("#notices", "innerMorph", st.stripNow(ctx, s, w))}
	if p, ok := st.live.parts[part]; ok && st.Node.Can(s, p.power) {
		events = append(events, p.render(ctx, s, w)...)
	}
	return events
}

func (st *Station) statesEvent(ctx context.Context, w Words) web.Event {
	html, err := st.Pages.Text(w.Lang, "states", web.Page{States: st.statesNow(ctx, w), Stream: stateAddress})
	if err != nil {
		st.journal.Error("station: the states are broken", "error", err)
	}
	return web.Partial("#states", "outerMorph", html)
}

func (st *Station) serveStream(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words := st.Words(r)
	l := looker{strconv.FormatUint(s.Ref.Index, 10), words.Lang, ""}
	if part := r.URL.Query().Get("live"); part != "" {
		if p, ok := st.live.parts[part]; !ok || !st.Node.Can(s, p.power) {
			st.Fail(w, r, http.StatusNotFound)
			return
		}
		l.part = part
	}
	defer st.live.join(l, s)()
	err := st.live.events.Serve(w, r, web.Stream{
		Topics: []string{l.topic()},
		First: func() []web.Event {
			return append([]web.Event{st.statesEvent(r.Context(), words)}, st.news(r.Context(), s, words, l.part)...)
		},
		Alive: func() bool { return st.signin.Alive(r) },
	})
	if err != nil {
		st.Fail(w, r, http.StatusServiceUnavailable)
	}
}

func (l looker) topic() string { return l.shift + "/" + l.lang + "/" + l.part }

func (l *live) join(who looker, s *node.Shift) (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[who]++
	l.shift[who] = s
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[who]--; l.open[who] == 0 {
			delete(l.open, who)
			delete(l.shift, who)
		}
	}
}

func (l *live) lookers() map[looker]*node.Shift {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[looker]*node.Shift, len(l.shift))
	for who, s := range l.shift {
		out[who] = s
	}
	return out
}
