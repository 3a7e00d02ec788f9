package watchlist

import "math/bits"

// A pattern is a word made ready to be compared with many others: for each letter the places where it stands, and a
// signature of its letters that bounds from above how many letters two words can share.
type pattern struct {
	text  string
	place [32]uint64 // by the lower five bits of the letter
	sign  signature
}

// A signature holds, as a 64-bit set, that a letter occurs once or more and twice or more, and for the twelve commonest
// letters of names three times or more; over counts the occurrences it leaves out. head is the first four letters.
type signature struct {
	set  uint64
	over uint8
	head uint32
}

const thrice = "AEINORLSMHUD"

var thirdBit = func() (m [26]int8) {
	for i := range m {
		m[i] = -1
	}
	for i, c := range thrice {
		m[c-'A'] = int8(52 + i)
	}
	return m
}()

// sign expects zone letters only, as fold gives them.
func sign(s string) signature {
	var count [26]uint8
	var g signature
	for i := 0; i < len(s); i++ {
		c := s[i] - 'A'
		count[c]++
		switch {
		case count[c] == 1:
			g.set |= 1 << c
		case count[c] == 2:
			g.set |= 1 << (26 + c)
		case count[c] == 3 && thirdBit[c] >= 0:
			g.set |= 1 << thirdBit[c]
		default:
			g.over++
		}
		if i < 4 {
			g.head |= uint32(c+1) << (8 * i)
		}
	}
	return g
}

// shared bounds from above how many letters two words have in common.
func (g signature) shared(h signature) int {
	return bits.OnesCount64(g.set&h.set) + int(min(g.over, h.over))
}

// prefix counts the letters, at most four, with which both words begin.
func (g signature) prefix(h signature) int {
	x := g.head ^ h.head
	if x == 0 {
		return (bits.Len32(g.head) + 7) / 8
	}
	return bits.TrailingZeros32(x) / 8
}

func newPattern(s string) *pattern {
	p := &pattern{}
	p.set(s)
	return p
}

// set makes an empty pattern one of the word.
func (p *pattern) set(s string) {
	p.text, p.sign = s, sign(s)
	for i := 0; i < len(s); i++ {
		p.place[s[i]&31] |= 1 << i
	}
}

// jaroWinkler is the similarity of Jaro with Winkler's boost of 0.1 for each of at most four common first letters, in
// [0, 1]. Both words have at most maxLetters letters, so that one machine word holds the matches of each.
func (p *pattern) jaroWinkler(t string, prefix int) float64 { return p.jaroWinklerOf(t, prefix, 1) }

// jaroWinklerOf is jaroWinkler, or zero where fewer letters match than are needed.
func (p *pattern) jaroWinklerOf(t string, prefix, needed int) float64 {
	k, turned := p.pair(t, &windows[max(len(p.text), len(t))], needed, &anyTurned)
	if k == 0 {
		return 0
	}
	return similarityOf(len(p.text), len(t), k, turned, prefix)
}

// A turning is per number of matched letters how many of them may match in another order.
type turning [maxLetters + 1]int8

var anyTurned = func() (t turning) {
	for k := range t {
		t[k] = maxLetters
	}
	return t
}()

// pair gives each letter of t the first letter of the pattern within reach that is free, and counts those that match and those
// of them that do in another order; nothing where fewer match than are needed or more are turned than may be.
func (p *pattern) pair(t string, reach *[maxLetters]uint64, needed int, may *turning) (k, turned int) {
	var mine, theirs, back uint64
	for j := range len(t) { // without a branch: none could be foretold
		free := p.place[t[j]&31] & reach[j] &^ mine
		bit := free & -free
		back |= mine &^ (bit - 1) // letters that matched before and stand behind
		mine |= bit
		theirs |= (free | -free) >> 63 << (j & 63)
	}
	if k = bits.OnesCount64(mine); k < needed {
		return 0, 0
	}
	if back != 0 {
		for a, b := mine, theirs; a != 0; a, b = a&(a-1), b&(b-1) {
			if p.place[t[bits.TrailingZeros64(b)]&31]&(a&-a) == 0 {
				if turned++; turned > int(may[k]) {
					return 0, 0
				}
			}
		}
	}
	return k, turned
}

// needs tells for a similarity floor the least number of shared letters with which words of n and m letters and p common
// first letters can reach it.
type needs struct {
	floor float64
	least [maxLetters + 1][maxLetters + 1][5]uint8
}

func newNeeds(floor float64) *needs {
	t := &needs{floor: floor}
	for n := 1; n <= maxLetters; n++ {
		for m := 1; m <= maxLetters; m++ {
			for p := 0; p <= 4; p++ {
				jaro := jaroFor(floor, p)
				k := 1
				for k <= maxLetters && (float64(k)/float64(n)+float64(k)/float64(m)+1)/3 < jaro-1e-9 {
					k++
				}
				t.least[n][m][p] = uint8(k)
			}
		}
	}
	return t
}

// jaroFor is the similarity of Jaro that reaches the floor with Winkler's boost.
func jaroFor(floor float64, prefix int) float64 {
	return (floor - 0.1*float64(prefix)) / (1 - 0.1*float64(prefix))
}

func similarityOf(n, m, k, turned, prefix int) float64 {
	matched := float64(k)
	jaro := (matched/float64(n) + matched/float64(m) + (matched-float64(turned/2))/matched) / 3
	return jaro + 0.1*float64(prefix)*(1-jaro)
}

// skeletonHash is a hash of the consonants of a word as most languages tell them apart, each once where it is doubled: a rough
// key to find words written as one. L is left out with them because the Arabic article loses it before half of all letters.
func skeletonHash[T string | []byte](letters T) uint64 {
	h, last := uint64(hashSeed), byte('-')
	for i := range len(letters) {
		if c := bone[letters[i]-'A']; c != '-' && c != last {
			h, last = (h^uint64(c))*hashPrime, c
		}
	}
	return stir((h ^ hashEnd) * hashPrime)
}

const bone = "-BKD-FG--JK-MN-PKRST-F-S-S" // by letter from A to Z
