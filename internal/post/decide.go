package post

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

var (
	// errForm: fields that cannot be read, each with its fault beside it.
	errForm = errors.New("fields of the decision cannot be read")
	// errDecision: none of the three was chosen.
	errDecision = errors.New("no decision was chosen")
	// errConfirm: an admission in spite of a grave finding, asked back.
	errConfirm = errors.New("the admission must be meant")
	// errEscort: a minor is admitted, and nobody said who is with him.
	errEscort = errors.New("it is not said who accompanies a minor")
	// errHidden: the check is none, or of another shift and decided.
	errHidden = errors.New("the check is not for this booth")
)

// readDecision reads the form of a decision and lets it on only if nothing in it is left to mend.
func (f *Face) readDecision(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	form, b := readForm(r.PostForm, f.Words(r)), f.booths.of(s)
	switch {
	case !f.mayDecide(r.Context(), b, form):
		return nil, errHidden
	case len(form.Faults) > 0:
		return nil, errForm
	case form.Decision == 0:
		return nil, errDecision
	case form.Decision == border.Refuse && form.Ground == "":
		return nil, node.ErrGround
	}
	act, ok := station.ReadAct(r)
	if !ok {
		act = station.NewAct()
	}
	d := form.decision(s)
	d.Act = act
	return []node.Deed{d}, nil
}

// decision is what the form means; its act is still to be set.
func (f *form) decision(s *node.Shift) node.Decision {
	return node.Decision{Shift: s, Check: f.Check, Decision: f.Decision, Ground: f.Ground, Terms: f.terms, Vehicle: f.Vehicle.vehicle,
		Details: node.Details{Driver: f.Driver, Escort: f.Escort, With: f.With}, Notes: f.Notes, Referral: f.Referral}
}

// mayDecide lets a booth decide what it may see. An act that is asked again may come from an earlier shift of the officer, and
// what cannot be looked up is left to the decision itself, which says what is certain.
func (f *Face) mayDecide(ctx context.Context, b booth, form form) bool {
	if f.settled.by(form.Check, b.shift.Ref) {
		return true
	}
	ok, err := f.mayShow(ctx, form.Check, b.shift)
	if !ok && err == nil && form.Again {
		ok, err = f.officers(ctx, form.Check, b.shift)
	}
	return ok || err != nil
}

// askBack asks before an admission in spite of a grave finding, and who is with a minor. The act is sealed by then, which finds the hit of a plate that
// the page has not shown and that any look at the check would count as shown.
func (f *Face) askBack(r *http.Request, _ *node.Shift, _ []node.Deed) error {
	form := readForm(r.PostForm, f.Words(r))
	if form.Decision != border.Admit || form.Confirm && form.Escort != 0 {
		return nil
	}
	v, err := f.Node.View(r.Context(), form.Check, form.terms, form.asked())
	switch {
	case err != nil: // left to the decision itself, which says what is wrong
	case !form.Confirm && grave(v.Advice):
		return errConfirm
	case form.Escort == 0 && minor(v.Advice) && v.Decided == nil:
		return errEscort
	}
	return nil
}

// grave: the gravest finding stands first.
func grave(a border.Advice) bool { return len(a.Findings) > 0 && a.Findings[0].Level == border.Grave }

// doneDecision leads to the receipt. The check that was decided is the receipt's, whatever the form says.
func (f *Face) doneDecision(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt) {
	if receipts[0].Ref.Origin != f.Node.Origin() { // recorded before the node began a new epoch: no page of this one shows it
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	f.settled.put(receipts[0].Check, s.Ref)
	form := readForm(r.PostForm, f.Words(r))
	members, err := f.members(r.Context(), f.booths.of(s))
	of := err == nil && slices.ContainsFunc(members, func(m node.Member) bool { return m.Ref.Index == receipts[0].Check })
	f.booths.update(s, func(b *booth) {
		if of { // the vehicle is the party's: the next member crosses in the same
			b.vehicle = form.Vehicle.vehicle
		}
		b.referred = b.referred || receipts[0].Kind == record.Referral
	})
	http.Redirect(w, r, receiptAddress(receipts[0]), http.StatusSeeOther)
}

// mendDecision shows the check again with what was typed and what is wrong with it.
func (f *Face) mendDecision(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	page, status := checkPage{}, http.StatusUnprocessableEntity
	b, form := f.booths.of(s), readForm(r.PostForm, words)
	switch {
	case errors.Is(err, errHidden):
		f.Fail(w, r, http.StatusNotFound)
		return
	case errors.Is(err, errForm):
	case errors.Is(err, errConfirm):
		page.Asked = true
	case errors.Is(err, errEscort):
		form.Faults["escort"] = words.T("post.escort.ask")
	case errors.Is(err, errDecision):
		page.Trouble = []string{words.T("error.decision")}
	default:
		page.Trouble, page.RefusalOpen, status = []string{words.Error(err)}, errors.Is(err, node.ErrGround), words.Status(err)
	}
	f.again(w, r, f.keepTyped(r, b, form), status, form, page)
}

func whatDecision(r *http.Request, w station.Words) string {
	d, err := border.ParseDecision(r.PostFormValue("decision"))
	if err != nil {
		return w.T("station.outcome.this")
	}
	return w.T("do." + d.String())
}

func backToCheck(r *http.Request) string {
	check, err := strconv.ParseUint(r.PostFormValue("check"), 10, 64)
	if err != nil {
		return "/"
	}
	return checkAddress(check)
}

func receiptAddress(r node.Receipt) string { return "/receipt/" + strconv.FormatUint(r.Ref.Index, 10) }
