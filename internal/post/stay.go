package post

import (
	"tims/internal/border"
	"tims/internal/web"
)

// stayView is what the page says of a traveller's days.
type stayView struct {
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

func (w words) stay(a border.Advice, dir border.Direction) stayView {
	s := a.Stay
	v := stayView{Unlimited: s.Limit.None(), Inside: s.Inside, Entered: w.day(s.Entered), Used: s.Used, Left: s.Left,
		LastDay: w.day(s.LastDay), NoDays: !s.Limit.None() && s.LastDay == 0, Until: w.day(s.Limit.Until), Level: web.OK,
		Visa: a.Terms.Basis == border.Visa, AskUntil: hasUntil(a.Terms.Basis)}
	switch {
	case s.Limit.VisaDays > 0:
		v.Days, v.Rule = s.Limit.VisaDays, w.t("stay.rule.visa", "n", s.Limit.VisaDays)
	case s.Limit.Days > 0:
		v.Days, v.Rule = s.Limit.Days, w.t("stay.rule.window", "n", s.Limit.Days, "window", s.Limit.Window)
	}
	v.High = v.Days * 9 / 10
	if s.Limit.Entries > 0 {
		v.Entries = w.t("stay.entries", "used", s.Entries, "n", s.Limit.Entries)
	}
	if v.NoDays && dir == border.Entry {
		v.Level = web.Red
	}
	if dir == border.Exit && s.Overstay > 0 {
		v.Level, v.Overstay = web.Amber, w.overstay(s)
		v.NoDays, v.LastDay = false, w.day(s.OverSince.AddDays(-1))
	}
	if p := s.Proposed; p != nil {
		v.Proposed = w.t("stay.proposed", "used", p.Used, "left", p.Left)
	}
	for _, d := range s.Doubts {
		v.Doubts = append(v.Doubts, w.doubt(d))
	}
	return v
}

// overstay states how long, since when, and how much of it holds when every doubt is read in the traveller's favour.
func (w words) overstay(s border.Stay) []string {
	facts := []string{w.t("stay.over", "n", s.Overstay), w.t("stay.over.since", "day", w.day(s.OverSince))}
	if s.Proven.Overstay > 0 {
		return append(facts, w.t("stay.over.proven", "n", s.Proven.Overstay))
	}
	return append(facts, w.t("stay.over.unproven"))
}
