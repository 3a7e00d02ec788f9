package supervisor

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"time"

	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

func liveName(which stretch) string { return "books-" + string(which) }

// serveBooks shows the books of the stretch that ?stretch= names.
func (f *Face) serveBooks(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	which := stretch(r.URL.Query().Get("stretch"))
	if !slices.Contains(stretches, which) {
		which = thisShift
	}
	a, err := f.ledger.of(r.Context(), s, which)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	words := f.Words(r)
	regime := "supervisor.key.regime"
	if a.regime != nil {
		regime = "supervisor.key.regime.end"
	}
	v := f.booksView(words, a)
	keys := []web.Key{{Keys: "F2", Text: words.T("supervisor.key.handover")}, {Keys: "F3", Text: words.T(regime)},
		{Keys: "F4", Text: words.T("supervisor.key.count")}}
	if v.Proposals > 0 {
		keys = append(keys, web.Key{Keys: "F6", Text: words.T("supervisor.key.proposal")})
	}
	for _, c := range v.Stretches {
		keys = append(keys, web.Key{Keys: c.Key, Text: c.Text})
	}
	p := f.Page(r, s, "supervisor.title", append(keys, web.Key{Keys: "Ctrl+P", Text: words.T("supervisor.key.print")},
		web.Key{Keys: "F10", Text: words.T("supervisor.leave")})...)
	p.Stream, p.Data = station.LiveAddress(liveName(which)), v
	f.Render(w, r, "supervisor-books", p)
}

// live keeps the figures of open pages true.
func (f *Face) live(which stretch) func(context.Context, *node.Shift, station.Words) []web.Event {
	return func(ctx context.Context, s *node.Shift, words station.Words) []web.Event {
		a, err := f.ledger.of(ctx, s, which)
		if err != nil {
			return nil // the strip of states says what is the matter with the node
		}
		html, err := f.Pages.Text(words.Lang, "supervisor-account", web.Page{Data: f.booksView(words, a)})
		if err != nil {
			return nil
		}
		return []web.Event{web.Partial("#books", "innerMorph", html)}
	}
}

// regimeState says on every page of the post that passages are not checked, or not recorded.
func (f *Face) regimeState(ctx context.Context, h node.Health, words station.Words) []web.State {
	r, err := f.ledger.inForce(ctx)
	if err != nil || r == nil {
		return nil
	}
	return []web.State{{Level: web.Amber, Text: words.T("supervisor.regime." + r.Regime),
		Detail: words.T("supervisor.regime.remains", "span", f.Pages.Span(words.Lang, time.Duration(r.Until-h.Now)*time.Millisecond))}}
}

// A mark is a word with its level.
type mark struct {
	Level web.Level
	Text  string
}

type booksView struct {
	Books              node.Books
	Stretches          []station.Choice
	Now, From, To      int64 // UTC ms
	Last               int64 // UTC ms: the last moment that lies within the stretch
	Travellers         int
	Wait               *waitView
	Booths             []boothRow
	Working            int
	Open               []openRow
	Left, Older        int
	Unknown            []node.Unknown
	Line               []lineRow
	Voids, Corrections []changeRow
	Proposals, Lates1  int
	Lates              []changeRow
	Outages            []outageRow
	Regime             *regimeRow
	Regimes            []regimeRow
	Handovers          []handoverRow
	Hours              []hourRow
	Chart              template.HTML
}

// A waitView is the newest measure of the queue.
type waitView struct {
	Minutes int
	Clock   string // the hour in which it was measured
	Booth   string
}

func (f *Face) booksView(w station.Words, a account) booksView {
	v := booksView{Books: a.Books, Now: a.now, From: a.From, To: a.To, Last: a.To - 1, Travellers: a.Entries + a.Exits, Older: a.older, Unknown: a.unknown}
	for i, which := range stretches {
		v.Stretches = append(v.Stretches, station.Choice{Value: string(which), Text: w.T("supervisor.stretch." + string(which)),
			Key: string(rune('1' + i)), Chosen: which == a.which})
	}
	v.booths(w, a, f.Node.State().Roster.Officers)
	v.open(w, a)
	v.line(w, a)
	v.changes(w, a)
	v.outages(w, a)
	v.regimes(w, a)
	v.handovers(w, a)
	v.hours(w, a, f.Node.Zone())
	return v
}
