package post

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

type boothPage struct {
	Direction border.Direction
	Way       string
	Act       string
	Shift     uint64
	Booth     string
	Raw       string
	Hand      hand
	ByHand    bool // the form is open
	Codes     []string
	States    []mrz.State
	Sexes     []string
	Vehicle   vehicleForm
	Kinds     []station.Choice
	Card      *partyCard // nil where the next document begins a party
	More      bool       // the next document joins a party that is decided
	Trouble   []string
	Zone      [][]station.Stretch
	Tally     string
	Answers   answers
}

func (f *Face) serveBooth(w http.ResponseWriter, r *http.Request, b booth) {
	f.showBooth(w, r, b, http.StatusOK, boothPage{Hand: hand{Code: "P"}})
}

func (f *Face) showBooth(w http.ResponseWriter, r *http.Request, b booth, status int, d boothPage) {
	words := f.Words(r)
	members, err := f.current(r.Context(), &b)
	if err == nil && len(members) > 0 {
		var card partyCard
		card, err = f.card(r.Context(), b, members, 0, words)
		d.Card = &card
	}
	if err != nil {
		d.Trouble = append(d.Trouble, words.Error(err))
	}
	d.Direction, d.Way = b.direction, words.T("way."+b.direction.String())
	d.Act, d.Shift, d.Booth = station.ActText(station.NewAct()), b.shift.Ref.Index, b.shift.Booth
	if d.Vehicle.Fault == "" {
		d.Vehicle = vehicleFields(b.vehicle)
	}
	d.Kinds, d.More, d.Tally = kinds(words, d.Vehicle.Kind), b.more, f.tallyLine(r.Context(), b, words)
	d.Codes, d.States, d.Sexes = handCodes, mrz.States(), []string{"F", "M", "X"}
	d.Answers = f.answersNow(r.Context(), b, words)
	p := f.page(r, b, "post.booth", f.boothKeys(words, d)...)
	p.Status, p.Data = status, d
	f.Render(w, r, "booth", p)
}

func (f *Face) boothKeys(w station.Words, d boothPage) []web.Key {
	keys := []web.Key{{Keys: "F6", Text: w.T("post.key.vehicle")}, {Keys: "F7", Text: w.T("post.key.hand")},
		{Keys: "F9", Text: w.T("post.key.direction")}, {Keys: "F10", Text: w.T("post.key.open")}}
	if d.Card != nil {
		keys = append(keys, d.Card.keys(w)...)
		keys = append(keys, web.Key{Keys: "Escape", Text: w.T("post.key.newparty")})
	}
	return append(keys, d.Answers.keys(w)...)
}

// kinds offers the kinds of vehicle.
func kinds(w station.Words, chosen string) (rows []station.Choice) {
	for _, k := range vehicleKinds {
		rows = append(rows, station.Choice{Value: k.String(), Text: w.Vehicle(k), Chosen: k.String() == chosen})
	}
	return rows
}

