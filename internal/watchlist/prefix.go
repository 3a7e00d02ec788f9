package watchlist

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
)

// prefixes tells for any beginning of a word which share of words begin so.
type prefixes struct {
	words []string // in alphabetical order
	upTo  []float64
}

func newPrefixes(share map[string]float64) prefixes {
	p := prefixes{words: slices.Sorted(maps.Keys(share)), upTo: make([]float64, len(share)+1)}
	for i, w := range p.words {
		p.upTo[i+1] = p.upTo[i] + share[w]
	}
	return p
}

func (p prefixes) share(beginning string) float64 {
	from := sort.SearchStrings(p.words, beginning)
	to := from + sort.Search(len(p.words)-from, func(i int) bool { return !strings.HasPrefix(p.words[from+i], beginning) })
	return p.upTo[to] - p.upTo[from]
}

var popularPrefixes = sync.OnceValue(func() prefixes { return newPrefixes(popular()) })

// leastBeginning is the share of words that begin like a rare word in letters that no table has.
const leastBeginning = 2e-5
