package centre

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/web"
)

// live makes the events of open overviews. It works while there are any: a centre that nobody looks at counts nothing.
type live struct {
	mu      sync.Mutex
	open    map[string]int // streams by language
	working bool
}

// quick parts change with every exchange; slow ones follow from the day's figures.
var (
	quick = []string{"centre-alarms", "centre-posts", "centre-lists", "centre-node"}
	slow  = []string{"centre-totals", "centre-hours", "centre-today", "centre-nations"}
)

const minutesEvent = "minutes" // also the name of its plot on the page

// stream carries the overview to one page. A page in a language of which nothing is known yet starts with the state of now.
func (f *face) stream(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	lang := f.pages.Lang(r)
	f.join(lang)
	defer f.part(lang)
	ctx := r.Context()
	err := f.events.Serve(w, r, web.Stream{
		Topics: []string{lang},
		First: func() []web.Event {
			st, err := f.look(ctx, nil)
			if err != nil {
				return nil // the next beat tries again
			}
			return f.news(lang, st, append(quick, slow...), map[string]string{})
		},
		Alive: func() bool { return f.signin.Alive(r) && f.may(s, overviewDuties...) },
	})
	if errors.Is(err, web.ErrStreamsFull) {
		f.pages.Fail(w, r, http.StatusServiceUnavailable)
	}
}

func (f *face) join(lang string) {
	f.live.mu.Lock()
	defer f.live.mu.Unlock()
	if f.live.open == nil {
		f.live.open = map[string]int{}
	}
	f.live.open[lang]++
	if !f.live.working {
		f.live.working = true
		go f.work()
	}
}

func (f *face) part(lang string) {
	f.live.mu.Lock()
	defer f.live.mu.Unlock()
	if f.live.open[lang]--; f.live.open[lang] == 0 {
		delete(f.live.open, lang)
	}
}

// listening gives the languages of the open streams. Without any it ends the work, under the same lock as join begins it.
func (l *live) listening() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var langs []string
	for lang := range l.open {
		langs = append(langs, lang)
	}
	l.working = len(langs) > 0
	return langs
}

func (f *face) work() {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	var said map[string]map[string]string // what each language's pages were told last
	var figures *state
	for n := 0; ; n++ {
		<-tick.C
		if n%freshBeats == 0 {
			said = map[string]map[string]string{}
		}
		langs := f.live.listening()
		if len(langs) == 0 {
			return
		}
		parts, known := quick, figures
		if n%slowBeats == 0 {
			parts, known = append(slow[:len(slow):len(slow)], quick...), nil
		}
		s, err := f.look(context.Background(), known)
		if err != nil {
			f.opt.Journal.Error("centre: the live overview could not be made and is tried again", "error", err)
			continue
		}
		figures = s
		for _, lang := range langs {
			if said[lang] == nil {
				said[lang] = map[string]string{}
			}
			for _, ev := range f.news(lang, s, parts, said[lang]) {
				f.events.Publish(lang, ev)
			}
		}
	}
}

// news renders parts and keeps to what differs from what was said last.
func (f *face) news(lang string, s *state, parts []string, said map[string]string) []web.Event {
	o := f.overview(lang, s)
	page := web.Page{States: f.states(lang, o), Data: o, Stream: "/live"}
	var out []web.Event
	add := func(name string, ev web.Event) {
		if said[name] != ev.Data {
			said[name] = ev.Data
			out = append(out, ev)
		}
	}
	for _, name := range append(parts[:len(parts):len(parts)], "states") {
		html, err := f.pages.Text(lang, name, page)
		if err != nil {
			f.opt.Journal.Error("centre: a part of the live overview is broken", "part", name)
			continue
		}
		add(name, web.Partial("#"+name, "outerMorph", html))
	}
	if ev, err := web.JSON(minutesEvent, o.Plot); err == nil {
		add(minutesEvent, ev)
	}
	return out
}
