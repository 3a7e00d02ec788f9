package amend

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/forms"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/tlog"
	"tims/internal/web"
)

// A refusalPage asks for the traveller's language. It is proposed by nationality; a passport does not say what its holder reads.
type refusalPage struct {
	subject
	Languages []station.Choice
}

// refused opens a refusal that stands, of the officer's own or of the supervisor's post; otherwise it answers itself.
func (f *face) refused(w http.ResponseWriter, r *http.Request, s *node.Shift) (node.Amendable, bool) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return node.Amendable{}, false
	}
	a, err := f.open(r, s, index, "")
	switch {
	case err != nil:
		f.Trouble(w, r, s, err)
	case a.Kind != record.Refusal || a.Standing != projection.Counts:
		f.Fail(w, r, http.StatusNotFound)
	default:
		return a, true
	}
	return a, false
}

func (f *face) serveRefusal(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	a, ok := f.refused(w, r, s)
	if !ok {
		return
	}
	words := f.Words(r)
	d := refusalPage{subject: f.subject(words, a)}
	proposed := forms.Propose(a.Person.Document.Nationality)
	for _, l := range forms.Languages() {
		d.Languages = append(d.Languages, station.Choice{Value: l.Code, Text: l.Name, Chosen: l.Code == proposed})
	}
	p := f.Page(r, s, "amend.refusal.title", web.Key{Keys: "F2", Text: words.T("amend.refusal.do")},
		web.Key{Keys: "Escape", Text: words.T("station.key.home")})
	p.Data = d
	f.Render(w, r, "amend-refusal", p)
}

// printRefusal prints the standard form for a refusal, in the officer's language and in ?traveller=.
func (f *face) printRefusal(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	a, ok := f.refused(w, r, s)
	if !ok {
		return
	}
	form := f.refusal(a)
	if form.Officers = f.Words(r).Lang; !printed(form.Officers) {
		form.Officers = "en"
	}
	if t := r.URL.Query().Get("traveller"); printed(t) {
		form.Travellers = t
	}
	f.print(w, r, s, "/refusal/"+itoa(a.Ref.Index), func(b *bytes.Buffer, l forms.Look) error { return forms.WriteRefusal(b, form, l) })
}

func printed(lang string) bool {
	return slices.ContainsFunc(forms.Languages(), func(l forms.Language) bool { return l.Code == lang })
}

// refusal fills the form with what is recorded; the rest is written on it by hand.
func (f *face) refusal(a node.Amendable) forms.Refusal {
	p := a.Person
	form := forms.Refusal{Travellers: forms.Propose(p.Document.Nationality), State: f.opt.State, Office: f.opt.Office,
		Number: a.Ref.Origin + "/" + itoa(a.Ref.Index), Post: f.Label(f.Node.Name()), At: time.UnixMilli(p.Happened).In(f.Node.Zone()),
		Document: documentOf(p.Document), Ground: p.Ground, Law: f.opt.Law, Officer: a.Officer,
		Means: strings.TrimSpace(p.PlateCountry + " " + p.Plate)}
	terms := border.Terms{Basis: p.Basis, Nation: p.Document.Nationality, Until: p.Until}
	if p.Basis == border.Visa {
		form.Visa.Number, form.Visa.Until = p.Paper, dayOf(p.Until)
		if p.Visa != nil {
			terms.Visa = *p.Visa
			form.Visa.From, form.Visa.Days = dayOf(p.Visa.From), count(p.Visa.Days)
		}
	}
	if p.Ground == border.DaysUsedUp {
		rules := f.Node.Rules()
		limit := rules.LimitOf(terms)
		form.Days, form.Window = limit.Days, limit.Window
	}
	return form
}

// dayOf writes a day as the form writes its own.
func dayOf(d border.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func documentOf(d record.Document) border.Document {
	out := border.Document{Code: d.Code, Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality, Primary: d.Primary,
		Secondary: d.Secondary, Sex: d.Sex}
	out.Birth, _ = border.ParsePartialDate(d.Birth) // what is not there is a line to write on
	out.Expiry, _ = border.ParsePartialDate(d.Expiry)
	return out
}

// print answers with a whole page for the printer.
func (f *face) print(w http.ResponseWriter, r *http.Request, s *node.Shift, back string, write func(*bytes.Buffer, forms.Look) error) {
	head, err := f.Pages.Text(f.Words(r).Lang, "forms-head", web.Page{})
	var b bytes.Buffer
	if err == nil {
		err = write(&b, forms.Look{Head: head, Back: back})
	}
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes()) // an error here is a browser that went away
}

// printFacts prints what is known of the traveller of an exit's check of this shift: facts, no verdict.
func (f *face) printFacts(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	index, ok := station.PathIndex(r)
	if !ok {
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	o, err := f.Node.ReadOwn(index)
	switch {
	case err != nil && !errors.Is(err, tlog.ErrNotHere):
		f.Trouble(w, r, s, err)
		return
	case err != nil, o.Leaf.Kind != record.Check, o.Leaf.Shift == nil, *o.Leaf.Shift != s.Ref, o.Person == nil,
		o.Person.Direction != border.Exit:
		f.Fail(w, r, http.StatusNotFound)
		return
	}
	v, err := f.Node.View(r.Context(), index, border.Terms{}, nil)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	sheet := f.factSheet(f.Words(r).Lang, s, v)
	f.print(w, r, s, "/check/"+itoa(index), func(b *bytes.Buffer, l forms.Look) error { return forms.WriteFactSheet(b, sheet, l) })
}

// factSheet is made in Albanian and English alone, and in English for readers of any other language.
func (f *face) factSheet(lang string, s *node.Shift, v node.View) forms.FactSheet {
	if lang != "sq" {
		lang = "en"
	}
	sheet := forms.FactSheet{Lang: lang, State: f.opt.State, Post: f.Label(f.Node.Name()), Booth: s.Booth, Officer: s.Officer.Label,
		Number: v.Ref.Origin + "/" + itoa(v.Ref.Index), At: v.Check.Now, Document: v.Check.Document, Stay: v.Advice.Stay,
		Events: f.events(v.Seen)}
	for _, h := range v.Horizons {
		h.Node = f.Label(h.Node)
		sheet.Horizons = append(sheet.Horizons, h)
	}
	sheet.Stay.Doubts = slices.Clone(sheet.Stay.Doubts)
	for i := range sheet.Stay.Doubts {
		if d := &sheet.Stay.Doubts[i]; d.Node != "" {
			d.Node = f.Label(d.Node)
		}
	}
	return sheet
}

// events are passages and refusals. A referral is neither, and a correction without its second officer is nobody's fact yet.
func (f *face) events(seen []projection.Sighting) (out []forms.Event) {
	for _, s := range seen {
		if s.Kind == record.Referral || s.Standing == projection.Proposed {
			continue
		}
		e := forms.Event{Direction: s.Direction, Day: s.Day, At: time.UnixMilli(s.Happened).In(f.Node.Zone()), Post: f.Label(s.Node),
			Record: s.Ref.Origin + "/" + itoa(s.Ref.Index), Doubtful: s.Doubtful, ByPerson: s.ByPerson, Withdrawn: s.Withdrawn}
		if s.Kind == record.Refusal {
			e.Ground = f.ground(s)
		}
		out = append(out, e)
	}
	return out
}

// ground is that of a refusal of this post; of another's, only that it refused is known here.
func (f *face) ground(s projection.Sighting) border.Ground {
	o, err := f.Node.Read(record.RefOf(s.Ref))
	if err != nil || o.Person == nil || o.Person.Ground == "" {
		return "?"
	}
	return o.Person.Ground
}
