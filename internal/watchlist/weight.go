package watchlist

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// A likeness says how a word of the traveller stands to a word of the alert.
type likeness uint8

const (
	same    likeness = iota // letter for letter
	sounded                 // other letters for the same sounds
	close                   // similarity of 0.92 and more
	near                    // 0.86 and more
	far                     // 0.80 and more
	lenient                 // 0.70 and more: believed only where the birth date agrees
	likenesses
)

const (
	floorClose   = 0.92
	floorNear    = 0.86
	floorFar     = 0.80
	floorLenient = 0.70
)

var (
	needFar     = newNeeds(floorFar)
	needClose   = newNeeds(floorClose)
	needLenient = newNeeds(floorLenient)
)

// spelt is the share of words of a person's own document that stand so to the words of the alert about that person;
// what is missing to one has no likeness at all. It follows the spellings that OFAC lists for one name.
var spelt = [likenesses]float64{0.66, 0.10, 0.08, 0.06, 0.04, 0.01}

// strange is the least share of travellers who bear a word so alike to any given one: the tail of names that no table holds.
var strange = [likenesses]float64{4e-6, 8e-6, 3e-5, 2e-4, 7e-4, 5e-3}

// mostOf is what a word that no table holds is worth at each likeness.
var mostOf = func() (most [likenesses]float64) {
	for k := range most {
		most[k] = math.Log(spelt[k] / strange[k])
	}
	return most
}()

// likenessOf grades the similarity of two words that differ in letters and in sound; false where they are strangers.
func likenessOf(similarity float64) (likeness, bool) {
	switch {
	case similarity >= floorClose:
		return close, true
	case similarity >= floorNear:
		return near, true
	case similarity >= floorFar:
		return far, true
	case similarity >= floorLenient:
		return lenient, true
	}
	return 0, false
}

//go:embed popular.tsv
var popularText string

// popular is how often the commonest words of names stand in a name, over the world; popular.md says whence.
var popular = sync.OnceValue(func() map[string]float64 {
	m := make(map[string]float64, 4096)
	for line := range strings.Lines(popularText) {
		word, millionths, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(millionths)
		if err != nil {
			panic("watchlist: embedded table of names: " + err.Error())
		}
		m[word] = float64(n) / 1e6
	}
	return m
})

// A weighting gives what a word of an alert is worth at each likeness: ln of how much likelier such a word is in the
// document of that person than in anybody's, were it spelt in the likeliest way of that likeness; spellingLoss takes off
// what it falls short of that, so that a weighting bounds every pair from above. It is worth less the more travellers bear a
// word as like to it, which for MUHAMMAD or LI is many and for RADMANOVIC next to none.
type weighting [likenesses]float32

// listShare says how far the list tells of the population it is drawn from: a name that one alert in ten bears is common
// where its bearers come from, whatever the world's average.
const listShare = 0.15

// mostListed bounds what the list makes of a word: so many times what the strangest word has, at each likeness. Whoever adds alerts
// makes words common, and needs nobody's approval to add: by however many he adds, a word is worth ln(1+mostListed) = 5.3 less at most.
// Of OFAC's own aliases as many are found with the bound as without it (docs/design/matching.md).
const mostListed = 200

// rareSpelling keeps an uncommon spelling of a common name, such as HUSAYN, from passing for an uncommon name.
const rareSpelling = 0.2
