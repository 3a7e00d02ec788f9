package alerts

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

// editor is the form of one alert.
type editor struct {
	Form      *station.Form
	Post, New bool
	Act       string
	ID        string
	Kinds     []station.Choice
	Actions   []station.Choice
	Sexes     []station.Choice
	Nodes     []station.Choice
	Qualities []station.Choice
	Statuses  []station.Choice
	Names     []row
	Births    []row
	Nations   []row
	Documents []row
	Vehicles  []row
	Face      string // key of the image
	Size      string
	Most      int // bytes of an image
	More      bool
	Trouble   string
}

func (f *face) serveNew(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Values = url.Values{"kind": {border.PersonAlert.String()}, "act": {station.ActText(station.NewAct())}}
	if f.post {
		today := f.Node.Today()
		form.Values.Set("issuer", f.Label(f.Node.Name()))
		form.Values.Set("from", station.DayText(today))
		form.Values.Set("until", station.DayText(today.AddDays(urgentFor)))
	}
	f.showEditor(w, r, s, http.StatusOK, form, "")
}

// serveEdit begins a new version of an alert that was written here.
func (f *face) serveEdit(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	form := station.NewForm(r, f.Words(r))
	old, err := f.Node.OwnAlert(r.Context(), s, form.Get("reason"), form.Get("id"))
	switch {
	case errors.Is(err, node.ErrReason):
		f.searchFault(w, r, s)
		return
	case err != nil:
		f.Trouble(w, r, s, err)
		return
	}
	form.Values = valuesOf(&old.Alert, old.Single.Version)
	form.Values.Set("act", station.ActText(station.NewAct()))
	form.Values.Set("reason", r.PostFormValue("reason"))
	f.showEditor(w, r, s, http.StatusOK, form, "")
}

// serveForm shows the form again with what was typed, to go on with it.
func (f *face) serveForm(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	f.showEditor(w, r, s, http.StatusOK, station.NewForm(r, f.Words(r)), "")
}

func (f *face) showEditor(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, form *station.Form, trouble string) {
	words := f.Words(r)
	d := editor{Form: form, Post: f.post, New: form.Get("id") == "", ID: form.Get("id"), Act: form.Get("act"), Most: maxFace, Trouble: trouble,
		Names: nameRows.offered(form, f.least(nameRows)), Births: birthRows.offered(form, f.least(birthRows)),
		Nations: nationRows.offered(form, f.least(nationRows)), Documents: documentRows.offered(form, f.least(documentRows)),
		Vehicles: vehicleRows.offered(form, vehicleRows.least)}
	if _, ok := station.ReadAct(r); !ok && d.Act == "" {
		d.Act = station.ActText(station.NewAct())
	}
	d.choices(f, words)
	if b, err := carriedFace(form.Get("face")); err == nil {
		d.Face, d.Size = f.showFace(s, b), faceText(words, b)
	}
	d.More = !f.post || form.Get("caveats") != "" || d.Face != "" || form.Faults["photo"] != "" || form.Faults["caveats"] != "" ||
		form.Get("canary") != ""
	f.Render(w, r, "alerts-edit", f.page(r, s, "alerts.edit", status, d, web.Key{Keys: "F2", Text: words.T("alerts.check")},
		web.Key{Keys: "Escape", Text: words.T("alerts.back")}))
}

// least is how many rows are offered: few at a post, where an alert is written in a hurry.
func (f *face) least(c section) int {
	if f.post {
		return 1
	}
	return c.least
}

func (d *editor) choices(f *face, w station.Words) {
	for _, k := range kinds {
		d.Kinds = append(d.Kinds, station.Choice{Value: k.String(), Text: w.T("kind." + k.String()), Chosen: d.Form.Get("kind") == k.String()})
	}
	for _, a := range []border.Action{border.ActArrest, border.ActRefuse, border.ActSeize, border.ActProtect, border.ActInform, border.ActDiscreet} {
		d.Actions = append(d.Actions, station.Choice{Value: a.String(), Text: w.T("action." + a.String()), Key: w.T("action." + a.String() + ".do"),
			Chosen: d.Form.Get("action") == a.String()})
	}
	for _, sex := range []string{"", "F", "M", "X"} {
		text := w.T("alerts.unknown")
		if sex != "" {
			text = sexText(w, sex)
		}
		d.Sexes = append(d.Sexes, station.Choice{Value: sex, Text: text, Chosen: d.Form.Get("sex") == sex})
	}
	for _, n := range f.nodes() {
		d.Nodes = append(d.Nodes, station.Choice{Value: n, Text: w.Label(n), Chosen: slices.Contains(d.Form.Values["notify"], n)})
	}
	for _, q := range []string{"name", "alias", "weak"} {
		d.Qualities = append(d.Qualities, station.Choice{Value: q, Text: w.T("alerts." + q)})
	}
	d.Statuses = append(d.Statuses, station.Choice{Text: w.T("alerts.unknown")})
	for _, s := range statuses {
		d.Statuses = append(d.Statuses, station.Choice{Value: s, Text: statusText(w, s)})
	}
}

