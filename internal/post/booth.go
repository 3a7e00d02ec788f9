package post

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
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
	Vehicle   node.Vehicle
	Trouble   []string
	Zone      [][]stretch
}

func (f *Face) serveBooth(w http.ResponseWriter, r *http.Request, b booth) {
	f.showBooth(w, r, b, http.StatusOK, boothPage{Hand: hand{Code: "P"}})
}

func (f *Face) showBooth(w http.ResponseWriter, r *http.Request, b booth, status int, d boothPage) {
	words := f.words(r)
	d.Direction, d.Way = b.direction, words.t("post.way."+b.direction.String())
	d.Act, d.Shift, d.Booth, d.Vehicle = newAct(), b.shift.Ref.Index, b.shift.Booth, b.vehicle
	d.Codes, d.States, d.Sexes = handCodes, mrz.States(), []string{"F", "M", "X"}
	p := f.page(r, b, "post.booth", web.Key{Keys: "F6", Text: words.t("post.key.vehicle")},
		web.Key{Keys: "F7", Text: words.t("post.key.hand")}, web.Key{Keys: "F9", Text: words.t("post.key.direction")},
		web.Key{Keys: "F10", Text: words.t("post.key.open")})
	p.Status, p.Data = status, d
	f.pages.Render(w, r, "booth", p)
}

func (f *Face) serveDirection(w http.ResponseWriter, r *http.Request, b booth) {
	f.booths.update(b.shift, func(b *booth) { b.direction = border.Entry + border.Exit - b.direction })
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// serveScan takes what a reader delivered. One document begins a check; of several the officer chooses; what joins nothing
// is offered to be finished by hand.
func (f *Face) serveScan(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.pages.ReadForm(w, r) {
		return
	}
	words, raw := f.words(r), r.PostFormValue("zone")
	if !f.keepVehicle(r, &b) {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Raw: raw, Trouble: []string{words.t("error.vehicle")}})
		return
	}
	if strings.TrimSpace(raw) == "" && r.PostFormValue("number") != "" {
		f.byHand(w, r, b) // Enter in a field of the form by hand presses its first button
		return
	}
	if strings.TrimSpace(raw) == "" {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Trouble: []string{words.t("post.scan.empty")}})
		return
	}
	docs := readZones(raw, f.n.Today())
	whole := slices.DeleteFunc(slices.Clone(docs), func(d read) bool { return !joins(d.Document) })
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
	words := f.words(r)
	page := boothPage{Raw: raw, Hand: handOf(d.Document), ByHand: true, Zone: marked(d.Lines, d.Faults),
		Trouble: []string{words.t("error.number")}}
	if page.Hand.Code == "" {
		page.Hand.Code = "P"
	}
	for _, fault := range d.Faults {
		page.Trouble = append(page.Trouble, words.t("field."+string(fault.Field))+": "+words.fault(fault))
	}
	f.showBooth(w, r, b, http.StatusUnprocessableEntity, page)
}

type choice struct {
	Act, Raw, Key, Name, Birth, Nation, Number string
	Faults                                     int
}

func (f *Face) showChoice(w http.ResponseWriter, r *http.Request, b booth, docs []read) {
	words, choices := f.words(r), []choice{}
	for i, d := range docs {
		choices = append(choices, choice{Act: newAct(), Raw: strings.Join(d.Lines, "\n"), Key: strconv.Itoa(i + 1),
			Name: fullName(d.Document), Birth: words.date(d.Birth), Nation: state(d.Nationality), Number: d.Number,
			Faults: len(slices.DeleteFunc(slices.Clone(d.Faults), func(f mrz.Fault) bool { return f.Warning }))})
	}
	p := f.page(r, b, "post.choose.title", web.Key{Keys: "Escape", Text: words.t("post.key.booth")})
	p.Data = choices
	f.pages.Render(w, r, "choose", p)
}

