package centre

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

// liveHits names the list of hits among what open pages are told.
const liveHits = "hits"

// A hitFilter is what of the hits a page shows. It stands in the address: a list's name, no person's.
type hitFilter struct {
	List     string
	Discreet bool
	State    node.HitState
}

func readHitFilter(r *http.Request) hitFilter {
	q := r.URL.Query()
	return hitFilter{List: q.Get("list"), Discreet: q.Get("discreet") != "", State: node.HitState(q.Get("state"))}
}

func (q hitFilter) query(most int) node.HitQuery {
	return node.HitQuery{List: q.List, Discreet: q.Discreet, State: q.State, Most: most}
}

// Address is that of the filter as a file.
func (q hitFilter) Address() string {
	v := url.Values{}
	if q.List != "" {
		v.Set("list", q.List)
	}
	if q.Discreet {
		v.Set("discreet", "1")
	}
	if q.State != "" {
		v.Set("state", string(q.State))
	}
	return "/hits.csv?" + v.Encode()
}

// ID names the element that shows what the filter lets through, so that a page takes only its own news.
func (q hitFilter) ID() string {
	sum := sha256.Sum256([]byte(q.Address()))
	return "hits-" + hex.EncodeToString(sum[:8])
}

// hitFilters are those that officers look at now, so that their open pages are kept true: the last few of each.
type hitFilters struct {
	mu sync.Mutex
	of map[record.Ref][]hitFilter
}

func (h *hitFilters) look(s *node.Shift, q hitFilter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil || len(h.of) > maxLookers {
		h.of = map[record.Ref][]hitFilter{}
	}
	of := slices.DeleteFunc(h.of[s.Ref], func(o hitFilter) bool { return o == q })
	h.of[s.Ref] = append(of[max(0, len(of)-maxFilters+1):], q)
}

func (h *hitFilters) looked(s *node.Shift) []hitFilter {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.of[s.Ref])
}

// A hitsView is the page of hits.
type hitsView struct {
	Filter hitFilter
	Lists  []station.Choice
	States []station.Choice
	Table  hitTable
}

// A hitTable is the part of it that is kept true.
type hitTable struct {
	ID   string
	At   int64
	Rows []hitRow
	More bool
}

// A hitRow is one hit in words.
type hitRow struct {
	Level                    web.Level
	At                       int64
	Post, List, ID, Name     string
	Issuer, Do, Why, Caveats string
	State                    string
	Done                     bool // the second line has found out, or nobody was to
	Said                     int64
	Decided, Record          string
}

func (f *Face) showHits(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words, q := f.Words(r), readHitFilter(r)
	table, err := f.hitTable(r.Context(), s, words, q)
	if err != nil {
		f.failHits(w, r, err)
		return
	}
	f.filters.look(s, q)
	v := hitsView{Filter: q, Table: table, Lists: []station.Choice{{Text: words.T("centre.hits.everylist"), Chosen: q.List == ""}},
		States: []station.Choice{{Text: words.T("centre.hits.everystate"), Chosen: q.State == ""}}}
	names := []string{}
	for _, l := range f.Node.Lists() {
		names = append(names, l.List)
	}
	if q.List != "" && !slices.Contains(names, q.List) {
		names = append(names, q.List)
	}
	for _, name := range names {
		v.Lists = append(v.Lists, station.Choice{Value: name, Text: name, Chosen: q.List == name})
	}
	for _, state := range node.HitStates {
		v.States = append(v.States, station.Choice{Value: string(state), Text: words.T("centre.hits." + string(state)), Chosen: q.State == state})
	}
	p := f.page(r, s, "centre.hits.title")
	p.Help = append([]web.Key{{Keys: "F6", Text: words.T("centre.hits.filter")}}, p.Help...)
	p.Stream, p.Refresh, p.Data = station.LiveAddress(liveHits), reload, v
	f.Render(w, r, "hits", p)
}

func (f *Face) failHits(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusServiceUnavailable
	if errors.Is(err, node.ErrDuty) || errors.Is(err, node.ErrOfficer) {
		status = http.StatusForbidden
	} else {
		f.journal.Error("centre: the hits could not be listed", "error", err)
	}
	f.Fail(w, r, status)
}

