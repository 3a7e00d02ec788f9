package watchlist

import (
	"cmp"
	"math"
	"slices"

	"tims/internal/border"
)

// Costs and weights of how two names stand to each other, on the same scale as the weights of their words.
const (
	crossed       = -0.8 // a surname stands among the given names or the other way round
	joinParticle  = -1.0 // AL TIKRITI written ALTIKRITI
	joinWords     = -2.0 // MARIA ELENA written MARIAELENA
	particleSame  = 0.2
	strayPrimary  = -2.0 // a surname of the traveller is not in the alert
	straySecond   = -1.2
	lackPrimary   = -2.0 // a surname of the alert is not in the document
	lackSecond    = -1.0
	lackCut       = -0.2 // the name field is full: what lacks may have been cut
	strayInitial  = -0.6
	strayFather   = -0.6 // a patronymic of one is not in the other
	lackFather    = -0.3
	contradiction = -1.5 // for each stray word that faces a lacking one: not shorter or longer, but other
	aliasName     = -0.7
	weakName      = -2.0
	kindred       = -1.2 // each further word that pairs: names of one people go together, so it tells less than the first
	kindredLeast  = 0.1  // what it tells all the same

	initialSame = 0.8  // share of initials that agree where the person is the same
	initialMost = 2.0  // what an initial may be worth
	cutLast     = 0.9  // share of last words in a full name field that are the beginning of the alert's
	cutInner    = 0.35 // the same for other words: a state may cut each (Doc 9303 part 4, 4.2.3)
	joinApart   = 2    // letters by which joined words may differ in length
	leastCut    = 3    // letters from which on a beginning is compared; shorter ones say too little
)

// A pair is a word or joined words of the traveller set against such of the alert; bits are places.
type pair struct {
	mine, theirs uint32
	weight       float64
	seen, listed string
	primary      bool
}

// A looker holds one query made ready: its folded words with their patterns and joins.
type looker struct {
	x        *segment
	words    []word
	patterns []*pattern
	sounds   []uint64
	joins    []span
	joinPats []*pattern
	shares   []float64 // per word: which share of words begins with it, once asked
	strays   []float64 // per word: what it costs where it finds no partner
	cut      bool      // the name field may be truncated
	divided  bool      // both identifiers are there
	slack    float64
	search   *search
}

func (x *segment) look(f form, cut bool) *looker {
	l := &looker{x: x, words: words(f.primary, f.secondary), cut: cut, divided: len(f.primary) > 0 && len(f.secondary) > 0}
	for _, w := range l.words {
		l.patterns = append(l.patterns, newPattern(w.text))
		l.sounds = append(l.sounds, hashOf(sound(w.text)))
		l.strays = append(l.strays, w.strayCost())
	}
	l.shares = make([]float64, len(l.words))
	l.joins = joins(l.words)
	for _, j := range l.joins {
		l.joinPats = append(l.joinPats, newPattern(j.text))
	}
	l.slack = slackOf(l.words)
	return l
}

// slackOf bounds what the particles and initials of a query can add to a score, which are not looked up, and its other
// words by being particles of the alert.
func slackOf(ws []word) (most float64) {
	for _, w := range ws {
		most += particleSame
		if w.initial() {
			most += initialMost
		}
	}
	return most
}

// align sets the words of the query against one name of an alert and returns every piece of the score; with lenience
// also words that are barely alike. Pairs are taken heaviest first, each word once: names have few words, and the heaviest
// pair is in practice never the wrong one.
func (l *looker) align(n *name, lenience bool) (why []border.HitReason) {
	pairs := l.pairs(n, lenience)
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.weight, a.weight) })
	var mine, theirs uint32
	for _, p := range pairs {
		if p.weight <= 0 || p.mine&mine != 0 || p.theirs&theirs != 0 {
			continue
		}
		if mine != 0 {
			p.weight = max(min(p.weight, kindredLeast), p.weight+kindred)
		}
		mine |= p.mine
		theirs |= p.theirs
		why = append(why, border.HitReason{Part: part(p.primary), Seen: p.seen, Listed: p.listed, Weight: p.weight})
	}
	return append(why, l.leftover(n, mine, theirs)...)
}

