package post

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/tlog"
	"tims/internal/web"
)

// words makes what people read from the codes of the packages below, in one language.
type words struct {
	pages *web.Pages
	lang  string
}

func (f *Face) words(r *http.Request) words { return words{f.pages, f.pages.Lang(r)} }

func (w words) t(key string, args ...any) string { return w.pages.T(w.lang, key, args...) }

func (w words) at(ms int64) string { return w.pages.Time(w.lang, time.UnixMilli(ms)) }

func (w words) ago(now, then int64) string {
	if then <= 0 {
		return w.t("frame.never")
	}
	return w.pages.Ago(w.lang, time.UnixMilli(now), time.UnixMilli(then))
}

// date writes a date that no reader takes for another: day, month by name, year; a question mark for what is unknown.
func (w words) date(p border.PartialDate) string {
	if p.IsZero() {
		return ""
	}
	day, month, year := "?", "?", "????"
	if p.Day > 0 {
		day = strconv.Itoa(p.Day)
	}
	if months := strings.Fields(w.t("frame.months")); p.Month > 0 && p.Month <= len(months) {
		month = months[p.Month-1]
	}
	if p.Year > 0 {
		year = strconv.Itoa(p.Year)
	}
	return day + "\u00a0" + month + "\u00a0" + year
}

func (w words) day(d border.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Civil()
	return w.date(border.PartialDate{Year: year, Month: month, Day: day})
}

// basis names a basis of stay, and that none is known.
func (w words) basis(b border.Basis) string {
	if b == 0 {
		return w.t("basis.none")
	}
	return w.t("basis." + b.String())
}

// plural is the parameter of a finding that decides between one and many.
var plural = map[border.Code]string{
	border.FewDaysLeft: "left", border.StayExceeded: "over", border.StayUncertain: "doubts", border.PostsOld: "posts",
}

// finding says a finding in a sentence.
func (w words) finding(f border.Finding) string {
	if f.Code == border.ZoneFault || f.Code == border.ZoneWarning {
		line, _ := strconv.Atoi(f.Param("line"))
		position, _ := strconv.Atoi(f.Param("position"))
		return w.t("field."+f.Field) + ": " + w.fault(mrz.Fault{Code: f.Param("code"), Line: line, Position: position})
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
	return w.t(key, args...)
}

// param gives a parameter's value as people read it: the name says what kind of thing it is.
func (w words) param(p border.Param) any {
	switch p.Name {
	case "expiry", "until", "from", "last", "since", "departure":
		if d, err := border.ParsePartialDate(p.Value); err == nil {
			return w.date(d)
		}
	case "entered":
		if d, err := border.ParsePartialDate(p.Value); err == nil && p.Value != border.Date(0).String() {
			return w.date(d)
		}
		return w.t("post.unknown")
	case "to", "at":
		if ms, err := strconv.ParseInt(p.Value, 10, 64); err == nil {
			return w.at(ms)
		}
	case "nationality":
		return state(p.Value)
	case "basis", "direction", "action":
		if p.Value == "" {
			return w.t("basis.none")
		}
		return w.t(p.Name + "." + p.Value)
	case "node":
		return capital(p.Value)
	}
	return p.Value
}

// fault says what is wrong with a field of the zone, and where.
func (w words) fault(f mrz.Fault) string {
	text := w.t("fault." + f.Code)
	switch {
	case f.Line > 0 && f.Position > 0:
		return text + " " + w.t("post.place", "line", f.Line, "position", f.Position)
	case f.Line > 0:
		return text + " " + w.t("post.place.line", "line", f.Line)
	}
	return text
}

// doubt says why a stay is not certain.
func (w words) doubt(d border.Doubt) string {
	code := "doubt." + string(d.Code)
	if d.Code == border.DoubtKnownTo && d.Day == 0 {
		code = "doubt.never-known"
	}
	return w.t(code, "node", capital(d.Node), "day", w.day(d.Day))
}

// trouble maps errors to the words that say what happened and what to do. The first that fits is taken.
var troubles = []struct {
	err    error
	key    string
	status int
}{
	{node.ErrOfficer, "error.officer", http.StatusForbidden},
	{node.ErrDuty, "error.duty", http.StatusForbidden},
	{node.ErrNumber, "error.number", http.StatusUnprocessableEntity},
	{node.ErrGround, "error.ground", http.StatusUnprocessableEntity},
	{node.ErrPlateHit, "error.plate-hit", http.StatusConflict},
	{node.ErrDecided, "error.decided", http.StatusConflict},
	{node.ErrOtherContent, "error.other-content", http.StatusConflict},
	{node.ErrForgotten, "error.forgotten", http.StatusConflict},
	{node.ErrBoothSignature, "error.booth-signature", http.StatusConflict},
	{tlog.ErrNotKnown, "error.not-known", http.StatusServiceUnavailable},
	{tlog.ErrStopped, "error.stopped", http.StatusServiceUnavailable},
	{tlog.ErrClosed, "error.stopped", http.StatusServiceUnavailable},
	{tlog.ErrNotRecorded, "error.not-recorded", http.StatusServiceUnavailable},
	{context.DeadlineExceeded, "error.slow", http.StatusServiceUnavailable},
	{context.Canceled, "error.slow", http.StatusServiceUnavailable},
}

func (w words) error(err error) string {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return w.t(t.key)
		}
	}
	return w.t("error.other")
}

func statusOf(err error) int {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return t.status
		}
	}
	return http.StatusInternalServerError
}

// state is a code of the zone with its name: "GRC Greece".
func state(code string) string {
	if name, ok := mrz.StateName(code); ok {
		return code + " " + name
	}
	return code
}

func stateName(code string) string {
	name, _ := mrz.StateName(code)
	return name
}

// capital writes a node's name as a name.
func capital(s string) string {
	for i, r := range s {
		return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
