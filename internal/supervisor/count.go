package supervisor

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

// serveCount offers the last whole hour, which is what a supervisor counts.
func (f *Face) serveCount(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	hour := f.Node.Now()
	hour -= hour % time.Hour.Milliseconds()
	form.Values = url.Values{"from": {f.clockText(hour - time.Hour.Milliseconds())}, "to": {f.clockText(hour)}}
	f.showCount(w, r, s, form, "")
}

func (f *Face) showCount(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, wrong string) {
	a, err := f.ledger.of(r.Context(), s, thisShift)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	var booths []string
	for _, b := range a.Booths {
		booths = append(booths, b.Booth)
	}
	slices.Sort(booths)
	f.render(w, r, s, sheet{"supervisor-count", "supervisor.count", "supervisor.count.do", false}, form, wrong, slices.Compact(booths))
}

func (f *Face) readCount(form *station.Form, act record.Act, s *node.Shift) (node.Deed, error) {
	d := node.Count{Act: act, Shift: s}
	d.Booth = form.Text("booth", 0, maxBooth)
	if d.To = f.before(form, "to", f.base(form)+clockAhead.Milliseconds()); d.To != 0 {
		d.From = f.before(form, "from", d.To-1)
		if d.From != 0 && d.To-d.From > oneCount.Milliseconds() {
			form.Fault("from", "supervisor.count.long")
		}
	}
	d.Entries, d.Exits = form.Number("entries", 0, maxFigure), form.Number("exits", 0, maxFigure)
	d.Vehicles, d.Waiting = form.Number("vehicles", 0, maxFigure), 60*form.Number("waiting", 0, maxMinutes)
	if form.Get("entries")+form.Get("exits")+form.Get("vehicles")+form.Get("waiting") == "" {
		form.Fault("entries", "supervisor.count.nothing")
	}
	return d, nil
}