func part(primary bool) string {
	if primary {
		return "primary"
	}
	return "secondary"
}

func (l *looker) pairs(n *name, lenience bool) []pair {
	pairs := make([]pair, 0, 16)
	for i := range l.words {
		for j := range n.words {
			w, ok := l.wordPair(i, &n.words[j], lenience)
			if !ok {
				continue
			}
			if l.divided && n.divided && l.words[i].primary != n.words[j].primary && !l.words[i].particle {
				w += crossed
			}
			pairs = append(pairs, pair{1 << i, 1 << j, w, l.words[i].text, n.words[j].text, l.words[i].primary})
		}
		if !l.words[i].joinable() {
			continue
		}
		for k := range n.joins {
			if w, ok := listedJoin(l.patterns[i], n, &n.joins[k]); ok {
				pairs = append(pairs, pair{1 << i, mask(n.joins[k].span), w, l.words[i].text, n.joins[k].text, l.words[i].primary})
			}
		}
	}
	for i, s := range l.joins {
		for j := range n.words {
			if w, ok := l.seenJoin(i, &n.words[j]); ok {
				pairs = append(pairs, pair{mask(s), 1 << j, w, s.text, n.words[j].text, l.words[s.first].primary})
			}
		}
	}
	return pairs
}

func mask(s span) uint32 { return (1<<s.size - 1) << s.first }

// wordPair weighs word i of the query against one word of an alert.
func (l *looker) wordPair(i int, a *nameWord, lenience bool) (float64, bool) {
	q := &l.words[i]
	weights := &a.weights
	switch {
	case q.particle || a.particle:
		if q.text == a.text || q.particle && a.particle && article[q.text] && article[a.text] {
			return particleSame, true
		}
		return 0, false
	case q.text == a.text && !q.initial():
		return float64(weights[same]), true
	case q.initial() || a.initial():
		if q.text[0] == a.text[0] {
			return l.initialWeight(i), true
		}
		return 0, false
	}
	best, found := math.Inf(-1), false
	if k, ok := l.likeness(i, a); ok && (k < lenient || lenience) {
		best, found = float64(weights[k])-spellingLoss(k, spellingCost(q.text, a.text)), true
	}
	if w, ok := l.cutPair(i, a.text); ok && w > best {
		best, found = w, true
	}
	return best, found
}

// article are the forms of the Arabic article, with and without assimilation.
var article = map[string]bool{"AL": true, "EL": true, "UL": true, "IL": true, "AD": true, "AR": true, "AS": true,
	"AT": true, "AZ": true, "AN": true, "ASH": true}

func (l *looker) likeness(i int, a *nameWord) (likeness, bool) {
	if l.sounds[i] == a.sound {
		return sounded, true
	}
	p := l.patterns[i]
	prefix := p.sign.prefix(a.sign)
	if p.sign.shared(a.sign) >= int(needLenient.least[len(p.text)][len(a.text)][prefix]) {
		if k, ok := likenessOf(p.jaroWinkler(a.text, prefix)); ok {
			return k, true
		}
	}
	return lenient, slipped(p.text, a.text)
}

// slipped reports whether one error makes one short word of the other.
func slipped(a, b string) bool {
	return max(len(a), len(b)) <= shortWord && spellingCost(a, b) <= slipCost
}

const (
	shortWord = 4   // letters up to which Jaro-Winkler does not see what one error did: KIM and IM are strangers to it
	slipCost  = 9.0 // of spelling: one letter more, less or other
)

// initialWeight is for a word of the query and an initial of the alert, or the other way round.
func (l *looker) initialWeight(i int) float64 {
	return min(initialMost, math.Log(initialSame/l.x.beginningShare(l.words[i].text[:1])))
}

// cutPair weighs a word as the beginning of the alert's word where the name field is full.
func (l *looker) cutPair(i int, listed string) (float64, bool) {
	q := &l.words[i]
	if !l.cut || len(q.text) < leastCut || len(q.text) >= len(listed) || listed[:len(q.text)] != q.text {
		return 0, false
	}
	if l.shares[i] == 0 {
		l.shares[i] = l.x.beginningShare(q.text)
	}
	share := cutInner
	if q.last {
		share = cutLast
	}
	return math.Log(share / l.shares[i]), true
}