func (f *Face) hitTable(ctx context.Context, s *node.Shift, w station.Words, q hitFilter) (hitTable, error) {
	rows, more, err := f.Node.Hits(ctx, s, q.query(maxHits))
	if err != nil {
		return hitTable{}, err
	}
	out := hitTable{ID: q.ID(), At: f.Node.Now(), More: more}
	for _, h := range rows {
		out.Rows = append(out.Rows, hitRowOf(w, h))
	}
	return out, nil
}

func hitRowOf(w station.Words, h node.HitRow) hitRow {
	row := hitRow{Level: web.Red, At: h.At, Post: w.Label(h.Node), List: h.List, ID: h.ID, Do: w.T("action." + h.Action.String()),
		State: w.T("centre.hits." + string(h.State)), Said: h.Said, Record: number(h.Ref.Border())}
	if strings.HasPrefix(h.ID, h.List+":") {
		row.List = "" // the alert's own name begins with it
	}
	switch h.Action {
	case border.ActInform, border.ActDiscreet:
		row.Level = web.Amber
	}
	if h.Decided != 0 {
		row.Decided = w.T("centre.kind." + h.Decided.String())
	}
	if row.Done = h.State.Settled(); row.Level == web.Amber && h.State == node.HitOpen && h.Decided != 0 {
		row.Done, row.State = true, w.T("centre.hits.unasked")
	}
	var why []string
	for _, part := range h.Reasons {
		if word := w.T("part." + part); !slices.Contains(why, word) {
			why = append(why, word)
		}
	}
	row.Why = strings.Join(why, ", ")
	if a := h.Alert; a != nil {
		row.Issuer, row.Caveats = a.Issuer, a.Caveats
		if len(a.Names) > 0 {
			row.Name = strings.Trim(a.Names[0].Primary+", "+a.Names[0].Secondary, ", ")
		}
	}
	return row
}

// hitsNow keeps open lists of hits true, each by its filter.
func (f *Face) hitsNow(ctx context.Context, s *node.Shift, w station.Words) (out []web.Event) {
	for _, q := range f.filters.looked(s) {
		table, err := f.hitTable(ctx, s, w, q)
		if err != nil {
			f.journal.Error("centre: the live hits could not be made and are tried again", "error", err)
			return out
		}
		html, err := f.Pages.Text(w.Lang, "centre-hits", web.Page{Data: table})
		if err != nil {
			f.journal.Error("centre: the live list of hits is broken")
			return out
		}
		out = append(out, web.Partial("#"+table.ID, "outerMorph", html))
	}
	return out
}

// hitsFile gives the issuer of a list what came of its alerts: no traveller, and no name, for he knows whom his alert names. It is a
// record of its own.
func (f *Face) hitsFile(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	q := readHitFilter(r)
	query := q.query(0)
	query.Away = true
	rows, _, err := f.Node.Hits(r.Context(), s, query)
	if err != nil {
		f.failHits(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="hits.csv"`)
	out := csv.NewWriter(w)
	out.Write([]string{"list", "alert", "asked", "time", "post", "record", "decided", "outcome", "outcome_time"})
	for _, h := range rows {
		decided := ""
		if h.Decided != 0 {
			decided = h.Decided.String()
		}
		out.Write([]string{cell(h.List), cell(h.ID), h.Action.String(), f.inCSV(h.At), cell(h.Node), number(h.Ref.Border()), decided, string(h.State), f.inCSV(h.Said)})
	}
	out.Flush() // an error here is a browser that went away
}

func (f *Face) inCSV(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(f.Node.Zone()).Format(time.RFC3339)
}

// cell keeps a spreadsheet from reading an issuer's text as a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (f *Face) mountHits() {
	f.Nav(station.Entry{Href: "/hits", Text: "centre.hits.nav", Power: roster.ReadHits})
	f.Live(liveHits, roster.ReadHits, f.hitsNow)
	f.Handle("GET /hits", roster.ReadHits, f.showHits)
	f.Handle("GET /hits.csv", roster.ReadHits, f.hitsFile)
}
