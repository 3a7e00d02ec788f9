package amend

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// waiting keeps for waitingFor how many proposals there are, in all and by officer. A proposal or assent of these pages is
// counted at once.
type waiting struct {
	mu  sync.Mutex
	at  int64 // UTC ms of the node; 0 is never
	all int
	by  map[[16]byte]int
}

func (c *waiting) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = 0
}

// countWaiting counts the proposals that this officer could agree to. One request asks, the others wait for what it learns.
func (f *face) countWaiting(ctx context.Context, s *node.Shift) int {
	c, now := &f.waiting, f.Node.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == 0 || now < c.at || now-c.at >= waitingFor.Milliseconds() {
		list, err := f.Node.Proposals(ctx, s)
		if err != nil {
			return 0 // the page behind the entry says what is wrong
		}
		c.at, c.all, c.by = now, len(list), map[[16]byte]int{}
		for _, p := range list {
			c.by[p.By]++
		}
	}
	return c.all - c.by[s.Officer.ID]
}

// A waitingRow is a correction that waits for its second officer.
type waitingRow struct {
	Index             uint64
	Key               string
	Officer, Reason   string
	Name, Number, Way string
	Record            string // that is to be corrected
	Direction         border.Direction
	Happened, At      time.Time // the passage; the proposal
	Mine, Withdraw    bool
	Changes           []change
}

// A change is one field before and after.
type change struct{ Label, Was, Should string }

func (f *face) serveWaiting(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	words := f.Words(r)
	list, err := f.Node.Proposals(r.Context(), s)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	rows := make([]waitingRow, 0, len(list))
	for i, p := range list {
		row := waitingOf(words, s, p)
		if i < maxKeys {
			row.Key = itoa(uint64(i + 1))
		}
		rows = append(rows, row)
	}
	keys := []web.Key{{Keys: "Escape", Text: words.T("station.key.home")}}
	if f.Node.Can(s, proposes) {
		keys = append([]web.Key{{Keys: "F3", Text: words.T("amend.find.title")}}, keys...)
	}
	if len(rows) > 0 {
		keys = append([]web.Key{{Keys: "1", Text: words.T("amend.key.look")}}, keys...)
	}
	p := f.Page(r, s, "amend.waiting.title", keys...)
	p.Data = map[string]any{"Rows": rows, "May": f.Node.Can(s, proposes)}
	f.Render(w, r, "amend-waiting", p)
}

func waitingOf(w station.Words, s *node.Shift, p node.Proposal) waitingRow {
	d := p.Was.Document
	row := waitingRow{Index: p.Ref.Index, Officer: p.Officer, Reason: p.Reason, Name: station.FullName(d.Primary, d.Secondary),
		Number: d.Number, Way: w.Way(p.Was.Direction), Direction: p.Was.Direction, Happened: time.UnixMilli(p.Was.Happened),
		At: time.UnixMilli(p.At), Mine: p.By == s.Officer.ID, Withdraw: p.Withdraw}
	if p.About != nil {
		row.Record = p.About.Origin + "/" + itoa(p.About.Index)
	}
	if p.Should == nil {
		return row
	}
	was, should := valuesOf(p.Was), valuesOf(*p.Should)
	names := []string{"direction", "basis"}
	for _, g := range groups {
		names = append(names, g.fields...)
	}
	for _, name := range names {
		if was.Get(name) != should.Get(name) {
			row.Changes = append(row.Changes, change{w.T("amend.field." + name), readable(w, name, was.Get(name)), readable(w, name, should.Get(name))})
		}
	}
	return row
}

// readable writes a value as nobody takes it for another.
func readable(w station.Words, name, value string) string {
	switch name {
	case "direction":
		d, _ := border.ParseDirection(value)
		return w.Way(d)
	case "basis":
		b, _ := border.ParseBasis(value)
		return w.Basis(b)
	case "issuer", "nationality":
		return w.State(value)
	case "birth", "expiry", "day", "until", "visa_from":
		if p, ok := station.ParseDate(value); ok && !p.IsZero() {
			return w.Date(p)
		}
	}
	return value
}

type proposalPage struct {
	waitingRow
	Act, Trouble string
}

func (f *face) serveProposal(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showProposal(w, r, s, http.StatusOK, proposalPage{Act: station.ActText(station.NewAct())})
}

func (f *face) showProposal(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d proposalPage) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	list, err := f.Node.Proposals(r.Context(), s)
	i := slices.IndexFunc(list, func(p node.Proposal) bool { return p.Ref.Index == index })
	if err == nil && i < 0 {
		err = node.ErrAssented
	}
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	words := f.Words(r)
	d.waitingRow = waitingOf(words, s, list[i])
	keys := []web.Key{{Keys: "Escape", Text: words.T("amend.back")}}
	if !d.Mine {
		keys = append([]web.Key{{Keys: "F2", Text: words.T("amend.assent.do")}}, keys...)
	}
	p := f.Page(r, s, "amend.waiting.title", keys...)
	p.Status, p.Data = status, d
	f.Render(w, r, "amend-proposal", p)
}

func (f *face) readAssent(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	index, ok := station.PathIndex(r)
	act, given := station.ReadAct(r)
	if !ok || !given {
		return nil, errForm
	}
	return []node.Deed{node.Assent{Act: act, Shift: s, Kind: record.Correction, Of: index}}, nil
}

func (f *face) mendAssent(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	f.showProposal(w, r, s, words.Status(err), proposalPage{Act: r.PostFormValue("act"), Trouble: words.Error(err)})
}
