package watchlist

// fetchJoined considers names of which neighbouring words are one word of the query.
func (s *scratch) fetchJoined() {
	l, seg := s.m.looker, s.m.seg
	for i := range l.words {
		w := &l.words[i]
		if w.particle || w.initial() || len(w.text) <= leastJoin {
			continue
		}
		for at, to := seg.joined.bucket(hashOf(skeleton(w.text))); at < to; at++ {
			n := seg.joined.items.at(at)
			if seg.joins(n, l.patterns[i]) <= 0 {
				continue
			}
			gained := float32(0)
			for k := range l.words {
				gained += max(0, seg.joins(n, l.patterns[k]))
			}
			s.consider(n, s.eraOf(n), gained)
		}
	}
}

// joins bounds what a word of the query gains by neighbouring words of a name; zero where they are not like it. It does
// not look whether the words may be joined at all.
func (s *segment) joins(n uint32, p *pattern) (most float32) {
	from, to := int(s.wordAt.at(int(n))), int(s.wordAt.at(int(n)+1))
	var buffer [maxLetters]byte
	for i := from; i+1 < to; i++ {
		text := buffer[:0]
		weight := float32(0)
		for j := i; j < to && j <= i+1+maxJoins; j++ {
			id := int32(s.wordIDs.at(j))
			word := s.words.text(id)
			if len(text)+len(word) > min(maxLetters, len(p.text)+joinApart) {
				break
			}
			text = append(text, word...)
			weight += max(0, s.weight(id, same))
			if j == i || len(text)+joinApart < len(p.text) {
				continue
			}
			if _, ok := joinLikeness(p, string(text), sign(string(text))); ok {
				most = max(most, min(weight, float32(joinedMost))+max(joinParticle, joinWords))
			}
		}
	}
	return most
}

// joinedMost is more than any likeness of joined words is worth.
var joinedMost = max(mostOf[same], mostOf[close])
