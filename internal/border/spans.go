package border

import "math"

// A span is one stay as the passages tell it. One of its two ends may be missing.
type span struct {
	entry, exit *Passage
	from, to    Date // days of the known ends; of a missing end, the other's, or today while open
	open        bool // runs to today
}

// spansOf pairs passages in their order. An entry after an entry means that an exit is missing, an exit without an entry
// that an entry is: of such a stay only the known end's day is counted.
func spansOf(passages []Passage, withPerson bool, dir Direction, today Date) []span {
	spans := make([]span, 0, len(passages)/2+1)
	var open *Passage
	missed := func() {
		if open != nil {
			spans = append(spans, span{entry: open, from: open.Day, to: open.Day})
		}
	}
	for i := range passages {
		p := &passages[i]
		if p.Withdrawn || p.ByPerson && !withPerson {
			continue
		}
		switch p.Direction {
		case Entry:
			missed()
			open = p
		case Exit:
			s := span{entry: open, exit: p, from: p.Day, to: p.Day}
			if open != nil {
				s.from = open.Day
			}
			spans, open = append(spans, s), nil
		}
	}
	missed()
	if open != nil && dir != Entry {
		last := &spans[len(spans)-1]
		last.to, last.open = today, true
	}
	return spans
}

func (s *span) basis() Basis {
	if s.entry != nil {
		return s.entry.Basis
	}
	return s.exit.Basis
}

func (s *span) until() Date {
	if s.entry != nil {
		return s.entry.Until
	}
	return s.exit.Until
}

// stated are the days of the stay as the records say. An exit before its entry leaves the two days alone.
func (s *span) stated() [2]stretch {
	if s.from > s.to {
		return [2]stretch{{s.from, s.from}, {s.to, s.to}}
	}
	return [2]stretch{{s.from, s.to}, {1, 0}}
}

// proven are the days that no doubt can take away. A doubtful end may have been as near to the other end as can be. In
// days that some post is not known for he may have been away, out and in again by that post; a day of a passage itself
// stands.
func (s *span) proven(known stretch) [2]stretch {
	none := stretch{1, 0}
	sureFrom := s.entry != nil && !s.entry.Doubtful
	sureTo := s.exit != nil && !s.exit.Doubtful
	left, right := stretch{s.from, s.from}, stretch{s.to, s.to}
	switch {
	case s.from > s.to || !sureFrom && !sureTo:
		return [2]stretch{none, none}
	case !sureFrom:
		return [2]stretch{right, none}
	case !sureTo && !s.open:
		return [2]stretch{left, none}
	}
	if s.from >= known.from {
		left.to = max(s.from, min(s.to, known.to))
	}
	if s.open {
		return [2]stretch{left, none}
	}
	if s.to <= known.to {
		right.from = min(s.to, max(s.from, known.from))
	}
	return [2]stretch{left, right}
}

// isShort reports whether days on this basis count together: stays under a residence permit or a long-stay visa do not
// count into 90 in 180 (Regulation (EU) 2016/399, article 6(2)).
func isShort(b Basis) bool { return b == VisaFree || b == Visa || b == 0 }

// counts says whether, and from which day on, a stay counts into the window of the terms. Days after the end of a permit
// are days of a short stay. The open stay is judged under the terms, whatever it began as.
func (c *counter) counts(s *span) (from Date, ok bool) {
	short, was := isShort(c.terms.Basis), isShort(s.basis())
	switch {
	case short && was, s.basis() == c.terms.Basis, s.open && !short:
		return math.MinInt32, true
	case short && s.until() != 0:
		return s.until() + 1, true
	}
	return 0, false
}

// What a day counts into.
const (
	inWindow = 1 << iota
	onVisa
	inOpenStay
)

// marked gives each day from start to today its flags, and says whether he is here today.
func (c *counter) marked(spans []span, favour bool) (days []uint8, here bool) {
	days = make([]uint8, c.today-c.start+1)
	for i := range spans {
		s := &spans[i]
		parts := s.stated()
		if favour {
			parts = s.proven(c.known)
		}
		window, ok := c.counts(s)
		for _, part := range parts {
			here = here || part.from <= c.today && c.today <= part.to
			for d := max(part.from, c.start); d <= min(part.to, c.today); d++ {
				flags := uint8(0)
				if ok && d >= window {
					flags |= inWindow
				}
				if c.underVisa(s, favour) && d >= c.visaFrom() {
					flags |= onVisa
				}
				if s.open {
					flags |= inOpenStay
				}
				days[d-c.start] |= flags
			}
		}
	}
	return days, here
}

// underVisa reports whether a stay counts as one on the visa in hand. Where the visa's first day is unknown, an earlier
// stay may have been on another one.
func (c *counter) underVisa(s *span, favour bool) bool {
	if c.terms.Basis != Visa {
		return false
	}
	return s.open || s.basis() == Visa && !(favour && c.terms.Visa.From == 0)
}

