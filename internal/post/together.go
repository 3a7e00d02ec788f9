package post

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

var (
	// errVehicle: the fields of the vehicle cannot be read.
	errVehicle = errors.New("the vehicle's fields cannot be read")
	// errNotes: notes were typed for the member on the page; they belong to a decision on him alone.
	errNotes = errors.New("notes belong to a decision on one member")
	// errChanged: what the rules advise on a member is no longer to admit, or something about him wants a look or an answer.
	errChanged = errors.New("the advice on a member has changed")
)

// readTogether makes an admission of each member that the form names, in the order of the party. The act of each follows from
// the form's act and his check.
func (f *Face) readTogether(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	w, again := f.Words(r), r.PostFormValue("again") == "1"
	act, ok := station.ReadAct(r)
	vehicle := readVehicle(r.PostForm, w)
	switch {
	case !ok || len(r.PostForm["member"]) > maxParty:
		return nil, station.ErrDeeds
	case vehicle.Fault != "":
		return nil, errVehicle
	case strings.TrimSpace(r.PostFormValue("notes")) != "":
		return nil, errNotes
	}
	var deeds []node.Deed
	for _, text := range r.PostForm["member"] {
		fields, err := url.ParseQuery(text)
		if err != nil {
			return nil, station.ErrDeeds
		}
		form := readForm(fields, w)
		own, err := f.own(form.Check, s)
		if !own && err == nil && again {
			own, err = f.officers(r.Context(), form.Check, s)
		}
		if !own && err == nil {
			return nil, errHidden
		}
		if len(form.Faults) > 0 || form.Notes != "" {
			return nil, errChanged
		}
		form.Decision, form.Vehicle = border.Admit, vehicle
		d := form.decision(s)
		d.Act = station.DeriveAct(act, form.Check)
		deeds = append(deeds, d)
	}
	return deeds, nil
}

// askTogether looks at each member once more: nobody is let in by a key for all on whom the rules have changed their advice.
func (f *Face) askTogether(r *http.Request, _ *node.Shift, deeds []node.Deed) error {
	for _, d := range deeds {
		one := d.(node.Decision)
		v, err := f.Node.View(r.Context(), one.Check, one.Terms, &one.Vehicle)
		if err != nil {
			continue // the decision itself says what is wrong
		}
		if v.Decided == nil && (v.Advice.Decision != border.Admit || grave(v.Advice) || alerted(v) || minor(v.Advice) && one.Details.Escort == 0) {
			return errChanged
		}
	}
	return nil
}

// doneTogether leads to the page of the party, which lists all receipts.
func (f *Face) doneTogether(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt) {
	for _, one := range receipts {
		f.settled.put(one.Check, s.Ref)
	}
	vehicle := readVehicle(r.PostForm, f.Words(r)).vehicle
	f.booths.update(s, func(b *booth) { b.vehicle, b.more = vehicle, false })
	http.Redirect(w, r, "/party/"+strconv.FormatUint(receipts[0].Check, 10), http.StatusSeeOther)
}

// mendTogether shows the page on which the key was pressed again. Whoever was recorded stands in its list as such.
func (f *Face) mendTogether(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt, err error) {
	words, b := f.Words(r), f.booths.of(s)
	for _, one := range receipts {
		f.settled.put(one.Check, s.Ref)
	}
	text, status := words.Error(err), words.Status(err)
	switch {
	case errors.Is(err, errHidden):
		f.Fail(w, r, http.StatusNotFound)
		return
	case errors.Is(err, errVehicle):
		text, status = words.T("error.vehicle"), http.StatusUnprocessableEntity
	case errors.Is(err, errNotes):
		text, status = words.T("post.party.notes"), http.StatusUnprocessableEntity
	case errors.Is(err, errChanged):
		text, status = words.T("post.party.changed"), http.StatusConflict
	}
	from, _ := strconv.ParseUint(r.PostFormValue("from"), 10, 64)
	if from == 0 {
		if v := readVehicle(r.PostForm, words); v.Fault == "" {
			b = f.booths.update(s, func(b *booth) { b.vehicle = v.vehicle })
		}
		f.showBooth(w, r, b, status, boothPage{Trouble: []string{text}})
		return
	}
	form := readForm(b.memory.draft(from), words)
	form.Check, form.Notes, form.Vehicle = from, r.PostFormValue("notes"), readVehicle(r.PostForm, words)
	if form.Vehicle.Fault == "" {
		b = f.booths.update(s, func(b *booth) { b.vehicle = form.Vehicle.vehicle })
	}
	f.again(w, r, b, status, form, checkPage{Trouble: []string{text}})
}

func whatTogether(r *http.Request, w station.Words) string {
	return w.T("post.party.admit", "n", len(r.PostForm["member"]))
}

// partyPage is a party after a decision: whom it let pass, and who is left.
type partyPage struct {
	Card     partyCard
	Level    web.Level
	Admitted int
	Next     string
	NextNo   int
	Tally    string
	More     uint64
	Answers  answers
}

// serveParty shows the party of one of its checks.
func (f *Face) serveParty(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	g, err := f.Node.GatheredBy(b.shift, index)
	if err != nil || g.Party == ([16]byte{}) {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	words := f.Words(r)
	if b.party != g.Party { // an older one: shown as it was
		b.party, b.vehicle, b.driver = g.Party, g.Vehicle, 0
	}
	members, err := f.members(r.Context(), b)
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	d := partyPage{Level: web.OK, Next: "/", More: index, Tally: f.tallyLine(r.Context(), b, words), Answers: f.answersNow(r.Context(), b, words)}
	if d.Card, err = f.card(r.Context(), b, members, 0, words); err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	if b.vehicle.Plate != "" {
		f.vehicleHits(r, b, index, &d.Card, words)
	}
	for _, row := range d.Card.Rows {
		switch {
		case row.Done > 0 && row.Level == web.OK:
			d.Admitted++
		case row.Open && d.NextNo == 0:
			d.NextNo, d.Next, d.Level = row.No, checkAddress(row.Index), web.Amber
		}
	}
	f.Render(w, r, "party", f.partyFrame(r, b, d))
}

// vehicleHits reminds of an alert on the party's vehicle: one key let all of its members pass.
func (f *Face) vehicleHits(r *http.Request, b booth, index uint64, c *partyCard, w station.Words) {
	v, err := f.Node.View(r.Context(), c.first(index), border.Terms{}, &b.vehicle)
	if err == nil {
		c.onVehicle(v, w)
	}
}

func (f *Face) partyFrame(r *http.Request, b booth, d partyPage) web.Page {
	words := f.Words(r)
	help := []web.Key{{Keys: "Enter", Text: words.T("post.key.next")}}
	if d.NextNo > 0 {
		help[0].Text = words.T("post.party.next", "no", d.NextNo)
	} else {
		help = append(help, web.Key{Keys: "F6", Text: words.T("post.party.more")})
	}
	p := f.page(r, b, "post.party", append(help, d.Answers.keys(words)...)...)
	p.Data = d
	return p
}

// serveMore lets the next document join a party in which everybody is decided: somebody was found in the back of the car.
func (f *Face) serveMore(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	g, err := f.Node.GatheredBy(b.shift, index)
	if err != nil || g.Party == ([16]byte{}) {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	f.booths.update(b.shift, func(b *booth) {
		b.take(g)
		b.more = true
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// serveNewParty leaves the undecided members to the list of open checks.
func (f *Face) serveNewParty(w http.ResponseWriter, r *http.Request, b booth) {
	f.booths.update(b.shift, (*booth).begin)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func checkAddress(index uint64) string { return "/check/" + strconv.FormatUint(index, 10) }