func (f *Face) serveHand(w http.ResponseWriter, r *http.Request, b booth) {
	if !f.pages.ReadForm(w, r) {
		return
	}
	if !f.keepVehicle(r, &b) {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Hand: handForm(r), ByHand: true,
			Trouble: []string{f.words(r).t("error.vehicle")}})
		return
	}
	f.byHand(w, r, b)
}

func (f *Face) byHand(w http.ResponseWriter, r *http.Request, b booth) {
	h := handForm(r)
	d := h.document(f.words(r))
	if len(h.Faults) > 0 {
		f.showBooth(w, r, b, http.StatusUnprocessableEntity, boothPage{Hand: h, ByHand: true,
			Trouble: []string{f.words(r).t("hand.bad")}})
		return
	}
	f.check(w, r, b, read{Document: d})
}

// check writes the check and leads to its page, which can be loaded again.
func (f *Face) check(w http.ResponseWriter, r *http.Request, b booth, d read) {
	act, ok := actOf(r)
	if !ok {
		act = record.Act(randomAct())
	}
	v, err := f.scan(r.Context(), b, d, act)
	if err != nil {
		status := statusOf(err)
		f.showBooth(w, r, b, status, boothPage{Raw: strings.Join(d.Lines, "\n"), Hand: handOf(d.Document),
			ByHand: d.ByHand, Trouble: []string{f.words(r).error(err)}})
		return
	}
	f.booths.update(b.shift, func(b *booth) { b.last = reading{true, v.Ref.Index, d.Notes} })
	address := "/check/" + strconv.FormatUint(v.Ref.Index, 10)
	if b.last.read && b.last.index != v.Ref.Index {
		address += "?after=" + strconv.FormatUint(b.last.index, 10)
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// scan asks the node. A page that was sent twice gives its first check; one that came back from the browser's memory with
// another document begins an act of its own.
func (f *Face) scan(ctx context.Context, b booth, d read, act record.Act) (node.View, error) {
	s := node.Scan{Act: act, Shift: b.shift, Direction: b.direction, Document: d.Document, Vehicle: b.vehicle}
	v, err := f.n.Scan(ctx, s)
	if errors.Is(err, node.ErrOtherContent) {
		s.Act = record.Act(randomAct())
		v, err = f.n.Scan(ctx, s)
	}
	return v, err
}

// keepVehicle takes the vehicle's fields where the form has them; false where they cannot be.
func (f *Face) keepVehicle(r *http.Request, b *booth) bool {
	if !r.PostForm.Has("plate") {
		return true
	}
	v, ok := vehicleOf(r)
	if ok {
		b.vehicle = v
		f.booths.update(b.shift, func(b *booth) { b.vehicle = v })
	}
	return ok
}

func vehicleOf(r *http.Request) (node.Vehicle, bool) {
	v := node.Vehicle{Plate: strings.ToUpper(strings.TrimSpace(r.PostFormValue("plate"))),
		Country: strings.ToUpper(strings.TrimSpace(r.PostFormValue("country")))}
	n := strings.TrimSpace(r.PostFormValue("occupants"))
	var err error
	if n != "" {
		v.Occupants, err = strconv.Atoi(n)
	}
	return v, err == nil && len(v.Plate) <= 16 && len(v.Country) <= 3 && v.Occupants >= 0 && v.Occupants <= 99
}

func randomAct() (a [16]byte) {
	rand.Read(a[:])
	return a
}

func newAct() string {
	a := randomAct()
	return hex.EncodeToString(a[:])
}

// actOf reads the act that the page was given or its script made.
func actOf(r *http.Request) (record.Act, bool) {
	var a record.Act
	b, err := hex.DecodeString(r.PostFormValue("act"))
	if err != nil || len(b) != len(a) {
		return a, false
	}
	copy(a[:], b)
	return a, true
}

func fullName(d border.Document) string {
	if d.Secondary == "" {
		return d.Primary
	}
	return d.Primary + ", " + d.Secondary
}
