package watchlist

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// A lexicon holds distinct words for a search by similarity. Words are numbered by length and then alphabet: one length is
// one stretch, a common beginning a stretch within it. The signatures of one length lie as bit planes, the n-th bit of a
// plane saying of the n-th word whether it has that letter (so often): a handful of operations rules out sixty-four words
// at once, and only the planes of letters that the asked word has are read.
type lexicon struct {
	chars  string                // all words, without anything between
	start  [maxLetters + 2]int32 // start[n] is the first word of n letters
	planes u64s                  // for each length 64 planes of a bit a word
}

// newLexicon takes each word once and puts them in the order of their numbers.
func newLexicon(distinct []string) *lexicon {
	slices.SortFunc(distinct, inLexicon)
	return lexiconOf(distinct)
}

// lexiconOf is newLexicon of words in their order.
func lexiconOf(distinct []string) *lexicon {
	l := &lexicon{chars: strings.Join(distinct, "")}
	for _, t := range distinct {
		l.start[len(t)+1]++
	}
	for n := 1; n < len(l.start); n++ {
		l.start[n] += l.start[n-1]
	}
	l.planes = newU64s(l.planesUpTo(maxLetters + 1))
	l.fill()
	return l
}

func inLexicon(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }

func (l *lexicon) len() int { return int(l.start[maxLetters+1]) }

// charsUpTo is where the letters of the words of n letters begin.
func (l *lexicon) charsUpTo(n int) (at int) {
	for m := 1; m < n; m++ {
		at += m * int(l.start[m+1]-l.start[m])
	}
	return at
}

// planesUpTo is where the planes of the words of n letters begin.
func (l *lexicon) planesUpTo(n int) (at int) {
	for m := 1; m < n; m++ {
		at += 64 * l.blocks(m)
	}
	return at
}

func (l *lexicon) blocks(n int) int { return int(l.start[n+1]-l.start[n]+63) / 64 }

func (l *lexicon) fill() {
	for n, chars, planes := 1, 0, 0; n <= maxLetters; n++ {
		count, blocks := int(l.start[n+1]-l.start[n]), l.blocks(n)
		for i := range count {
			for set := sign(l.chars[chars+n*i : chars+n*i+n]).set; set != 0; set &= set - 1 {
				at := planes + bits.TrailingZeros64(set)*blocks + i/64
				l.planes.set(at, l.planes.at(at)|1<<(i%64))
			}
		}
		chars += n * count
		planes += 64 * blocks
	}
}

// text gives a word by its number.
func (l *lexicon) text(id int32) string {
	n, at := 1, 0
	for id >= l.start[n+1] {
		at += n * int(l.start[n+1]-l.start[n])
		n++
	}
	at += n * int(id-l.start[n])
	return l.chars[at : at+n]
}

// find gives the number of a word.
func (l *lexicon) find(t string) (int32, bool) {
	n := len(t)
	if n == 0 || n > maxLetters {
		return 0, false
	}
	s := l.stretch(n)
	i := bisect(0, s.count, func(i int) bool { return s.word(i) >= t })
	return l.start[n] + int32(i), i < s.count && s.word(i) == t
}

// A stretch is the words of one length.
type stretch struct {
	chars  string
	planes u64s
	first  int32 // number of its first word
	n      int
	count  int
	blocks int
}

func (l *lexicon) stretch(n int) stretch {
	return l.stretchAt(n, l.charsUpTo(n), l.planesUpTo(n))
}

func (l *lexicon) stretchAt(n, chars, planes int) stretch {
	count, blocks := int(l.start[n+1]-l.start[n]), l.blocks(n)
	return stretch{l.chars[chars : chars+n*count], l.planes[8*planes : 8*(planes+64*blocks)], l.start[n], n, count, blocks}
}

func (s *stretch) word(i int) string { return s.chars[i*s.n : i*s.n+s.n] }

