package watchlist

import (
	"encoding/binary"
	"math"
)

// A search is the work of finding the words like one, and its memory for the next.
type search struct {
	*pattern
	need    *needs
	letters []uint8 // bits of the pattern's signature, the rarest first
	found   []likeWord

	// In one stretch, at one number of common first letters.
	planes  [][]byte // bit planes of the letters
	spare   int      // of the letters that a word may lack
	prefix  int      // common first letters
	least   int      // letters that must match
	reach   *[maxLetters]uint64
	may     turning // about what reaches the floor
	left    []int32 // words to compare
	touched byte    // of compare: what it reads ahead must go somewhere
}

// A likeWord is a word that is like the one asked for.
type likeWord struct {
	id         int32
	similarity float64
}

// begin turns to words of m letters with so many common first letters, and reports whether any can be like the pattern.
func (w *search) begin(m, prefix int) bool {
	n := len(w.text)
	least := int(w.need.least[n][m][prefix])
	if w.spare = len(w.letters) + int(w.sign.over) - least; w.spare < 0 {
		return false
	}
	w.prefix, w.least, w.reach = prefix, max(1, least), &windows[max(n, m)]
	jaro := jaroFor(w.need.floor, prefix)
	for k := w.least; k <= min(n, m); k++ {
		matched := float64(k)
		spare := (1 - (3*jaro - matched/float64(n) - matched/float64(m))) * matched
		w.may[k] = int8(min(matched, 2*math.Floor(spare+1e-9)+1))
	}
	return true
}

// windows[n][j] are the places that a letter at place j may match where the longer word has n letters.
var windows = func() (t [maxLetters + 1][maxLetters]uint64) {
	for n := range t {
		reach := max(n/2-1, 0)
		for j := range t[n] {
			t[n][j] = (uint64(1)<<(2*reach+1) - 1) << j >> reach
		}
	}
	return t
}()

// sieve keeps of the block whose planes stand at a place the words that lack few enough of the letters. The first set holds
// those that lacked none so far, the next those that lacked one at most, and so on.
func (w *search) sieve(at int, all uint64) uint64 {
	switch {
	case w.spare >= len(w.planes):
		return all
	case w.spare > 3:
		return w.sieveMany(at, all)
	}
	var a0, a1, a2 uint64
	a3 := all
	switch w.spare {
	case 1:
		a2 = all
	case 2:
		a1, a2 = all, all
	case 3:
		a0, a1, a2 = all, all, all
	}
	for _, p := range w.planes {
		plane := binary.LittleEndian.Uint64(p[at:])
		if a3 = a3&plane | a2; a3 == 0 {
			return 0
		}
		a2 = a2&plane | a1
		a1 = a1&plane | a0
		a0 &= plane
	}
	return a3
}

func (w *search) sieveMany(at int, all uint64) uint64 {
	var a [maxLetters + 1]uint64
	for k := range w.spare + 1 {
		a[k] = all
	}
	for _, p := range w.planes {
		plane := binary.LittleEndian.Uint64(p[at:])
		for k := w.spare; k > 0; k-- {
			a[k] = a[k]&plane | a[k-1]
		}
		if a[0] &= plane; a[w.spare] == 0 {
			return 0
		}
	}
	return a[w.spare]
}

// compare is the similarity with a word of the stretch, or zero where it is below the floor.
func (w *search) compare(t string) float64 {
	k, turned := w.pair(t, w.reach, w.least, &w.may)
	if k == 0 {
		return 0
	}
	if similarity := similarityOf(len(w.text), len(t), k, turned, w.prefix); similarity >= w.need.floor {
		return similarity
	}
	return 0
}
