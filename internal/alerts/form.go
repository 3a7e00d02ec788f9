package alerts

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/station"
)

var errFaults = errors.New("the form has faults")

// A section is a part of the form with several rows of the same fields: what is typed stands in the order of the rows.
type section struct {
	name   string
	fields []string
	least  int // rows offered
}

var (
	nameRows     = section{"names", []string{"primary", "secondary", "quality"}, 3}
	birthRows    = section{"births", []string{"birth"}, 2}
	nationRows   = section{"nations", []string{"nation"}, 2}
	documentRows = section{"documents", []string{"dissuer", "dnumber", "dto", "dstatus"}, 2}
	vehicleRows  = section{"vehicles", []string{"vcountry", "plate", "vin"}, 1}
)

// A row is one as typed. At is its place in the form.
type row struct {
	At    int
	V     map[string]string
	Fault string
	ID    string
}

// rows gives the rows of a section as typed, without blanks around.
func (c section) rows(v url.Values) (out []row) {
	n := 0
	for _, f := range c.fields {
		n = max(n, len(v[f]))
	}
	for i := range min(n, maxRows) {
		r := row{At: i, V: map[string]string{}, ID: c.name + "-" + strconv.Itoa(i)}
		for _, f := range c.fields {
			if i < len(v[f]) {
				r.V[f] = strings.TrimSpace(v[f][i])
			}
		}
		out = append(out, r)
	}
	return out
}

// typed says whether something stands in the row; what is only chosen does not count.
func (r row) typed() bool {
	for f, v := range r.V {
		if v != "" && f != "quality" && f != "dstatus" {
			return true
		}
	}
	return false
}

// offered are the rows for the form: those typed, with their faults, and empty ones behind.
func (c section) offered(form *station.Form, least int) []row {
	all := c.rows(form.Values)
	for len(all) > 0 && !all[len(all)-1].typed() {
		all = all[:len(all)-1]
	}
	for i := range all {
		all[i].Fault = form.Faults[all[i].ID]
	}
	for free := 0; len(all) < maxRows && (free == 0 || len(all) < least); free++ {
		r := row{At: len(all), V: map[string]string{}, ID: c.name + "-" + strconv.Itoa(len(all))}
		r.Fault = form.Faults[r.ID]
		all = append(all, r)
	}
	return all
}

// A draft is an alert on its way from the form to the log.
type draft struct {
	form    *station.Form
	alert   border.Alert
	version int // of the alert that the form began with; 0 of a new one
	why     string
}

// readDraft reads the form, and the image that was sent with it. What is wrong stands in it, beside its field.
func (f *face) readDraft(r *http.Request, photo []byte) draft {
	form := station.NewForm(r, f.Words(r))
	d := draft{form: form, why: form.Text("why", 3, maxWhy)}
	d.version, _ = strconv.Atoi(form.Get("version"))
	a := &d.alert
	a.ID, a.List = form.Get("id"), node.SingleList(f.Node.Name())
	if len(a.ID) > maxID {
		form.Fault("why", "alerts.error.none")
	}
	a.Kind, a.Action = readKind(form), readAction(form)
	a.Issuer, a.Reason, a.Caveats = form.Text("issuer", 0, maxIssuer), form.Text("subject", 0, maxText), form.Text("caveats", 0, maxText)
	if sex := form.Get("sex"); sex == "F" || sex == "M" || sex == "X" {
		a.Sex = sex
	}
	a.Names, a.Births, a.Nations = readNames(form), readBirths(form), f.readNations(r, form)
	a.Documents, a.Vehicles = readDocuments(form), readVehicles(form)
	f.readDays(form, a)
	for _, n := range form.Values["notify"] {
		if slices.Contains(f.nodes(), n) {
			a.Notify = append(a.Notify, n)
		}
	}
	a.Canary = !f.post && form.Get("canary") != "" // an urgent alert is about somebody
	var err error
	if a.Face, err = readFace(r, photo); errors.Is(err, errFaceLarge) {
		form.Fault("photo", "alerts.face.large", "n", maxFace>>10)
	} else if err != nil {
		form.Fault("photo", "alerts.face.form")
	} else {
		form.Values.Set("face", carryFace(a.Face)) // the form that is shown again goes on with it
	}
	need(form, a)
	return d
}

func readKind(form *station.Form) border.AlertKind {
	k, err := border.ParseAlertKind(form.Get("kind"))
	if err != nil {
		form.Fault("kind", "alerts.kind.missing")
	}
	return k
}

func readAction(form *station.Form) border.Action {
	a, err := border.ParseAction(form.Get("action"))
	if err != nil {
		form.Fault("action", "alerts.action.missing")
	}
	return a
}

// need says what an alert of its kind cannot do without.
func need(form *station.Form, a *border.Alert) {
	switch {
	case !form.OK():
	case a.Kind == border.PersonAlert && len(a.Names)+len(a.Documents) == 0:
		form.Fault("names-0", "alerts.need.person")
	case a.Kind == border.DocumentAlert && len(a.Documents) == 0:
		form.Fault("documents-0", "alerts.need.document")
	case a.Kind == border.VehicleAlert && len(a.Vehicles) == 0:
		form.Fault("vehicles-0", "alerts.need.vehicle")
	case a.Canary && len(a.Probes()) == 0:
		form.Fault("canary", "alerts.need.canary")
	}
}

