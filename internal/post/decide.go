package post

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/tlog"
	"tims/internal/web"
)

// decided reads the form of a decision and lets it on only if nothing in it is left to mend: fields that cannot be read, a
// refusal without a ground.
func (f *Face) decided(w http.ResponseWriter, r *http.Request, b booth) (form, bool) {
	if !f.pages.ReadForm(w, r) {
		return form{}, false
	}
	words := f.words(r)
	form := readForm(r, words)
	if !f.mayDecide(r.Context(), b, form) {
		f.pages.Fail(w, r, http.StatusNotFound)
		return form, false
	}
	page := checkPage{}
	switch {
	case len(form.Faults) > 0:
	case form.Decision == 0:
		page.Trouble = []string{words.t("error.decision")}
	case form.Decision == border.Refuse && form.Ground == "":
		page.Trouble, page.RefusalOpen = []string{words.t("error.ground")}, true
	default:
		f.booths.update(b.shift, func(b *booth) { b.vehicle = form.vehicle })
		return form, true
	}
	f.again(w, r, b, http.StatusUnprocessableEntity, form, page)
	return form, false
}

// mayDecide lets a booth decide what it may see. An act that is asked again may come from a shift that has ended with the
// node, and what cannot be looked up is left to the decision itself, which says what is certain.
func (f *Face) mayDecide(ctx context.Context, b booth, form form) bool {
	if form.Again || f.settled.has(form.Check) {
		return true
	}
	ok, err := f.mayShow(ctx, form.Check, b.shift)
	return ok || err != nil
}

// grave says whether the check has a finding that an admission must not pass by accident. A check that cannot be read is
// left to the decision itself, which says what is wrong.
func (f *Face) grave(ctx context.Context, form form) bool {
	v, err := f.n.View(ctx, form.Check, form.terms, form.asked())
	return err == nil && len(v.Advice.Findings) > 0 && v.Advice.Findings[0].Level == border.Grave
}

// prepare seals the act, and asks back before an admission in spite of a grave finding. Sealing comes first, for it finds the
// hit of a plate that the page has not shown, which any look at the check would count as shown. Where it gives false the
// answer is written.
func (f *Face) prepare(w http.ResponseWriter, r *http.Request, b booth, form form) (node.Prepared, bool) {
	done := f.inFlight.begin(form.act)
	defer done()
	p, err := f.n.Prepare(r.Context(), form.decision(b))
	switch {
	case err != nil:
		f.showFailed(w, r, b, form, err, false)
		return p, false
	case p.Receipt == nil && form.Decision == border.Admit && !form.Confirm && f.grave(r.Context(), form):
		f.again(w, r, b, http.StatusUnprocessableEntity, form, checkPage{Asked: true})
		return p, false
	}
	if p.Receipt != nil {
		f.settled.put(p.Receipt.Check)
	}
	return p, true
}

// servePrepare gives what the booth key must sign.
func (f *Face) servePrepare(w http.ResponseWriter, r *http.Request, b booth) {
	form, ok := f.decided(w, r, b)
	if !ok {
		return
	}
	p, ok := f.prepare(w, r, b, form)
	if !ok {
		return
	}
	answer := struct {
		Message string `json:"message,omitempty"`
		Receipt string `json:"receipt,omitempty"`
	}{Message: base64.RawURLEncoding.EncodeToString(p.Message)}
	if p.Receipt != nil {
		answer.Message, answer.Receipt = "", receiptAddress(*p.Receipt)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

// serveCommit records a prepared act under the booth's signature. The whole form comes along, so that a page that has to ask
// again can.
func (f *Face) serveCommit(w http.ResponseWriter, r *http.Request, b booth) {
	form, ok := f.decided(w, r, b)
	if !ok {
		return
	}
	signature, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("signature"))
	if err != nil || len(signature) == 0 {
		f.showFailed(w, r, b, form, node.ErrBoothSignature, true)
		return
	}
	f.finish(w, r, b, form, signature)
}

// serveDecide is the way without script: recorded by the node, and shown so.
func (f *Face) serveDecide(w http.ResponseWriter, r *http.Request, b booth) {
	form, ok := f.decided(w, r, b)
	if !ok {
		return
	}
	p, ok := f.prepare(w, r, b, form)
	switch {
	case !ok:
	case p.Receipt != nil:
		http.Redirect(w, r, receiptAddress(*p.Receipt), http.StatusSeeOther)
	default:
		f.finish(w, r, b, form, nil)
	}
}

// finish commits one act at a time, and goes on when the browser has gone: who asks again for the act waits for the first
// try to end, so that what the log then says of the act is certain.
func (f *Face) finish(w http.ResponseWriter, r *http.Request, b booth, form form, signature []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), commitFor)
	defer cancel()
	done := f.inFlight.begin(form.act)
	defer done()
	receipt, err := f.n.Commit(ctx, form.act, signature)
	if err != nil {
		f.showFailed(w, r, b, form, err, true)
		return
	}
	f.settled.put(receipt.Check) // the one that was decided, whatever the form says
	http.Redirect(w, r, receiptAddress(receipt), http.StatusSeeOther)
}

