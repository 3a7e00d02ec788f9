package watchlist

import (
	"math"
	"slices"

	"tims/internal/border"
)

// persons finds every name that could reach the least score and aligns it.
//
// A word of the query or neighbouring words of it written as one are a unit. What a unit gains from a word of an alert is
// looked up once; the score of a name is never above the sum of the best gains of the units in its words, plus what words
// of the query that find nothing cost, plus the evidence beside the name, of which the birth date is known by the era. A
// plan sets for each unit and era the gain from which on a word's names are fetched: a name that has none of those words
// stays below the least score, and names of common words are fetched only where a common word can make the difference.
func (m *matching) persons() {
	least, wanted := m.q.Least[border.PersonAlert]
	if !wanted {
		return
	}
	s := m.seg.scratch.Get().(*scratch)
	defer m.seg.scratch.Put(s)
	s.begin(m, least)
	s.gather()
	s.plan()
	for alert := range m.papers { // their number weighs more than any plan allows for
		m.seg.namesOf(alert, func(n uint32) {
			if s.first(n) && m.load(alert) {
				m.person(n)
			}
		})
	}
	s.fetchJoined()
	s.fetch()
	for i := range s.eras {
		if e := &s.eras[i]; s.classes[e.class].all {
			for n := e.from; n < e.to; n++ {
				s.consider(n, e, 0)
			}
		}
	}
	s.end()
}

// scratch is the working memory of one match in a segment, reused.
type scratch struct {
	m     *matching
	least float32
	slack float32 // what no plan knows of: particles, initials, evidence that needs the alert, rounding

	units   []unit
	strays  float32 // what the query costs where no word finds a partner; not above zero
	table   gainTable
	eras    []era
	classes []class
	best    []float32

	seen    []uint64 // names looked at
	dirty   []uint32 // places of seen that are not zero
	lenient float32  // the most that a barely similar word weighs
}

// A unit is a word of the query, or neighbouring words as one. What it gains is counted from what it costs when it finds
// nothing, so that finding nothing counts zero.
type unit struct {
	word   int // of the query; the first one of joined words
	size   int
	join   int     // of the looker's joins, where there is more than one
	stray  float32 // not above zero
	gains  []gain
	most   float32
	levels []uint64 // cost of fetching all gains above so many steps
}

// A gain is what one word of an alert can add to the bound of its names.
type gain struct {
	id     int32
	weight float32
	kind   likeness // of which the spelling may take something off; likenesses where it does not
}

// A class is all eras in which the birth date is worth the same.
type class struct {
	most float32
	all  bool      // every name could reach the least score
	none bool      // no name could
	over []float32 // per unit: the gain above which names are fetched

	names uint32
	cost  uint64 // of the plan
}

func newScratch(names int) *scratch { return &scratch{seen: make([]uint64, (names+63)/64)} }

func (s *scratch) begin(m *matching, least float64) {
	s.m, s.least = m, float32(least)
	s.units, s.eras, s.classes = s.units[:0], m.seg.eras(m.q.Birth, s.eras[:0]), s.classes[:0]
	s.slack = float32(m.looker.slack) + nationSame + sexSame + 1e-3
	s.lenient = max(0, m.seg.most[lenient])
}

func (s *scratch) end() {
	for _, i := range s.dirty {
		s.seen[i] = 0
	}
	s.dirty = s.dirty[:0]
	s.m = nil
}

// first reports whether a name was not looked at before.
func (s *scratch) first(n uint32) bool {
	w, bit := &s.seen[n/64], uint64(1)<<(n%64)
	if *w&bit != 0 {
		return false
	}
	if *w == 0 {
		s.dirty = append(s.dirty, n/64)
	}
	*w |= bit
	return true
}

