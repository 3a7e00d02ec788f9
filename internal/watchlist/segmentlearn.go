package watchlist

import (
	"math"
	"slices"
	"strings"
)

// alphabet orders the words by their letters and counts the names up to each.
func (s *segment) alphabet() {
	n := s.words.len()
	all := make([]keyed[uint32], n)
	for i := range all {
		all[i] = keyed[uint32]{headOf(s.words.text(int32(i))), uint32(i)}
	}
	all = sortKeyed(all)
	for from := 0; from < n; { // words of one head are in the order of their lengths
		to := from + 1
		for to < n && all[to].key == all[from].key {
			to++
		}
		slices.SortFunc(all[from:to], func(a, b keyed[uint32]) int {
			return strings.Compare(s.words.text(int32(a.item)), s.words.text(int32(b.item)))
		})
		from = to
	}
	s.alpha, s.upTo = newU32s(n), newU64s(n+1)
	total := uint64(0)
	for i, t := range all {
		s.alpha.set(i, t.item)
		s.upTo.set(i, total)
		total += uint64(s.names(int32(t.item)))
	}
	s.upTo.set(n, total)
}

// names counts those in which the word is more than a particle or an initial.
func (s *segment) names(id int32) uint32 {
	if id < s.words.start[2] {
		return 0
	}
	from, to := s.postings(id)
	return uint32(to - from)
}

func (s *segment) soundings(share int) {
	n := s.words.len()
	s.sounds, s.bySound = newU64s(n), newU32s(n)
	parallel(n, 256, share, func(i int) { s.sounds.set(i, hashOf(sound(s.words.text(int32(i))))) })
	all := make([]keyed[uint32], n)
	for i := range all {
		all[i] = keyed[uint32]{s.sounds.at(i), uint32(i)}
	}
	for i, k := range sortKeyed(all) {
		s.bySound.set(i, k.item)
	}
}

// weigh computes what depends on how often words stand in names, those of another segment included, and keeps which are
// the commonest.
func (s *segment) weigh(other *segment, processors int) {
	counts := make([]uint32, s.words.len())
	shares := make([]float64, len(counts))
	s.weights = newU32s(int(likenesses) * len(counts))
	put := func(id uint32, w *weighting) {
		for k, v := range w {
			s.weights.set(k*len(counts)+int(id), math.Float32bits(v))
		}
	}
	reference, names := s, s.nameCount()
	if other != nil {
		reference = other
		names += other.nameCount()
	}
	unknown := make([]uint32, 0, len(counts))
	for i := range counts {
		counts[i] = s.names(int32(i))
		shares[i] = share(counts[i], names)
		if other != nil {
			text := s.words.text(int32(i))
			if id, ok := other.words.find(text); ok {
				shares[i] = share(counts[i]+other.names(id), names)
				if before := share(other.names(id), other.nameCount()); bearing(popular()[text], shares[i]) >= bearing(popular()[text], before) {
					w := other.weighting(id).reweighed(popular()[text], shares[i])
					put(uint32(i), &w)
					continue
				}
			}
		}
		unknown = append(unknown, uint32(i))
	}
	s.keepCommon(counts)
	weigh(&s.words, unknown, shares, s.sounds, reference.population(), processors, put)
}

func (s *segment) keepCommon(counts []uint32) {
	sorted := slices.Clone(counts)
	slices.Sort(sorted)
	least := uint32(1)
	if len(sorted) > maxCommon {
		least = max(least, sorted[len(sorted)-maxCommon])
	}
	var ids []uint32
	for above := range 2 { // those at the edge last, as many as there is room for
		for i, c := range counts {
			if (c > least && above == 0 || c == least && above == 1) && len(ids) < maxCommon {
				ids = append(ids, uint32(i))
			}
		}
	}
	s.common, s.inNames = newU32s(len(ids)), newU32s(len(ids))
	for i, id := range ids {
		s.common.set(i, id)
		s.inNames.set(i, counts[id])
	}
}

// headOf is the first letters of a word as a number, which sorts alike.
func headOf(t string) (head uint64) {
	for i := range min(len(t), codeLetters) {
		head |= uint64(t[i]-'A'+1) << (codeShift - 5 - 5*i)
	}
	return head
}
