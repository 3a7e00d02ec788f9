package post

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

// checkPage is all that the officer sees of one traveller.
type checkPage struct {
	Index, Shift uint64
	At           time.Time
	Direction    border.Direction
	Way          string
	Verdict      station.Verdict
	Who          string
	WhoBorn      string
	WhoNation    string
	Form         form
	Hits         []station.Hit
	Facts        []station.Fact
	Zone         [][]station.Stretch
	ZoneFaults   []string
	Notes        []string // of the reading
	ByHand       bool
	Seen         []station.Seen
	More         int
	Last         string
	Stay         station.Stay
	Bases        []station.Choice
	Asks         asked
	Minor        bool
	Escorts      []station.Choice
	Kinds        []station.Choice
	Grounds      []station.Choice
	Posts, Lists []station.Age
	Trouble      []string
	Card         partyCard
	Again        int    // this document's number in the party, where it was read once more
	Replaced     bool   // this reading has just replaced a misread one
	Misread      uint64 // index of the check that replaced this one; 0 where none did
	Sheet        string // why a fact sheet is offered: a sentence, no verdict
	Answers      answers
	Decided      bool
	Receipt      uint64
	HasReceipt   bool
	Asked        bool // the page asks whether the admission is meant
	RefusalOpen  bool
}

func (f *Face) serveCheck(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	if ok, err := f.mayShow(r.Context(), index, b.shift); !ok {
		f.refuse(w, r, b, err)
		return
	}
	form := readForm(b.memory.draft(index), f.Words(r))
	b = f.adopt(r, b, index)
	var vehicle *node.Vehicle
	if f.isMember(r, b, index) {
		vehicle = &b.vehicle
	}
	v, err := f.Node.View(r.Context(), index, form.terms, vehicle)
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	form.Check, form.Vehicle = index, vehicleFields(v.Vehicle)
	f.showCheck(w, r, b, http.StatusOK, v, form, checkPage{})
}

// serveFace shows the image of an alert that fits the traveller of a check, and no other.
func (f *Face) serveFace(w http.ResponseWriter, r *http.Request, b booth) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	if ok, err := f.mayShow(r.Context(), index, b.shift); !ok {
		f.refuse(w, r, b, err)
		return
	}
	v, err := f.Node.View(r.Context(), index, border.Terms{}, nil)
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	f.ServeFace(w, r, v.Hits, r.PathValue("name"))
}

// adopt makes the party of an open check the booth's, unless the booth has one before it: what stands on the screen is what
// the next document joins.
func (f *Face) adopt(r *http.Request, b booth, index uint64) booth {
	g, err := f.Node.GatheredBy(b.shift, index)
	if err != nil || g.Party == (record.Act{}) || g.Party == b.party {
		return b
	}
	members, err := f.members(r.Context(), b)
	if err != nil || b.more || len(openMembers(members)) > 0 {
		return b
	}
	its, err := f.Node.Members(r.Context(), b.shift, g.Party)
	if err != nil || len(openMembers(its)) == 0 {
		return b
	}
	return f.booths.update(b.shift, func(b *booth) { b.take(g) })
}

// isMember says whether a check is of the party before the booth.
func (f *Face) isMember(r *http.Request, b booth, index uint64) bool {
	members, err := f.members(r.Context(), b)
	return err == nil && slices.ContainsFunc(members, func(m node.Member) bool { return m.Ref.Index == index && !m.Spent })
}