// gather looks up what every unit gains from which word.
func (s *scratch) gather() {
	l := s.m.looker
	s.strays = 0
	for i := range l.words {
		if w := &l.words[i]; !w.particle && !w.initial() {
			u := s.addUnit(i, 1, l.strayMost(i))
			u.gains = l.gainsOfWord(i, u.gains)
			s.strays += u.stray
		}
	}
	for i, j := range l.joins {
		stray := float32(0)
		for k := j.first; k < j.first+j.size; k++ {
			if !l.words[k].particle && !l.words[k].initial() {
				stray += l.strayMost(k)
			}
		}
		u := s.addUnit(j.first, j.size, stray)
		u.join = i
		if u.gains = l.gainsOfJoin(i, u.gains); len(u.gains) == 0 {
			s.units = s.units[:len(s.units)-1]
		}
	}
	n := 0
	for i := range s.units {
		u := &s.units[i]
		u.most = 0
		for _, g := range u.gains {
			u.most = max(u.most, g.weight-u.stray)
		}
		n += len(u.gains)
	}
	s.table.begin(n)
	for i := range s.units {
		for _, g := range s.units[i].gains {
			s.table.add(i, g)
		}
	}
	s.best = slices.Grow(s.best[:0], len(s.units))[:len(s.units)]
}

// strayMost bounds what a word costs that gains nothing. One that is a particle in other names may be the very particle.
func (l *looker) strayMost(i int) float32 {
	if particles[l.words[i].text] {
		return 0
	}
	return float32(l.strayCost(i))
}

func (s *scratch) addUnit(word, size int, stray float32) *unit {
	if len(s.units) < cap(s.units) {
		s.units = s.units[:len(s.units)+1]
	} else {
		s.units = append(s.units, unit{})
	}
	u := &s.units[len(s.units)-1]
	*u = unit{word: word, size: size, stray: stray, gains: u.gains[:0], levels: u.levels[:0]}
	return u
}

// consider aligns a name unless its bound denies it. joined is what a word of the query gains by neighbouring words of
// the name, zero where there are none.
func (s *scratch) consider(n uint32, e *era, joined float32) {
	if !s.first(n) {
		return
	}
	m := s.m
	lenience := e.most >= birthSwapped
	if s.bound(n, lenience, joined, false)+e.most+s.slack < s.least {
		return
	}
	if !m.load(m.seg.alertOf.at(int(n))) {
		return
	}
	rest := float32(m.looker.slack+m.outside) + 1e-3
	if s.bound(n, lenience, joined, true)+rest >= s.least {
		m.person(n)
	}
}

// bound is never below what aligning the name can give without particles and initials of the query. The narrow one
// counts how pairs of words are spelt, which takes longer.
func (s *scratch) bound(n uint32, lenience bool, joined float32, narrow bool) float32 {
	seg := s.m.seg
	from, to := int(seg.wordAt.at(int(n))), int(seg.wordAt.at(int(n)+1))
	about := meta(seg.metas.at(int(n)))
	clear(s.best)
	lack, lacks := float32(0), 0
	for i := from; i < to; i++ {
		id := int32(seg.wordIDs.at(i))
		if !s.raise(id, narrow) && !seg.light(id) {
			lacks++
			lack += float32(s.m.looker.lackCost(i-from < about.primaries()))
		}
	}
	bound := float32(aliasWeight(about)) + joined
	covered := uint32(0) // words of the query that are part of joined ones that gain
	for i := range s.units {
		u := &s.units[i]
		bound += s.best[i]
		if u.size > 1 && s.best[i] > 0 {
			covered |= mask(span{first: u.word, size: u.size})
		}
	}
	if joined > 0 {
		return bound + s.lenientAll(lenience)
	}
	strays, lenients := 0, 0
	for i := range s.units {
		u := &s.units[i]
		if u.size > 1 || s.best[i] > 0 || covered&(1<<u.word) != 0 {
			continue
		}
		if lenience && s.barely(u, from, to) {
			bound += s.lenient
			lenients++
			continue
		}
		if bound += u.stray; u.stray < 0 {
			strays++
		}
	}
	if lenients > 0 {
		return bound
	}
	return bound + lack + float32(min(strays, lacks))*contradiction
}

// raise lets every unit that gains from the word have it, and reports whether any does.
func (s *scratch) raise(id int32, narrow bool) (any bool) {
	t := &s.table
	for i := t.slot(id); t.rows[i].id != 0; {
		if r := &t.rows[i]; r.id == id+1 {
			if narrow && r.kind < likenesses {
				r.weight = max(0, r.weight-s.loss(r))
				r.kind = likenesses
			}
			any = true
			s.best[r.unit] = max(s.best[r.unit], r.weight)
		}
		if i++; i == len(t.rows) {
			i = 0
		}
	}
	return any
}