// listedJoin weighs one word of the query against neighbouring words of the alert. They must have one skeleton, by which
// such names are found.
func listedJoin(p *pattern, n *name, j *nameJoin) (float64, bool) {
	k, ok := joinLikeness(p, j.text, j.sign)
	if !ok || k != same && skeletonHash(p.text) != skeletonHash(j.text) {
		return 0, false
	}
	return joinWeight(n, j, k), true
}

// joinWeight is the worth of the joined words, each taken whole, less the rarity of joining. What was seen is one word
// only, so it is never worth more than the rarest one.
func joinWeight(n *name, j *nameJoin, k likeness) float64 {
	w, loose := 0.0, joinWords
	for i := j.first; i < j.first+j.size; i++ {
		if n.words[i].particle {
			loose = joinParticle
		} else {
			w += max(0, float64(n.words[i].weights[same]))
		}
	}
	return min(w, mostOf[k]) + loose
}

// seenJoin weighs neighbouring words of the query against one word of the alert.
func (l *looker) seenJoin(i int, a *nameWord) (float64, bool) {
	if a.particle || a.initial() {
		return 0, false
	}
	k, ok := joinLikeness(l.joinPats[i], a.text, a.sign)
	if !ok {
		return 0, false
	}
	return l.seenJoinWeight(i, a.weights[k]) - spellingLoss(k, spellingCost(l.joins[i].text, a.text)), true
}

func (l *looker) seenJoinWeight(i int, weight float32) float64 {
	loose := joinWords
	for j := l.joins[i].first; j < l.joins[i].first+l.joins[i].size; j++ {
		if l.words[j].particle {
			loose = joinParticle
		}
	}
	return float64(weight) + loose
}

// joinLikeness holds joined words to a narrower standard than single ones: they are long, and long words are alike easily.
func joinLikeness(p *pattern, text string, s signature) (likeness, bool) {
	if p.text == text {
		return same, true
	}
	prefix := p.sign.prefix(s)
	if !mayJoin(len(p.text), len(text), prefix) {
		return 0, false
	}
	if p.sign.shared(s) < int(needClose.least[len(p.text)][len(text)][prefix]) || p.jaroWinkler(text, prefix) < floorClose {
		return 0, false
	}
	return close, true
}

// mayJoin reports whether words of n and m letters, of which so many first ones are the same, may be one written in two
// ways. The lengths must agree, or else VILLEGAS would be like VILLEGAS LOERA, and where they differ by two letters, the
// first two must be the same: AHMAD is no way to write AL AHMAD as one.
func mayJoin(n, m, prefix int) bool {
	switch apart := max(n-m, m-n); {
	case apart < joinApart:
		return true
	case apart == joinApart:
		return prefix >= 2
	}
	return false
}

// leftover charges the words that found no partner.
func (l *looker) leftover(n *name, mine, theirs uint32) (why []border.HitReason) {
	stray, lack := 0, 0
	for i := range l.words {
		w := &l.words[i]
		if mine&(1<<i) != 0 || w.particle {
			continue
		}
		cost := l.strays[i]
		if !w.initial() {
			stray++
		}
		why = append(why, border.HitReason{Part: part(w.primary), Seen: w.text, Weight: cost})
	}
	for j := range n.words {
		w := &n.words[j]
		if theirs&(1<<j) != 0 || w.particle || w.initial() {
			continue
		}
		cost := l.lackCost(w.primary)
		if !w.primary && patronymic(w.text) {
			cost = max(cost, lackFather)
		}
		if lack++; lack <= stray {
			cost += contradiction
		}
		why = append(why, border.HitReason{Part: part(w.primary), Listed: w.text, Weight: cost})
	}
	return why
}

// strayCost is for a word of the query that found no partner.
func (w *word) strayCost() float64 {
	switch {
	case w.initial():
		return strayInitial
	case w.primary:
		return strayPrimary
	case patronymic(w.text):
		return strayFather
	}
	return straySecond
}

// lackCost is for a word of the alert that found no partner.
func (l *looker) lackCost(primary bool) float64 {
	switch {
	case l.cut:
		return lackCut
	case primary:
		return lackPrimary
	}
	return lackSecond
}