// serveTerms takes what was typed on the page of a check: it shows the check again under the terms chosen, or goes on to
// another member of the party.
func (f *Face) serveTerms(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	words := f.Words(r)
	form := readForm(r.PostForm, words)
	form.Check = index
	b = f.keepTyped(r, b, form)
	if r.PostFormValue("drives") != "" {
		b = f.booths.update(b.shift, func(b *booth) { b.driver = index })
	}
	to := r.PostFormValue("to")
	other, err := strconv.ParseUint(to, 10, 64)
	switch {
	case to == "" || len(form.Faults) > 0 && form.Faults["vehicle"] != "":
		f.again(w, r, b, http.StatusOK, form, checkPage{})
	case err == nil:
		http.Redirect(w, r, checkAddress(other), http.StatusSeeOther)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// keepTyped keeps what was typed for an undecided member of the party, and the vehicle, which is the party's.
func (f *Face) keepTyped(r *http.Request, b booth, form form) booth {
	if !f.isMember(r, b, form.Check) {
		return b
	}
	b.memory.keep(form.Check, draftOf(r.PostForm))
	if form.Vehicle.Fault != "" {
		return b
	}
	return f.booths.update(b.shift, func(b *booth) { b.vehicle = form.Vehicle.vehicle })
}

// again shows the check of a form, with what was typed.
func (f *Face) again(w http.ResponseWriter, r *http.Request, b booth, status int, form form, d checkPage) {
	if ok, err := f.mayShow(r.Context(), form.Check, b.shift); !ok {
		f.refuse(w, r, b, err)
		return
	}
	v, err := f.Node.View(r.Context(), form.Check, form.terms, form.asked())
	if err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	f.showCheck(w, r, b, status, v, form, d)
}

func (f *Face) showCheck(w http.ResponseWriter, r *http.Request, b booth, status int, v node.View, form form, d checkPage) {
	words := f.Words(r)
	if form.Act == "" {
		form.Act = station.ActText(station.NewAct())
	}
	form.fill(v)
	if form.Vehicle.Fault == "" {
		form.Vehicle = vehicleFields(form.Vehicle.vehicle)
	}
	if err := f.showParty(r, b, v, words, &d); err != nil {
		f.Trouble(w, r, b.shift, err)
		return
	}
	form.Driver = d.Card.Current != nil && d.Card.Current.Driver
	f.showDecided(r, b, v, &form, &d)
	d.traveller(words, v)
	d.Index, d.Shift, d.At, d.Form = v.Ref.Index, b.shift.Ref.Index, time.UnixMilli(v.At), form
	own, _ := divide(v.Hits)
	d.Hits = words.Hits(own, v.Check.Least)
	for i := range d.Hits {
		d.Hits[i].Faces = checkAddress(v.Ref.Index) + "/face/"
	}
	if b.last.read && b.last.index == v.Ref.Index {
		d.Notes = notes(words, b.last.notes)
	}
	d.Last = words.Last(v, f.Node.Now())
	d.Bases, d.Grounds = words.Bases(v.Advice.Terms.Basis), words.Grounds(v, form.Ground)
	d.Asks, d.Minor = askedOf(v.Advice.Terms.Basis), minor(v.Advice)
	if d.Minor && form.Escort == 0 && !d.Decided {
		grave := slices.IndexFunc(d.Verdict.Reasons, func(r station.Reason) bool { return r.Level != web.Red })
		d.Verdict.Reasons = slices.Insert(d.Verdict.Reasons, max(grave, 0), station.Reason{Level: web.Amber, Text: words.T("post.escort.ask")})
	}
	d.Escorts, d.Kinds = escorts(words, form.Escort), kinds(words, form.Vehicle.Kind)
	d.Posts, d.Lists = f.Ages(words, v)
	d.Answers = f.answersNow(r.Context(), b, words)
	for _, field := range []string{"vehicle", "notes"} {
		if text, ok := form.Faults[field]; ok {
			d.Trouble = append(d.Trouble, text)
		}
	}
	p := f.page(r, b, "post.check.title", f.checkKeys(words, d)...)
	p.Status, p.Data = status, d
	f.Render(w, r, "check", p)
}

// traveller is what the page says of document, holder and stay.
func (d *checkPage) traveller(w station.Words, v node.View) {
	doc := v.Check.Document
	d.Direction, d.Way = v.Check.Direction, w.T("way."+v.Check.Direction.String())
	d.Verdict = w.Verdict(v.Advice)
	d.ByHand, d.Zone = doc.ByHand, station.Marked(doc.Zone, doc.Faults)
	d.Who, d.WhoBorn, d.WhoNation = station.FullName(doc.Primary, doc.Secondary), w.Date(doc.Birth), w.State(doc.Nationality)
	d.Facts, d.ZoneFaults = w.Facts(doc, v.Advice, v.Check.Now)
	d.Seen, d.More = w.Seen(v.Seen)
	d.Stay = w.Stay(v.Advice, v.Check.Direction)
	if v.Check.Direction == border.Exit {
		for _, code := range []border.Code{border.StayExceeded, border.RefusedBefore} {
			if one := finding(v.Advice, code); one != nil && d.Sheet == "" {
				d.Sheet = w.Finding(*one)
			}
		}
	}
}

// showParty puts the list of the party beside the check. A check of another party stands alone.
func (f *Face) showParty(r *http.Request, b booth, v node.View, w station.Words, d *checkPage) error {
	if b.party != v.Party {
		b.party, b.vehicle, b.driver = v.Party, v.Vehicle, 0
	}
	if v.Decided == nil && v.Vehicle == b.vehicle {
		f.weighed(b, v)
	}
	members, err := f.members(r.Context(), b)
	if err != nil {
		return err
	}
	if d.Card, err = f.card(r.Context(), b, members, v.Ref.Index, w); err != nil {
		return err
	}
	d.Card.onVehicle(v, w)
	if r.URL.Query().Get("again") != "" && d.Card.Current != nil {
		d.Again = d.Card.Current.No
	}
	d.Replaced = r.URL.Query().Get("replaced") != ""
	return nil
}

// onVehicle takes the hits on the party's vehicle from the check of a member.
func (c *partyCard) onVehicle(v node.View, w station.Words) {
	if _, hits := divide(v.Hits); len(hits) > 0 {
		c.Hits = w.Hits(hits, v.Check.Least)
		c.HitLevel, c.HitID = c.Hits[0].Level, "vehicle-hit-"+strconv.FormatUint(c.first(v.Ref.Index), 10)
	}
}

// first names a party by its first check, so that what is about the party is heard once.
func (c *partyCard) first(alone uint64) uint64 {
	if len(c.Rows) > 0 {
		return c.Rows[0].Index
	}
	return alone
}

// showDecided says what was decided, and whether the booth is to decide once more, now that the second line has answered.
func (f *Face) showDecided(r *http.Request, b booth, v node.View, form *form, d *checkPage) {
	if form.Referral == 0 {
		form.Referral = f.answered(r.Context(), b, v)
	}
	d.Decided = v.Decided != nil && form.Referral == 0
	if v.Misread {
		d.Misread = v.Decided.Index
		return
	}
	if d.Card.Current != nil && d.Card.Current.Done > 0 {
		own, err := f.own(d.Card.Current.Done, b.shift)
		d.Receipt, d.HasReceipt = d.Card.Current.Done, own && err == nil
		return
	}
	d.Receipt, d.HasReceipt = f.receiptOf(v, b.shift)
}

// receiptOf gives the record that decided the check, if the shift wrote it: only then its receipt may be shown.
func (f *Face) receiptOf(v node.View, s *node.Shift) (uint64, bool) {
	if v.Decided == nil || v.Decided.Origin != f.Node.Origin() {
		return 0, false
	}
	own, err := f.own(v.Decided.Index, s)
	return v.Decided.Index, own && err == nil
}

// checkKeys are the keys that the page has, no other.
func (f *Face) checkKeys(w station.Words, d checkPage) (keys []web.Key) {
	key := func(name, text string) { keys = append(keys, web.Key{Keys: name, Text: w.T(text)}) }
	if !d.Decided {
		key("F2", "do.admit")
		key("F3", "do.refer")
		key("F4", "do.refuse")
		key("F6", "post.key.vehicle")
		key("F7", "post.key.basis")
		key("F8", "post.key.notes")
		if d.DriverKey() {
			key("F9", "post.key.driver")
		}
	}
	if d.Sheet != "" {
		key("F1", "post.key.sheet")
	}
	keys = append(append(keys, d.Card.keys(w)...), d.Answers.keys(w)...)
	if d.Decided {
		key("Escape", "post.key.booth")
	} else {
		key("Escape", "post.key.leave")
	}
	return keys
}

// DriverKey says whether the page offers to make this member the driver.
func (d checkPage) DriverKey() bool {
	return d.Card.Current != nil && !d.Card.Current.Driver && d.Card.Fields.vehicle.Kind != 0 && d.Card.Open > 1
}

// keys are those of the list of the party.
func (c *partyCard) keys(w station.Words) (keys []web.Key) {
	switch {
	case c.Prev > 0:
		keys = append(keys, web.Key{Keys: "PageUp+PageDown", Text: w.T("post.key.members")})
	case c.Next > 0:
		keys = append(keys, web.Key{Keys: "PageDown", Text: w.T("post.key.member")})
	}
	if c.Admit > 1 {
		keys = append(keys, web.Key{Keys: "F12", Text: w.T("post.key.together")})
	}
	return keys
}

func escorts(w station.Words, chosen border.Escort) (rows []station.Choice) {
	for e := border.Escort(0); e <= border.Alone; e++ {
		rows = append(rows, station.Choice{Value: e.String(), Text: w.Escort(e), Chosen: e == chosen})
	}
	return rows
}

// notes are what the reading itself had to repair.
func notes(w station.Words, faults []mrz.Fault) (out []string) {
	for _, f := range faults {
		out = append(out, w.Fault(f))
	}
	return out
}

// number is how people name a record: node, epoch, index.
func number(node string, epoch uint32, ref record.Ref) string {
	return node + " / " + strconv.FormatUint(uint64(epoch), 10) + " / " + strconv.FormatUint(ref.Index, 10)
}
