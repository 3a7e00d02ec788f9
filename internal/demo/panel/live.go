package panel

import (
	"errors"
	"net/http"

	"tims/internal/web"
)

// parts of the page that change, each replaced by itself.
var parts = []string{"demo-country", "demo-acts", "demo-verdicts", "demo-measures", "demo-edit", "demo-journal", "states"}

// stream carries the page to one browser.
func (p *Panel) stream(w http.ResponseWriter, r *http.Request) {
	lang := p.pages.Lang(r)
	err := p.events.Serve(w, r, web.Stream{
		Topics: []string{lang},
		First:  func() []web.Event { return p.news(lang, map[string]string{}) },
	})
	if errors.Is(err, web.ErrStreamsFull) {
		p.pages.Fail(w, r, http.StatusServiceUnavailable)
	}
}

// publish tells the open pages of every language what differs from what was said.
func (p *Panel) publish(said map[string]string) {
	if p.events.Open() == 0 {
		return
	}
	for _, lang := range p.langs {
		for _, ev := range p.news(lang, said) {
			p.events.Publish(lang, ev)
		}
	}
}

func (p *Panel) news(lang string, said map[string]string) []web.Event {
	v := p.view(lang)
	page := web.Page{States: v.States, Data: v, Stream: "/live"}
	var out []web.Event
	for _, name := range parts {
		html, err := p.pages.Text(lang, name, page)
		if err != nil {
			continue // the page itself, made of the same parts, answers 500 and has it in the journal
		}
		ev := web.Partial("#"+name, "outerMorph", html)
		if said[lang+name] != ev.Data {
			said[lang+name] = ev.Data
			out = append(out, ev)
		}
	}
	return out
}
