package post

import (
	"net/http"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/station"
)

// hand is the form for a document without a readable zone, as typed.
type hand struct {
	Code, Issuer, Number, Nationality, Primary, Secondary, Birth, Sex, Expiry string

	Faults map[string]string // by field, in words
}

// handCodes are the kinds of document offered: document codes of Doc 9303 parts 4 to 7, and that there is none: the number is
// then that of the national identity, or of the declaration that was taken.
var handCodes = []string{"P", "ID", "IR", "AC", "V", border.NoDocumentCode}

func handForm(r *http.Request) hand {
	get := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return hand{Code: get("code"), Issuer: strings.ToUpper(get("issuer")), Number: strings.ToUpper(get("number")),
		Nationality: strings.ToUpper(get("nationality")), Primary: get("primary"), Secondary: get("secondary"),
		Birth: get("birth"), Sex: get("sex"), Expiry: get("expiry")}
}

// handOf fills the form with what could be read of a zone, so that the officer types only the rest.
func handOf(d border.Document) hand {
	return hand{Code: d.Code, Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality, Primary: d.Primary,
		Secondary: d.Secondary, Birth: station.DateText(d.Birth), Sex: d.Sex, Expiry: station.DateText(d.Expiry)}
}

// document reads the form, and puts a fault beside each field that cannot be.
func (h *hand) document(w station.Words) border.Document {
	h.Faults = map[string]string{}
	bad := func(field, key string) { h.Faults[field] = w.T(key) }
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
	if d.Code == "" || len(d.Code) > 2 && d.Code != border.NoDocumentCode {
		bad("code", "hand.code.bad")
	}
	if d.Sex != "F" && d.Sex != "M" && d.Sex != "X" {
		d.Sex = ""
	}
	var ok bool
	if d.Birth, ok = station.ParseDate(h.Birth); !ok || d.Birth.IsZero() {
		bad("birth", "station.date.bad")
	}
	if d.Expiry, ok = station.ParseDate(h.Expiry); !ok {
		bad("expiry", "station.date.bad")
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
