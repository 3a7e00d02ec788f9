package station

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"tims/internal/node"
	"tims/internal/tlog"
	"tims/internal/web"
)

// A Trouble gives an error of the node its words. Mend says that the officer can put it right in the form: with it, it is
// certain that the deed is not recorded, on a repeated try too.
type Trouble struct {
	Err    error
	Key    string
	Status int
	Mend   bool
}

// troubles are those that every face may meet. The first that fits is taken.
var troubles = []Trouble{
	{node.ErrOfficer, "error.officer", http.StatusForbidden, false},
	{node.ErrDuty, "error.duty", http.StatusForbidden, false},
	{node.ErrNumber, "error.number", http.StatusUnprocessableEntity, true},
	{node.ErrGround, "error.ground", http.StatusUnprocessableEntity, true},
	{node.ErrPlateHit, "error.plate-hit", http.StatusConflict, true},
	{node.ErrDecided, "error.decided", http.StatusConflict, true},
	{node.ErrOtherContent, "error.other-content", http.StatusConflict, true},
	{node.ErrForgotten, "error.forgotten", http.StatusConflict, false},
	{node.ErrBoothSignature, "error.booth-signature", http.StatusConflict, false},
	{ErrDeeds, "error.deeds", http.StatusUnprocessableEntity, true},
	{tlog.ErrNotKnown, "error.not-known", http.StatusServiceUnavailable, false},
	{tlog.ErrStopped, "error.stopped", http.StatusServiceUnavailable, false},
	{tlog.ErrClosed, "error.stopped", http.StatusServiceUnavailable, false},
	{tlog.ErrNotRecorded, "error.not-recorded", http.StatusServiceUnavailable, false},
	{context.DeadlineExceeded, "error.slow", http.StatusServiceUnavailable, false},
	{context.Canceled, "error.slow", http.StatusServiceUnavailable, false},
}

// Know adds the errors that a face has words for.
func (st *Station) Know(t ...Trouble) { st.troubles = append(slices.Clip(st.troubles), t...) }

func (w Words) trouble(err error) (Trouble, bool) {
	i := slices.IndexFunc(w.troubles, func(t Trouble) bool { return errors.Is(err, t.Err) })
	if i < 0 {
		return Trouble{Key: "error.other", Status: http.StatusInternalServerError}, false
	}
	return w.troubles[i], true
}

// Error says what happened and what to do.
func (w Words) Error(err error) string { t, _ := w.trouble(err); return w.T(t.Key) }

// Status is the status of a page that says an error.
func (w Words) Status(err error) int { t, _ := w.trouble(err); return t.Status }

// An outcome is what is certain after a deed that has no receipt.
type outcome int

const (
	mendable    outcome = iota // nothing recorded; the officer can put it right in the form
	notRecorded                // nothing recorded; the same act may be tried again
	notKnown                   // it may stand in the log; the same act is asked again
)

// outcomeOf never calls certain what is not. Before a first try reached the log nothing is recorded, whatever went wrong. On a
// repeated one only a look into the log can tell (looked: the act was not there), and a log that has stopped cannot be asked.
func (w Words) outcomeOf(err error, again, looked bool) outcome {
	t, _ := w.trouble(err)
	stopped := errors.Is(err, tlog.ErrStopped) || errors.Is(err, tlog.ErrClosed)
	switch {
	case t.Mend:
		return mendable
	case errors.Is(err, tlog.ErrNotKnown), again && (!looked || stopped):
		return notKnown
	case !looked, stopped, errors.Is(err, tlog.ErrNotRecorded), errors.Is(err, node.ErrForgotten),
		errors.Is(err, node.ErrBoothSignature):
		return notRecorded
	}
	return notKnown
}

type outcomePage struct {
	Known   bool // it is certain that nothing more was recorded
	Why     string
	What    string
	Done    int // deeds of the form that are recorded
	Of      int
	Address string
	Back    string
	Fields  []hidden
}

type hidden struct{ Name, Value string }

// failed answers a row of deeds that did not come to its end.
func (st *Station) failed(w http.ResponseWriter, r *http.Request, s *node.Shift, d Deed, row row, err error) {
	words := st.Words(r)
	what := words.outcomeOf(err, r.PostFormValue("again") == "1", row.looked)
	if what == notKnown && !row.looked && row.absent() {
		what = notRecorded
	}
	if what == mendable {
		d.Mend(w, r, s, row.receipts, err)
		return
	}
	page := outcomePage{Known: what == notRecorded, Why: words.Error(err), What: words.T("station.outcome.this"), Back: "/",
		Done: len(row.receipts), Of: len(row.deeds), Address: r.URL.Path, Fields: hiddenFields(r.PostForm, what == notKnown)}
	if d.What != nil {
		page.What = d.What(r, words)
	}
	if d.Back != nil {
		page.Back = d.Back(r)
	}
	title, keys := "station.outcome.unknown", []web.Key{{Keys: "F2", Text: words.T("station.key.ask")}}
	if page.Known {
		title = "station.outcome.not"
		keys = []web.Key{{Keys: "F2", Text: words.T("station.key.retry")}, {Keys: "Escape", Text: words.T("station.key.back")}}
	}
	p := st.Page(r, s, title, keys...)
	p.Status, p.Data = http.StatusServiceUnavailable, page
	st.Render(w, r, "station-outcome", p)
}

// hiddenFields carry a form on, unchanged, to the next try.
func hiddenFields(values url.Values, again bool) (out []hidden) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "signature" || name == "again" {
			continue
		}
		for _, v := range values[name] {
			if v != "" {
				out = append(out, hidden{name, v})
			}
		}
	}
	if again {
		out = append(out, hidden{"again", "1"})
	}
	return out
}
