package alerts

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

type overview struct {
	Post    bool
	Days    int // that an urgent alert lasts at most
	Lists   []list
	Scores  []score
	Waiting []waiting
	Needed  int // approvals
	Own     []own
	Note    *own // what was just written
	Asked   bool // a withdrawal was just asked for
	Trouble string
}

// A list is one in force.
type list struct {
	Name           string
	Release        uint64 // 0 of single alerts, which have none
	Released       time.Time
	Known          time.Time
	Count, Waiting int
	Newer          uint64
	Aside          []string // releases that are not matched here, and why
	Level          web.Level
	Word           string
}

// A score is from where on an alert of a kind is a hit, and how many ordinary travellers that stops.
type score struct {
	Kind     string
	Least    float64
	Rate     float64 // of 1,000
	Measured bool
	Bounded  bool // the rulebook's budget asks for another score than it may get
}

// waiting is what of one list the authority has not let go yet.
type waiting struct {
	List    string
	Count   int
	More    int
	Command string
	Rows    []waitingRow
}

type waitingRow struct {
	ID, Kind, Action string
	Who              []string
	Loses            []string // fields in which it would match less; none: the alert is gone
	Release          uint64
}

// own is a single alert that officers of this node wrote.
type own struct {
	ID, Number, Kind, Action string
	Who                      []string // at a post alone
	Version                  int
	Written                  time.Time
	ByNode                   bool
	Until                    string
	Level                    web.Level
	State                    string
	Editable                 bool
	Holders                  []string
	Act                      string // of a withdrawal
}

func (f *face) serveOverview(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	d := overview{Asked: r.URL.Query().Has("asked")}
	f.showOverview(w, r, s, http.StatusOK, d)
}

func (f *face) showOverview(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d overview) {
	words := f.Words(r)
	written, _ := strconv.ParseUint(r.URL.Query().Get("written"), 10, 64)
	found, note, err := f.settled(r.Context(), s, written)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	for i, a := range found {
		row := f.own(words, a)
		d.Own = append(d.Own, row)
		if i == note {
			d.Note = &row
		}
	}
	d.Post, d.Days, d.Needed, d.Lists = f.post, node.UrgentDays, f.Node.State().Authority.Threshold, f.lists(words)
	d.Scores = f.scores(words)
	if !f.post {
		d.Waiting = f.waiting(words)
	}
	keys := []web.Key{{Keys: "F2", Text: words.T("alerts.new")}}
	if !f.post {
		keys = append(keys, web.Key{Keys: "F3", Text: words.T("alerts.search")})
	}
	f.Render(w, r, "alerts", f.page(r, s, "alerts.title", status, d, keys...))
}

// settled gives the alerts of this node, and which of them was just written: written is the index of its record, 0 for none. What is
// written is matched within a moment, for which the page waits.
func (f *face) settled(ctx context.Context, s *node.Shift, written uint64) (found []node.FoundAlert, note int, err error) {
	for deadline := time.Now().Add(matchedWithin); ; time.Sleep(matchedEvery) {
		if found, err = f.Node.OwnAlerts(ctx, s); err != nil || written == 0 {
			return found, -1, err
		}
		note = slices.IndexFunc(found, func(a node.FoundAlert) bool {
			return a.Single.At.Index == written && a.Single.At.Origin == f.Node.Origin()
		})
		if note < 0 || found[note].Matched || time.Now().After(deadline) {
			return found, note, nil
		}
	}
}

func (f *face) lists(w station.Words) (out []list) {
	ages, now := f.Node.Rules().Lists, f.Node.Now()
	for _, l := range f.Node.Lists() {
		level := station.PillOf(station.AgeLevel(ages, now, l.KnownTo))
		name, release := l.List, l.Release
		if by, single := strings.CutPrefix(l.List, node.SingleList("")); single {
			name, release = w.T("alerts.list.hand", "node", w.Label(by)), 0
		}
		out = append(out, list{Name: name, Release: release, Released: time.UnixMilli(l.Released), Known: time.UnixMilli(l.KnownTo),
			Count: l.Count, Waiting: l.Waiting, Newer: l.Newer, Aside: w.Aside(l), Level: level, Word: w.T("station.age." + string(level))})
	}
	for _, l := range f.Node.ListsOut() {
		out = append(out, list{Name: l.List, Aside: w.Aside(l), Level: web.Red, Word: w.T("station.age.red")})
	}
	for _, c := range f.Node.Coming() {
		if c.Why == "" && !slices.ContainsFunc(out, func(l list) bool { return l.Name == c.List }) {
			out = append(out, list{Name: c.List, Release: c.Release, Level: web.Amber, Word: w.T("alerts.list.notyet"), Aside: []string{comingText(w, c)}})
		}
	}
	return out
}

