package border

import (
	"math"
	"slices"
	"time"
)

// History is what this node knows of one traveller's passages, in the order of the records (not of the days: clocks err),
// and up to when it knows each post.
type History struct {
	Passages []Passage
	Horizons []Horizon
}

// Figures are one reading of a history under a limit. Days are civil days; both the day of entry and the day of exit count
// (Regulation (EU) 2016/399, article 6(1) and (2)).
type Figures struct {
	Inside  bool // the last passage is an entry
	Entered Date // its day, zero where not inside
	Used    int  // days in the window that ends today; for a visa with days of its own, days under it
	// Left counts the lawful days in a row that are not used yet: from today if he is not yet here today, else from
	// tomorrow.
	Left int
	// LastDay is the last lawful day if he enters, or stays on, from today. Zero: he may not be here today at all, or
	// nothing limits him (Limit.None).
	LastDay   Date
	Overstay  int  // days of the open stay beyond the limit, to today
	OverSince Date // the first of them
	Entries   int  // entries made on the visa
	NoEntry   bool // an entry would exceed the visa's entries
	Last      Passage
}

// Stay is what can be said of a traveller's days.
type Stay struct {
	Terms Terms // as asked, completed from the open entry of the same basis
	Limit Limit
	Figures
	// Proposed is the reading with passages that only the person tag joins, where it differs. It proposes; it proves
	// nothing.
	Proposed *Figures
	// Proven is what remains when every doubt is read in the traveller's favour: doubtful days, unknown stretches, missing
	// ends, and both readings of the person tag. Only this may call somebody an overstayer.
	Proven Figures
	Doubts []Doubt
}

// Certain reports whether nothing is in doubt.
func (s *Stay) Certain() bool { return len(s.Doubts) == 0 }

// DoubtCode names a reason why figures are not certain. Codes never change.
type DoubtCode string

const (
	DoubtNoHorizon   DoubtCode = "no-horizon"         // it is not known what this node knows
	DoubtSince       DoubtCode = "not-recording"      // the post records only from Day on
	DoubtKnownTo     DoubtCode = "known-to"           // the post is wholly known only to the end of Day, zero: not at all
	DoubtDay         DoubtCode = "doubtful-day"       // a late, corrected or unsynchronised passage of Day
	DoubtExit        DoubtCode = "exit-missing"       // no exit is known after the entry of Day
	DoubtEntry       DoubtCode = "entry-missing"      // no entry is known before the exit of Day
	DoubtOrder       DoubtCode = "days-disordered"    // an exit on a day before its entry
	DoubtVisaStart   DoubtCode = "visa-start-unknown" // earlier stays on a visa may belong to another
	DoubtPerson      DoubtCode = "by-person"          // passages under another document may be his
	DoubtTooMany     DoubtCode = "too-many-passages"  // only the newest were counted
	DoubtUncounted   DoubtCode = "more-doubts"        // than are listed
	DoubtUnreachable DoubtCode = "too-long-ago"       // the stay began before all that is counted
)

// A Doubt is one reason, with the post and day it is about where it has them.
type Doubt struct {
	Code DoubtCode
	Node string
	Day  Date
}

// StayOf counts the days of a traveller at now, whose location decides the civil date. dir is the crossing being checked:
// at Entry an entry without an exit is a missed exit and its days after the first are not counted against him; at Exit, and
// with zero (a search), an open stay runs to today. The present crossing is not in the history.
//
// An officer's evidence (a stamp, a ticket) will come in as passages of the same list.
func (rb *Rulebook) StayOf(t Terms, dir Direction, h History, now time.Time) Stay {
	c := counter{rb: rb, dir: dir, today: dayOf(now)}
	passages := c.bounded(h.Passages)
	open, inside := openEntry(passages)
	if inside && open.Basis == t.Basis {
		t = rb.completed(t, open)
	}
	c.terms, c.limit = t, rb.LimitOf(t)
	certain := spansOf(passages, false, dir, c.today)
	c.start = c.bearing(certain)
	c.horizons(h.Horizons, now)

	s := Stay{Terms: t, Limit: c.limit, Figures: c.count(certain, false)}
	s.Proven = c.count(certain, true)
	c.spanDoubts(certain)
	if anyByPerson(passages) {
		all := spansOf(passages, true, dir, c.today)
		c.start = min(c.start, c.bearing(all))
		if f := c.count(all, false); f != s.Figures {
			s.Proposed = &f
			s.Proven = milder(s.Proven, c.count(all, true))
			c.doubt(DoubtPerson, "", 0)
		}
	}
	if !c.limit.None() {
		s.Doubts = c.doubts
	}
	return s
}

