package watchlist

import (
	"math"
	"sync"

	"tims/internal/border"
)

// A segment is an immutable index of some alerts in columns of bytes. Names are numbered by birth date, so that every
// posting list is in that order too and the names born in some years are one stretch of it. An alert born in one of
// several years has its names once for each.
type segment struct {
	// Words of all names.
	words   lexicon
	weights u32s // for each likeness a column: the weight of each word
	sounds  u64s // per word: hash of its sound
	bySound u32s // words in the order of that hash
	alpha   u32s // words in alphabetical order
	upTo    u64s // for each place in alpha, the names before it, counted once for each of their words; one more at the end
	postAt  u32s // per word: where its postings begin; one more at the end
	posts   u32s // names in which the word is more than a particle
	common  u32s // the commonest words
	inNames u32s // per word of common: names in which it is more than a particle

	// Names.
	wordAt  u32s // per name: where its words begin; one more at the end
	wordIDs u32s
	alertOf u32s
	metas   u16s
	dates   u32s      // dateKeys in use, ascending; severalKey within a year for dates of which only the year is one
	datedAt u32s      // per date: its first name; one more at the end
	joined  directory // names by the skeleton of neighbouring words written as one
	joints  u32s      // per item of joined: its jointSign

	// Alerts.
	rowAt     u32s // per alert; one more at the end
	rows      []byte
	firstName u32s // per alert: a name of it, from which on its names stand together; the number of names where none
	byKey     directory
	byNumber  directory
	byPlate   directory
	byVIN     directory
	ranges    ranges
	phraseAt  u32s
	phrases   []byte
	unnamed   u32s

	most     [likenesses]float32 // the most that any word weighs
	lights   []uint64            // a bit a word: a particle, an initial or a patronymic
	scratch  sync.Pool
	gained   gainCache
	learning sync.Once
	learnt   *bearers
}

// A meta holds what is kept of a name beside its words: its place among the alert's names, how many of its words stand in
// the primary identifier, and what the issuer says of it.
type meta uint16

const (
	metaAlias = 1 << 15
	metaWeak  = 1 << 14
	metaWhich = 1<<8 - 1
)

func newMeta(which, primaries int, n border.AlertName) meta {
	m := meta(which) | meta(primaries)<<8
	if n.Alias {
		m |= metaAlias
	}
	if n.Weak {
		m |= metaWeak
	}
	return m
}

func (m meta) which() int     { return int(m & metaWhich) }
func (m meta) primaries() int { return int(m >> 8 & 31) }

func (s *segment) alertCount() int { return s.rowAt.len() - 1 }
func (s *segment) nameCount() int  { return s.wordAt.len() - 1 }

// A name is one spelling of one name of one alert, taken out of a segment.
type name struct {
	alert   uint32
	meta    meta
	divided bool // into both identifiers
	words   []nameWord
	joins   []nameJoin
}

type nameWord struct {
	word
	id      int32 // in the lexicon
	sign    signature
	sound   uint64
	weights weighting
}

type nameJoin struct {
	span
	sign signature
}

// name takes a name out of the columns.
func (s *segment) name(i uint32) *name {
	m := meta(s.metas.at(int(i)))
	from, to := int(s.wordAt.at(int(i))), int(s.wordAt.at(int(i)+1))
	n := &name{alert: s.alertOf.at(int(i)), meta: m, divided: m.primaries() > 0 && m.primaries() < to-from,
		words: make([]nameWord, to-from)}
	plain := make([]word, to-from)
	solid := false
	for k := range plain {
		id := int32(s.wordIDs.at(from + k))
		text := s.words.text(id)
		plain[k] = word{text: text, primary: k < m.primaries(), particle: particles[text],
			last: k == m.primaries()-1 || k == len(plain)-1}
		solid = solid || !plain[k].particle
		n.words[k] = nameWord{id: id, sign: sign(text), sound: s.sounds.at(int(id)), weights: s.weighting(id)}
	}
	for k := range plain {
		plain[k].particle = plain[k].particle && solid
		n.words[k].word = plain[k]
	}
	for _, j := range joins(plain) {
		n.joins = append(n.joins, nameJoin{j, sign(j.text)})
	}
	return n
}

func (s *segment) weight(id int32, k likeness) float32 {
	return math.Float32frombits(s.weights.at(int(k)*s.words.len() + int(id)))
}

func (s *segment) weighting(id int32) (w weighting) {
	for k := range w {
		w[k] = s.weight(id, likeness(k))
	}
	return w
}

// facts reads what a score needs of an alert; false where the row is damaged.
func (s *segment) facts(alert uint32, f *facts) bool {
	r := s.row(alert)
	r.facts(f)
	return !r.bad
}

func (s *segment) row(alert uint32) rowReader {
	return rowReader{b: s.rows[rowUnit*int(s.rowAt.at(int(alert))) : rowUnit*int(s.rowAt.at(int(alert)+1))], seg: s}
}

// alert decodes an alert; false where the row is damaged.
func (s *segment) alert(i uint32) (*border.Alert, bool) {
	r := s.row(i)
	return r.alert()
}

// postings gives the places of a word's postings.
func (s *segment) postings(id int32) (from, to int) {
	return int(s.postAt.at(int(id))), int(s.postAt.at(int(id) + 1))
}

// sounding visits the words whose sound has the hash.
func (s *segment) sounding(hash uint64, visit func(id int32)) {
	from, to := 0, s.bySound.len()
	for from < to {
		if mid := int(uint(from+to) >> 1); s.sounds.at(int(s.bySound.at(mid))) < hash {
			from = mid + 1
		} else {
			to = mid
		}
	}
	for ; from < s.bySound.len() && s.sounds.at(int(s.bySound.at(from))) == hash; from++ {
		visit(int32(s.bySound.at(from)))
	}
}