func (f *face) readDays(form *station.Form, a *border.Alert) {
	a.From, a.Until = form.Day("from"), form.Day("until")
	today := f.Node.Today()
	switch {
	case form.Faults["from"] != "" || form.Faults["until"] != "":
	case a.Until != 0 && a.Until < a.From:
		form.Fault("until", "alerts.until.before")
	case f.post && a.From > today:
		form.Fault("from", "alerts.from.urgent")
	case f.post && (a.Until < today || a.Until > today.AddDays(node.UrgentDays)):
		form.Fault("until", "alerts.until.urgent", "n", node.UrgentDays)
	}
}

func tooLong(s string, most int) bool {
	return utf8.RuneCountInString(s) > most || !utf8.ValidString(s)
}

func readNames(form *station.Form) (out []border.AlertName) {
	for _, r := range nameRows.rows(form.Values) {
		n := border.AlertName{Primary: r.V["primary"], Secondary: r.V["secondary"], Alias: r.V["quality"] == "alias" || r.V["quality"] == "weak",
			Weak: r.V["quality"] == "weak"}
		switch {
		case !r.typed():
			continue
		case n.Primary == "":
			form.Fault(r.ID, "alerts.name.missing")
		case tooLong(n.Primary, maxName), tooLong(n.Secondary, maxName):
			form.Fault(r.ID, "station.text.long", "n", maxName)
		}
		out = append(out, n)
	}
	return out
}

func readBirths(form *station.Form) (out []border.PartialDate) {
	for _, r := range birthRows.rows(form.Values) {
		if !r.typed() {
			continue
		}
		p, ok := station.ParseDate(r.V["birth"])
		if !ok || p.IsZero() {
			form.Fault(r.ID, "alerts.birth.bad")
		}
		out = append(out, p)
	}
	return out
}

func (f *face) readNations(r *http.Request, form *station.Form) (out []string) {
	words := f.Words(r)
	for _, r := range nationRows.rows(form.Values) {
		if !r.typed() {
			continue
		}
		code := station.StateCode(r.V["nation"])
		if words.StateName(code) == "" {
			form.Fault(r.ID, "alerts.state.bad")
		}
		out = append(out, code)
	}
	return out
}

func readDocuments(form *station.Form) (out []border.AlertDocument) {
	for _, r := range documentRows.rows(form.Values) {
		if !r.typed() {
			continue
		}
		d := border.AlertDocument{Issuer: station.StateCode(r.V["dissuer"]), Number: strings.ToUpper(r.V["dnumber"]), To: strings.ToUpper(r.V["dto"])}
		if slices.Contains(statuses, r.V["dstatus"]) {
			d.Status = r.V["dstatus"]
		}
		_, ok := d.Range()
		switch {
		case d.Number == "":
			form.Fault(r.ID, "alerts.number.missing")
		case !ok:
			form.Fault(r.ID, "alerts.range.bad")
		case tooLong(d.Number, maxNumber), tooLong(d.Issuer, 3):
			form.Fault(r.ID, "alerts.number.long", "n", maxNumber)
		}
		out = append(out, d)
	}
	return out
}

func readVehicles(form *station.Form) (out []border.AlertVehicle) {
	for _, r := range vehicleRows.rows(form.Values) {
		if !r.typed() {
			continue
		}
		v := border.AlertVehicle{Country: strings.ToUpper(r.V["vcountry"]), Plate: strings.ToUpper(r.V["plate"]), VIN: strings.ToUpper(r.V["vin"])}
		switch {
		case v.Plate == "" && v.VIN == "":
			form.Fault(r.ID, "alerts.plate.missing")
		case tooLong(v.Plate, maxPlate), tooLong(v.VIN, maxVIN), tooLong(v.Country, 3):
			form.Fault(r.ID, "alerts.plate.long", "n", maxPlate, "vin", maxVIN)
		}
		out = append(out, v)
	}
	return out
}

// valuesOf writes an alert as the form reads it.
func valuesOf(a *border.Alert, version int) url.Values {
	v := url.Values{"id": {a.ID}, "version": {strconv.Itoa(version)}, "kind": {a.Kind.String()}, "action": {a.Action.String()}, "issuer": {a.Issuer},
		"subject": {a.Reason}, "caveats": {a.Caveats}, "sex": {a.Sex}, "from": {station.DayText(a.From)}, "until": {station.DayText(a.Until)},
		"notify": a.Notify, "nation": a.Nations, "face": {carryFace(a.Face)}}
	for _, n := range a.Names {
		quality := ""
		if n.Weak {
			quality = "weak"
		} else if n.Alias {
			quality = "alias"
		}
		add(v, "primary", n.Primary, "secondary", n.Secondary, "quality", quality)
	}
	for _, b := range a.Births {
		add(v, "birth", station.DateText(b))
	}
	for _, d := range a.Documents {
		add(v, "dissuer", d.Issuer, "dnumber", d.Number, "dto", d.To, "dstatus", d.Status)
	}
	for _, x := range a.Vehicles {
		add(v, "vcountry", x.Country, "plate", x.Plate, "vin", x.VIN)
	}
	if a.Canary {
		v.Set("canary", "1")
	}
	return v
}

func add(v url.Values, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
}

// nodes are those that may be told of a hit.
func (f *face) nodes() (out []string) {
	for _, n := range f.Node.State().Roster.Nodes {
		if !n.Dropped && (n.Role == roster.Centre || n.Role == roster.Post) {
			out = append(out, n.Name)
		}
	}
	return out
}
