package node

import (
	"cmp"
	"slices"

	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/watchlist/numbers"
)

// Numbers are held like alerts: one that an earlier release had in force, and the release in force lacks or has with weaker terms, is a
// version. A release has in force the numbers of its chunks but for those that it strikes. Only strikes are opened, and chunks that the
// release in force has not. So where a number stood that the release in force strikes is not looked up, for both have its chunk: it
// counts as in force in every earlier release that does not strike it. Of an honest list that is the truth, since no chunk is made with a
// number that is struck already; of any other it lets nothing go earlier.

// numbersGone hands over the numbers that older releases had and the one in force lacks or weakens, some at a time.
func (n *Node) numbersGone(f *inForce, older []*announcement, take func([]version) error) error {
	older = slices.DeleteFunc(slices.Clone(older), func(a *announcement) bool { return a.body.Numbers == nil })
	for len(older) > 0 {
		terms := *older[0].body.Numbers
		p := pastNumbers{Node: n, f: f, all: f.numbers == nil || weakerTerms(f.of, older[0]), strikes: map[[32]byte][]uint64{}}
		rest := older[:0:0]
		for _, a := range older { // seldom more than one kind
			if *a.body.Numbers == terms {
				p.of = append(p.of, a)
			} else {
				rest = append(rest, a)
			}
		}
		if err := p.read(); err != nil {
			return err
		}
		if err := p.tell(&terms, take); err != nil {
			return err
		}
		older = rest
	}
	return nil
}

// pastNumbers is what releases of equal terms had beside the one in force.
type pastNumbers struct {
	*Node
	f       *inForce
	of      []*announcement // oldest first
	all     bool            // the release in force has none of their numbers in as strong a form
	stood   []stood
	papers  []stoodPaper
	strikes map[[32]byte][]uint64 // of each chunk of strikes that was opened
	struck  int                   // in those that the release in force has not
}

// A stood is a number that stands in a chunk and not in force.
type stood struct {
	key   uint64
	chunk uint32
	last  uint32 // the last release that had it in force, by its place in of and from 1; 0 while none is known
}

type stoodPaper struct {
	entry numbers.Entry
	last  uint32
}

func (p *pastNumbers) read() error {
	opened := map[[32]byte]uint32{} // chunks, in order
	mine := map[[32]byte]bool{}
	for _, hash := range p.f.of.chunks {
		mine[hash] = !p.all
	}
	for at, a := range slices.Backward(p.of) {
		for i, hash := range a.chunks {
			if _, ok := opened[hash]; ok || mine[hash] {
				continue
			}
			opened[hash] = uint32(len(opened))
			if err := p.open(a, i, opened[hash], uint32(at+1)); err != nil {
				return err
			}
		}
	}
	if err := p.leaveStruck(); err != nil {
		return err
	}
	for at, a := range slices.Backward(p.of) {
		struck := p.struckBy(a)
		for _, hash := range a.chunks {
			chunk, ok := opened[hash]
			if !ok {
				continue
			}
			from, _ := slices.BinarySearchFunc(p.stood, chunk, func(s stood, c uint32) int { return cmp.Compare(s.chunk, c) })
			for i := from; i < len(p.stood) && p.stood[i].chunk == chunk; i++ {
				if s := &p.stood[i]; s.last == 0 && !struck.HasKey(s.key) {
					s.last = uint32(at + 1)
				}
			}
		}
	}
	return p.struckSince()
}

// open takes note of what a chunk has that the release in force lacks.
func (p *pastNumbers) open(a *announcement, i int, chunk, at uint32) error {
	c, err := p.numbersAt(a, i)
	if err != nil {
		return err
	}
	if c.Strikes != nil {
		p.strikes[a.chunks[i]] = c.Strikes
		p.struck += len(c.Strikes)
	}
	for _, key := range c.Keys {
		if p.all || !p.f.numbers.HasKey(key) {
			if _, ok := numbers.OfKey(key); !ok {
				return p.breaks(a, lists.ErrChunk)
			}
			p.stood = append(p.stood, stood{key: key, chunk: chunk})
		}
	}
	for _, paper := range c.Papers {
		if e := entryOf(paper); p.all || !p.f.numbers.Has(e) {
			p.papers = append(p.papers, stoodPaper{e, at})
		}
	}
	if len(p.stood)+len(p.papers)+p.struck > maxGoneNumbers {
		return errManyLost
	}
	return nil
}

