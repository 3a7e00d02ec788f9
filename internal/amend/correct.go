package amend

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

// A findPage asks for the number of a record and the code of its receipt.
type findPage struct{ Index, Trouble string }

func (f *face) serveFind(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	f.showFind(w, r, s, http.StatusOK, findPage{})
}

func (f *face) showFind(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d findPage) {
	words := f.Words(r)
	p := f.Page(r, s, "amend.find.title", web.Key{Keys: "Enter", Text: words.T("amend.find.do")},
		web.Key{Keys: "Escape", Text: words.T("station.key.home")})
	p.Status, p.Data = status, d
	f.Render(w, r, "amend-find", p)
}

// openFound shows the form of a correction to whoever has the traveller's receipt before him. The code stays in the form.
func (f *face) openFound(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	typed := strings.TrimSpace(r.PostFormValue("index"))
	index, err := strconv.ParseUint(strings.TrimSpace(typed[strings.LastIndexByte(typed, '/')+1:]), 10, 64)
	code := r.PostFormValue("code")
	var a node.Amendable
	if err == nil {
		a, err = f.open(r, s, index, code)
	} else {
		err = node.ErrNotShown
	}
	if err != nil {
		words := f.Words(r)
		f.showFind(w, r, s, words.Status(err), findPage{typed, words.Error(err)})
		return
	}
	f.showCorrect(w, r, s, http.StatusOK, a, nil, "")
}

// A correctPage is the form with what stands in the log, or with what was typed.
type correctPage struct {
	subject
	Act, Code, Reason string
	May, Withdraw     bool // the officer may propose; the passage never was
	Groups            []group
	Directions, Bases []station.Choice
	Faults            map[string]string
	Trouble           string
}

// A group is fields that belong together; a row is one of them.
type (
	group struct {
		Name, Label string
		Rows        []row
	}
	row struct {
		Name, Label, Value, Fault string
		Was                       string // as recorded, where another is typed
		Most                      int
	}
)

func (f *face) serveCorrect(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if a, ok := f.addressed(w, r, s); ok {
		f.showCorrect(w, r, s, http.StatusOK, a, nil, "")
	}
}

func (f *face) showCorrect(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, a node.Amendable, form *station.Form, trouble string) {
	words := f.Words(r)
	d := correctPage{subject: f.subject(words, a), Code: r.PostFormValue("code"), Trouble: trouble, Act: station.ActText(station.NewAct()),
		May: f.Node.Can(s, proposes)}
	was := valuesOf(a.Person)
	now := was
	if form != nil {
		now, d.Faults, d.Act, d.Reason, d.Withdraw = form.Values, form.Faults, form.Get("act"), form.Get("reason"), form.Get("withdraw") == "1"
	}
	for _, g := range groups {
		shown := group{Name: g.name, Label: words.T("amend.group." + g.name)}
		for _, name := range g.fields {
			x := row{Name: name, Label: words.T("amend.field." + name), Value: now.Get(name), Fault: d.Faults[name], Most: most[name]}
			if was.Get(name) != x.Value {
				x.Was = readable(words, name, was.Get(name))
			}
			shown.Rows = append(shown.Rows, x)
		}
		d.Groups = append(d.Groups, shown)
	}
	for _, dir := range []border.Direction{border.Entry, border.Exit} {
		d.Directions = append(d.Directions, station.Choice{Value: dir.String(), Text: words.Way(dir), Chosen: now.Get("direction") == dir.String()})
	}
	basis, _ := border.ParseBasis(now.Get("basis"))
	d.Bases = words.Bases(basis)
	keys := []web.Key{{Keys: "Escape", Text: words.T("station.key.home")}}
	if d.Standing == "" && d.Passed && d.May {
		keys = append([]web.Key{{Keys: "F2", Text: words.T("amend.correct.do")}, {Keys: "F8", Text: words.T("amend.reason")}}, keys...)
	}
	p := f.Page(r, s, "amend.correct.title", keys...)
	p.Status, p.Data = status, d
	f.Render(w, r, "amend-correct", p)
}

func (f *face) readCorrection(r *http.Request, s *node.Shift) ([]node.Deed, error) {
	index, ok := station.PathIndex(r)
	act, given := station.ReadAct(r)
	if !ok || !given {
		return nil, errForm
	}
	a, err := f.open(r, s, index, r.PostFormValue("code"))
	if err != nil {
		return nil, err
	}
	c, err := correction(station.NewForm(r, f.Words(r)), a.Person)
	if err != nil {
		return nil, err
	}
	c.Act, c.Shift, c.Of = act, s, index
	return []node.Deed{c}, nil
}

func (f *face) mendCorrection(w http.ResponseWriter, r *http.Request, s *node.Shift, _ []node.Receipt, err error) {
	words := f.Words(r)
	a, ok := f.addressed(w, r, s)
	if !ok {
		return
	}
	form := station.NewForm(r, words)
	_, _ = correction(form, a.Person) // for the faults beside their fields; what is wrong is known
	if errors.Is(err, node.ErrDay) {
		form.Fault("day", "amend.error.day")
	}
	f.showCorrect(w, r, s, words.Status(err), a, form, words.Error(err))
}
