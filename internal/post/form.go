package post

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A form is the decision form as typed: what is wrong with it stands beside its field, and nothing of it is lost.
type form struct {
	Act                                    string
	Check                                  uint64
	Decision                               border.Decision
	Ground                                 border.Ground
	Basis                                  border.Basis
	Until, VisaFrom, VisaDays, VisaEntries string
	Plate, Country, Occupants, Notes       string
	Confirm                                bool // admitted against a grave finding, and meant
	Again                                  bool // asked before, and the answer was not known
	Faults                                 map[string]string
	act                                    record.Act
	terms                                  border.Terms
	vehicle                                node.Vehicle
	values                                 url.Values
}

// decisionFields are what an act is made of; a page that asks again sends just these.
var decisionFields = []string{"act", "check", "decision", "ground", "basis", "until", "visa_from", "visa_days", "visa_entries",
	"plate", "country", "occupants", "notes", "confirm"}

// hasUntil says of the bases with a day until which the stay is authorised; on the others a day left in the form from an
// earlier choice would bind a stay by mistake.
func hasUntil(b border.Basis) bool {
	switch b {
	case border.VisaFree, border.Citizen, 0:
		return false
	}
	return true
}

func readForm(r *http.Request, w words) form {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := form{Act: get("act"), Until: get("until"), VisaFrom: get("visa_from"), VisaDays: get("visa_days"),
		VisaEntries: get("visa_entries"), Plate: strings.ToUpper(get("plate")), Country: strings.ToUpper(get("country")),
		Occupants: get("occupants"), Notes: get("notes"), Ground: border.Ground(get("ground")),
		Confirm: get("confirm") == "1", Again: get("again") == "1", Faults: map[string]string{}, values: r.PostForm}
	f.Check, _ = strconv.ParseUint(get("check"), 10, 64)
	f.Decision, _ = border.ParseDecision(get("decision"))
	if f.Decision != border.Refuse {
		f.Ground = "" // one that was looked at and not used
	}
	f.readTerms(get("basis"), w)
	var ok bool
	if f.vehicle, ok = vehicleOf(r); !ok {
		f.Faults["vehicle"] = w.t("error.vehicle")
	}
	if len(f.Notes) > 2000 {
		f.Faults["notes"] = w.t("error.notes")
	}
	if f.act, ok = actOf(r); !ok {
		f.act = randomAct()
	}
	return f
}

func (f *form) readTerms(basis string, w words) {
	f.Basis, _ = border.ParseBasis(basis)
	f.terms.Basis = f.Basis
	if hasUntil(f.Basis) {
		f.terms.Until = f.date("until", f.Until, w)
	}
	if f.Basis != border.Visa {
		return
	}
	f.terms.Visa.From = f.date("visa_from", f.VisaFrom, w)
	f.terms.Visa.Days = f.count("visa_days", f.VisaDays, w)
	f.terms.Visa.Entries = f.count("visa_entries", f.VisaEntries, w)
}

func (f *form) date(field, text string, w words) border.Date {
	p, ok := typedDate(text)
	d, whole := p.Date()
	if !ok || !whole && !p.IsZero() {
		f.Faults[field] = w.t("hand.date.bad")
	}
	return d
}

func (f *form) count(field, text string, w words) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 3660 {
		f.Faults[field] = w.t("post.count.bad")
		return 0
	}
	return n
}

// fill shows what the rules took where the officer left something open.
func (f *form) fill(v node.View) {
	t := v.Advice.Terms
	f.Basis = t.Basis
	if f.Until == "" && hasUntil(t.Basis) {
		f.Until = typedDay(t.Until)
	}
	if f.VisaFrom == "" {
		f.VisaFrom = typedDay(t.Visa.From)
	}
	if f.VisaDays == "" && t.Visa.Days > 0 {
		f.VisaDays = strconv.Itoa(t.Visa.Days)
	}
	if f.VisaEntries == "" && t.Visa.Entries > 0 {
		f.VisaEntries = strconv.Itoa(t.Visa.Entries)
	}
}

// asked is the vehicle as the page has it now, nil where it cannot be read.
func (f *form) asked() *node.Vehicle {
	if _, bad := f.Faults["vehicle"]; bad {
		return nil
	}
	return &f.vehicle
}

func (f *form) decision(b booth) node.Decision {
	return node.Decision{Act: f.act, Shift: b.shift, Check: f.Check, Decision: f.Decision, Ground: f.Ground, Terms: f.terms,
		Vehicle: f.vehicle, Notes: f.Notes}
}