// loss is what the spelling of a word falls short of the best of its likeness.
func (s *scratch) loss(r *gainRow) float32 {
	u := &s.units[r.unit]
	text := s.m.looker.words[u.word].text
	if u.size > 1 {
		text = s.m.looker.joins[u.join].text
	}
	return float32(spellingLoss(r.kind, spellingCost(text, s.m.seg.words.text(r.id-1))))
}

func (s *scratch) lenientAll(lenience bool) float32 {
	if !lenience {
		return 0
	}
	return s.lenient * float32(len(s.units))
}

// barely reports whether a word of the query that gains nothing is at least a little like one of the name.
func (s *scratch) barely(u *unit, from, to int) bool {
	p := s.m.looker.patterns[u.word]
	for i := from; i < to; i++ {
		text := s.m.seg.words.text(int32(s.m.seg.wordIDs.at(i)))
		g := sign(text)
		prefix := p.sign.prefix(g)
		if p.sign.shared(g) >= int(needLenient[len(p.text)][len(text)][prefix]) && p.jaroWinkler(text, prefix) >= floorLenient {
			return true
		}
	}
	return false
}

// gainsOfWord looks up one word of the query among the words of alerts.
func (l *looker) gainsOfWord(i int, out []gain) []gain {
	q, x := &l.words[i], l.x
	x.words.similar(l.patterns[i], needFar, func(id int32, similarity float64) {
		k, ok := likenessOf(similarity)
		switch {
		case !ok:
			return
		case similarity == 1 && x.words.text(id) == q.text:
			k = same
		}
		out = appendGain(out, id, float64(x.weight(id, k)), k)
	})
	x.sounding(l.sounds[i], func(id int32) { // worth more than likeness, and also where letters differ more than the floor allows
		out = appendGain(out, id, float64(x.weight(id, sounded)), sounded)
	})
	if id, ok := x.words.find(q.text[:1]); ok {
		out = appendGain(out, id, l.initialWeight(i), likenesses)
	}
	if l.cut && len(q.text) >= leastCut {
		from, to := x.beginning(q.text)
		for ; from < to; from++ {
			id := int32(x.alpha.at(from))
			if w, ok := l.cutPair(i, x.words.text(id)); ok {
				out = appendGain(out, id, w, likenesses)
			}
		}
	}
	return out
}

// gainsOfJoin looks up joined words of the query among the words of alerts.
func (l *looker) gainsOfJoin(i int, out []gain) []gain {
	x := l.x
	x.words.similar(l.joinPats[i], needClose, func(id int32, _ float64) {
		text := x.words.text(id)
		if k, ok := joinLikeness(l.joinPats[i], text, sign(text)); ok {
			out = appendGain(out, id, l.seenJoinWeight(i, x.weight(id, k)), k)
		}
	})
	return out
}

func appendGain(out []gain, id int32, weight float64, kind likeness) []gain {
	if weight <= 0 {
		return out
	}
	return append(out, gain{id, float32(weight), kind})
}

// A gainTable finds by word what the units gain from it: open addressing, at most half full.
type gainTable struct {
	rows  []gainRow
	shift uint
}

type gainRow struct {
	id     int32 // plus one; zero is free
	unit   uint8
	kind   likeness // as in a gain
	weight float32
}

func (t *gainTable) begin(n int) {
	size, shift := 16, uint(60)
	for size < 2*n {
		size, shift = 2*size, shift-1
	}
	t.shift = shift
	t.rows = slices.Grow(t.rows[:0], size)[:size]
	clear(t.rows)
}

func (t *gainTable) slot(id int32) int { return int(uint64(id+1) * 0x9e3779b97f4a7c15 >> t.shift) }

func (t *gainTable) add(unit int, g gain) {
	i := t.slot(g.id)
	for t.rows[i].id != 0 {
		if i++; i == len(t.rows) {
			i = 0
		}
	}
	t.rows[i] = gainRow{g.id + 1, uint8(unit), g.kind, g.weight}
}

// step is how finely a plan tells gains apart; at most maxLevels of them are told apart.
func stepOf(most float32) float32 { return max(0.5, most/maxLevels) }

func stepsOf(weight, step float32) int { return int(math.Ceil(float64(weight / step))) }