// leaveStruck passes over what the release in force strikes: struckSince says since when.
func (p *pastNumbers) leaveStruck() error {
	if p.all || len(p.stood) == 0 {
		return nil
	}
	var b numbers.Builder
	for _, i := range p.f.strikes {
		if err := p.strikesOf(int(i), &b); err != nil {
			return err
		}
	}
	struck := b.Set()
	p.stood = slices.DeleteFunc(p.stood, func(s stood) bool { return struck.HasKey(s.key) })
	return nil
}

// strikesOf adds the strikes of a chunk of the release in force, which it opens once.
func (p *pastNumbers) strikesOf(i int, to *numbers.Builder) error {
	hash := p.f.of.chunks[i]
	keys, ok := p.strikes[hash]
	if !ok {
		c, err := p.numbersAt(p.f.of, i)
		if err != nil {
			return err
		}
		keys, p.strikes[hash] = c.Strikes, c.Strikes
	}
	for _, key := range keys {
		to.AddKey(key)
	}
	return nil
}

// struckBy gives what a release strikes, but for the chunks of strikes that it has in common with the release in force.
func (p *pastNumbers) struckBy(a *announcement) *numbers.Set {
	mine := map[[32]byte]bool{}
	if !p.all {
		for _, i := range p.f.strikes {
			mine[p.f.of.chunks[i]] = true
		}
	}
	var b numbers.Builder
	for _, hash := range a.chunks {
		for _, key := range p.strikes[hash] {
			if !mine[hash] {
				b.AddKey(key)
			}
		}
	}
	return b.Set()
}

// struckSince finds the numbers that the release in force strikes, and some earlier one does not.
func (p *pastNumbers) struckSince() error {
	if p.all {
		return nil
	}
	known := map[uint64]bool{}
	for at, a := range slices.Backward(p.of) {
		has := map[[32]byte]bool{}
		for _, hash := range a.chunks {
			has[hash] = true
		}
		var b numbers.Builder
		for _, i := range p.f.strikes {
			if has[p.f.of.chunks[i]] {
				continue
			}
			if err := p.strikesOf(int(i), &b); err != nil {
				return err
			}
		}
		for key := range b.Set().KeysWithout(p.struckBy(a)) {
			if !known[key] {
				known[key], p.stood = true, append(p.stood, stood{key: key, last: uint32(at + 1)})
			}
		}
		if len(p.stood) > maxGoneNumbers {
			return errManyLost
		}
	}
	return nil
}

// tell hands over the versions for which the numbers stand.
func (p *pastNumbers) tell(terms *record.NumbersTerms, take func([]version) error) error {
	list, some := p.f.of.body.List, []version(nil)
	add := func(e numbers.Entry, last uint32) error {
		v := version{alert: numberAlert(list, terms, e), last: p.of[last-1].rank()}
		if p.all && p.f.numbers != nil && p.f.numbers.Has(e) {
			now := numberAlert(list, p.f.of.body.Numbers, e)
			v.now = &now
		}
		if some = append(some, v); len(some) < indexBatch {
			return nil
		}
		err := take(some)
		some = some[:0]
		return err
	}
	for _, s := range p.stood {
		if e, ok := numbers.OfKey(s.key); ok && s.last > 0 {
			if err := add(e, s.last); err != nil {
				return err
			}
		}
	}
	for _, s := range p.papers {
		if err := add(s.entry, s.last); err != nil {
			return err
		}
	}
	return take(some)
}
