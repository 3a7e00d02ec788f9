package watchlist

import "tims/internal/border"

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
			if s.seen.add(n) && m.load(alert) {
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

	units    []unit
	initials bool    // the query has some
	strays   float32 // what the query costs where no word finds a partner; not above zero
	table    gainTable
	eras     []era
	classes  []class
	best     []float32

	search  search
	batch   []candidate
	seen    nameSet // looked at
	joints  []joint
	most    float32 // that all units gain together
	reach   []reach
	order   []int32
	once    nameSet // joined in one way
	twice   nameSet // and in another
	lenient float32 // the most that a barely similar word weighs
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
	names  uint32 // that have it
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

func (s *scratch) begin(m *matching, least float64) {
	s.m, s.least, m.looker.search = m, float32(least), &s.search
	s.units, s.eras, s.classes = s.units[:0], m.seg.eras(m.q.Birth, s.eras[:0]), s.classes[:0]
	s.slack = float32(m.looker.slack) + nationSame + sexSame + 1e-3
	s.lenient = max(0, m.seg.most[lenient])
	s.seen.begin(m.seg.nameCount())
}

func (s *scratch) end() {
	for i := range s.units {
		if u := &s.units[i]; u.spread {
			u.has.empty()
		}
	}
	s.seen.empty()
	s.m = nil
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
	if !s.seen.add(n) {
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
		switch {
		case u.size > 1:
		case lenience && s.barely(u, from, to): // even one that gains, by a word that another one may take or that tells less
			bound += max(0, s.lenient-s.best[i])
			lenients++
		case s.best[i] == 0 && covered&(1<<u.word) == 0 && u.stray < 0:
			bound += u.stray
			strays++
		}
	}
	if lenients > 0 || s.initials { // either may be the partner of a word that lacks one
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

func (s *scratch) lenientAll(lenience bool) float32 {
	if !lenience {
		return 0
	}
	return s.lenient * float32(len(s.units))
}

// barely reports whether a word of the query is a little like one of the name and no more, so that only lenience pairs them.
func (s *scratch) barely(u *unit, from, to int) bool {
	p := s.m.looker.patterns[u.word]
	for i := from; i < to; i++ {
		text := s.m.seg.words.text(int32(s.m.seg.wordIDs.at(i)))
		g := sign(text)
		prefix, similarity := p.sign.prefix(g), 0.0
		if p.sign.shared(g) >= int(needLenient.least[len(p.text)][len(text)][prefix]) {
			similarity = p.jaroWinkler(text, prefix)
		}
		if similarity < floorFar && (similarity >= floorLenient || slipped(p.text, text)) {
			return true
		}
	}
	return false
}