// completed fills what an officer left open. An authorised day is taken over only where the basis needs one: on a visa-free
// entry it was computed from what was then known, and may not prove an overstay later.
func (rb *Rulebook) completed(t Terms, entry Passage) Terms {
	if t.Until == 0 && rb.Bases[t.Basis].NeedsUntil {
		t.Until = entry.Until
	}
	if t.Visa == (VisaTerms{}) {
		t.Visa = entry.Visa
	}
	return t
}

// milder takes from two readings what favours the traveller.
func milder(a, b Figures) Figures {
	a.Used = min(a.Used, b.Used)
	a.Left = max(a.Left, b.Left)
	a.LastDay = max(a.LastDay, b.LastDay)
	a.Entries = min(a.Entries, b.Entries)
	a.NoEntry = a.NoEntry && b.NoEntry
	if b.Overstay < a.Overstay {
		a.Overstay, a.OverSince = b.Overstay, b.OverSince
	}
	return a
}

// openEntry is the entry, joined by the document, after which no exit is known.
func openEntry(passages []Passage) (open Passage, inside bool) {
	for _, p := range passages {
		if p.Withdrawn || p.ByPerson {
			continue
		}
		switch p.Direction {
		case Entry:
			open, inside = p, true
		case Exit:
			open, inside = Passage{}, false
		}
	}
	return open, inside
}

func anyByPerson(passages []Passage) bool {
	for _, p := range passages {
		if p.ByPerson && !p.Withdrawn {
			return true
		}
	}
	return false
}

// counter carries what one question needs.
type counter struct {
	rb      *Rulebook
	terms   Terms
	limit   Limit
	dir     Direction
	today   Date
	start   Date // the earliest day that bears on the figures; today+1 where none does
	known   stretch
	doubts  []Doubt
	dropped bool
}

// stretch is a run of days, both ends counted; empty where to is before from.
type stretch struct{ from, to Date }

func (c *counter) doubt(code DoubtCode, node string, day Date) {
	switch {
	case len(c.doubts) < maxDoubts:
		c.doubts = append(c.doubts, Doubt{code, node, day})
	case !c.dropped:
		c.dropped = true
		c.doubts[maxDoubts-1] = Doubt{Code: DoubtUncounted}
	}
}

func (c *counter) bounded(passages []Passage) []Passage {
	if len(passages) <= maxPassages {
		return passages
	}
	c.doubt(DoubtTooMany, "", 0)
	return passages[len(passages)-maxPassages:]
}

// bearing is the earliest day that the figures depend on: a window before today and before each day of the open stay, a
// visa's first day, the first day beyond an authorised one.
func (c *counter) bearing(spans []span) Date {
	first, start := c.today, c.today+1
	if n := len(spans); n > 0 && spans[n-1].open {
		first = min(first, spans[n-1].from)
		if c.limit.Until != 0 && c.limit.Until < c.today {
			start = max(first, c.limit.Until+1)
		}
	}
	if c.limit.Days > 0 {
		start = min(start, first.AddDays(1-c.limit.Window))
	}
	if c.limit.VisaDays > 0 || c.limit.Entries > 0 {
		start = min(start, c.visaFrom())
	}
	if oldest := c.today.AddDays(-maxLookback); start < oldest {
		start = oldest
		if !slices.Contains(c.doubts, Doubt{DoubtUnreachable, "", oldest}) {
			c.doubt(DoubtUnreachable, "", oldest)
		}
	}
	return start
}

// visaFrom is the first day of the visa; where it is unknown, that of the window.
func (c *counter) visaFrom() Date {
	if c.terms.Visa.From != 0 {
		return c.terms.Visa.From
	}
	return c.today.AddDays(1 - max(c.limit.Window, 1))
}

// horizons finds the stretch in which every post is known, and the posts that leave days in doubt.
func (c *counter) horizons(hs []Horizon, now time.Time) {
	c.known = stretch{math.MinInt32, c.today}
	if c.start > c.today {
		return
	}
	if len(hs) == 0 {
		c.known = stretch{1, 0}
		c.doubt(DoubtNoHorizon, "", 0)
		return
	}
	for _, h := range hs {
		if h.Since > c.start {
			c.doubt(DoubtSince, h.Node, h.Since)
		}
		c.known.from = max(c.known.from, h.Since)
		to, heard := c.rb.through(h, now)
		if !heard {
			to = math.MinInt32
			c.doubt(DoubtKnownTo, h.Node, 0)
		} else if to < c.today {
			c.doubt(DoubtKnownTo, h.Node, to)
		}
		c.known.to = min(c.known.to, to)
	}
}
