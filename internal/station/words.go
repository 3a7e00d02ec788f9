package station

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/web"
)

// Words makes what people read from the codes of the packages below, in one language.
type Words struct {
	Lang string

	pages    *web.Pages
	troubles []Trouble
	label    func(node string) string
}

// Words are those of the reader's language.
func (st *Station) Words(r *http.Request) Words { return st.WordsIn(st.Pages.Lang(r)) }

// WordsIn are those of a language, for what is made without a request.
func (st *Station) WordsIn(lang string) Words { return Words{lang, st.Pages, st.troubles, st.Label} }

// WordsOf are those of pages that were opened with Files and without a station, such as a test's.
func WordsOf(pages *web.Pages, lang string) Words { return Words{lang, pages, troubles, nil} }

// T is a text by its key: see web.Pages.T.
func (w Words) T(key string, args ...any) string { return w.pages.T(w.Lang, key, args...) }

// At writes a moment, given in ms UTC, with its date.
func (w Words) At(ms int64) string { return w.pages.Time(w.Lang, time.UnixMilli(ms)) }

// Ago says how long before now a moment was, both in ms UTC; a moment of zero or less was never.
func (w Words) Ago(now, then int64) string {
	if then <= 0 {
		return w.T("frame.never")
	}
	return w.pages.Ago(w.Lang, time.UnixMilli(now), time.UnixMilli(then))
}

// date writes a date that no reader takes for another: day, month by name, year; a question mark for what is unknown.
func (w Words) Date(p border.PartialDate) string {
	if p.IsZero() {
		return ""
	}
	day, month, year := "?", "?", "????"
	if p.Day > 0 {
		day = strconv.Itoa(p.Day)
	}
	if months := strings.Fields(w.T("frame.months")); p.Month > 0 && p.Month <= len(months) {
		month = months[p.Month-1]
	}
	if p.Year > 0 {
		year = strconv.Itoa(p.Year)
	}
	return day + "\u00a0" + month + "\u00a0" + year
}

func (w Words) Day(d border.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Civil()
	return w.Date(border.PartialDate{Year: year, Month: month, Day: day})
}

// basis names a basis of stay, and that none is known.
func (w Words) Basis(b border.Basis) string {
	if b == 0 {
		return w.T("basis.none")
	}
	return w.T("basis." + b.String())
}

// plural is the parameter of a finding that decides between one and many.
var plural = map[border.Code]string{
	border.FewDaysLeft: "left", border.StayExceeded: "over", border.StayUncertain: "doubts", border.PostsOld: "posts", border.HitsMany: "alerts",
}

// finding says a finding in a sentence.
func (w Words) Finding(f border.Finding) string {
	if f.Code == border.ZoneFault || f.Code == border.ZoneWarning {
		line, _ := strconv.Atoi(f.Param("line"))
		position, _ := strconv.Atoi(f.Param("position"))
		return w.T("field."+f.Field) + ": " + w.Fault(mrz.Fault{Code: f.Param("code"), Line: line, Position: position})
	}
	args := make([]any, 0, 2*len(f.Params)+2)
	for _, p := range f.Params {
		args = append(args, p.Name, w.param(p))
		if p.Name == plural[f.Code] {
			n, _ := strconv.Atoi(p.Value)
			args = append(args, "n", n)
		}
	}
	key := "finding." + string(f.Code)
	if (f.Code == border.PostsOld || f.Code == border.ListOld) && f.Param("to") == "0" {
		key += ".never"
	}
	return w.T(key, args...)
}

// param gives a parameter's value as people read it: the name says what kind of thing it is.
func (w Words) param(p border.Param) any {
	switch p.Name {
	case "expiry", "until", "from", "last", "since", "departure", "day":
		if d, err := border.ParsePartialDate(p.Value); err == nil {
			return w.Date(d)
		}
	case "entered":
		if d, err := border.ParsePartialDate(p.Value); err == nil && p.Value != border.Date(0).String() {
			return w.Date(d)
		}
		return w.T("station.unknown")
	case "to", "at":
		if ms, err := strconv.ParseInt(p.Value, 10, 64); err == nil {
			return w.At(ms)
		}
	case "nationality":
		return w.State(p.Value)
	case "basis", "direction", "action", "kind":
		if p.Value == "" {
			return w.T("basis.none")
		}
		return w.T(p.Name + "." + p.Value)
	case "node":
		return w.Label(p.Value)
	}
	return p.Value
}

// fault says what is wrong with a field of the zone, and where.
func (w Words) Fault(f mrz.Fault) string {
	text := w.T("fault." + f.Code)
	switch {
	case f.Line > 0 && f.Position > 0:
		return text + " " + w.T("station.place", "line", f.Line, "position", f.Position)
	case f.Line > 0:
		return text + " " + w.T("station.place.line", "line", f.Line)
	}
	return text
}

// doubt says why a stay is not certain.
func (w Words) Doubt(d border.Doubt) string {
	code := "doubt." + string(d.Code)
	if d.Code == border.DoubtKnownTo && d.Day == 0 {
		code = "doubt.never-known"
	}
	return w.T(code, "node", w.Label(d.Node), "day", w.Day(d.Day))
}

// Way names a direction in large: "Entry".
func (w Words) Way(d border.Direction) string { return w.T("way." + d.String()) }

// State is a code of the zone with its name: "GRC Greece".
func (w Words) State(code string) string {
	if name := w.StateName(code); name != "" {
		return code + " " + name
	}
	return code
}

// StateName names a state, organization or kind of person of Doc 9303 part 3, section 5; empty where the code is none.
func (w Words) StateName(code string) string {
	code = strings.TrimRight(code, "<")
	if _, ok := mrz.StateName(code); !ok {
		return ""
	}
	return w.T("state." + code)
}

// StateCode gives the code of a zone for a code that somebody typed: of a zone, or of two or three letters; as typed, in capitals, where it
// is none of these.
func StateCode(typed string) string {
	typed = strings.ToUpper(strings.TrimSpace(typed))
	if len(typed) <= 3 {
		if code, ok := mrz.StateOf(typed); ok {
			return code
		}
	}
	return typed
}

// FullName is a holder's name as in lists: "ROSSI, PAOLO".
func FullName(primary, secondary string) string {
	if secondary == "" {
		return primary
	}
	return primary + ", " + secondary
}
