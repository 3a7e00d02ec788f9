package watchlist

import (
	"math"
	"slices"
)

// gather looks up what every unit gains from which word.
func (s *scratch) gather() {
	l := s.m.looker
	s.strays, s.initials = 0, slices.ContainsFunc(l.words, word.initial)
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
	for i := range s.units {
		s.units[i].measure()
	}
}

// measure finds what the unit gains at most.
func (u *unit) measure() {
	u.most = 0
	for _, g := range u.gains {
		u.most = max(u.most, g.weight-u.stray)
	}
}

// narrow counts how words are spelt by which a plan would fetch more than a few names, and reports whether any is worth
// less than it seemed.
func (s *scratch) narrow() (less bool) {
	for i := range s.units {
		u := &s.units[i]
		least := s.leastOver(i)
		for k := range u.gains {
			g := &u.gains[k]
			if g.kind >= likenesses || g.weight <= least {
				continue
			}
			if g.names >= fewNames {
				loss := s.loss(u, g.id, g.kind)
				g.weight, g.kind = max(0, g.weight-loss), likenesses
				less = less || loss > 0
			}
		}
		u.measure()
	}
	return less
}

// fewNames are fetched as fast as it is computed how a word is spelt.
const fewNames = 8

// tabulate makes the gains ready to be found by word.
func (s *scratch) tabulate() {
	n := 0
	for i := range s.units {
		n += len(s.units[i].gains)
	}
	s.table.begin(n)
	for i := range s.units {
		for _, g := range s.units[i].gains {
			if g.weight > 0 {
				s.table.add(i, g)
			}
		}
	}
	s.best = slices.Grow(s.best[:0], len(s.units))[:len(s.units)]
}

// strayMost bounds what a word costs that gains nothing. One that is a particle in other names may be the very particle.
func (l *looker) strayMost(i int) float32 {
	if particles[l.words[i].text] {
		return 0
	}
	return float32(l.strays[i])
}

func (s *scratch) addUnit(word, size int, stray float32) *unit {
	if len(s.units) < cap(s.units) {
		s.units = s.units[:len(s.units)+1]
	} else {
		s.units = append(s.units, unit{})
	}
	u := &s.units[len(s.units)-1]
	*u = unit{word: word, size: size, stray: stray, gains: u.gains[:0], levels: u.levels[:0], has: u.has}
	return u
}

// loss is what the spelling of a word falls short of the best of its likeness.
func (s *scratch) loss(u *unit, id int32, kind likeness) float32 {
	text := s.m.looker.words[u.word].text
	if u.size > 1 {
		text = s.m.looker.joins[u.join].text
	}
	return float32(spellingLoss(kind, spellingCost(text, s.m.seg.words.text(id))))
}

// gainsOfWord looks up one word of the query among the words of alerts.
func (l *looker) gainsOfWord(i int, out []gain) []gain {
	q, x := &l.words[i], l.x
	out = l.wordGains(i, out)
	if l.cut && len(q.text) >= leastCut {
		from, to := x.beginning(q.text)
		for ; from < to; from++ {
			id := int32(x.alpha.at(from))
			if w, ok := l.cutPair(i, x.words.text(id)); ok {
				out = x.appendGain(out, id, w, likenesses)
			}
		}
	}
	return out
}

// searchGains finds the words of alerts that are like a word of the query.
func (l *looker) searchGains(i int, out []gain) []gain {
	q, x := &l.words[i], l.x
	for _, m := range x.words.similar(l.search, l.patterns[i], needFar) {
		k, _ := likenessOf(m.similarity)
		if m.similarity == 1 && x.words.text(m.id) == q.text {
			k = same
		}
		out = x.appendGain(out, m.id, float64(x.weight(m.id, k)), k)
	}
	x.sounding(l.sounds[i], func(id int32) { // worth more than likeness, and also where letters differ more than the floor allows
		out = x.appendGain(out, id, float64(x.weight(id, sounded)), sounded)
	})
	if id, ok := x.words.find(q.text[:1]); ok {
		out = x.appendGain(out, id, l.initialWeight(i), likenesses)
	}
	return out
}

// gainsOfJoin looks up joined words of the query among the words of alerts.
func (l *looker) gainsOfJoin(i int, out []gain) []gain {
	x := l.x
	for _, m := range x.words.similar(l.search, l.joinPats[i], needClose) {
		text := x.words.text(m.id)
		if k, ok := joinLikeness(l.joinPats[i], text, sign(text)); ok {
			out = x.appendGain(out, m.id, l.seenJoinWeight(i, x.weight(m.id, k)), k)
		}
	}
	return out
}

func (s *segment) appendGain(out []gain, id int32, weight float64, kind likeness) []gain {
	if weight <= 0 {
		return out
	}
	from, to := s.postings(id)
	return append(out, gain{id, uint32(to - from), float32(weight), kind})
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
