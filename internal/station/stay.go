package station

import (
	"tims/internal/border"
	"tims/internal/web"
)

// A Stay is what the page says of a traveller's days.
type Stay struct {
	Unlimited  bool
	Inside     bool
	Entered    string
	Days       int // the limit that the meter shows
	Used, Left int
	High       int // from where on the meter warns
	Rule       string
	LastDay    string
	NoDays     bool // he may not be here today
	Entries    string
	Until      string
	Level      web.Level
	Overstay   []string // at exit: facts, no verdict
	Proposed   string
	Doubts     []string
	Visa       bool // the fields of a visa are asked for
	AskUntil   bool
}

// Stay says what the rules make of a traveller's days, for the part station-stay.
func (w Words) Stay(a border.Advice, dir border.Direction) Stay {
	s := a.Stay
	v := Stay{Unlimited: s.Limit.None(), Inside: s.Inside, Entered: w.Day(s.Entered), Used: s.Used, Left: s.Left,
		LastDay: w.Day(s.LastDay), NoDays: !s.Limit.None() && s.LastDay == 0, Until: w.Day(s.Limit.Until), Level: web.OK,
		Visa: a.Terms.Basis == border.Visa, AskUntil: HasUntil(a.Terms.Basis)}
	switch {
	case s.Limit.VisaDays > 0:
		v.Days, v.Rule = s.Limit.VisaDays, w.T("stay.rule.visa", "n", s.Limit.VisaDays)
	case s.Limit.Days > 0:
		v.Days, v.Rule = s.Limit.Days, w.T("stay.rule.window", "n", s.Limit.Days, "window", s.Limit.Window)
	}
	v.High = v.Days * 9 / 10
	if s.Limit.Entries > 0 {
		v.Entries = w.T("stay.entries", "used", s.Entries, "n", s.Limit.Entries)
	}
	if v.NoDays && dir == border.Entry {
		v.Level = web.Red
	}
	if dir == border.Exit && s.Overstay > 0 {
		v.Level, v.Overstay = web.Amber, w.overstay(s)
		v.NoDays, v.LastDay = false, w.Day(s.OverSince.AddDays(-1))
	}
	if p := s.Proposed; p != nil {
		v.Proposed = w.T("stay.proposed", "used", p.Used, "left", p.Left)
	}
	for _, d := range s.Doubts {
		v.Doubts = append(v.Doubts, w.Doubt(d))
	}
	return v
}

// overstay states how long, since when, and how much of it holds when every doubt is read in the traveller's favour.
func (w Words) overstay(s border.Stay) []string {
	facts := []string{w.T("stay.over", "n", s.Overstay), w.T("stay.over.since", "day", w.Day(s.OverSince))}
	if s.Proven.Overstay > 0 {
		return append(facts, w.T("stay.over.proven", "n", s.Proven.Overstay))
	}
	return append(facts, w.T("stay.over.unproven"))
}

// HasUntil says of the bases with a day until which the stay is authorised; on the others a day left in the form from an
// earlier choice would bind a stay by mistake.
func HasUntil(b border.Basis) bool {
	switch b {
	case border.VisaFree, border.Citizen, 0:
		return false
	}
	return true
}
