package secondline

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

var (
	// errForm: fields that cannot be read, each with its fault beside it.
	errForm = errors.New("fields of the outcome cannot be read")
	// errChoice: none of the outcomes was chosen.
	errChoice = errors.New("no outcome was chosen")
	// errHit: it is not said which hit the outcome is about.
	errHit = errors.New("the outcome is about one hit")
	// errConfirm: a traveller with a hit is cleared, asked back.
	errConfirm = errors.New("that he is cleared in spite of a hit must be meant")
)

// A form is an outcome as typed.
type form struct {
	Act     string
	Outcome record.Outcome
	Alert   string
	Notes   string
	Confirm bool
	Faults  map[string]string
}

func readForm(r *http.Request, w station.Words) form {
	typed := station.NewForm(r, w)
	f := form{Act: r.PostFormValue("act"), Outcome: record.Outcome(typed.Get("outcome")), Alert: typed.Get("hit"),
		Notes: typed.Text("notes", 0, maxNotes), Confirm: typed.Get("confirm") == "1", Faults: typed.Faults}
	if len(f.Notes) > maxNotes && len(f.Faults) == 0 { // the node counts bytes
		typed.Fault("notes", "station.text.long", "n", maxNotes/2)
	}
	return f
}

// readOutcome reads only what the form itself says: an act that is asked again must be read whatever has become of the
// referral since.
func (f *Face) readOutcome(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	index, ok := station.PathIndex(r)
	act, ok2 := station.ReadAct(r)
	form := readForm(r, f.Words(r))
	about := aboutHit(form.Outcome)
	switch {
	case !ok || !ok2:
		return nil, node.ErrNotStanding
	case shownAs(form.Outcome) == nil:
		return nil, errChoice
	case len(form.Faults) > 0:
		return nil, errForm
	case about && form.Alert == "":
		return nil, errHit
	case !about:
		form.Alert = ""
	}
	return []node.Deed{node.Outcome{Act: act, Shift: s, Referral: index, Outcome: form.Outcome, Alert: form.Alert, Notes: form.Notes}}, nil
}

// askBack asks before a traveller is cleared whom an alert that counts still fits: one key too many must not let him go.
func (f *Face) askBack(r *http.Request, s *node.Shift, _ []node.Deed) error {
	index, _ := station.PathIndex(r)
	form := readForm(r, f.Words(r))
	if form.Outcome != record.Cleared || form.Confirm {
		return nil
	}
	v, err := f.Node.Dossier(r.Context(), s, index)
	if err != nil {
		return nil // the deed itself says what is wrong
	}
	if slices.ContainsFunc(hitsOf(f.Words(r), v.View, ""), func(h hit) bool { return !h.Weak && !h.Grey }) {
		return errConfirm
	}
	return nil
}

// doneOutcome goes to the next traveller after an answer with which the booth can end it, and stays with this one otherwise.
func (f *Face) doneOutcome(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt) {
	index, _ := station.PathIndex(r)
	defer f.Nudge()
	if aboutHit(record.Outcome(r.PostFormValue("outcome"))) {
		f.taken.take(index, s, time.UnixMilli(f.Node.Now()))
		http.Redirect(w, r, dossierAddress(index), http.StatusSeeOther)
		return
	}
	f.taken.release(index)
	http.Redirect(w, r, "/second?answered="+strconv.FormatUint(index, 10), http.StatusSeeOther)
}

// mendOutcome shows the dossier again with what was typed and what is wrong with it.
func (f *Face) mendOutcome(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	form, trouble, status := readForm(r, words), []string(nil), http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, errForm), errors.Is(err, errConfirm):
	case errors.Is(err, errChoice):
		trouble = []string{words.T("second.error.choice")}
	case errors.Is(err, errHit):
		trouble = []string{words.T("second.error.outcome")}
	default:
		trouble, status = []string{words.Error(err)}, words.Status(err)
	}
	f.showDossier(w, r, s, index, status, form, trouble, errors.Is(err, errConfirm))
}

func whatOutcome(r *http.Request, w station.Words) string {
	if o := shownAs(record.Outcome(r.PostFormValue("outcome"))); o != nil {
		return w.T("second.outcome." + string(o.code))
	}
	return w.T("station.outcome.this")
}

func backToDossier(r *http.Request) string {
	index, ok := station.PathIndex(r)
	if !ok {
		return "/second"
	}
	return dossierAddress(index)
}
