package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

type timeForm int

const (
	dateAndClock timeForm = iota // 21 Nov 2026 22:41:05
	dateOnly                     // 21 Nov 2026
	clockOnly                    // 22:41:05
)

// instant takes what carries a moment: time.Time, or UTC milliseconds as in
// records.
func instant(v any) (time.Time, error) {
	switch t := v.(type) {
	case time.Time:
		return t, nil
	case int64:
		return time.UnixMilli(t), nil
	}
	return time.Time{}, fmt.Errorf("a time is time.Time or UTC ms as int64, not %T", v)
}

// Time prints a moment as "21 Nov 2026 22:41:05" in the node's zone: month by
// name and 24 hours, so that no reader takes day for month or morning for
// evening.
func (p *Pages) Time(lang string, t time.Time) string { return p.timeText(lang, t, dateAndClock) }

// Ago prints the age of t as seen at now: "3 min ago".
func (p *Pages) Ago(lang string, now, t time.Time) string {
	switch age := now.Sub(t); {
	case t.IsZero():
		return p.T(lang, "frame.never")
	case age < -2*time.Second: // two clocks of one post differ by less
		return p.T(lang, "frame.ahead", "span", p.Span(lang, -age))
	default:
		return p.T(lang, "frame.ago", "span", p.Span(lang, age))
	}
}

// Span prints a length of time in its two greatest units: "5 s", "3 min",
// "2 h 5 min", "4 days 2 h". It rounds down, so that an age is never given as
// more than it is; below a second it is 0 s.
func (p *Pages) Span(lang string, d time.Duration) string {
	d = max(d, 0)
	days, hours := int(d/(24*time.Hour)), int(d/time.Hour)%24
	switch {
	case d < time.Minute:
		return p.T(lang, "frame.span.s", "n", int(d/time.Second))
	case d < time.Hour:
		return p.T(lang, "frame.span.min", "n", int(d/time.Minute))
	case days == 0:
		return p.T(lang, "frame.span.h", "n", hours) + p.rest(lang, "frame.span.min", int(d/time.Minute)%60)
	}
	return p.T(lang, "frame.span.day", "n", days) + p.rest(lang, "frame.span.h", hours)
}

func (p *Pages) rest(lang, key string, n int) string {
	if n == 0 {
		return ""
	}
	return " " + p.T(lang, key, "n", n)
}

func (p *Pages) timeText(lang string, t time.Time, form timeForm) string {
	t = t.In(p.cfg.Zone)
	switch form {
	case clockOnly:
		return t.Format("15:04:05")
	case dateOnly:
		return p.dayText(lang, t)
	}
	return p.dayText(lang, t) + " " + t.Format("15:04:05")
}

func (p *Pages) dayText(lang string, t time.Time) string {
	months := strings.Fields(p.T(lang, "frame.months"))
	month := strconv.Itoa(int(t.Month()))
	if len(months) == 12 {
		month = months[t.Month()-1]
	}
	return fmt.Sprintf("%d\u00a0%s\u00a0%04d", t.Day(), month, t.Year())
}

// day prints a civil date, given as YYYY-MM-DD or as what prints so; it has no
// zone and is not moved by one.
func (p *Pages) day(lang string, v any) (string, error) {
	t, err := time.Parse(time.DateOnly, fmt.Sprint(v))
	if err != nil {
		return "", fmt.Errorf("day: want YYYY-MM-DD in a %T", v)
	}
	return p.dayText(lang, t), nil
}

func (p *Pages) timeElement(lang string, v any, form timeForm) (template.HTML, error) {
	t, err := instant(v)
	if err != nil {
		return "", err
	}
	if t.IsZero() {
		return template.HTML(template.HTMLEscapeString(p.T(lang, "frame.never"))), nil
	}
	return element(t, p.timeText(lang, t, form)), nil
}

func (p *Pages) agoElement(lang string, now, v any) (template.HTML, error) {
	at, err := instant(now)
	if err != nil {
		return "", err
	}
	t, err := instant(v)
	if err != nil {
		return "", err
	}
	text := p.Ago(lang, at, t)
	if t.IsZero() {
		return template.HTML(template.HTMLEscapeString(text)), nil
	}
	return element(t, text), nil
}

// element carries the moment in UTC too: the hour that a clock repeats in
// autumn is told apart by it.
func element(t time.Time, text string) template.HTML {
	utc := t.UTC()
	return template.HTML(`<time datetime="` + utc.Format("2006-01-02T15:04:05Z") + `" title="` +
		utc.Format("2006-01-02 15:04:05") + ` UTC">` + template.HTMLEscapeString(text) + `</time>`)
}

func (p *Pages) spanOf(lang string, v any) (string, error) {
	d, ok := v.(time.Duration)
	if !ok {
		return "", fmt.Errorf("span: want a time.Duration, not %T", v)
	}
	return p.Span(lang, d), nil
}
