package watchlist

import (
	"math"
	"slices"
)

// A cut is the words of one form of a name on their way into the index: what words and joins give, without a text of its own
// for each.
type cut struct {
	letters []byte // of all words, one after the other
	words   []cutWord
}

type cutWord struct {
	from, to int // among the letters
	code     uint64
	kind     wordKind
	primary  bool
	particle bool
}

// name takes a name that stands in one form, as its letters are; false where it does not or has none.
func (c *cut) name(v *vocabulary, primary, secondary string) bool {
	c.clear()
	if !c.plain(primary, true) || !c.plain(secondary, false) || len(c.words) == 0 {
		return false
	}
	c.finish(v)
	return true
}

// form takes one form of a name.
func (c *cut) form(v *vocabulary, f form) {
	c.clear()
	for field, ts := range [2][]string{f.primary, f.secondary} {
		for _, t := range ts {
			from := len(c.letters)
			c.letters = append(c.letters, t...)
			c.end(from, field == 0)
		}
	}
	c.finish(v)
}

func (c *cut) clear() { c.letters, c.words = c.letters[:0], c.words[:0] }

// plain takes the words of an identifier; false where it has other signs than letters of a zone and spaces.
func (c *cut) plain(s string, primary bool) bool {
	from := len(c.letters)
	for i := range len(s) {
		if l := s[i] &^ 0x20; l >= 'A' && l <= 'Z' {
			c.letters = append(c.letters, l)
		} else if s[i] != ' ' {
			return false
		} else if len(c.letters) > from {
			c.end(from, primary)
			from = len(c.letters)
		}
	}
	if len(c.letters) > from {
		c.end(from, primary)
	}
	return true
}

// end makes a word of the letters from from on.
func (c *cut) end(from int, primary bool) {
	if len(c.words) == maxWords {
		c.letters = c.letters[:from] // a word too many
		return
	}
	to := min(len(c.letters), from+maxLetters)
	c.letters = c.letters[:to]
	c.words = append(c.words, cutWord{from: from, to: to, primary: primary})
}

// finish tells which words are particles: none where all would be, so that such a name is found too.
func (c *cut) finish(v *vocabulary) {
	solid := false
	for i := range c.words {
		w := &c.words[i]
		w.code = v.code(c.letters[w.from:w.to])
		w.kind = kindOf(w.code)
		w.particle = w.kind&kindParticle != 0
		solid = solid || !w.particle
	}
	for i := range c.words {
		c.words[i].particle = c.words[i].particle && solid
	}
}

// posted reports whether the i-th word is more than a particle and does not stand before.
func (c *cut) posted(i int) bool {
	for k := range i {
		if c.words[k].code == c.words[i].code {
			return false
		}
	}
	return !c.words[i].particle
}

// joins appends of neighbouring words written as one the upper half of the hash of their skeleton, and below it their
// jointSign, each once; the function joins says which.
func (c *cut) joins(to []uint64) []uint64 {
	first := len(to)
	for i := 0; i+1 < len(c.words); i++ {
		for j := i + 1; j < len(c.words) && j <= i+1+maxJoins; j++ {
			before, w := &c.words[j-1], &c.words[j]
			if size := w.to - c.words[i].from; before.primary != w.primary || (before.kind|w.kind)&kindStanding != 0 || size > maxLetters {
				break
			} else if w.particle {
				continue
			} else if size > leastJoin {
				letters := c.letters[c.words[i].from:w.to]
				if j := skeletonHash(letters)&^math.MaxUint32 | uint64(jointSignOf(letters)); !slices.Contains(to[first:], j) {
					to = append(to, j)
				}
			}
			break
		}
	}
	return to
}
