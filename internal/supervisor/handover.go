package supervisor

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

// serveHandover shows the account that is about to be signed.
func (f *Face) serveHandover(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showHandover(w, r, s, station.NewForm(r, f.Words(r)), "")
}

func (f *Face) showHandover(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, wrong string) {
	f.ledger.drop() // what is signed is what is so now
	a, err := f.ledger.of(r.Context(), s, thisShift)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	form.Values = url.Values{"from": {strconv.FormatInt(a.From, 10)}, "notes": {form.Get("notes")}}
	f.render(w, r, s, sheet{"supervisor-handover", "supervisor.handover", "supervisor.handover.do", false}, form, wrong, f.booksView(f.Words(r), a))
}

func (f *Face) readHandover(form *station.Form, act record.Act, s *node.Shift) (node.Deed, error) {
	from, err := strconv.ParseInt(form.Get("from"), 10, 64)
	if err != nil {
		return nil, node.ErrStretch
	}
	return node.Handover{Act: act, Shift: s, From: from, Notes: form.Text("notes", 0, maxNotes)}, nil
}

type handedOver struct {
	handoverRow
	Account booksView
	Own     bool // by this officer, so that another one accepts
}

// serveHandedOver shows a hand-over as it was signed, to be printed and to be accepted.
func (f *Face) serveHandedOver(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	f.handedOver(w, r, s, index, station.NewForm(r, f.Words(r)), "")
}

func (f *Face) handedOver(w http.ResponseWriter, r *http.Request, s *node.Shift, index uint64, form *station.Form, wrong string) {
	o, err := f.Node.ReadOwn(index)
	if err != nil || o.Leaf.Kind != record.Handover {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	around, err := f.Node.Books(r.Context(), s, o.Leaf.Written, o.Leaf.Written+1)
	i := slices.IndexFunc(around.Handovers, func(h node.HandoverOf) bool { return h.Ref == f.refOf(index) })
	if err == nil && i < 0 {
		f.Fail(w, r, http.StatusNotFound) // an acceptance, which stands with what it accepts
		return
	}
	page := handedOver{}
	if err == nil {
		page, err = f.account(r, s, around.Handovers[i])
	}
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	on := sheet{"supervisor-handed", "supervisor.handed", "supervisor.handed.do", true}
	if page.Accepted != "" || page.Own {
		on.act = ""
	}
	f.render(w, r, s, on, form, wrong, page)
}

// account sets beside the signed figures what the log says of their stretch now.
func (f *Face) account(r *http.Request, s *node.Shift, h node.HandoverOf) (page handedOver, err error) {
	words := f.Words(r)
	a := account{now: h.To, once: map[record.Ref]bool{}}
	a.Books, err = f.Node.Books(r.Context(), s, h.From, h.To+1)
	return handedOver{handoverOf(words, h), f.booksView(words, a), h.Officer == s.Officer.Label}, err
}

func (f *Face) readAccept(form *station.Form, act record.Act, s *node.Shift) (node.Deed, error) {
	return node.Assent{Act: act, Shift: s, Kind: record.Handover, Of: form.Index("of")}, nil
}

func (f *Face) showAccept(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, wrong string) {
	f.handedOver(w, r, s, form.Index("of"), form, wrong)
}
