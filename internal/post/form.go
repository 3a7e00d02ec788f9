package post

import (
	"net/url"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/station"
)

// A form is the decision form as typed: what is wrong with it stands beside its field, and nothing of it is lost.
type form struct {
	Act                                    string
	Check                                  uint64
	Decision                               border.Decision
	Ground                                 border.Ground
	Basis                                  border.Basis
	Until, VisaFrom, VisaDays, VisaEntries string
	Paper, With, Notes                     string
	Escort                                 border.Escort
	Driver                                 bool
	Referral                               uint64 // whose answer the decision follows
	Vehicle                                vehicleForm
	Confirm                                bool // admitted against a grave finding, and meant
	Again                                  bool // asked before, and the answer was not known
	Faults                                 map[string]string
	terms                                  border.Terms
}

// typed are the fields that belong to one member of a party and are kept until he is decided.
var typed = []string{"basis", "until", "visa_from", "visa_days", "visa_entries", "paper", "with", "escort", "notes"}

// draftOf keeps what was typed for a member, without the empty fields and within bounds.
func draftOf(values url.Values) url.Values {
	draft := url.Values{}
	for _, name := range typed {
		if v := strings.TrimSpace(values.Get(name)); v != "" && len(v) <= maxNotes {
			draft.Set(name, v)
		}
	}
	return draft
}

func readForm(values url.Values, w station.Words) form {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f := form{Act: get("act"), Until: get("until"), VisaFrom: get("visa_from"), VisaDays: get("visa_days"),
		VisaEntries: get("visa_entries"), Paper: strings.ToUpper(get("paper")), With: get("with"), Notes: get("notes"),
		Ground: border.Ground(get("ground")), Driver: get("driver") == "1", Confirm: get("confirm") == "1", Again: get("again") == "1",
		Faults: map[string]string{}}
	f.Check, _ = strconv.ParseUint(get("check"), 10, 64)
	f.Referral, _ = strconv.ParseUint(get("referral"), 10, 64)
	f.Decision, _ = border.ParseDecision(get("decision"))
	f.Escort, _ = border.ParseEscort(get("escort"))
	if f.Decision != border.Refuse {
		f.Ground = "" // one that was looked at and not used
	}
	f.readTerms(get("basis"), w)
	f.Vehicle = readVehicle(values, w)
	if f.Vehicle.Fault != "" {
		f.Faults["vehicle"] = f.Vehicle.Fault
	}
	if len(f.Notes) > maxNotes {
		f.Faults["notes"] = w.T("error.notes")
	}
	if len(f.With) > maxWith {
		f.Faults["with"] = w.T("station.text.long", "n", maxWith)
	}
	return f
}

// readTerms takes of the fields those that belong to the basis: what another basis left in the form binds nobody.
func (f *form) readTerms(basis string, w station.Words) {
	f.Basis, _ = border.ParseBasis(basis)
	f.terms.Basis = f.Basis
	asks := askedOf(f.Basis)
	if station.HasUntil(f.Basis) {
		f.terms.Until = f.date("until", f.Until, w)
	}
	if asks.Paper {
		f.terms.Paper = f.Paper
		if len(f.Paper) > maxPaper {
			f.Faults["paper"] = w.T("station.text.long", "n", maxPaper)
		}
	}
	if f.Basis != border.Visa {
		return
	}
	f.terms.Visa.From = f.date("visa_from", f.VisaFrom, w)
	f.terms.Visa.Days = f.count("visa_days", f.VisaDays, w)
	f.terms.Visa.Entries = f.count("visa_entries", f.VisaEntries, w)
}

// asked says which fields a basis asks for beside the day until which it holds.
type asked struct{ Visa, Paper, Family bool }

func askedOf(b border.Basis) asked {
	switch b {
	case border.Visa:
		return asked{Visa: true, Paper: true}
	case border.FamilyMember:
		return asked{Paper: true, Family: true}
	case border.ResidencePermit, border.LongStayVisa, border.LocalPermit, border.Crew, border.Diplomat, border.OtherBasis:
		return asked{Paper: true}
	}
	return asked{}
}

func (f *form) date(field, text string, w station.Words) border.Date {
	p, ok := station.ParseDate(text)
	d, whole := p.Date()
	if !ok || !whole && !p.IsZero() {
		f.Faults[field] = w.T("station.date.bad")
	}
	return d
}

func (f *form) count(field, text string, w station.Words) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxTerm {
		f.Faults[field] = w.T("station.number.bad", "least", 0, "most", maxTerm)
		return 0
	}
	return n
}

// fill shows what the rules took where the officer left something open.
func (f *form) fill(v node.View) {
	t := v.Advice.Terms
	f.Basis = t.Basis
	if f.Until == "" && station.HasUntil(t.Basis) {
		f.Until = station.DayText(t.Until)
	}
	if f.VisaFrom == "" {
		f.VisaFrom = station.DayText(t.Visa.From)
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
	if f.Vehicle.Fault != "" {
		return nil
	}
	return &f.Vehicle.vehicle
}

// minor says whether the fields about who accompanies a traveller are asked for.
func minor(a border.Advice) bool { return finding(a, border.HolderMinor) != nil }

func finding(a border.Advice, code border.Code) *border.Finding {
	for i := range a.Findings {
		if a.Findings[i].Code == code {
			return &a.Findings[i]
		}
	}
	return nil
}
