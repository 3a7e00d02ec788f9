package paper

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/web"
)

type typingPage struct {
	Form    *station.Form
	Act     string
	Kept    map[string]bool   // taken from the last sheet
	Echo    map[string]string // dates in words
	Differ  bool              // the second keying differs from the first; the marked fields are keyed again
	Trouble string
	Last    *lastSheet
	Bases   []station.Choice
	Grounds []station.Choice
	Focus   string // field that gets the cursor
	Months  string
}

// pick makes the choices of a field that are chosen by their key.
func pick(keys, values, texts []string) (out []station.Choice) {
	for i, v := range values {
		out = append(out, station.Choice{Value: v, Text: texts[i], Key: keys[i]})
	}
	return out
}

// Directions, Decisions and Sexes are chosen by a digit or the letter that stands on the sheet.
func (typingPage) Directions(texts ...string) []station.Choice {
	return pick([]string{"1", "2"}, []string{"entry", "exit"}, texts)
}

func (typingPage) Decisions(texts ...string) []station.Choice {
	return pick([]string{"1", "2"}, []string{"admit", "refuse"}, texts)
}

func (typingPage) Sexes(texts ...string) []station.Choice {
	return pick([]string{"F", "M", "X"}, []string{"F", "M", "X"}, texts)
}

// A lastSheet says what became of the sheet before this one.
type lastSheet struct {
	Sheet  string
	Second bool // recorded: it counts
	ByNode bool
}

// serveForm shows an empty form. After a sheet of the same shift it says what became of that, and keeps what the next one on the
// pile will have too.
func (f *face) serveForm(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Values = url.Values{}
	d := typingPage{Form: form, Act: station.ActText(station.NewAct()), Kept: map[string]bool{}, Focus: "sheet"}
	if sheet := r.URL.Query().Get("sheet"); len(sheet) <= maxSheet {
		form.Values.Set("sheet", sheet)
	}
	if index, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64); err == nil {
		d.Last = f.keep(&d, s, index)
	}
	f.show(w, r, s, http.StatusOK, d)
}

// own opens a keying that was made in this shift; nobody is shown another's.
func (f *face) own(s *node.Shift, index uint64) (o node.Opened, late record.LateBody, ok bool) {
	o, err := f.Node.ReadOwn(index)
	if err != nil || o.Leaf.Kind != record.Late || o.Leaf.Shift == nil || *o.Leaf.Shift != s.Ref {
		return o, late, false
	}
	return o, late, record.Unmarshal(o.Deed, &late) == nil
}

func (f *face) keep(d *typingPage, s *node.Shift, index uint64) *lastSheet {
	o, late, ok := f.own(s, index)
	if !ok || o.Person == nil {
		return nil
	}
	at := border.DayAt(o.Person.Happened, f.Node.Zone())
	for field, value := range map[string]string{"officer": late.Officer, "booth": o.Person.Booth, "day": station.DayText(at)} {
		d.Form.Values.Set(field, value)
		d.Kept[field] = true
	}
	return &lastSheet{late.Sheet, len(o.Leaf.About) > 0, len(o.Leaf.Booth) == 0}
}

func (f *face) show(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d typingPage) {
	words := f.Words(r)
	d.Echo, d.Months = map[string]string{}, words.T("frame.months")
	for _, field := range []string{"day", "birth", "expiry", "until"} {
		if p, ok := ParseDay(d.Form.Get(field)); ok {
			d.Echo[field] = words.Date(p)
		}
	}
	for i, b := range border.Bases() {
		d.Bases = append(d.Bases, station.Choice{Value: b.String(), Text: words.Basis(b), Key: strconv.Itoa(i + 1),
			Chosen: b.String() == d.Form.Get("basis")})
	}
	for _, dir := range []border.Direction{border.Entry, border.Exit} {
		for _, g := range border.Grounds(dir) {
			d.Grounds = append(d.Grounds, station.Choice{Value: string(g), Text: words.T("ground." + string(g)), Key: string(g),
				Chosen: string(g) == d.Form.Get("ground")})
		}
	}
	p := f.Page(r, s, "paper.type.title", web.Key{Keys: "Enter", Text: words.T("paper.key.next")}, web.Key{Keys: "F2", Text: words.T("paper.key.save")},
		web.Key{Keys: "F6", Text: words.T("paper.key.zone")}, web.Key{Keys: "F8", Text: words.T("paper.key.void")},
		web.Key{Keys: "Escape", Text: words.T("paper.key.account")})
	p.Status, p.Data, p.Scripts = status, d, append(p.Scripts, "paper.js")
	f.Render(w, r, "paper-type", p)
}