// serveDirection turns the booth round. Nobody crosses both ways at once: the next document begins a party.
func (f *Face) serveDirection(w http.ResponseWriter, r *http.Request, b booth) {
	f.booths.update(b.shift, func(b *booth) {
		b.begin()
		b.direction = border.Entry + border.Exit - b.direction
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// serveScan takes what a reader delivered. One document begins a check; of several the officer chooses; what joins nothing
// is offered to be finished by hand.
func (f *Face) serveScan(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	words, raw := f.Words(r), r.PostFormValue("zone")
	if !f.ready(w, r, &b, boothPage{Raw: raw}) {
		return
	}
	if strings.TrimSpace(raw) == "" && r.PostFormValue("number") != "" {
		f.byHand(w, r, b) // Enter in a field of the form by hand presses its first button
		return
	}
	if strings.TrimSpace(raw) == "" {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Trouble: []string{words.T("post.scan.empty")}})
		return
	}
	docs := readZones(raw, f.Node.Today())
	whole := slices.DeleteFunc(slices.Clone(docs), func(d read) bool { return !joins(d.Document) || cut(d) })
	switch len(whole) {
	case 0:
		f.showUnread(w, r, b, raw, docs[0])
	case 1:
		f.check(w, r, b, whole[0])
	default:
		f.showChoice(w, r, b, whole)
	}
}

// showUnread keeps what was delivered, says what is wrong with it and opens the form by hand with what could be read.
func (f *Face) showUnread(w http.ResponseWriter, r *http.Request, b booth, raw string, d read) {
	words := f.Words(r)
	page := boothPage{Raw: raw, Hand: handOf(d.Document), ByHand: true, Zone: station.Marked(d.Lines, d.Faults),
		Trouble: []string{words.T("error.number")}}
	if cut(d) && joins(d.Document) {
		page.Trouble[0] = words.T("post.scan.cut")
	}
	if page.Hand.Code == "" {
		page.Hand.Code = "P"
	}
	for _, fault := range d.Faults {
		page.Trouble = append(page.Trouble, words.T("field."+string(fault.Field))+": "+words.Fault(fault))
	}
	f.showBooth(w, r, b, http.StatusUnprocessableEntity, page)
}

type choice struct {
	Act, Raw, Key, Name, Birth, Nation, Number string
	Faults                                     int
}

func (f *Face) showChoice(w http.ResponseWriter, r *http.Request, b booth, docs []read) {
	words, choices := f.Words(r), []choice{}
	for i, d := range docs {
		choices = append(choices, choice{Act: station.ActText(station.NewAct()), Raw: strings.Join(d.Lines, "\n"), Key: strconv.Itoa(i + 1),
			Name: station.FullName(d.Primary, d.Secondary), Birth: words.Date(d.Birth), Nation: words.State(d.Nationality), Number: d.Number,
			Faults: len(slices.DeleteFunc(slices.Clone(d.Faults), func(f mrz.Fault) bool { return f.Warning }))})
	}
	p := f.page(r, b, "post.choose.title", web.Key{Keys: "Escape", Text: words.T("post.key.booth")})
	p.Data = choices
	f.Render(w, r, "choose", p)
}

func (f *Face) serveHand(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	if f.ready(w, r, &b, boothPage{Hand: handForm(r), ByHand: true}) {
		f.byHand(w, r, b)
	}
}

// ready takes what the page of the reading had besides the document: what was typed for a member of the party, and the
// vehicle. Where that cannot be, it answers itself with the page and gives false.
func (f *Face) ready(w http.ResponseWriter, r *http.Request, b *booth, page boothPage) bool {
	words := f.Words(r)
	members, err := f.current(r.Context(), b)
	full := len(members) >= maxParty
	switch {
	case err != nil:
		page.Trouble = []string{words.Error(err)}
		f.showBooth(w, r, *b, words.Status(err), page)
		return false
	case full:
		page.Trouble = []string{words.T("post.party.full", "n", maxParty)}
		f.showBooth(w, r, *b, http.StatusConflict, page)
		return false
	}
	f.keepDraft(r, *b, members)
	if !f.keepVehicle(r, b) {
		page.Trouble, page.Vehicle = []string{words.T("error.vehicle")}, readVehicle(r.PostForm, words)
		f.showBooth(w, r, *b, http.StatusUnprocessableEntity, page)
		return false
	}
	f.gather(b)
	return true
}

// keepDraft keeps what was typed for an undecided member while another is looked at.
func (f *Face) keepDraft(r *http.Request, b booth, members []node.Member) {
	check, err := strconv.ParseUint(r.PostFormValue("check"), 10, 64)
	if err == nil && slices.ContainsFunc(members, func(m node.Member) bool { return m.Ref.Index == check && m.Open() }) {
		b.memory.keep(check, draftOf(r.PostForm))
	}
}

func (f *Face) byHand(w http.ResponseWriter, r *http.Request, b booth) {
	h := handForm(r)
	d := h.document(f.Words(r))
	if len(h.Faults) > 0 {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Hand: h, ByHand: true,
			Trouble: []string{f.Words(r).T("hand.bad")}})
		return
	}
	f.check(w, r, b, read{Document: d})
}

// check writes the check and leads to its page, which can be loaded again.
func (f *Face) check(w http.ResponseWriter, r *http.Request, b booth, d read) {
	act, ok := station.ReadAct(r)
	if !ok {
		act = station.NewAct()
	}
	v, err := f.scan(r.Context(), b, d, act)
	if err != nil {
		words := f.Words(r)
		status := words.Status(err)
		f.showBooth(w, r, b, status, boothPage{Raw: strings.Join(d.Lines, "\n"), Hand: handOf(d.Document),
			ByHand: d.ByHand, Trouble: []string{words.Error(err)}})
		return
	}
	address := checkAddress(v.Ref.Index)
	switch {
	case v.Again:
		address += "?again=1"
	case v.Replaces != nil:
		b.memory.keep(v.Ref.Index, b.memory.draft(v.Replaces.Index)) // what was typed for the same traveller
		address += "?replaced=" + strconv.FormatUint(v.Replaces.Index, 10)
	default:
		f.weighed(b, v)
	}
	f.booths.update(b.shift, func(b *booth) { b.last, b.more = reading{true, v.Ref.Index, d.Notes}, false })
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// scan asks the node. A page that was sent twice gives its first check; one that came back from the browser's memory with
// another document begins an act of its own.
func (f *Face) scan(ctx context.Context, b booth, d read, act record.Act) (node.View, error) {
	s := node.Scan{Act: act, Shift: b.shift, Direction: b.direction, Document: d.Document, Vehicle: b.vehicle, Party: b.party}
	v, err := f.Node.Scan(ctx, s)
	if errors.Is(err, node.ErrOtherContent) {
		s.Act = station.NewAct()
		v, err = f.Node.Scan(ctx, s)
	}
	return v, err
}
