package watchlist

import (
	"slices"
	"sort"
	"strings"
)

// A lexicon holds distinct words for a search by similarity. Words are numbered by length and then alphabet, so that one
// length is one stretch; signatures lie side by side, and of a hundred words ninety-nine are passed over without looking
// at their letters.
type lexicon struct {
	text  []string
	signs []signature
	start [maxLetters + 2]int32 // start[n] is the first word of n letters
	alpha []int32               // all words in alphabetical order, for prefixes
	sound map[string][]int32
	ids   map[string]int32
}

// newLexicon takes each word once.
func newLexicon(distinct []string) *lexicon {
	slices.SortFunc(distinct, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	l := &lexicon{text: distinct, signs: make([]signature, len(distinct)), alpha: make([]int32, len(distinct)),
		sound: make(map[string][]int32, len(distinct)), ids: make(map[string]int32, len(distinct))}
	for i, t := range distinct {
		l.signs[i] = sign(t)
		l.alpha[i] = int32(i)
		l.start[len(t)+1]++
		k := sound(t)
		l.sound[k] = append(l.sound[k], int32(i))
		l.ids[t] = int32(i)
	}
	for n := 1; n < len(l.start); n++ {
		l.start[n] += l.start[n-1]
	}
	slices.SortFunc(l.alpha, func(a, b int32) int { return strings.Compare(distinct[a], distinct[b]) })
	return l
}

// similar visits every word whose similarity with p reaches the floor that needs was made for, and some below it.
func (l *lexicon) similar(p *pattern, need *needs, visit func(id int32, similarity float64)) {
	n := len(p.text)
	for m := 1; m <= maxLetters; m++ {
		if int(need[n][m][4]) > min(n, m) {
			continue
		}
		row := need[n][m]
		from, to := l.start[m], l.start[m+1]
		for i, g := range l.signs[from:to] {
			prefix := p.sign.prefix(g)
			if p.sign.shared(g) < int(row[prefix]) {
				continue
			}
			id := from + int32(i)
			visit(id, p.jaroWinkler(l.text[id], prefix))
		}
	}
}

// beginning visits the words that begin with the prefix and are longer.
func (l *lexicon) beginning(prefix string, visit func(id int32)) {
	i := sort.Search(len(l.alpha), func(i int) bool { return l.text[l.alpha[i]] > prefix })
	for ; i < len(l.alpha) && strings.HasPrefix(l.text[l.alpha[i]], prefix); i++ {
		visit(l.alpha[i])
	}
}