// between gives the words of [from, to) whose first k letters, at most four, are not before those of one word and not
// behind those of another.
func (s *stretch) between(from, to int, low, high string, k int) (int, int) {
	least := func(h uint32) int {
		return bisect(from, to, func(i int) bool { return head(s.chars[i*s.n:], k) >= h })
	}
	return least(head(low, k)), least(head(high, k) + 1)
}

// head is the first k letters as a number that sorts as they do.
func head(t string, k int) (h uint32) {
	if k == 4 {
		return uint32(t[0])<<24 | uint32(t[1])<<16 | uint32(t[2])<<8 | uint32(t[3])
	}
	for i := range k {
		h = h<<8 | uint32(t[i])
	}
	return h
}

// rarestFirst orders the bits of a signature so that a word is ruled out early: repeated letters, then rare ones.
var rarestFirst = func() (order [64]uint8) {
	at := 0
	for bit := 63; bit >= 26; bit-- {
		order[at] = uint8(bit)
		at++
	}
	for _, c := range "QXWVFPJZCYGBKTHUDMSLRONIEA" {
		order[at] = uint8(c - 'A')
		at++
	}
	return order
}()

// rarest appends the bits of the signature, the rarest first.
func (g *signature) rarest(to []uint8) []uint8 {
	for _, bit := range rarestFirst {
		if g.set>>bit&1 != 0 {
			to = append(to, bit)
		}
	}
	return to
}

// similar finds every word whose similarity with p reaches the floor that needs was made for. The result holds until the
// next search.
func (l *lexicon) similar(w *search, p *pattern, need *needs) []likeWord {
	w.pattern, w.need, w.found = p, need, w.found[:0]
	w.letters = p.sign.rarest(w.letters[:0])
	n := len(p.text)
	for m, chars, planes := 1, 0, 0; m <= maxLetters; m++ {
		if count := int(l.start[m+1] - l.start[m]); count > 0 {
			if int(need.least[n][m][4]) <= min(n, m) {
				s := l.stretchAt(m, chars, planes)
				s.similar(w)
			}
			chars += m * count
			planes += 64 * l.blocks(m)
		}
	}
	return w.found
}

// similar goes through the words by how many first letters, at most four, they have in common with the pattern: the
// more, the fewer other letters they need.
func (s *stretch) similar(w *search) {
	from, to, text := 0, s.count, w.text
	var lows, highs [6]int // of the words with at least so many common first letters
	most := min(len(text), s.n, 4)
	for k := 0; k <= most; k++ {
		if k > 0 {
			from, to = s.between(from, to, text, text, k)
		}
		lows[k], highs[k] = from, to
	}
	lows[most+1], highs[most+1] = lows[most], lows[most]
	w.planes = w.planes[:0]
	for _, bit := range w.letters {
		w.planes = append(w.planes, s.planes[8*int(bit)*s.blocks:][:8*s.blocks])
	}
	for k := 0; k <= most; k++ {
		if w.begin(s.n, k) {
			s.within(w, lows[k], lows[k+1])
			s.within(w, highs[k+1], highs[k])
		}
	}
}

// within compares the words of [from, to).
func (s *stretch) within(w *search, from, to int) {
	for b := from / 64; b*64 < to; b++ {
		alive := ^uint64(0)
		if from > b*64 {
			alive &= ^uint64(0) << (from - b*64)
		}
		if to < b*64+64 {
			alive &= ^uint64(0) >> (b*64 + 64 - to)
		}
		for alive = w.sieve(8*b, alive); alive != 0; alive &= alive - 1 {
			w.left = append(w.left, int32(b*64+bits.TrailingZeros64(alive)))
		}
		if len(w.left) >= batchSize {
			s.compare(w)
		}
	}
	s.compare(w)
}

// compare compares the words that are left. They lie far apart in memory: a processor that reads a letter of many in one
// short loop waits for all at a time.
func (s *stretch) compare(w *search) {
	for _, i := range w.left {
		w.touched += s.chars[int(i)*s.n]
	}
	for _, i := range w.left {
		if similarity := w.compare(s.word(int(i))); similarity > 0 {
			w.found = append(w.found, likeWord{s.first + i, similarity})
		}
	}
	w.left = w.left[:0]
}
