package watchlist

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// alphabet orders the words by their letters and counts the names up to each.
func (s *segment) alphabet() {
	n := s.words.len()
	all := make([]term, n)
	for i := range all {
		t := s.words.text(int32(i))
		all[i] = term{text: t, head: headOf(t), id: uint32(i)}
	}
	slices.SortFunc(all, func(a, b term) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return strings.Compare(a.text, b.text)
	})
	s.alpha, s.upTo = newU32s(n), newU64s(n+1)
	total := uint64(0)
	for i, t := range all {
		s.alpha.set(i, t.id)
		s.upTo.set(i, total)
		total += uint64(s.names(int32(t.id)))
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
	all := make([]keyedAlert, n)
	for i := range all {
		all[i] = keyedAlert{s.sounds.at(i), uint32(i)}
	}
	slices.SortFunc(all, func(a, b keyedAlert) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return cmp.Compare(a.alert, b.alert)
	})
	for i, k := range all {
		s.bySound.set(i, k.alert)
	}
}

// weigh computes what depends on how often words stand in names, those of another segment included, and keeps which are
// the commonest.
func (s *segment) weigh(other *segment, processors int) {
	counts := make([]uint32, s.words.len())
	shares := make([]float64, len(counts))
	names := s.nameCount()
	if other != nil {
		names += other.nameCount()
	}
	for i := range counts {
		counts[i] = s.names(int32(i))
		in := counts[i]
		if other != nil {
			if id, ok := other.words.find(s.words.text(int32(i))); ok {
				in += other.names(id)
			}
		}
		shares[i] = share(in, names)
	}
	s.keepCommon(counts)
	reference := other
	if other == nil {
		reference = s
	}
	s.weights = newU32s(int(likenesses) * len(counts))
	for i, w := range weigh(&s.words, shares, s.sounds, reference.population(), processors) {
		for k, v := range w {
			s.weights.set(k*len(counts)+i, math.Float32bits(v))
		}
	}
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
