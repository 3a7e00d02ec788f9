package watchlist

// fetchJoined considers names of which neighbouring words are one word of the query.
func (s *scratch) fetchJoined() {
	s.once, s.twice = s.once.emptied(s.m.seg.nameCount()), s.twice.emptied(s.m.seg.nameCount())
	s.eachJoined(func(_ int, n uint32) {
		if s.once.has(n) {
			s.twice.add(n)
		}
		s.once.add(n)
	})
	l, seg := s.m.looker, s.m.seg
	s.eachJoined(func(word int, n uint32) {
		e := s.eraOf(n)
		if !s.twice.has(n) && !s.hopeful(n, e, s.unitOf(word), joinedMost-l.strayMost(word)) || seg.joins(n, l.patterns[word]) <= 0 {
			return
		}
		gained := float32(0)
		for k := range l.words {
			gained += max(0, seg.joins(n, l.patterns[k]))
		}
		s.consider(n, e, gained)
	})
}

// eachJoined visits the names of which neighbouring words may be a word of the query.
func (s *scratch) eachJoined(visit func(word int, n uint32)) {
	joined := &s.m.seg.joined
	for i := range s.m.looker.words {
		if w := &s.m.looker.words[i]; !w.particle && !w.initial() && len(w.text) > leastJoin {
			for at, to := joined.bucket(hashOf(skeleton(w.text))); at < to; at++ {
				visit(i, joined.items.at(at))
			}
		}
	}
}

// unitOf is the unit of a word by itself.
func (s *scratch) unitOf(word int) int {
	for i := range s.units {
		if s.units[i].word == word && s.units[i].size == 1 {
			return i
		}
	}
	return -1
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
				most = max(most, min(weight+max(joinParticle, joinWords), joinedMost))
			}
		}
	}
	return most
}

// joinedMost bounds what neighbouring words written as one are worth.
var joinedMost = float32(max(mostOf[same], mostOf[close])) + max(joinParticle, joinWords)
