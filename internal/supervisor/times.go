package supervisor

import (
	"strconv"
	"strings"
	"time"

	"tims/internal/station"
)

// Times of day in forms. A person types "16:30"; which day that is follows from the moment at which the form was shown, which
// it carries on, and not from the moment at which it is read: a form that is sent at midnight means what was read on it.

// base is the moment, UTC ms, by which a form's times of day are read: the one it carries, if that can be.
func (f *Face) base(form *station.Form) int64 {
	now := f.Node.Now()
	at, err := strconv.ParseInt(form.Get("at"), 10, 64)
	if err != nil || at > now || now-at > staleForm.Milliseconds() {
		return now
	}
	return at
}

// timeOfDay reads hours and minutes, with a colon, a dot or nothing between them.
func timeOfDay(text string) (hour, minute int, ok bool) {
	h, m, found := strings.Cut(strings.Replace(strings.TrimSpace(text), ".", ":", 1), ":")
	if !found && len(h) == 4 {
		h, m = h[:2], h[2:]
	}
	for _, part := range []string{h, m} {
		if len(part) < 1 || len(part) > 2 || strings.Trim(part, "0123456789") != "" {
			return 0, 0, false
		}
	}
	hour, _ = strconv.Atoi(h)
	minute, _ = strconv.Atoi(m)
	return hour, minute, len(m) == 2 && hour < 24 && minute < 60
}

// after gives the first moment with the time of day of a field after another moment, UTC ms.
func (f *Face) after(form *station.Form, field string, then int64) int64 {
	at := f.onDay(form, field, then, 0)
	if at <= then {
		at = f.onDay(form, field, then, 1)
	}
	return at
}

// before gives the last moment with the time of day of a field not after another moment, UTC ms.
func (f *Face) before(form *station.Form, field string, then int64) int64 {
	at := f.onDay(form, field, then, 0)
	if at > then {
		at = f.onDay(form, field, then, -1)
	}
	return at
}

// onDay gives the time of day of a field on the day of a moment, or some days on; 0 with a fault where it is none.
func (f *Face) onDay(form *station.Form, field string, then int64, days int) int64 {
	hour, minute, ok := timeOfDay(form.Get(field))
	if !ok {
		form.Fault(field, "supervisor.time.bad")
		return 0
	}
	year, month, day := time.UnixMilli(then).In(f.Node.Zone()).Date()
	return time.Date(year, month, day+days, hour, minute, 0, 0, f.Node.Zone()).UnixMilli()
}

// clockText writes a moment as timeOfDay reads it.
func (f *Face) clockText(ms int64) string {
	return time.UnixMilli(ms).In(f.Node.Zone()).Format("15:04")
}
