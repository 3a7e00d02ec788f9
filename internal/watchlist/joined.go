package watchlist

import "math/bits"

// A joint is a name of which neighbouring words may be a word of the query.
type joint struct {
	name     uint32
	from, to uint32 // its words
	head     uint32 // the first of them
	word     int32
	era      *era
}

// fetchJoined considers names of which neighbouring words are one word of the query.
func (s *scratch) fetchJoined() {
	s.once.begin(s.m.seg.nameCount())
	s.twice.begin(s.m.seg.nameCount())
	s.joints = s.joints[:0]
	l, seg := s.m.looker, s.m.seg
	for i := range l.words {
		if w := &l.words[i]; w.joinable() {
			s.addJoints(int32(i), l.patterns[i])
		}
	}
	hopeful := s.joints[:0]
	for _, j := range s.joints {
		if s.twice.has(j.name) || s.hopefulJoint(j.name, j.era, s.unitOf(int(j.word)), joinedMost-l.strayMost(int(j.word))) {
			hopeful = append(hopeful, j)
		}
	}
	for i := range hopeful { // short loops, as in flush
		hopeful[i].from, hopeful[i].to = seg.wordAt.at(int(hopeful[i].name)), seg.wordAt.at(int(hopeful[i].name)+1)
	}
	for i := range hopeful {
		hopeful[i].head = seg.wordIDs.at(int(hopeful[i].from))
	}
	for i := range hopeful {
		j := &hopeful[i]
		if seg.joins(j, l.patterns[j.word]) <= 0 {
			continue
		}
		gained := float32(0)
		for k := range l.words {
			gained += max(0, seg.joins(j, l.patterns[k]))
		}
		s.consider(j.name, j.era, gained)
	}
	s.once.empty()
	s.twice.empty()
}

// addJoints takes in the names that may have the word as neighbouring ones. They ascend as the eras do.
func (s *scratch) addJoints(word int32, p *pattern) {
	seg := s.m.seg
	asked := newJointAsked(p)
	e, last := 0, uint32(0)
	for at, to := seg.joined.bucket(skeletonHash(p.text)); at < to; at++ {
		if !asked.like(jointSign(seg.joints.at(at))) {
			continue
		}
		n := seg.joined.items.at(at)
		if n < last {
			e = 0
		}
		for last = n; s.eras[e].to <= n; e++ {
		}
		if !s.once.add(n) {
			s.twice.add(n)
		}
		s.joints = append(s.joints, joint{name: n, word: word, era: &s.eras[e]})
	}
}

// A jointSign tells of joined words, from the lowest bit on, which letters they have of those that the skeleton does not
// tell, their first and their second letter, and how many letters there are. Names of one skeleton are many, and nearly
// all are ruled out by it.
type jointSign uint32

const (
	signedLetters = "AEIOUYWHLCZ" // a bit each; Q counts as C, V and X as Z
	signedMask    = 1<<len(signedLetters) - 1
	signedFirst   = len(signedLetters)
	signedSecond  = signedFirst + 5
	signedLength  = signedSecond + 5
)

var signedBit = func() (bit [26]jointSign) {
	for i, c := range signedLetters {
		bit[c-'A'] = 1 << i
	}
	bit['Q'-'A'], bit['V'-'A'], bit['X'-'A'] = bit['C'-'A'], bit['Z'-'A'], bit['Z'-'A']
	return bit
}()

// jointSignOf expects more than leastJoin letters.
func jointSignOf[T string | []byte](text T) (g jointSign) {
	for i := range len(text) {
		g |= signedBit[text[i]-'A']
	}
	return g | jointSign(text[0]&31)<<signedFirst | jointSign(text[1]&31)<<signedSecond | jointSign(len(text))<<signedLength
}

// A jointAsked is a word of the query as it is held against the signs of joined words.
type jointAsked struct {
	sign jointSign
	room [maxLetters + 1][3]jointRoom // by their letters, and how many first letters are the same: none, one, or more
}

// A jointRoom is how many letters of each may be without a match; less than zero where they cannot be alike.
type jointRoom struct{ mine, theirs int }

func newJointAsked(p *pattern) (a jointAsked) {
	a.sign = jointSignOf(p.text)
	n := len(p.text)
	for m := range a.room {
		for k, prefix := range [3]int{0, 1, 4} {
			a.room[m][k] = jointRoom{-1, -1}
			if m > 0 && mayJoin(n, m, prefix) {
				need := int(needClose.least[n][m][prefix])
				a.room[m][k] = jointRoom{n - need, m - need}
			}
		}
	}
	return a
}

// like reports whether the joined words may be the word.
func (a *jointAsked) like(g jointSign) bool {
	same := 0
	if apart := a.sign ^ g; apart>>signedFirst&31 == 0 {
		if same = 1; apart>>signedSecond&31 == 0 {
			same = 2
		}
	}
	r := &a.room[min(int(g>>signedLength), maxLetters)][same]
	return bits.OnesCount32(uint32(a.sign&^g&signedMask)) <= r.mine && bits.OnesCount32(uint32(g&^a.sign&signedMask)) <= r.theirs
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
func (s *segment) joins(j *joint, p *pattern) (most float32) {
	var buffer [maxLetters]byte
	for i := j.from; i+1 < j.to; i++ {
		text := buffer[:0]
		for k := i; k < j.to && k <= i+1+maxJoins; k++ {
			id := j.head
			if k > j.from {
				id = s.wordIDs.at(int(k))
			}
			word := s.words.text(int32(id))
			if len(text)+len(word) > min(maxLetters, len(p.text)+joinApart) {
				break
			}
			text = append(text, word...)
			if k == i || len(text)+joinApart < len(p.text) {
				continue
			}
			if _, ok := joinLikeness(p, string(text), sign(string(text))); ok {
				most = max(most, s.joinMost(i, k))
			}
		}
	}
	return most
}

// joinMost bounds what the words from one place to another, both included, are worth as one.
func (s *segment) joinMost(from, to uint32) float32 {
	weight := max(joinParticle, joinWords)
	for k := from; k <= to; k++ {
		weight += max(0, float64(s.weight(int32(s.wordIDs.at(int(k))), same)))
	}
	return min(float32(weight), joinedMost)
}

// joinedMost bounds what neighbouring words written as one are worth.
var joinedMost = float32(max(mostOf[same], mostOf[close])) + max(joinParticle, joinWords)