// count reads the spans, as stated or in the traveller's favour.
func (c *counter) count(spans []span, favour bool) Figures {
	f := c.situation(spans)
	if c.limit.None() {
		return f
	}
	days, here := c.marked(spans, favour)
	n, v := c.walk(days, &f)
	switch {
	case c.limit.VisaDays > 0:
		f.Used = v
	case c.limit.Days > 0:
		f.Used = n
	}
	f.Entries = c.entries(spans, favour)
	f.NoEntry = c.limit.Entries > 0 && f.Entries >= c.limit.Entries && (c.dir == Entry || !f.Inside)
	if f.NoEntry || c.terms.Basis == Visa && c.terms.Visa.From > c.today {
		return f
	}
	if f.LastDay = c.lastDay(days, n, v); f.LastDay != 0 {
		f.Left = int(f.LastDay-c.today) + 1
		if here {
			f.Left--
		}
	}
	return f
}

// walk goes through the days to today and notes those of the open stay beyond the limit. It returns the days in the window
// that ends today and the days on the visa.
func (c *counter) walk(days []uint8, f *Figures) (n, v int) {
	for i, flags := range days {
		if flags&inWindow != 0 {
			n++
		}
		if c.falls(days, i) {
			n--
		}
		if flags&onVisa != 0 {
			v++
		}
		if day := c.start.AddDays(i); flags&inOpenStay != 0 && c.beyond(n, v, day) {
			if f.Overstay == 0 {
				f.OverSince = day
			}
			f.Overstay++
		}
	}
	return n, v
}

func (c *counter) situation(spans []span) (f Figures) {
	if len(spans) == 0 {
		return f
	}
	last := &spans[len(spans)-1]
	if last.exit != nil {
		f.Last = *last.exit
		return f
	}
	f.Inside, f.Entered, f.Last = true, last.from, *last.entry
	return f
}

// beyond reports whether presence on a day with n days in its window and v on the visa breaks the limit.
func (c *counter) beyond(n, v int, day Date) bool {
	l := c.limit
	return l.Days > 0 && n > l.Days || l.VisaDays > 0 && v > l.VisaDays || l.Until != 0 && day > l.Until
}

// lastDay is the last lawful day of a stay without a break from today on; zero where today is not lawful. n and v are the
// counts of today. The window slides: days of long ago fall out of it while he stays. Validation keeps a limit below its
// window; the walk ends even without.
func (c *counter) lastDay(days []uint8, n, v int) (last Date) {
	if c.limit.Days == 0 && c.limit.VisaDays == 0 {
		if c.limit.Until != 0 && c.limit.Until < c.today {
			return 0
		}
		return c.limit.Until
	}
	for d := c.today; d <= c.today.AddDays(maxWindow); d++ {
		i := int(d - c.start)
		if i >= len(days) || days[i]&inWindow == 0 {
			n++
		}
		if i >= len(days) || days[i]&onVisa == 0 {
			v++
		}
		if d > c.today && c.falls(days, i) {
			n--
		}
		if c.beyond(n, v, d) {
			return last
		}
		last = d
	}
	return last
}

// falls reports whether a counted day falls out of the window when it comes to end on day i.
func (c *counter) falls(days []uint8, i int) bool {
	gone := i - c.limit.Window
	return c.limit.Days > 0 && gone >= 0 && gone < len(days) && days[gone]&inWindow != 0
}

// entries counts the entries made on the visa in hand.
func (c *counter) entries(spans []span, favour bool) (n int) {
	if c.limit.Entries == 0 {
		return 0
	}
	for i := range spans {
		s := &spans[i]
		if s.entry != nil && s.from >= c.visaFrom() && c.underVisa(s, favour) && !(favour && s.entry.Doubtful) {
			n++
		}
	}
	return n
}

// spanDoubts names what is not sure in the stays that bear on the figures.
func (c *counter) spanDoubts(spans []span) {
	otherVisa := false
	for i := range spans {
		s := &spans[i]
		if _, counted := c.counts(s); s.to < c.start || !counted && !s.open {
			continue
		}
		otherVisa = otherVisa || s.basis() == Visa && !s.open
		switch {
		case s.entry == nil:
			c.doubt(DoubtEntry, s.exit.Node, s.exit.Day)
		case s.exit == nil && !s.open:
			c.doubt(DoubtExit, s.entry.Node, s.entry.Day)
		}
		for _, p := range []*Passage{s.entry, s.exit} {
			if p != nil && p.Doubtful {
				c.doubt(DoubtDay, p.Node, p.Day)
			}
		}
		if s.from > s.to || s.to > c.today {
			c.doubt(DoubtOrder, s.node(), s.from)
		}
	}
	if otherVisa && c.limit.VisaDays+c.limit.Entries > 0 && c.terms.Visa.From == 0 {
		c.doubt(DoubtVisaStart, "", 0)
	}
}

func (s *span) node() string {
	if s.entry != nil {
		return s.entry.Node
	}
	return s.exit.Node
}