func receiptAddress(r node.Receipt) string { return "/receipt/" + strconv.FormatUint(r.Ref.Index, 10) }

// An outcome is what is certain after a decision that has no receipt.
type outcome int

const (
	mendable    outcome = iota // nothing recorded; the officer can put it right in the form
	notRecorded                // nothing recorded; the same act may be tried again
	notKnown                   // it may stand in the log; the same act is asked again
)

// outcomeOf never calls certain what is not. Before a first try reached the log nothing is recorded, whatever went wrong.
// On a repeated one only a look into the log can tell (prepared: it was looked up, and the act is not there), and a log that
// has stopped cannot be asked.
func outcomeOf(err error, again, prepared bool) outcome {
	switch {
	case errors.Is(err, node.ErrGround), errors.Is(err, node.ErrDecided), errors.Is(err, node.ErrOtherContent),
		errors.Is(err, node.ErrNumber), errors.Is(err, node.ErrPlateHit):
		return mendable
	case errors.Is(err, tlog.ErrNotKnown):
		return notKnown
	case again && (!prepared || errors.Is(err, tlog.ErrStopped) || errors.Is(err, tlog.ErrClosed)):
		return notKnown
	case !prepared, errors.Is(err, tlog.ErrNotRecorded), errors.Is(err, tlog.ErrStopped), errors.Is(err, tlog.ErrClosed),
		errors.Is(err, node.ErrForgotten), errors.Is(err, node.ErrBoothSignature):
		return notRecorded
	}
	return notKnown
}

type outcomePage struct {
	Index, Shift uint64
	Known        bool // it is certain that nothing was recorded
	Why, What    string
	Fields       []hidden
}

type hidden struct{ Name, Value string }

func (f *Face) showFailed(w http.ResponseWriter, r *http.Request, b booth, form form, err error, prepared bool) {
	words := f.words(r)
	what := outcomeOf(err, form.Again, prepared)
	if what == mendable {
		page := checkPage{Trouble: []string{words.error(err)}, RefusalOpen: errors.Is(err, node.ErrGround)}
		f.again(w, r, b, statusOf(err), form, page)
		return
	}
	d := outcomePage{Index: form.Check, Shift: b.shift.Ref.Index, Known: what == notRecorded, Why: words.error(err),
		What: words.t("do." + form.Decision.String()), Fields: hiddenFields(form.values, what == notKnown)}
	title, keys := "post.outcome.unknown", []web.Key{{Keys: "F2", Text: words.t("post.key.ask")}}
	if d.Known {
		title = "post.outcome.not"
		keys = []web.Key{{Keys: "F2", Text: words.t("post.key.retry")}, {Keys: "Escape", Text: words.t("post.key.check")}}
	}
	p := f.page(r, b, title, keys...)
	p.Status, p.Data = http.StatusServiceUnavailable, d
	f.pages.Render(w, r, "outcome", p)
}

// hiddenFields carry the act on, unchanged, to the next try.
func hiddenFields(values url.Values, again bool) (out []hidden) {
	for _, name := range decisionFields {
		if v := strings.TrimSpace(values.Get(name)); v != "" {
			out = append(out, hidden{name, v})
		}
	}
	if again {
		out = append(out, hidden{"again", "1"})
	}
	return out
}

// inFlight lets one request at a time work on an act.
type inFlight struct {
	mu   sync.Mutex
	acts map[record.Act]*turn
}

type turn struct {
	mu      sync.Mutex
	waiting int
}

func (i *inFlight) begin(act record.Act) (done func()) {
	i.mu.Lock()
	if i.acts == nil {
		i.acts = map[record.Act]*turn{}
	}
	t := i.acts[act]
	if t == nil {
		t = new(turn)
		i.acts[act] = t
	}
	t.waiting++
	i.mu.Unlock()
	t.mu.Lock()
	return func() {
		t.mu.Unlock()
		i.mu.Lock()
		defer i.mu.Unlock()
		if t.waiting--; t.waiting == 0 {
			delete(i.acts, act)
		}
	}
}
