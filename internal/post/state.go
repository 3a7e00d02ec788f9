package post

import (
	"context"
	"net/http"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/web"
)

// serveState is the stream of the state strip, in the reader's language.
func (f *Face) serveState(w http.ResponseWriter, r *http.Request, _ booth) {
	words := f.words(r)
	err := f.events.Serve(w, r, web.Stream{
		Topics: []string{"state/" + words.lang},
		First:  func() []web.Event { return f.strip(r.Context(), words) },
		Alive:  func() bool { return f.signin.Alive(r) },
	})
	if err != nil {
		f.pages.Fail(w, r, http.StatusServiceUnavailable)
	}
}

func (f *Face) publish(ctx context.Context) {
	if f.events.Open() == 0 {
		return
	}
	for _, lang := range languages {
		for _, e := range f.strip(ctx, words{f.pages, lang}) {
			f.events.Publish("state/"+lang, e)
		}
	}
}

// languages are those of the catalogues in lang; a test holds them together.
var languages = []string{"en", "sq"}

func (f *Face) strip(ctx context.Context, w words) []web.Event {
	html, err := f.pages.Text(w.lang, "states", web.Page{States: f.states(ctx, w), Stream: "/state"})
	if err != nil {
		return nil
	}
	return []web.Event{web.Partial("#states", "outerMorph", html)}
}

// states says what an officer must know of his node without asking: is the centre there, is what was recorded copied, how
// old is what he is told. What is in order and needs no eye is left out.
func (f *Face) states(ctx context.Context, w words) []web.State {
	h, err := f.n.Health(ctx)
	if err != nil {
		return []web.State{{Level: web.Red, Text: w.t("post.state.unknown")}}
	}
	states := []web.State{f.centreState(w, h), f.copyState(w, h), f.listState(w, h), f.postState(w, h)}
	if h.Stopped != "" {
		states = append([]web.State{{Level: web.Red, Text: w.t("post.state.stopped")}}, states...)
	}
	switch h.Clock.State {
	case record.Unsynchronised:
		states = append(states, web.State{Level: web.Red, Text: w.t("post.state.clock.behind"), Detail: w.at(h.Clock.Since)})
	case record.Stepped:
		states = append(states, web.State{Level: web.Amber, Text: w.t("post.state.clock.set"), Detail: w.at(h.Clock.Since)})
	}
	if n := f.forgotten(ctx, h.Now); n > 0 {
		states = append(states, web.State{Level: web.Grey, Text: w.t("post.state.open", "n", n)})
	}
	return states
}

// forgotten counts the open checks that are older than one under work.
func (f *Face) forgotten(ctx context.Context, now int64) (n int) {
	open, err := f.n.OpenChecks(ctx)
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

func (f *Face) centreState(w words, h node.Health) web.State {
	var seen int64
	for _, p := range h.Peers {
		if p.Role == "centre" {
			seen = max(seen, p.LastSeen)
		}
	}
	switch {
	case seen > 0 && h.Now-seen < reachedWithin.Milliseconds():
		return web.State{Level: web.OK, Text: w.t("post.state.centre")}
	case seen > 0:
		return web.State{Level: web.Amber, Text: w.t("post.state.centre.cut"), Detail: w.ago(h.Now, seen)}
	}
	return web.State{Level: web.Amber, Text: w.t("post.state.centre.never")}
}

// copyState counts the records that no mirror has cosigned. A few on their way are no news while the mirrors are there.
func (f *Face) copyState(w words, h node.Health) web.State {
	var cosigned uint64
	for _, p := range h.Peers {
		cosigned = max(cosigned, p.Cosigned)
	}
	if cosigned >= h.Size {
		return web.State{Level: web.OK, Text: w.t("post.state.copied")}
	}
	s := web.State{Level: web.Grey, Text: w.t("post.state.uncopied", "n", h.Size-cosigned)}
	if f.centreState(w, h).Level != web.OK {
		s.Level = web.Amber
	}
	return s
}

func (f *Face) listState(w words, h node.Health) web.State {
	if len(h.Lists) == 0 {
		return web.State{Level: web.Amber, Text: w.t("post.state.lists.none")}
	}
	oldest := h.Now
	for _, l := range h.Lists {
		oldest = min(oldest, l.KnownTo)
	}
	rules := f.n.Rules()
	return web.State{Level: pillOf(rules.Lists.Level(h.Now - oldest)), Text: w.t("post.state.lists", "n", len(h.Lists)),
		Detail: w.ago(h.Now, oldest)}
}

func (f *Face) postState(w words, h node.Health) web.State {
	rules, posts, old := f.n.Rules(), 0, 0
	level, worst := border.Level(0), h.Now
	for _, p := range h.Peers {
		if p.Role != "post" {
			continue
		}
		posts++
		l := ageLevel(rules.Posts, h.Now, p.Written)
		if worst = min(worst, p.Written); l > 0 {
			old++
		}
		level = max(level, l)
	}
	switch {
	case posts == 0:
		return web.State{Level: web.Grey, Text: w.t("post.state.posts.none")}
	case old > 0:
		return web.State{Level: pillOf(level), Text: w.t("post.state.posts.old", "n", old), Detail: w.ago(h.Now, worst)}
	}
	return web.State{Level: web.OK, Text: w.t("post.state.posts", "n", posts)}
}

// ageLevel is the rulebook's word for an age; what was never heard of is the worst.
func ageLevel(ages border.Ages, now, then int64) border.Level {
	if then <= 0 {
		return border.Warn
	}
	return ages.Level(now - then)
}

// pillOf shows the age of a thing: the rulebook's amber is a note, its red a warning.
func pillOf(l border.Level) web.Level {
	switch l {
	case 0:
		return web.OK
	case border.Note:
		return web.Amber
	}
	return web.Red
}

type openRow struct {
	Index     uint64
	At        time.Time
	Direction border.Direction
	Way       string
	Nation    string
	Own       bool
}

func (f *Face) serveOpenChecks(w http.ResponseWriter, r *http.Request, b booth) {
	open, err := f.n.OpenChecks(r.Context())
	if err != nil {
		f.trouble(w, r, b, err)
		return
	}
	words, rows := f.words(r), []openRow{}
	for _, s := range open {
		own, err := f.own(s.Ref.Index, b.shift)
		if err != nil {
			f.trouble(w, r, b, err)
			return
		}
		rows = append(rows, openRow{Index: s.Ref.Index, At: time.UnixMilli(s.Happened), Direction: s.Direction,
			Way: words.t("post.way." + s.Direction.String()), Nation: state(s.Nation), Own: own})
	}
	p := f.page(r, b, "post.open.title", web.Key{Keys: "Escape", Text: words.t("post.key.booth")})
	p.Data = rows
	f.pages.Render(w, r, "open", p)
}
