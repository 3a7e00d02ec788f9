package amend

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
)

var (
	// errForm: the form has faults, each beside its field.
	errForm = errors.New("the form of a correction has faults")
	// errNothing: a correction that corrects nothing would ask a second officer for nothing.
	errNothing = errors.New("nothing is changed")
)

// groups are the fields of a correction in the order of its form. The choices of direction and basis stand before theirs.
var groups = []struct {
	name   string
	fields []string
}{
	{"passage", []string{"day", "until", "paper", "visa_from", "visa_days", "visa_entries", "plate", "country"}},
	{"document", []string{"code_of", "number", "issuer", "nationality", "primary", "secondary", "birth", "sex", "expiry"}},
}

// most are the characters that a field takes: those of Doc 9303 and of the node.
var most = map[string]int{"code_of": 2, "number": 24, "issuer": 3, "nationality": 3, "primary": 60, "secondary": 60, "sex": 1,
	"paper": 32, "plate": 16, "country": 3}

// valuesOf writes a record into the form.
func valuesOf(p record.PersonPart) url.Values {
	d := p.Document
	v := url.Values{}
	for name, text := range map[string]string{"direction": p.Direction.String(), "basis": p.Basis.String(), "code_of": d.Code,
		"issuer": d.Issuer, "number": d.Number, "nationality": d.Nationality, "primary": d.Primary, "secondary": d.Secondary,
		"birth": dateOf(d.Birth), "sex": d.Sex, "expiry": dateOf(d.Expiry), "day": station.DayText(p.Day),
		"until": station.DayText(p.Until), "paper": p.Paper, "plate": p.Plate, "country": p.PlateCountry} {
		v.Set(name, text)
	}
	if p.Visa != nil {
		v.Set("visa_from", station.DayText(p.Visa.From))
		v.Set("visa_days", count(p.Visa.Days))
		v.Set("visa_entries", count(p.Visa.Entries))
	}
	return v
}

func dateOf(text string) string {
	p, err := border.ParsePartialDate(text)
	if err != nil {
		return ""
	}
	return station.DateText(p)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// A correcting form is read against the record that it corrects: what was not touched is no fault, however it was recorded.
type correcting struct {
	*station.Form
	was url.Values
}

// correction reads the form. Whoever changes nothing of the document keeps the zone that was read.
func correction(form *station.Form, was record.PersonPart) (node.Correction, error) {
	f := correcting{form, valuesOf(was)}
	c := node.Correction{Reason: f.Text("reason", 3, maxReason)}
	if c.Withdraw = f.Get("withdraw") == "1"; c.Withdraw {
		if !f.OK() {
			return c, errForm
		}
		return c, nil
	}
	var err error
	if c.Direction, err = border.ParseDirection(f.Get("direction")); err != nil {
		f.Fault("direction", "amend.error.direction")
	}
	if c.Day = f.Day("day"); f.Get("day") == "" {
		f.Fault("day", "station.date.bad")
	}
	f.terms(&c)
	f.document(&c.Document, was.Document)
	c.Vehicle = node.Vehicle{Plate: f.upper("plate"), Country: f.upper("country"), Kind: was.Vehicle, Occupants: was.Occupants}
	switch {
	case !f.OK():
		return c, errForm
	case f.same(c):
		return c, errNothing
	}
	return c, nil
}

// terms reads the basis of stay with what belongs to it; what belongs to another is left out, as at the booth.
func (f correcting) terms(c *node.Correction) {
	t := &c.Terms
	t.Basis, _ = border.ParseBasis(f.Get("basis"))
	if t.Basis == 0 && f.changed("basis") {
		f.Fault("basis", "amend.error.basis")
	}
	t.Paper = f.Text("paper", 0, most["paper"])
	if station.HasUntil(t.Basis) {
		t.Until = f.Day("until")
	}
	if t.Basis == border.Visa {
		t.Visa.From, t.Visa.Days, t.Visa.Entries = f.Day("visa_from"), f.Number("visa_days", 0, maxTerm), f.Number("visa_entries", 0, maxTerm)
	}
}

func (f correcting) document(d *border.Document, was record.Document) {
	d.Code, d.Issuer, d.Nationality, d.Sex = f.upper("code_of"), f.upper("issuer"), f.upper("nationality"), f.upper("sex")
	d.Number = strings.Map(zoneLetter, f.upper("number"))
	d.Primary, d.Secondary = f.letters("primary"), f.letters("secondary")
	for _, needed := range []string{"number", "primary", "code_of"} {
		if f.Get(needed) == "" && f.changed(needed) {
			f.Fault(needed, "station.text.missing")
		}
	}
	for _, name := range []string{"issuer", "nationality"} {
		if _, known := mrz.StateName(f.upper(name)); !known && f.changed(name) {
			f.Fault(name, "amend.error.state")
		}
	}
	if f.changed("sex") && !strings.Contains("FMX", d.Sex) {
		f.Fault("sex", "amend.error.sex")
	}
	for name, into := range map[string]*border.PartialDate{"birth": &d.Birth, "expiry": &d.Expiry} {
		var ok bool
		if *into, ok = station.ParseDate(f.Get(name)); !ok || name == "birth" && into.IsZero() && f.changed(name) {
			f.Fault(name, "station.date.bad")
		}
	}
	d.ByHand = true
	if !f.changed("code_of", "number", "issuer", "nationality", "primary", "secondary", "birth", "sex", "expiry") {
		d.Zone, d.ByHand = was.Zone, len(was.Zone) == 0
		d.Number, d.Primary, d.Secondary = was.Number, was.Primary, was.Secondary
	}
}

// changed says whether one of the fields is not as it was recorded.
func (f correcting) changed(names ...string) bool {
	for _, name := range names {
		if f.Get(name) != f.was.Get(name) && f.upper(name) != f.was.Get(name) {
			return true
		}
	}
	return false
}

// same says that nothing would be another than it was: fields that the basis does not have count for nothing.
func (f correcting) same(c node.Correction) bool {
	basis := c.Terms.Basis.String()
	now := valuesOf(record.PersonPart{Direction: c.Direction, Day: c.Day, Basis: c.Terms.Basis, Until: c.Terms.Until, Paper: c.Terms.Paper,
		Visa: &c.Terms.Visa, Plate: c.Vehicle.Plate, PlateCountry: c.Vehicle.Country})
	if basis == "" { // the node keeps what was recorded of the stay
		for _, name := range []string{"basis", "until", "paper", "visa_from", "visa_days", "visa_entries"} {
			now[name] = f.was[name]
		}
	}
	for _, name := range []string{"direction", "basis", "day", "until", "paper", "visa_from", "visa_days", "visa_entries", "plate", "country"} {
		if now.Get(name) != f.was.Get(name) {
			return false
		}
	}
	return !f.changed(groups[1].fields...)
}

func (f correcting) upper(name string) string {
	if n, ok := most[name]; ok {
		return strings.ToUpper(f.Text(name, 0, n))
	}
	return strings.ToUpper(f.Get(name))
}

// letters reads a name in those of the zone, components parted by single blanks.
func (f correcting) letters(name string) string {
	return strings.ReplaceAll(strings.Trim(mrz.Transliterate(f.Text(name, 0, most[name])), "<"), "<", " ")
}

// zoneLetter leaves of a document's number what a zone has.
func zoneLetter(r rune) rune {
	if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}
