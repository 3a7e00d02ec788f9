package alerts

import (
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/station"
)

// statuses are the states of a document that the form offers; a foreign list may have others, which are shown as they stand.
var statuses = []string{"stolen", "lost", "revoked", "stolen blank", "invalid"}

var kinds = []border.AlertKind{border.PersonAlert, border.DocumentAlert, border.VehicleAlert}

// A line is one field of an alert, as people read it.
type line struct {
	Field  string // of border.Alert, for the diff
	Name   string
	Values []string
	Mono   bool
}

// lines are the fields of an alert that have a value, in the order of the form.
func lines(w station.Words, a *border.Alert) (out []line) {
	for _, f := range fields {
		if values := f.texts(w, a); len(values) > 0 {
			out = append(out, line{f.name, w.T("alerts.field." + f.name), values, f.mono})
		}
	}
	return out
}

// A field of an alert: how it reads, and how it is carried from one version to another.
type field struct {
	name  string
	mono  bool
	texts func(w station.Words, a *border.Alert) []string
	carry func(to, from *border.Alert)
}

var fields = []field{
	{"kind", false, func(w station.Words, a *border.Alert) []string { return one(w.T("kind." + a.Kind.String())) },
		func(to, from *border.Alert) { to.Kind = from.Kind }},
	{"action", false, func(w station.Words, a *border.Alert) []string { return one(w.T("action." + a.Action.String())) },
		func(to, from *border.Alert) { to.Action = from.Action }},
	{"names", false, func(w station.Words, a *border.Alert) []string { return each(w, a.Names, nameText) },
		func(to, from *border.Alert) { to.Names = from.Names }},
	{"births", false, func(w station.Words, a *border.Alert) []string {
		return each(w, a.Births, func(w station.Words, p border.PartialDate) string { return w.Date(p) })
	}, func(to, from *border.Alert) { to.Births = from.Births }},
	{"nations", false, func(w station.Words, a *border.Alert) []string {
		return each(w, a.Nations, func(w station.Words, code string) string { return w.State(code) })
	}, func(to, from *border.Alert) { to.Nations = from.Nations }},
	{"sex", false, func(w station.Words, a *border.Alert) []string { return one(sexText(w, a.Sex)) },
		func(to, from *border.Alert) { to.Sex = from.Sex }},
	{"documents", true, func(w station.Words, a *border.Alert) []string { return each(w, a.Documents, documentText) },
		func(to, from *border.Alert) { to.Documents = from.Documents }},
	{"vehicles", true, func(w station.Words, a *border.Alert) []string { return each(w, a.Vehicles, vehicleText) },
		func(to, from *border.Alert) { to.Vehicles = from.Vehicles }},
	{"valid", false, func(w station.Words, a *border.Alert) []string { return one(validText(w, a)) },
		func(to, from *border.Alert) { to.From, to.Until = from.From, from.Until }},
	{"issuer", false, func(_ station.Words, a *border.Alert) []string { return one(a.Issuer) },
		func(to, from *border.Alert) { to.Issuer = from.Issuer }},
	{"subject", false, func(_ station.Words, a *border.Alert) []string { return one(a.Reason) },
		func(to, from *border.Alert) { to.Reason = from.Reason }},
	{"caveats", false, func(_ station.Words, a *border.Alert) []string { return one(a.Caveats) },
		func(to, from *border.Alert) { to.Caveats = from.Caveats }},
	{"notify", false, func(w station.Words, a *border.Alert) []string {
		return each(w, a.Notify, func(w station.Words, n string) string { return w.Label(n) })
	}, func(to, from *border.Alert) { to.Notify = from.Notify }},
	{"face", false, func(w station.Words, a *border.Alert) []string { return one(faceText(w, a.Face)) },
		func(to, from *border.Alert) { to.Face = from.Face }},
	{"canary", false, func(w station.Words, a *border.Alert) []string {
		if !a.Canary {
			return nil
		}
		return one(w.T("alerts.canary"))
	}, func(to, from *border.Alert) { to.Canary = from.Canary }},
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func each[T any](w station.Words, items []T, text func(station.Words, T) string) (out []string) {
	for _, x := range items {
		out = append(out, text(w, x))
	}
	return out
}

func nameText(w station.Words, n border.AlertName) string {
	text := station.FullName(n.Primary, n.Secondary)
	switch {
	case n.Weak:
		text += " (" + w.T("alerts.weak") + ")"
	case n.Alias:
		text += " (" + w.T("alerts.alias") + ")"
	}
	return text
}

func sexText(w station.Words, sex string) string {
	switch sex {
	case "F", "M", "X":
		return w.T("sex." + sex)
	}
	return sex
}

func documentText(w station.Words, d border.AlertDocument) string {
	text := strings.TrimSpace(d.Issuer + " " + d.Number)
	if d.To != "" {
		text += " – " + d.To
	}
	if d.Status != "" {
		text += ", " + statusText(w, d.Status)
	}
	return text
}

func statusText(w station.Words, status string) string {
	if slices.Contains(statuses, status) {
		return w.T("alerts.status." + strings.ReplaceAll(status, " ", "-"))
	}
	return status
}

func vehicleText(w station.Words, v border.AlertVehicle) string {
	text := strings.TrimSpace(v.Country + " " + v.Plate)
	if v.VIN != "" {
		text = strings.TrimPrefix(text+", "+w.T("alerts.vin")+" "+v.VIN, ", ")
	}
	return text
}

func validText(w station.Words, a *border.Alert) string {
	switch {
	case a.From != 0 && a.Until != 0:
		return w.T("alerts.valid.both", "from", w.Day(a.From), "until", w.Day(a.Until))
	case a.From != 0:
		return w.T("alerts.valid.from", "from", w.Day(a.From))
	case a.Until != 0:
		return w.T("alerts.valid.until", "until", w.Day(a.Until))
	}
	return w.T("alerts.valid.open")
}

func faceText(w station.Words, face []byte) string {
	if len(face) == 0 {
		return ""
	}
	return w.T("alerts.face.size", "n", (len(face)+1023)/1024)
}

// who says whom or what an alert is about, in a few lines.
func who(w station.Words, a *border.Alert) []string {
	var out []string
	for _, n := range a.Names {
		if !n.Alias || len(out) == 0 {
			out = append(out, station.FullName(n.Primary, n.Secondary))
		}
	}
	switch {
	case a.Kind == border.VehicleAlert:
		out = append(out, each(w, a.Vehicles, vehicleText)...)
	case a.Kind == border.DocumentAlert, len(out) == 0:
		out = append(out, each(w, a.Documents, documentText)...)
	}
	return out[:min(len(out), 3)]
}
