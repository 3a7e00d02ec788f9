package watchlist

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// bearers is the population that spellings are compared with: the embedded table and the list's own commonest words.
type bearers struct {
	lexicon *lexicon
	share   []float64 // by the table
	listed  []float64 // what the list adds to that
	sounds  []uint64  // hashes
	signs   []signature
	alike   []uint8 // first letters in common with the word before
}

// bearersOf takes the commonest words of the list with the share of its names in which they stand.
func bearersOf(common map[string]float64) *bearers {
	all := make(map[string]float64, 2*maxReference)
	maps.Copy(all, popular())
	for w, f := range common {
		all[w] = max(all[w], listShare*f)
	}
	b := &bearers{lexicon: newLexicon(slices.Collect(maps.Keys(all)))}
	before := ""
	for id := range int32(b.lexicon.len()) {
		t := b.lexicon.text(id)
		g := sign(t)
		b.share = append(b.share, popular()[t])
		b.listed = append(b.listed, all[t]-popular()[t])
		b.sounds = append(b.sounds, hashOf(sound(t)))
		b.signs = append(b.signs, g)
		b.alike = append(b.alike, alikeLetters(t, before))
		before = t
	}
	return b
}

// alikeLetters counts the letters with which both words begin.
func alikeLetters(a, b string) (n uint8) {
	for int(n) < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// weigh computes the weightings of some words of the lexicon, in their order, given the share of the alert names in which each
// stands and the hash of its sound.
func weigh(l *lexicon, words []uint32, share []float64, sounds u64s, bearers *bearers, processors int, put func(id uint32, w *weighting)) {
	var blocks []block
	for n := 1; n <= maxLetters && len(words) > 0; n++ {
		end, _ := slices.BinarySearch(words, uint32(l.start[n+1]))
		for some := range slices.Chunk(words[:end], 64) {
			blocks = append(blocks, block{n, some})
		}
		words = words[end:]
	}
	parallel(len(blocks), 4, processors, func(i int) {
		var c compared
		c.take(l, blocks[i], sounds)
		bearers.compare(&c)
		for k, id := range blocks[i].words {
			w := weightingOf(&c.mass[k], &c.listed[k], popular()[c.patterns[k].text], share[id])
			put(id, &w)
		}
	})
}

// weightingOf adds up how many bear a word so alike, by the table and, no further than mostListed, by the list.
func weightingOf(mass, listed *[likenesses]float64, popular, share float64) (w weighting) {
	for k := range mass {
		mass[k] += min(listed[k], mostListed*strange[k])
	}
	mass[same] = max(bearing(popular, share), rareSpelling*mass[sounded])
	mass[lenient] = 2 * mass[far] // counting them costs more than so rough a likeness deserves
	for k := range mass {
		w[k] = worth(likeness(k), mass[k])
	}
	w.fall()
	return w
}

// bearing is how many bear a word itself, from the table and from the share of the alert names.
func bearing(popular, share float64) float64 {
	return max(popular, min(listShare*share, mostListed*strange[same]))
}

func worth(k likeness, mass float64) float32 {
	return float32(math.Log(spelt[k]/(mass+strange[k])) + mostRaised(k))
}

// fall sees to it that a worse spelling is never worth more.
func (w *weighting) fall() {
	for k := 1; k < len(w); k++ {
		w[k] = min(w[k], w[k-1])
	}
}

// reweighed is the weighting of a word that another share of names now has, no smaller than before, with the same population:
// how many bear words like it is as it was.
func (w weighting) reweighed(popular, share float64) weighting {
	w[same] = min(w[same], worth(same, bearing(popular, share)))
	w.fall()
	return w
}

// A block is up to sixty-four words of one length of a lexicon.
type block struct {
	letters int
	words   []uint32
}

// A compared is a block made ready to be compared with all bearers: the bearers outnumber it, so each is ruled out for all
// words of the block at once.
type compared struct {
	letters  int // of each word
	count    int
	patterns [64]pattern
	signs    [64]signature
	sounds   [64]uint64
	mass     [64][likenesses]float64 // of bearers by the table
	listed   [64][likenesses]float64 // and by the list
	at       [maxLetters]wordsByLetter
	within   [2 * maxLetters]wordsByLetter
	reach    int                     // of within
	lacks    [maxLetters + 1]lacking // after each letter of a bearer
}

// A wordsByLetter says for each letter, by its lower five bits, which words of a block have it at a place, or so near it that
// two letters can match.
type wordsByLetter [32]uint64

// A lacking holds which words of a block lack so few of some letters near their places: as many as they may, one less, two
// less, three less.
type lacking struct{ all, one, two, three uint64 }

// spareMost is how many letters a word may lack for that.
const spareMost = 3

func newLacking(words uint64, spare int) (a lacking) {
	a.all = words
	if spare > 0 {
		a.one = words
	}
	if spare > 1 {
		a.two = words
	}
	if spare > 2 {
		a.three = words
	}
	return a
}

func (c *compared) take(l *lexicon, b block, sounds u64s) {
	s := l.stretch(b.letters)
	c.letters, c.count = b.letters, len(b.words)
	for k, id := range b.words {
		text := s.word(int(id) - int(l.start[b.letters]))
		c.patterns[k].set(text)
		c.signs[k] = c.patterns[k].sign
		c.sounds[k] = sounds.at(int(id))
		for i := range len(text) {
			c.at[i][text[i]&31] |= 1 << k
		}
	}
	copy(c.within[:], c.at[:])
}

// widen lets letters match that are so far from each other.
func (c *compared) widen(reach int) {
	for c.reach < reach {
		c.reach++
		for i := range c.letters {
			c.within[i+c.reach].add(&c.at[i])
			if i >= c.reach {
				c.within[i-c.reach].add(&c.at[i])
			}
		}
	}
}

func (w *wordsByLetter) add(other *wordsByLetter) {
	for i, v := range other {
		w[i] |= v
	}
}

// compare adds to each word of the block the bearers who are like it.
func (b *bearers) compare(c *compared) {
	low, high := c.patterns[0].text, c.patterns[c.count-1].text
	for n := 1; n <= maxLetters; n++ {
		s := b.lexicon.stretch(n)
		need := &needFar.least[n][c.letters]
		if s.count == 0 || int(need[4]) > min(n, c.letters) {
			continue
		}
		c.widen(max(n, c.letters)/2 - 1)
		// The first letters that any word of the block has in common with a bearer are bounded: the further a bearer stands
		// from the block in the alphabet, the fewer.
		var lows, highs [6]int
		most := min(n, c.letters, 4)
		from, to := 0, s.count
		for k := 0; k <= most; k++ {
			if k > 0 {
				from, to = s.between(from, to, low, high, k)
			}
			lows[k], highs[k] = from, to
		}
		lows[most+1], highs[most+1] = highs[most], highs[most]
		for k := 0; k <= most; k++ {
			b.stretch(c, &s, lows[k], lows[k+1], need, k)
		}
		for k := most; k >= 0; k-- {
			b.stretch(c, &s, highs[k+1], highs[k], need, k)
		}
	}
}

// stretch compares the bearers of [from, to) of one length, which have at most so many first letters in common with any word
// of the block. What the first letters of a bearer rule out, they rule out for the next bearer with the same.
func (b *bearers) stretch(c *compared, s *stretch, from, to int, need *[5]uint8, prefix int) {
	spare := s.n - int(need[prefix])
	if spare < 0 {
		return
	}
	words := ^uint64(0) >> (64 - c.count)
	if spare > spareMost {
		for i := from; i < to; i++ {
			b.add(c, s, i, c.lackingMany(s.word(i), spare, words), need)
		}
		return
	}
	c.lacks[0] = newLacking(words, spare)
	same, dead := 0, s.n+1 // first letters that the bearer shares with the one before; how many of that left no word
	for i := from; i < to; i++ {
		if i > from {
			same = int(b.alike[b.lexicon.start[s.n]+int32(i)])
		}
		if same < dead {
			var left uint64
			if left, dead = c.lacking(s.word(i), same); left != 0 {
				b.add(c, s, i, left, need)
			}
		}
	}
}

// lacking goes through the letters of a bearer, of which the first were gone through before, until no word is left.
func (c *compared) lacking(text string, same int) (left uint64, dead int) {
	a := c.lacks[same]
	for d := same; d < len(text); d++ {
		plane := c.within[d][text[d]&31]
		a.all = a.all&plane | a.one
		if a.all == 0 {
			return 0, d + 1
		}
		a.one = a.one&plane | a.two
		a.two = a.two&plane | a.three
		a.three &= plane
		c.lacks[d+1] = a
	}
	return a.all, len(text) + 1
}

// lackingMany gives the words that lack at most so many letters of the text near their places.
func (c *compared) lackingMany(text string, spare int, all uint64) uint64 {
	var a [maxLetters + 1]uint64
	for k := range spare + 1 {
		a[k] = all
	}
	for d := range len(text) {
		plane := c.within[d][text[d]&31]
		for k := spare; k > 0; k-- {
			a[k] = a[k]&plane | a[k-1]
		}
		if a[0] &= plane; a[spare] == 0 {
			return 0
		}
	}
	return a[spare]
}

// add compares one bearer with some words of the block.
func (b *bearers) add(c *compared, s *stretch, at int, alive uint64, need *[5]uint8) {
	id := b.lexicon.start[s.n] + int32(at)
	text, g := s.word(at), &b.signs[id]
	for ; alive != 0; alive &= alive - 1 {
		i := bits.TrailingZeros64(alive)
		prefix := c.signs[i].prefix(*g)
		least := int(need[prefix])
		if c.signs[i].shared(*g) < least {
			continue
		}
		p := &c.patterns[i]
		if k, ok := likenessOf(p.jaroWinklerOf(text, prefix, max(1, least))); ok && k < lenient && p.text != text {
			if b.sounds[id] == c.sounds[i] {
				k = sounded
			}
			c.mass[i][k] += b.share[id]
			c.listed[i][k] += b.listed[id]
		}
	}
}
