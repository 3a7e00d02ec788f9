package watchlist

import (
	"cmp"
	"slices"

	"tims/internal/border"
)

// scratch is the working memory of one match, reused: sums per name, valid where stamped with the current turn.
type scratch struct {
	sum     []float32
	turn    []uint32 // the match in which sum was last begun
	unit    []uint32 // the unit of the query that added last
	counted []uint32 // per alert: the match in which outside was computed
	outside []float32
	now     uint32
	units   uint32
	touched []int32
	gains   []gain
}

func newScratch(names, alerts int) *scratch {
	return &scratch{sum: make([]float32, names), turn: make([]uint32, names), unit: make([]uint32, names),
		counted: make([]uint32, alerts), outside: make([]float32, alerts)}
}

// A gain is what one posting list adds to the bound of its names.
type gain struct {
	weight float32
	id     int32 // in the lexicon of words, or of joined words
	joined bool
}

// persons finds every name that could reach the least score and aligns it. A name is touched if one of its words is like
// one of the query, or the birth date agrees; its bound is the sum of the best weights that each word of the query finds
// in it, plus all other evidence. The bound is never below the score, so nothing is lost by not aligning the rest.
func (m *matching) persons() {
	x := m.x
	least, wanted := m.q.Least[border.PersonAlert]
	if !wanted {
		return
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.begin()
	for i := range m.looker.words {
		s.gains = m.looker.gainsOfWord(i, s.gains[:0])
		s.spread(m.looker, s.gains)
	}
	for i := range m.looker.joins {
		s.gains = m.looker.gainsOfJoin(i, s.gains[:0])
		s.spread(m.looker, s.gains)
	}
	c := m.ceiling()
	for _, n := range s.touched {
		alert := x.alertOf[n]
		bound := s.sum[n] + x.slack[n] + float32(m.looker.slack) + 1e-3
		if bound+c.of(x.years[alert]) >= float32(least) && bound+s.evidence(m, alert) >= float32(least) {
			m.person(n)
		}
	}
	for _, day := range sameDays(m.q.Birth) {
		for _, i := range x.byBirth[day] {
			for n := x.firstName[i]; n < x.firstName[i+1]; n++ {
				m.person(n)
			}
		}
	}
}

// A ceiling bounds all evidence beside the name without looking at the alert: most names end there.
type ceiling struct {
	year         uint64 // the traveller's birth year as yearsOf has it; all years where it is unknown
	agree, other float32
}

func (m *matching) ceiling() ceiling {
	c := ceiling{year: yearsOf([]border.PartialDate{m.q.Birth})}
	rest := float32(nationSame + sexSame)
	if len(m.x.byNumber[bare(m.q.Number)]) > 0 {
		rest += numberSame
	}
	c.agree, c.other = rest+birthSame, rest+birthTypo
	return c
}

func (c ceiling) of(years uint64) float32 {
	if c.year&years != 0 {
		return c.agree
	}
	return c.other
}

// sameDays are the birth dates under which a lenient name is believed: the date itself and with day and month exchanged.
func sameDays(b border.PartialDate) []border.PartialDate {
	if b.Year == 0 || b.Month == 0 || b.Day == 0 {
		return nil
	}
	if b.Day > 12 || b.Day == b.Month {
		return []border.PartialDate{b}
	}
	return []border.PartialDate{b, {Year: b.Year, Month: b.Day, Day: b.Month}}
}

func (s *scratch) begin() {
	s.now++
	s.touched = s.touched[:0]
	if s.now == 0 || s.units > 1<<31 { // stamps of long ago would look fresh
		clear(s.turn)
		clear(s.unit)
		clear(s.counted)
		s.now, s.units = 1, 0
	}
}

func (s *scratch) evidence(m *matching, alert int32) float32 {
	if s.counted[alert] != s.now {
		s.counted[alert] = s.now
		s.outside[alert] = float32(m.outside(&m.x.alerts[alert]))
	}
	return s.outside[alert]
}

// spread adds the gains of one unit of the query, a word or joined words, to the names behind them: to each name the
// heaviest only.
func (s *scratch) spread(l *looker, gains []gain) {
	slices.SortFunc(gains, func(a, b gain) int { return cmp.Compare(b.weight, a.weight) })
	s.units++
	for _, g := range gains {
		posts := l.x.posts
		if g.joined {
			posts = l.x.joinedPosts
		}
		for _, n := range posts[g.id] {
			if s.turn[n] != s.now {
				s.turn[n] = s.now
				s.sum[n] = 0
				s.touched = append(s.touched, n)
			} else if s.unit[n] == s.units {
				continue
			}
			s.unit[n] = s.units
			s.sum[n] += g.weight
		}
	}
}

// gainsOfWord looks up one word of the query in both lexicons.
func (l *looker) gainsOfWord(i int, out []gain) []gain {
	q, x := &l.words[i], l.x
	if q.particle || q.initial() {
		return out
	}
	p := l.patterns[i]
	x.words.similar(p, needFar, func(id int32, similarity float64) {
		k, ok := likenessOf(similarity)
		switch {
		case !ok:
			return
		case x.words.text[id] == q.text:
			k = same
		case x.keys[id] == l.keys[i]:
			k = sounded
		}
		out = appendGain(out, id, float64(x.weights[id][k]), false)
	})
	for _, id := range x.words.sound[l.keys[i]] { // also where letters differ more than the floor allows
		out = appendGain(out, id, float64(x.weights[id][sounded]), false)
	}
	if l.cut && len(q.text) >= leastCut {
		x.words.beginning(q.text, func(id int32) {
			if w, ok := l.cutPair(q, x.words.text[id]); ok {
				out = appendGain(out, id, w, false)
			}
		})
	}
	x.joined.similar(p, needClose, func(id int32, similarity float64) {
		if similarity >= floorClose {
			out = appendGain(out, id, float64(x.joinedMost[id]), true)
		}
	})
	return out
}

// gainsOfJoin looks up joined words of the query among the words of alerts.
func (l *looker) gainsOfJoin(i int, out []gain) []gain {
	x := l.x
	x.words.similar(l.joinPats[i], needClose, func(id int32, _ float64) {
		if k, ok := joinLikeness(l.joinPats[i], x.words.text[id], x.words.signs[id]); ok {
			out = appendGain(out, id, l.seenJoinWeight(i, id, k), false)
		}
	})
	return out
}

func appendGain(out []gain, id int32, weight float64, joined bool) []gain {
	if weight <= 0 {
		return out
	}
	return append(out, gain{float32(weight), id, joined})
}
