// Package watchlist is the index of alerts in memory: it matches a document, person or vehicle and says how sure it is
// and why. It is pure; a release is built into a new Index, which the caller swaps in atomically, and an Index never
// changes. docs/design/matching.md tells how a score comes about.
package watchlist

import (
	"slices"
	"sync"

	"tims/internal/border"
)

// A List is one release of alerts. An Index keeps the alerts; the caller no longer changes them.
type List []border.Alert

// An Index finds alerts. It is safe for any number of goroutines.
type Index struct {
	alerts  []border.Alert
	names   []name
	words   *lexicon
	weights []weighting
	keys    []string  // per word of the lexicon: its sound
	posts   [][]int32 // per word of the lexicon: the names in which it is more than a particle, ascending

	alertOf    []int32   // per name
	slack      []float32 // per name: what its particles and initials can add
	years      []uint64  // per alert: its birth years modulo 64, as a set
	firstName  []int32   // per alert: its first name; one more at the end
	beginnings prefixes

	joined      *lexicon // neighbouring words of one name as one
	joinedPosts [][]int32
	joinedMost  []float32 // the most that a joined word weighs in any of its names

	byNumber map[string][]int32             // bare document number: alerts
	byPlate  map[string][]int32             // plate key: alerts
	byBirth  map[border.PartialDate][]int32 // whole birth date: persons
	unnamed  []string

	scratch sync.Pool
}

// A name is one spelling of one name of one alert.
type name struct {
	alert   int32
	which   int32 // of the alert's names
	divided bool  // into both identifiers
	words   []nameWord
	joins   []nameJoin
}

type nameWord struct {
	word
	id int32 // in the lexicon of words
}

type nameJoin struct {
	span
	id int32 // in the lexicon of joined words
}

// Build indexes all alerts of the lists. The result depends on their order only where scores are equal. Alerts that
// InForce denies are indexed all the same: whether one stands is asked on the day of the check.
func Build(lists ...List) *Index {
	x := &Index{byNumber: map[string][]int32{}, byPlate: map[string][]int32{}, byBirth: map[border.PartialDate][]int32{}}
	for _, l := range lists {
		x.alerts = append(x.alerts, l...)
	}
	for i := range x.alerts {
		x.firstName = append(x.firstName, int32(len(x.names)))
		x.years = append(x.years, yearsOf(x.alerts[i].Births))
		x.add(int32(i), &x.alerts[i])
	}
	x.firstName = append(x.firstName, int32(len(x.names)))
	x.learn()
	x.scratch.New = func() any { return newScratch(len(x.names), len(x.alerts)) }
	return x
}

// Len is the number of alerts.
func (x *Index) Len() int { return len(x.alerts) }

// Unnamed lists the ids of person alerts of which no name has a letter that a zone could hold, so that they are found
// by document alone. An editor must add a transliteration.
func (x *Index) Unnamed() []string { return slices.Clone(x.unnamed) }

func (x *Index) add(i int32, a *border.Alert) {
	for _, d := range a.Documents {
		if k := bare(d.Number); k != "" {
			x.byNumber[k] = appendOnce(x.byNumber[k], i)
		}
	}
	for _, v := range a.Vehicles {
		if k := plateKey(v.Plate); k != "" {
			x.byPlate[k] = appendOnce(x.byPlate[k], i)
		}
	}
	if a.Kind != border.PersonAlert {
		return
	}
	for _, b := range a.Births {
		if b.Year != 0 && b.Month != 0 && b.Day != 0 {
			x.byBirth[b] = appendOnce(x.byBirth[b], i)
		}
	}
	before := len(x.names)
	for w, n := range a.Names[:min(len(a.Names), maxNames)] {
		longP, shortP := fold(n.Primary)
		longS, shortS := fold(n.Secondary)
		x.addName(i, int32(w), longP, longS)
		if !slices.Equal(longP, shortP) || !slices.Equal(longS, shortS) {
			x.addName(i, int32(w), shortP, shortS)
		}
	}
	if len(x.names) == before {
		x.unnamed = append(x.unnamed, a.ID)
	}
}

func (x *Index) addName(alert, which int32, primary, secondary []string) {
	ws := words(primary, secondary)
	if len(ws) == 0 {
		return
	}
	n := name{alert: alert, which: which, divided: len(primary) > 0 && len(secondary) > 0}
	for _, w := range ws {
		n.words = append(n.words, nameWord{word: w})
	}
	for _, j := range joins(ws) {
		n.joins = append(n.joins, nameJoin{span: j})
	}
	x.names = append(x.names, n)
	x.alertOf = append(x.alertOf, alert)
	x.slack = append(x.slack, float32(slackOf(ws)))
}

// yearsOf is a set that has the year of every date; an unknown year is in it as all years.
func yearsOf(days []border.PartialDate) (set uint64) {
	for _, d := range days {
		if d.Year == 0 {
			return ^uint64(0)
		}
		set |= 1 << (d.Year % 64)
	}
	return set
}

func appendOnce(s []int32, v int32) []int32 {
	if len(s) > 0 && s[len(s)-1] == v {
		return s
	}
	return append(s, v)
}

// learn makes the lexicons once all names are known, numbers their words, and weighs them.
func (x *Index) learn() {
	x.words = lexiconOf(x.names, func(n *name, yield func(string)) {
		for i := range n.words {
			yield(n.words[i].text)
		}
	})
	x.joined = lexiconOf(x.names, func(n *name, yield func(string)) {
		for i := range n.joins {
			yield(n.joins[i].text)
		}
	})
	x.posts = make([][]int32, len(x.words.text))
	x.joinedPosts = make([][]int32, len(x.joined.text))
	for i := range x.names {
		n := &x.names[i]
		for j := range n.words {
			w := &n.words[j]
			w.id = x.words.ids[w.text]
			w.text = x.words.text[w.id] // one copy of each word
			if !w.particle && !w.initial() {
				x.posts[w.id] = appendOnce(x.posts[w.id], int32(i))
			}
		}
		for j := range n.joins {
			s := &n.joins[j]
			s.id = x.joined.ids[s.text]
			s.text = x.joined.text[s.id]
			x.joinedPosts[s.id] = appendOnce(x.joinedPosts[s.id], int32(i))
		}
	}
	x.weigh()
}

func lexiconOf(names []name, each func(*name, func(string))) *lexicon {
	seen := map[string]bool{}
	var distinct []string
	for i := range names {
		each(&names[i], func(t string) {
			if !seen[t] {
				seen[t] = true
				distinct = append(distinct, t)
			}
		})
	}
	return newLexicon(distinct)
}

// minNames keeps a word of a short list from looking common: one name in ten tells nothing of a population.
const minNames = 2000

// weigh computes everything that depends on how often words stand in names.
func (x *Index) weigh() {
	share := shares(x.posts, len(x.names))
	x.weights = weigh(x.words, share)
	byWord := make(map[string]float64, len(share))
	for i, t := range x.words.text {
		byWord[t] = share[i]
		x.keys = append(x.keys, sound(t))
	}
	x.beginnings = newPrefixes(byWord)
	x.joinedMost = make([]float32, len(x.joined.text))
	for i := range x.names {
		n := &x.names[i]
		for j := range n.joins {
			id := n.joins[j].id
			x.joinedMost[id] = max(x.joinedMost[id], float32(x.joinWeight(n, &n.joins[j], same)))
		}
	}
}

func shares(posts [][]int32, names int) []float64 {
	out := make([]float64, len(posts))
	for i, p := range posts {
		out[i] = float64(len(p)) / float64(max(names, minNames))
	}
	return out
}
