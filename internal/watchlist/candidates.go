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
	if s.narrow() {
		s.plan()
	}
	s.tabulate()
	s.spread()
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
				if s.hopeful(n, e, -1, 0) {
					s.consider(n, e, 0)
				}
			}
		}
	}
	s.flush()
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

	batch   []candidate
	seen    nameSet  // looked at
	dirty   []uint32 // places of seen that are not zero
	once    nameSet  // joined in one way
	twice   nameSet  // and in another
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
	spread bool     // has says in which names the unit gains
	has    nameSet
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

	need  float32 // what a name must gain
	names uint32
	cost  uint64 // of the plan
}

func newScratch(names int) *scratch { return &scratch{seen: newNameSet(names)} }

// A nameSet is a bit a name.
type nameSet []uint64

func newNameSet(names int) nameSet { return make(nameSet, (names+63)/64) }

func (s nameSet) has(n uint32) bool { return s[n/64]>>(n%64)&1 != 0 }
func (s nameSet) add(n uint32)      { s[n/64] |= 1 << (n % 64) }

// emptied is the set with nothing in it, made where it is not there yet.
func (s nameSet) emptied(names int) nameSet {
	if s == nil {
		return newNameSet(names)
	}
	clear(s)
	return s
}

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
			if from, to := s.m.seg.postings(g.id); to-from >= fewNames {
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

// spread marks the names in which a unit gains, where they are not too many, so that a name fetched by one unit is passed
// over when it would need another one too.
func (s *scratch) spread() {
	seg := s.m.seg
	for i := range s.units {
		u := &s.units[i]
		if u.spread = len(s.units) > 1 && len(u.levels) > 0 && u.levels[0] < uint64(seg.nameCount()/spreadShare+64); !u.spread {
			continue
		}
		u.has = u.has.emptied(seg.nameCount())
		for _, g := range u.gains {
			for from, to := seg.postings(g.id); from < to; from++ {
				u.has.add(seg.posts.at(from))
			}
		}
	}
}

// spreadShare of the names is too many to mark: a set of them would hold nothing back.
const spreadShare = 8

// hopeful reports whether a name can reach the least score that gains so much by one unit, -1 for none, from what the
// sets say of the others.
func (s *scratch) hopeful(n uint32, e *era, unit int, gained float32) bool {
	for i := range s.units {
		if u := &s.units[i]; i != unit && (!u.spread || u.has.has(n)) {
			gained += u.most
		}
	}
	return gained >= s.classes[e.class].need
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
	*u = unit{word: word, size: size, stray: stray, gains: u.gains[:0], levels: u.levels[:0], has: u.has}
	return u
}

// A candidate is a name whose words were not yet looked at.
type candidate struct {
	name   uint32
	about  meta
	from   uint32 // its words
	to     uint32
	head   uint32 // the first of them
	era    *era
	joined float32 // what a word of the query gains by neighbouring words of the name
}

// batchSize is how many candidates wait for each other.
const batchSize = 128

// consider takes a name into the batch, once. Names lie far apart in memory: a processor that reads the words of many in
// one short loop waits for all at a time.
func (s *scratch) consider(n uint32, e *era, joined float32) {
	if !s.first(n) {
		return
	}
	s.batch = append(s.batch, candidate{name: n, era: e, joined: joined})
	if len(s.batch) == batchSize {
		s.flush()
	}
}

func (s *scratch) flush() {
	seg := s.m.seg
	for i := range s.batch {
		c := &s.batch[i]
		c.from, c.to = seg.wordAt.at(int(c.name)), seg.wordAt.at(int(c.name)+1)
		c.about = meta(seg.metas.at(int(c.name)))
	}
	for i := range s.batch {
		c := &s.batch[i]
		c.head = seg.wordIDs.at(int(c.from))
	}
	for i := range s.batch {
		s.weigh(&s.batch[i])
	}
	s.batch = s.batch[:0]
}

// weigh aligns a name unless its bound denies it.
func (s *scratch) weigh(c *candidate) {
	m := s.m
	if s.bound(c, false)+c.era.most+s.slack < s.least {
		return
	}
	if !m.load(m.seg.alertOf.at(int(c.name))) {
		return
	}
	rest := float32(m.looker.slack+m.outside) + 1e-3
	if s.bound(c, true)+rest >= s.least {
		m.person(c.name)
	}
}

// bound is never below what aligning the name can give without particles and initials of the query. The narrow one
// counts how pairs of words are spelt, which takes longer.
func (s *scratch) bound(c *candidate, narrow bool) float32 {
	seg := s.m.seg
	from, to := int(c.from), int(c.to)
	lenience := c.era.most >= birthSwapped
	clear(s.best)
	lack, lacks := float32(0), 0
	for i := from; i < to; i++ {
		id := int32(c.head)
		if i > from {
			id = int32(seg.wordIDs.at(i))
		}
		if !s.raise(id, narrow) && !seg.light(id) {
			lacks++
			lack += float32(s.m.looker.lackCost(i-from < c.about.primaries()))
		}
	}
	bound := float32(aliasWeight(c.about)) + c.joined
	covered := uint32(0) // words of the query that are part of joined ones that gain
	for i := range s.units {
		u := &s.units[i]
		bound += s.best[i]
		if u.size > 1 && s.best[i] > 0 {
			covered |= mask(span{first: u.word, size: u.size})
		}
	}
	if c.joined > 0 {
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
				r.weight = max(0, r.weight-s.loss(&s.units[r.unit], id, r.kind))
				r.kind = likenesses
			}
			any = any || r.weight > 0
			s.best[r.unit] = max(s.best[r.unit], r.weight)
		}
		if i++; i == len(t.rows) {
			i = 0
		}
	}
	return any
}

// loss is what the spelling of a word falls short of the best of its likeness.
func (s *scratch) loss(u *unit, id int32, kind likeness) float32 {
	text := s.m.looker.words[u.word].text
	if u.size > 1 {
		text = s.m.looker.joins[u.join].text
	}
	return float32(spellingLoss(kind, spellingCost(text, s.m.seg.words.text(id))))
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
		if p.sign.shared(g) >= int(needLenient[len(p.text)][len(text)][prefix]) && p.jaroWinkler(text, prefix) >= floorLenient || slipped(p.text, text) {
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
