package alerts

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

type searchPage struct {
	Form  *station.Form
	Asked bool
	Rows  []foundRow
	Cut   bool
}

type foundRow struct {
	List, ID, Kind, Action string
	Who, Births, Nations   []string
	Score                  float64
}

func (f *face) serveSearch(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Values = map[string][]string{"id": {r.URL.Query().Get("id")}} // a number of ours, which names nobody
	f.showSearch(w, r, s, http.StatusOK, searchPage{Form: form})
}

func (f *face) showSearch(w http.ResponseWriter, r *http.Request, s *node.Shift, status int, d searchPage) {
	words := f.Words(r)
	f.Render(w, r, "alerts-search", f.page(r, s, "alerts.search", status, d, web.Key{Keys: "F2", Text: words.T("alerts.new")},
		web.Key{Keys: "Escape", Text: words.T("alerts.back")}))
}

// searchFault answers a look without a reason by the search, with the number kept.
func (f *face) searchFault(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	form := station.NewForm(r, f.Words(r))
	form.Fault("reason", "alerts.reason.missing")
	f.showSearch(w, r, s, http.StatusUnprocessableEntity, searchPage{Form: form})
}

// search takes its terms from a posted form only: an address ends in histories, proxies and journals.
func (f *face) search(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	form := station.NewForm(r, f.Words(r))
	q := readQuery(form)
	if !form.OK() {
		f.showSearch(w, r, s, http.StatusUnprocessableEntity, searchPage{Form: form})
		return
	}
	if q.ID != "" {
		f.show(w, r, s, form, q)
		return
	}
	found, err := f.Node.SearchAlerts(r.Context(), s, form.Get("reason"), q)
	if err != nil {
		f.Trouble(w, r, s, err)
		return
	}
	d := searchPage{Form: form, Asked: true, Cut: len(found) == node.MaxFoundAlerts}
	words := f.Words(r)
	for _, a := range found {
		row := foundRow{List: a.Alert.List, ID: a.Alert.ID, Kind: words.T("kind." + a.Alert.Kind.String()),
			Action: words.T("action." + a.Alert.Action.String()), Who: who(words, &a.Alert), Score: a.Score, Nations: a.Alert.Nations}
		for _, b := range a.Alert.Births {
			row.Births = append(row.Births, words.Date(b))
		}
		d.Rows = append(d.Rows, row)
	}
	f.showSearch(w, r, s, http.StatusOK, d)
}

// readQuery reads one way of asking, and the reason for it.
func readQuery(form *station.Form) node.AlertQuery {
	form.Text("reason", minReason, maxReason)
	q := node.AlertQuery{ID: form.Text("id", 0, maxID), Primary: form.Text("primary", 0, maxName), Secondary: form.Text("secondary", 0, maxName),
		Issuer: station.StateCode(form.Text("issuer", 0, 3)), Number: form.Text("number", 0, maxNumber),
		Country: strings.ToUpper(form.Text("country", 0, 3)), Plate: form.Text("plate", 0, maxPlate), VIN: form.Text("vin", 0, maxVIN)}
	var ok bool
	if q.Birth, ok = station.ParseDate(form.Get("birth")); !ok {
		form.Fault("birth", "alerts.birth.bad")
	}
	ways, first := 0, ""
	for _, way := range []struct {
		field string
		asked bool
	}{{"id", q.ID != ""}, {"primary", q.Primary+q.Secondary != ""}, {"number", q.Number != ""}, {"plate", q.Plate+q.VIN != ""}} {
		if way.asked {
			if ways++; first == "" {
				first = way.field
			}
		}
	}
	switch {
	case ways == 0:
		form.Fault("id", "alerts.search.empty")
	case ways > 1:
		form.Fault(first, "alerts.search.both")
	}
	return q
}

// An alertPage is one alert whole, in all its versions.
type alertPage struct {
	List, ID string
	Reason   string // of the search that led here; it goes along with what is done next
	Versions []version
	Try      *station.Form
	Tried    *tried
	Sexes    []station.Choice
	Person   bool
	Vehicle  bool
}

type version struct {
	Lines    []line
	Face     string
	Level    web.Level
	State    string
	Todo     string
	Held     bool
	Release  uint64
	Released time.Time
	Single   *node.Single
	Written  time.Time
	Holders  []string
	Editable bool
	Act      string
}

// tried is how an alert scores against who was typed in.
type tried struct {
	Fits    bool // there is a score at all
	Hit     bool // it reaches what counts
	Score   float64
	Least   float64
	Name    string
	Reasons []station.HitReason
}