// comingText says how far a release has come that is not in force.
func comingText(w station.Words, c node.ComingList) string {
	switch {
	case c.Chunks == 0:
		return w.T("alerts.coming.way")
	case c.Here < c.Chunks:
		return w.T("alerts.coming.here", "n", c.Here, "of", c.Chunks)
	case c.Opened < c.Chunks:
		return w.T("alerts.coming.opened", "n", c.Opened, "of", c.Chunks)
	}
	return w.T("alerts.coming.indexed", "n", c.Indexed, "of", c.Chunks)
}

func (f *face) scores(w station.Words) (out []score) {
	c := f.Node.Thresholds()
	for _, k := range kinds {
		if t, known := c.Kinds[k]; known {
			out = append(out, score{w.T("kind." + k.String()), t.Score, t.Rate, c.Sample > 0, t.Bounded})
		}
	}
	return out
}

func (f *face) waiting(w station.Words) (out []waiting) {
	for _, l := range f.Node.Lists() {
		all := f.Node.Waiting(l.List)
		if len(all) == 0 {
			continue
		}
		x := waiting{List: l.List, Count: len(all), More: max(0, len(all)-maxWaiting),
			Command: fmt.Sprintf("tims alerts losses --list %s --draft FILE --dir DIR", l.List)}
		for _, v := range all[:min(len(all), maxWaiting)] {
			row := waitingRow{ID: v.Alert.ID, Kind: w.T("kind." + v.Alert.Kind.String()), Action: w.T("action." + v.Alert.Action.String()),
				Who: who(w, &v.Alert), Release: v.Release}
			if strings.HasPrefix(l.List, node.SingleList("")) {
				row.Release = 0
			}
			if v.Now != nil {
				row.Loses = weaker(w, &v.Alert, v.Now)
			}
			x.Rows = append(x.Rows, row)
		}
		out = append(out, x)
	}
	return out
}

func (f *face) own(w station.Words, a node.FoundAlert) own {
	one := own{ID: a.Alert.ID, Number: a.Alert.ID, Kind: w.T("kind." + a.Alert.Kind.String()), Action: w.T("action." + a.Alert.Action.String()),
		Version: a.Single.Version, Written: time.UnixMilli(a.Single.Written), ByNode: a.Single.ByNode, Until: w.Day(a.Alert.Until),
		Editable: !a.Single.Withdrawn, Act: station.ActText(station.NewAct())}
	one.Level, one.State = stateOf(w, a, f.Node.Today())
	for _, n := range a.Single.Holders {
		one.Holders = append(one.Holders, f.Label(n))
	}
	if f.post {
		one.Who = who(w, &a.Alert)
	}
	return one
}

// stateOf says whether a booth finds this version of an alert today.
func stateOf(w station.Words, a node.FoundAlert, today border.Date) (web.Level, string) {
	switch {
	case a.Alert.Until != 0 && a.Alert.Until < today:
		return web.Grey, w.T("alerts.state.ended")
	case a.Single != nil && a.Single.Withdrawn && a.Matched:
		return web.Amber, w.T("alerts.state.asked")
	case a.Single != nil && a.Single.Withdrawn:
		return web.Grey, w.T("alerts.state.gone")
	case a.Held:
		return web.Amber, w.T("alerts.state.held")
	case a.Alert.From > today:
		return web.Grey, w.T("alerts.state.later")
	case a.Matched && a.Alert.Canary:
		return web.Grey, w.T("alerts.state.canary")
	case a.Matched:
		return web.OK, w.T("alerts.state.matched")
	}
	return web.Amber, w.T("alerts.state.unmatched")
}