// Is chooses among several in a row. A further name is an alias unless somebody says otherwise.
func (editor) Is(r row, field, value string) bool {
	if _, chosen := r.V[field]; !chosen && field == "quality" && r.At > 0 {
		return value == "alias"
	}
	return r.V[field] == value
}

type review struct {
	Post, New bool
	ID        string
	Changes   []change
	Weak      bool
	Unnamed   bool // no name that a zone could hold
	Same      bool // as it was
	Fields    []hidden
	Face      string
	Needed    int
	Todo      string // what the booth is told
	Discreet  bool
	Canary    bool
	Why       string
}

type hidden struct{ Name, Value string }

// serveReview shows what a draft changes before it is written. Nothing is recorded by it.
func (f *face) serveReview(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	photo, err := readUpload(r)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long), errors.Is(err, errFields):
		f.Fail(w, r, http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		f.Fail(w, r, http.StatusBadRequest)
		return
	}
	d := f.readDraft(r, photo)
	if !d.form.OK() {
		f.showEditor(w, r, s, http.StatusUnprocessableEntity, d.form, "")
		return
	}
	old, trouble, err := f.before(r, s, d)
	switch {
	case errors.Is(err, node.ErrReason):
		f.searchFault(w, r, s)
		return
	case err != nil:
		f.Trouble(w, r, s, err)
		return
	case trouble != "":
		f.showEditor(w, r, s, http.StatusUnprocessableEntity, d.form, trouble)
		return
	}
	f.showReview(w, r, s, d, old)
}

// before gives the version that a draft follows, nil for a new alert. At a centre that is a look at a person, and a record, as
// every other. Trouble says that somebody else wrote a version meanwhile.
func (f *face) before(r *http.Request, s *node.Shift, d draft) (*border.Alert, string, error) {
	if d.alert.ID == "" {
		return nil, "", nil
	}
	own, err := f.Node.OwnAlert(r.Context(), s, d.form.Get("reason"), d.alert.ID)
	switch {
	case errors.Is(err, node.ErrNoAlert):
		return nil, f.Words(r).T("alerts.error.none"), nil
	case err != nil:
		return nil, "", err
	case own.Single.Withdrawn:
		return nil, f.Words(r).T("alerts.error.ending"), nil
	case own.Single.Version != d.version:
		return nil, f.Words(r).T("alerts.error.version"), nil
	}
	return &own.Alert, "", nil
}

func (f *face) showReview(w http.ResponseWriter, r *http.Request, s *node.Shift, d draft, old *border.Alert) {
	words := f.Words(r)
	v := review{Post: f.post, New: old == nil, ID: d.alert.ID, Changes: changes(words, old, &d.alert), Needed: f.Node.State().Authority.Threshold,
		Unnamed: d.alert.Kind == border.PersonAlert && len(d.alert.Names) > 0 && f.Node.Unnamed(d.alert), Face: f.showFace(s, d.alert.Face),
		Todo: words.T("action." + d.alert.Action.String() + ".do"), Discreet: d.alert.Action == border.ActDiscreet, Canary: d.alert.Canary, Why: d.why}
	if v.Canary {
		v.Todo, v.Discreet = words.T("alerts.canary.booth"), false
	}
	v.Weak = old != nil && d.alert.Weakens(old)
	v.Same = old != nil && len(v.Changes) == 0
	values := valuesOf(&d.alert, d.version)
	values.Set("act", d.form.Get("act"))
	values.Set("why", d.why)
	values.Set("reason", d.form.Get("reason"))
	for _, name := range sortedKeys(values) {
		for _, text := range values[name] { // empty ones too: rows stand by their order
			v.Fields = append(v.Fields, hidden{name, text})
		}
	}
	write := words.T("alerts.write")
	if !v.New {
		write = words.T("alerts.write.change")
	}
	f.Render(w, r, "alerts-review", f.page(r, s, "alerts.review", http.StatusOK, v, web.Key{Keys: "F2", Text: write},
		web.Key{Keys: "Escape", Text: words.T("alerts.again")}))
}
