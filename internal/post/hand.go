package post

import (
	"net/http"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// hand is the form for a document without a readable zone, as typed.
type hand struct {
	Code, Issuer, Number, Nationality, Primary, Secondary, Birth, Sex, Expiry string

	Faults map[string]string // by field, in words
}

// handCodes are the kinds of document offered: document codes of Doc 9303 parts 4 to 7.
var handCodes = []string{"P", "ID", "IR", "AC", "V"}

func handForm(r *http.Request) hand {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return hand{Code: get("code"), Issuer: strings.ToUpper(get("issuer")), Number: strings.ToUpper(get("number")),
		Nationality: strings.ToUpper(get("nationality")), Primary: get("primary"), Secondary: get("secondary"),
		Birth: get("birth"), Sex: get("sex"), Expiry: get("expiry")}
}

// handOf fills the form with what could be read of a zone, so that the officer types only the rest.
func handOf(d border.Document) hand {
	return hand{Code: d.Code, Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality, Primary: d.Primary,
		Secondary: d.Secondary, Birth: typed(d.Birth), Sex: d.Sex, Expiry: typed(d.Expiry)}
}

// document reads the form, and puts a fault beside each field that cannot be.
func (h *hand) document(w words) border.Document {
	h.Faults = map[string]string{}
	bad := func(field, key string) { h.Faults[field] = w.t(key) }
	d := border.Document{ByHand: true, Code: h.Code, Issuer: h.Issuer, Nationality: h.Nationality, Sex: h.Sex,
		Number: strings.Map(zoneLetter, h.Number), Primary: zoneName(h.Primary), Secondary: zoneName(h.Secondary)}
	if d.Number == "" || len(d.Number) > maxNumber {
		bad("number", "hand.number.bad")
	}
	for field, code := range map[string]string{"issuer": d.Issuer, "nationality": d.Nationality} {
		if _, ok := mrz.StateName(code); !ok {
			bad(field, "hand.state.bad")
		}
	}
	if d.Primary == "" || len(d.Primary) > maxText || len(d.Secondary) > maxText {
		bad("primary", "hand.name.bad")
	}
	if d.Code == "" || len(d.Code) > 2 {
		bad("code", "hand.code.bad")
	}
	if d.Sex != "F" && d.Sex != "M" && d.Sex != "X" {
		d.Sex = ""
	}
	var ok bool
	if d.Birth, ok = typedDate(h.Birth); !ok || d.Birth.IsZero() {
		bad("birth", "hand.date.bad")
	}
	if d.Expiry, ok = typedDate(h.Expiry); !ok {
		bad("expiry", "hand.date.bad")
	}
	return d
}

// zoneName writes a name in the zone's letters, components parted by single blanks.
func zoneName(s string) string {
	if len(s) > 4*maxText { // no letter becomes shorter than a quarter of its bytes
		s = s[:4*maxText]
	}
	return strings.ReplaceAll(strings.Trim(mrz.Transliterate(s), "<"), "<", " ")
}

func zoneLetter(r rune) rune {
	if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// typedDate reads day, month, year with any of . / - or blank between them, or year first; question marks stand for
// unknown parts. The page shows it again with the month by name, so that a slip is seen.
func typedDate(s string) (border.PartialDate, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '/' || r == '-' || r == ' ' })
	if len(parts) == 0 {
		return border.PartialDate{}, strings.TrimSpace(s) == ""
	}
	if len(parts) == 1 && len(parts[0]) == 4 {
		parts = []string{"?", "?", parts[0]}
	}
	if len(parts) != 3 {
		return border.PartialDate{}, false
	}
	if len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	day, okD := typedNumber(parts[0], 2)
	month, okM := typedNumber(parts[1], 2)
	year, okY := typedNumber(parts[2], 4)
	if !okD || !okM || !okY || year != 0 && year < 1000 {
		return border.PartialDate{}, false
	}
	p, err := border.NewPartialDate(year, month, day)
	return p, err == nil
}

// typedNumber is zero where all is question marks.
func typedNumber(s string, most int) (n int, ok bool) {
	if len(s) > most || s == "" {
		return 0, false
	}
	if strings.Trim(s, "?") == "" {
		return 0, true
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, n > 0
}

// typed writes a date as typedDate reads it.
func typed(p border.PartialDate) string {
	if p.IsZero() {
		return ""
	}
	s := p.String()
	return strings.Join([]string{s[8:], s[5:7], s[:4]}, ".")
}

func typedDay(d border.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Civil()
	return typed(border.PartialDate{Year: year, Month: month, Day: day})
}