// serveZone fills the form with what a reader delivered.
func (f *face) serveZone(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	k := f.read(r, s)
	d := typingPage{Form: k.Form, Act: station.ActText(k.act), Focus: "plate"}
	k.Faults = map[string]string{} // of a form that is half typed
	z, ok := readZone(k.Get("zone"), f.Node.Today())
	if !ok {
		k.Fault("zone", "paper.zone.bad")
		f.show(w, r, s, http.StatusUnprocessableEntity, d)
		return
	}
	for field, value := range map[string]string{"code": z.Code, "issuer": bare(z.Issuer), "number": z.Number, "nationality": bare(z.Nationality),
		"primary": z.Primary, "secondary": z.Secondary, "birth": station.DateText(z.Birth), "sex": z.Sex, "expiry": station.DateText(z.Expiry)} {
		k.Values.Set(field, value)
	}
	words := f.Words(r)
	for _, fault := range z.Faults {
		if !fault.Warning {
			k.Faults["zone"] = words.T("field."+string(fault.Field)) + ": " + words.Fault(fault)
		}
	}
	f.show(w, r, s, http.StatusOK, d)
}

func (f *face) readKeying(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	k := f.read(r, s)
	if !k.OK() {
		return nil, errFaults
	}
	return []node.Deed{k.late}, nil
}

// mendKeying shows the form again. Where it differs from the first keying the fields come back empty: whoever keys them again
// looks at the sheet, and not at what he typed.
func (f *face) mendKeying(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	k, words := f.read(r, s), f.Words(r)
	d := typingPage{Form: k.Form, Act: station.ActText(k.act), Trouble: words.Error(err)}
	var differ *node.DifferError
	switch {
	case errors.As(err, &differ):
		d.Differ, d.Trouble = true, ""
		f.mark(&k, differ.Fields)
	case errors.Is(err, errFaults):
		d.Trouble = words.T("paper.faults")
	case errors.Is(err, node.ErrMoment):
		k.Faults["day"] = words.Error(err)
	case errors.Is(err, node.ErrSheet), errors.Is(err, node.ErrSheetUsed), errors.Is(err, node.ErrSameOfficer):
		k.Faults["sheet"] = words.Error(err)
	}
	if k.OK() {
		d.Focus = "sheet"
	}
	f.show(w, r, s, words.Status(err), d)
}

func (f *face) mark(k *keying, fields []string) {
	fresh := f.differs.tell(k.act, fields)
	for _, name := range fresh {
		for _, field := range inputs(name) {
			k.Values.Del(field)
			k.Fault(field, "paper.differs")
		}
	}
	if slices.ContainsFunc(fresh, ofZone) {
		k.Values.Del("zone") // it would fill in again what is to be looked at
	}
}

func ofZone(name string) bool {
	return strings.Contains(" code issuer number nationality primary secondary birth sex expiry ", " "+name+" ")
}

// doneKeying leads to the next sheet, unless somebody on the watchlist passed on this one.
func (f *face) doneKeying(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt) {
	index := receipts[0].Ref.Index
	if act, ok := station.ReadAct(r); ok {
		f.differs.forget(act)
	}
	to := "/paper/type?after=" + strconv.FormatUint(index, 10)
	if o, _, ok := f.own(s, index); ok && len(f.hits(f.Words(r), o)) > 0 {
		to = "/paper/sheet/" + strconv.FormatUint(index, 10)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
