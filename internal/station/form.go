package station

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"tims/internal/border"
	"tims/internal/record"
)

// NewAct makes an act for a form: the hidden field "act" of a form that is shown afresh.
func NewAct() (a record.Act) {
	rand.Read(a[:])
	return a
}

// ActText writes an act as ReadAct reads it.
func ActText(a record.Act) string { return hex.EncodeToString(a[:]) }

// ReadAct reads the act that the form was given; false where it has none.
func ReadAct(r *http.Request) (a record.Act, ok bool) {
	b, err := hex.DecodeString(r.PostFormValue("act"))
	if err != nil || len(b) != len(a) {
		return a, false
	}
	copy(a[:], b)
	return a, true
}

// PathIndex reads the index of a record in an address, such as that of "GET /check/{index}".
func PathIndex(r *http.Request) (uint64, bool) {
	index, err := strconv.ParseUint(r.PathValue("index"), 10, 64)
	return index, err == nil
}

// A Form reads fields as typed and keeps, beside each that cannot be read, what is wrong with it. Nothing typed is lost.
type Form struct {
	Values url.Values
	Faults map[string]string // by field, in words

	words Words
}

// NewForm reads a form that Pages.ReadForm or Deed has parsed.
func NewForm(r *http.Request, w Words) *Form {
	return &Form{Values: r.PostForm, Faults: map[string]string{}, words: w}
}

// OK says that nothing is left to mend.
func (f *Form) OK() bool { return len(f.Faults) == 0 }

// Get gives a field as typed, without blanks around it.
func (f *Form) Get(field string) string { return strings.TrimSpace(f.Values.Get(field)) }

// Fault puts a fault beside a field by the key of its words.
func (f *Form) Fault(field, key string, args ...any) { f.Faults[field] = f.words.T(key, args...) }

// Text reads a text of least to most characters; least 0 lets it be empty.
func (f *Form) Text(field string, least, most int) string {
	s := f.Get(field)
	switch n := utf8.RuneCountInString(s); {
	case n == 0 && least > 0:
		f.Fault(field, "station.text.missing")
	case n < least:
		f.Fault(field, "station.text.short", "n", least)
	case n > most || !utf8.ValidString(s):
		f.Fault(field, "station.text.long", "n", most)
	}
	return s
}

// Number reads a whole number within bounds; an empty field is zero, and a fault where zero lies outside of them.
func (f *Form) Number(field string, least, most int) int {
	text := f.Get(field)
	if text == "" && least <= 0 {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.Fault(field, "station.number.bad", "least", least, "most", most)
		return 0
	}
	return n
}

// Index reads the index of a record.
func (f *Form) Index(field string) uint64 {
	n, err := strconv.ParseUint(f.Get(field), 10, 64)
	if err != nil {
		f.Fault(field, "station.index.bad")
	}
	return n
}

// Day reads a whole date; an empty field is zero.
func (f *Form) Day(field string) border.Date {
	p, ok := ParseDate(f.Get(field))
	d, whole := p.Date()
	if !ok || !whole && !p.IsZero() {
		f.Fault(field, "station.date.bad")
	}
	return d
}

// ParseDate reads day, month, year with any of . / - or blank between them, or year first; question marks stand for unknown
// parts. A page shows it again with the month by name, so that a slip is seen.
func ParseDate(s string) (border.PartialDate, bool) {
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
	day, okD := datePart(parts[0], 2)
	month, okM := datePart(parts[1], 2)
	year, okY := datePart(parts[2], 4)
	if !okD || !okM || !okY || year != 0 && year < 1000 {
		return border.PartialDate{}, false
	}
	p, err := border.NewPartialDate(year, month, day)
	return p, err == nil
}

// datePart is zero where all is question marks.
func datePart(s string, most int) (n int, ok bool) {
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

// DateText writes a date as ParseDate reads it.
func DateText(p border.PartialDate) string {
	if p.IsZero() {
		return ""
	}
	s := p.String()
	return strings.Join([]string{s[8:], s[5:7], s[:4]}, ".")
}

// DayText is DateText of a whole date.
func DayText(d border.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Civil()
	return DateText(border.PartialDate{Year: year, Month: month, Day: day})
}