// find gives the alerts that may have the key; the caller looks at each.
func (s *segment) keyed(k Key, visit func(alert uint32)) {
	from, to := s.byKey.bucket(k.hash())
	for ; from < to; from++ {
		i := s.byKey.items.at(from)
		r := s.row(i)
		if r.skipFacts(); r.isKey(k) {
			visit(i)
		}
	}
}

// keyOf reads an alert's key; zero where the row is damaged.
func (s *segment) keyOf(i uint32) Key {
	r := s.row(i)
	r.skipFacts()
	if k := r.key(); !r.bad {
		return k
	}
	return Key{}
}

// namesOf visits the names of an alert, those for one year where there are several.
func (s *segment) namesOf(alert uint32, visit func(n uint32)) {
	for n := int(s.firstName.at(int(alert))); n < s.nameCount() && s.alertOf.at(n) == alert; n++ {
		visit(uint32(n))
	}
}

// columns lists every column in the order of a file.
func (s *segment) columns() []*[]byte {
	return []*[]byte{(*[]byte)(&s.words.planes), (*[]byte)(&s.weights), (*[]byte)(&s.sounds), (*[]byte)(&s.bySound),
		(*[]byte)(&s.alpha), (*[]byte)(&s.upTo), (*[]byte)(&s.postAt), (*[]byte)(&s.posts), (*[]byte)(&s.common),
		(*[]byte)(&s.inNames), (*[]byte)(&s.wordAt), (*[]byte)(&s.wordIDs), (*[]byte)(&s.alertOf), (*[]byte)(&s.metas),
		(*[]byte)(&s.dates), (*[]byte)(&s.datedAt), (*[]byte)(&s.joined.starts), (*[]byte)(&s.joined.items),
		(*[]byte)(&s.joints), (*[]byte)(&s.rowAt), &s.rows, (*[]byte)(&s.firstName), (*[]byte)(&s.byKey.starts), (*[]byte)(&s.byKey.items),
		(*[]byte)(&s.byNumber.starts), (*[]byte)(&s.byNumber.items), (*[]byte)(&s.byPlate.starts), (*[]byte)(&s.byPlate.items),
		(*[]byte)(&s.byVIN.starts), (*[]byte)(&s.byVIN.items), (*[]byte)(&s.ranges.keys), (*[]byte)(&s.ranges.from),
		(*[]byte)(&s.ranges.to), (*[]byte)(&s.ranges.upTo), (*[]byte)(&s.ranges.alerts), (*[]byte)(&s.phraseAt), &s.phrases,
		(*[]byte)(&s.unnamed)}
}

// size is the memory of the columns.
func (s *segment) size() (bytes int) {
	for _, c := range s.columns() {
		bytes += len(*c)
	}
	return bytes + len(s.words.chars)
}

// ready completes a segment whose columns are there.
func (s *segment) ready() {
	s.lights = make([]uint64, (s.words.len()+63)/64)
	for p := range particles {
		if id, ok := s.words.find(p); ok {
			s.lights[id/64] |= 1 << (id % 64)
		}
	}
	for id := range s.words.start[2] {
		s.lights[id/64] |= 1 << (id % 64)
	}
	for id := range int32(s.words.len()) {
		if patronymic(s.words.text(id)) {
			s.lights[id/64] |= 1 << (id % 64)
		}
		for k := range s.most {
			s.most[k] = max(s.most[k], s.weight(id, likeness(k)))
		}
	}
	s.gained.most = min(maxGained, s.size()*gainedTimes) / 2
	s.scratch.New = func() any { return &scratch{} }
}

// light reports whether it costs nothing, or less than of other words, where the word finds no partner.
func (s *segment) light(id int32) bool { return s.lights[id/64]>>(id%64)&1 != 0 }

// population is what spellings are compared with, made when first wanted.
func (s *segment) population() *bearers {
	s.learning.Do(func() { s.learnt = bearersOf(s.commonShares()) })
	return s.learnt
}

// commonShares gives the commonest words with the share of names in which they are.
func (s *segment) commonShares() map[string]float64 {
	out := make(map[string]float64, s.common.len())
	for i := range s.common.len() {
		out[s.words.text(int32(s.common.at(i)))] = share(s.inNames.at(i), s.nameCount())
	}
	return out
}

// minNames keeps a word of a short list from looking common: one name in ten tells nothing of a population.
const minNames = 2000

func share(in uint32, names int) float64 { return float64(in) / float64(max(names, minNames)) }

// beginningShare is the share of words of names that begin with s.
func (s *segment) beginningShare(beginning string) float64 {
	from, to := s.beginning(beginning)
	listed := float64(s.upTo.at(to)-s.upTo.at(from)) / float64(max(s.nameCount(), minNames))
	return max(popularPrefixes().share(beginning), min(listShare*listed, mostListed*leastBeginning)) + leastBeginning
}

// beginning gives the places in alpha of the words that begin with the prefix.
func (s *segment) beginning(prefix string) (from, to int) {
	at := func(i int) string { return s.words.text(int32(s.alpha.at(i))) }
	n := s.alpha.len()
	from = bisect(0, n, func(i int) bool { return at(i) >= prefix })
	to = bisect(from, n, func(i int) bool { t := at(i); return len(t) < len(prefix) || t[:len(prefix)] > prefix })
	return from, to
}

// bisect gives the first i of [from, to) for which it is true, being false before.
func bisect(from, to int, is func(i int) bool) int {
	for from < to {
		if mid := int(uint(from+to) >> 1); is(mid) {
			to = mid
		} else {
			from = mid + 1
		}
	}
	return from
}
