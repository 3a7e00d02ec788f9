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
	share   []float64
	sounds  []uint64 // hashes
	signs   []signature
	letters [][]uint8 // bits of the signature, the rarest first
}

// bearersOf takes the commonest words of the list with the share of its names in which they stand.
func bearersOf(common map[string]float64) *bearers {
	all := make(map[string]float64, 2*maxReference)
	for w, f := range popular() {
		all[w] = f
	}
	for w, f := range common {
		all[w] = max(all[w], listShare*f)
	}
	b := &bearers{lexicon: newLexicon(slices.Collect(maps.Keys(all)))}
	for id := range int32(b.lexicon.len()) {
		t := b.lexicon.text(id)
		g := sign(t)
		b.share = append(b.share, all[t])
		b.sounds = append(b.sounds, hashOf(sound(t)))
		b.signs = append(b.signs, g)
		b.letters = append(b.letters, g.rarest(nil))
	}
	return b
}

// weigh computes the weightings of all words of the lexicon, given the share of the alert names in which each stands and
// the hash of its sound.
func weigh(l *lexicon, share []float64, sounds u64s, bearers *bearers, processors int) []weighting {
	out := make([]weighting, l.len())
	var blocks []block
	for n := 1; n <= maxLetters; n++ {
		for b := range l.blocks(n) {
			blocks = append(blocks, block{n, b})
		}
	}
	parallel(len(blocks), 4, processors, func(i int) {
		var c compared
		c.take(l, blocks[i], sounds)
		bearers.compare(&c)
		for k := range c.count {
			id := c.first + k
			out[id] = weightingOf(&c.mass[k], popular()[c.patterns[k].text], share[id])
		}
	})
	return out
}

// weightingOf adds up how many bear a word so alike.
func weightingOf(mass *[likenesses]float64, popular, share float64) (w weighting) {
	mass[same] = max(popular, listShare*share, rareSpelling*mass[sounded])
	mass[lenient] = 2 * mass[far] // counting them costs more than so rough a likeness deserves
	for k := range mass {
		w[k] = float32(math.Log(spelt[k]/(mass[k]+strange[k])) + mostRaised(likeness(k)))
		if k > 0 {
			w[k] = min(w[k], w[k-1]) // a worse spelling is never worth more
		}
	}
	return w
}

// A block is up to sixty-four neighbouring words of one length of a lexicon.
type block struct{ letters, at int }

// A compared is a block made ready to be compared with all bearers: the bearers outnumber it, so each is ruled out for all
// words of the block at once.
type compared struct {
	words    stretch // of this block alone
	first    int     // word of the lexicon
	count    int
	all      uint64
	patterns [64]pattern
	sounds   [64]uint64
	mass     [64][likenesses]float64
}

func (c *compared) take(l *lexicon, b block, sounds u64s) {
	s := l.stretch(b.letters)
	from := 64 * b.at
	c.count = min(64, s.count-from)
	c.first = int(l.start[b.letters]) + from
	c.all = ^uint64(0) >> (64 - c.count)
	c.words = stretch{n: b.letters, count: c.count, blocks: 1, planes: newU64s(64)}
	for bit := range 64 {
		c.words.planes.set(bit, s.planes.at(bit*s.blocks+b.at))
	}
	for k := range c.count {
		c.patterns[k].set(s.word(from + k))
		c.sounds[k] = sounds.at(c.first + k)
	}
}

// compare adds to each word of the block the bearers who are like it.
func (b *bearers) compare(c *compared) {
	m := c.words.n
	low, high := c.patterns[0].sign.order(), c.patterns[c.count-1].sign.order()
	for n := 1; n <= maxLetters; n++ {
		need := &needFar[n][m]
		if int(need[4]) > min(n, m) {
			continue
		}
		for id := b.lexicon.start[n]; id < b.lexicon.start[n+1]; id++ {
			g := &b.signs[id]
			prefix := 4 // bounds how many first letters any word of the block has in common with this one
			switch at := g.order(); {
			case at < low:
				prefix = g.prefix(c.patterns[0].sign)
			case at > high:
				prefix = g.prefix(c.patterns[c.count-1].sign)
			}
			spare := len(b.letters[id]) + int(g.over) - int(need[prefix])
			if spare < 0 {
				continue
			}
			if alive := c.words.lacking(0, spare, b.letters[id], c.all); alive != 0 {
				b.add(c, id, alive, need)
			}
		}
	}
}

// add compares one bearer with some words of the block.
func (b *bearers) add(c *compared, id int32, alive uint64, need *[5]uint8) {
	text, g := b.lexicon.text(id), b.signs[id]
	for ; alive != 0; alive &= alive - 1 {
		i := bits.TrailingZeros64(alive)
		p := &c.patterns[i]
		prefix := p.sign.prefix(g)
		if least := int(need[prefix]); p.sign.shared(g) < least || p.text == text {
			continue
		} else if k, ok := likenessOf(p.jaroWinklerOf(text, prefix, max(1, least))); ok && k < lenient {
			if b.sounds[id] == c.sounds[i] {
				k = sounded
			}
			c.mass[i][k] += b.share[id]
		}
	}
}

// order is a number that sorts like the first four letters.
func (g *signature) order() uint32 { return bits.ReverseBytes32(g.head) }