func (f *face) serveShow(w http.ResponseWriter, r *http.Request, s *node.Shift) {
	if !f.Pages.ReadForm(w, r) {
		return
	}
	form := station.NewForm(r, f.Words(r))
	if n := utf8.RuneCountInString(form.Get("reason")); n < minReason || n > maxReason || form.Get("id") == "" {
		f.searchFault(w, r, s)
		return
	}
	f.show(w, r, s, form, node.AlertQuery{List: form.Get("list"), ID: form.Get("id")})
}

func (f *face) show(w http.ResponseWriter, r *http.Request, s *node.Shift, form *station.Form, q node.AlertQuery) {
	words := f.Words(r)
	found, err := f.Node.SearchAlerts(r.Context(), s, form.Get("reason"), q)
	switch {
	case errors.Is(err, node.ErrReason):
		f.searchFault(w, r, s)
		return
	case err != nil:
		f.Trouble(w, r, s, err)
		return
	case len(found) == 0:
		f.showSearch(w, r, s, http.StatusOK, searchPage{Form: form, Asked: true})
		return
	}
	first := &found[0].Alert
	d := alertPage{List: first.List, ID: first.ID, Reason: form.Get("reason"), Try: form, Person: first.Kind == border.PersonAlert,
		Vehicle: first.Kind == border.VehicleAlert}
	for _, a := range found {
		d.Versions = append(d.Versions, f.version(words, s, a))
	}
	for _, sex := range []string{"", "F", "M"} {
		text := words.T("alerts.unknown")
		if sex != "" {
			text = sexText(words, sex)
		}
		d.Sexes = append(d.Sexes, station.Choice{Value: sex, Text: text, Chosen: form.Get("sex") == sex})
	}
	if form.Get("try") != "" {
		d.Tried = f.try(words, form, first)
	}
	keys := []web.Key{{Keys: "F6", Text: words.T("alerts.try")}, {Keys: "Escape", Text: words.T("alerts.search.again")}}
	if slices.ContainsFunc(d.Versions, func(v version) bool { return v.Editable }) {
		keys = slices.Insert(keys, 0, web.Key{Keys: "F2", Text: words.T("alerts.change")})
	}
	f.Render(w, r, "alerts-show", f.page(r, s, "alerts.one", http.StatusOK, d, keys...))
}

func (f *face) version(w station.Words, s *node.Shift, a node.FoundAlert) version {
	v := version{Lines: lines(w, &a.Alert), Face: f.showFace(s, a.Alert.Face), Todo: w.T("action." + a.Alert.Action.String() + ".do"),
		Held: a.Held, Release: a.Release, Single: a.Single}
	v.Level, v.State = stateOf(w, a, f.Node.Today())
	for _, l := range f.Node.Lists() {
		if l.List == a.Alert.List && l.Release == a.Release {
			v.Released = time.UnixMilli(l.Released)
		}
	}
	if a.Single != nil {
		v.Written, v.Act = time.UnixMilli(a.Single.Written), station.ActText(station.NewAct())
		v.Editable = !a.Single.Withdrawn && a.Alert.List == node.SingleList(f.Node.Name())
		for _, n := range a.Single.Holders {
			v.Holders = append(v.Holders, f.Label(n))
		}
	}
	return v
}

// try scores the alert against a traveller who is typed in. He is nobody: no record is looked up for him.
func (f *face) try(w station.Words, form *station.Form, a *border.Alert) *tried {
	t := node.Trial{Document: border.Document{Primary: form.Text("primary", 0, maxName), Secondary: form.Text("secondary", 0, maxName),
		Nationality: station.StateCode(form.Text("nation", 0, 3)), Sex: form.Text("sex", 0, 1), Issuer: station.StateCode(form.Text("issuer", 0, 3)),
		Number: form.Text("number", 0, maxNumber)}, VIN: form.Text("vin", 0, maxVIN)}
	t.Vehicle.Plate, t.Vehicle.Country = form.Text("plate", 0, maxPlate), strings.ToUpper(form.Text("country", 0, 3))
	var ok bool
	if t.Document.Birth, ok = station.ParseDate(form.Get("birth")); !ok {
		form.Fault("birth", "alerts.birth.bad")
	}
	if !form.OK() {
		return nil
	}
	least := f.Node.Thresholds().Least()
	hit, fits := f.Node.TryAlert(*a, t)
	d := &tried{Fits: fits, Score: hit.Score, Least: least[a.Kind], Hit: fits && hit.Score >= least[a.Kind], Name: hit.Name}
	if fits {
		d.Reasons = w.Hits([]border.Hit{hit}, least)[0].Reasons
		for i, r := range hit.Reasons {
			if r.Part == "alias" || r.Part == "vin" {
				d.Reasons[i].Part = w.T("alerts.part." + r.Part)
			}
		}
	}
	return d
}
