package lists

import (
	"cmp"
	"iter"
	"slices"
)

// An Edition is what a rework of a list of numbers needs of the release before and of the next one. All that it gives ascends.
type Edition struct {
	Before                 int                                   // chunks of the release before
	Open                   func(chunk int) (NumbersChunk, error) // each once, but for those of strikes, which come first
	Strikes                []int                                 // which of them are of strikes
	Gone                   []uint64                              // keys in force before that the next release lacks
	Come                   iter.Seq[uint64]                      // keys of the next release that were not in force; asked for more than once
	PapersGone, PapersCome []Paper
}

// ReworkNumbers is Rework for numbers. It holds what goes, what was struck, and few chunks at a time.
//
// A chunk of which less than an eighth goes stays, and what goes is struck; one of which more goes is written anew, which ends its strikes.
// A struck number that comes back is struck no longer. What is new goes to the end, together with the small chunks there that are not
// twice as large: so there are never many of them, and a number is written some few times until it stands in a full chunk.
func ReworkNumbers(e Edition, emit func(Next) error) error {
	strikes := grower[uint64]{full: numbersChunk, compare: cmp.Compare[uint64], pack: PackStrikes, emit: emit}
	var struck []uint64
	opened := map[int][]uint64{}
	for _, i := range e.Strikes {
		c, err := e.Open(i)
		if err != nil {
			return err
		}
		opened[i], struck = c.Strikes, append(struck, c.Strikes...)
	}
	slices.Sort(struck)
	var back []uint64
	for k := range within(e.Come, struck) {
		back = append(back, k)
	}
	numbers := grower[uint64]{full: numbersChunk, compare: cmp.Compare[uint64], pack: PackNumbers, emit: emit, strikes: true,
		dead: slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(e.Gone), outside(slices.Values(struck), back))))}
	papers := grower[Paper]{full: papersChunk, compare: Paper.Compare, pack: PackPapers, emit: emit, dead: e.PapersGone}
	for i := range e.Before {
		if _, of := opened[i]; of {
			continue
		}
		c, err := e.Open(i)
		switch {
		case err != nil:
			return err
		case c.Keys != nil:
			err = numbers.keep(i, c.Keys)
		case c.Papers != nil:
			err = papers.keep(i, c.Papers)
		}
		if err != nil {
			return err
		}
	}
	if err := numbers.finish(outside(e.Come, back)); err != nil {
		return err
	}
	if err := papers.finish(slices.Values(e.PapersCome)); err != nil {
		return err
	}
	slices.Sort(numbers.struck)
	strikes.dead = slices.Collect(outside(slices.Values(struck), numbers.struck))
	for _, i := range e.Strikes {
		if err := strikes.keep(i, opened[i]); err != nil {
			return err
		}
	}
	return strikes.finish(outside(slices.Values(numbers.struck), struck))
}

// A grower makes the chunks of one kind of the next release out of those of the one before.
type grower[K any] struct {
	full    int
	compare func(a, b K) int
	pack    func([]K) []byte
	emit    func(Next) error
	strikes bool // what goes may stay in its chunk and be struck
	dead    []K  // what does not count in the next release, ascending

	struck []K       // of it what stays in chunks
	loose  []K       // what is left of chunks that go
	small  []held[K] // the last chunks, as long as they are less than half full
}

// held is a chunk that is not placed yet.
type held[K any] struct {
	before int // -1 where it is written anew
	all    []K
	struck []K
	live   int
}

// keep puts a chunk of the release before into the next one, as it is or with what is left of it.
func (g *grower[K]) keep(at int, all []K) error {
	stay, goes := g.part(all)
	h := held[K]{at, all, goes, len(stay)}
	switch {
	case len(goes) == 0:
	case g.strikes && len(goes)*strikeShare <= len(all):
	case len(stay) < g.full/4:
		g.loose = append(g.loose, stay...)
		return nil
	default:
		h = held[K]{-1, stay, nil, len(stay)}
	}
	if g.small = append(g.small, h); h.live >= g.full/2 {
		return g.place(len(g.small))
	}
	return g.place(len(g.small) - maxSmall)
}

// part parts a chunk into what stays and what goes.
func (g *grower[K]) part(all []K) (stay, goes []K) {
	from, _ := slices.BinarySearchFunc(g.dead, all[0], g.compare)
	for i, k := range all {
		for from < len(g.dead) && g.compare(g.dead[from], k) < 0 {
			from++
		}
		if from < len(g.dead) && g.compare(g.dead[from], k) == 0 {
			if goes == nil {
				stay = append(make([]K, 0, len(all)), all[:i]...)
			}
			goes = append(goes, k)
		} else if goes != nil {
			stay = append(stay, k)
		}
	}
	if goes == nil {
		stay = all
	}
	return stay, goes
}

// place emits the first chunks of those held.
func (g *grower[K]) place(count int) error {
	for ; count > 0; count-- {
		h := g.small[0]
		g.small, g.struck = g.small[1:], append(g.struck, h.struck...)
		next := Next{Before: h.before, Count: len(h.all)}
		if h.before < 0 {
			next.Packed = g.pack(h.all)
		}
		if err := g.emit(next); err != nil {
			return err
		}
	}
	return nil
}

// finish puts what is new, and what is loose, into chunks at the end.
func (g *grower[K]) finish(come iter.Seq[K]) error {
	fresh := len(g.loose)
	for range come {
		if fresh++; fresh >= g.full {
			break
		}
	}
	for fresh > 0 && len(g.small) > 0 && g.small[len(g.small)-1].live < 2*fresh {
		last := g.small[len(g.small)-1]
		stay, _ := g.part(last.all)
		g.small, g.loose, fresh = g.small[:len(g.small)-1], append(g.loose, stay...), fresh+len(stay)
	}
	if err := g.place(len(g.small)); err != nil {
		return err
	}
	slices.SortFunc(g.loose, g.compare)
	return g.write(come)
}

func (g *grower[K]) write(come iter.Seq[K]) error {
	var chunk []K
	add := func(k K) error {
		if chunk = append(chunk, k); len(chunk) < g.full {
			return nil
		}
		err := g.emit(Next{Before: -1, Count: len(chunk), Packed: g.pack(chunk)})
		chunk = chunk[:0]
		return err
	}
	for k := range come {
		for len(g.loose) > 0 && g.compare(g.loose[0], k) < 0 {
			if err := add(g.loose[0]); err != nil {
				return err
			}
			g.loose = g.loose[1:]
		}
		if err := add(k); err != nil {
			return err
		}
	}
	for _, k := range g.loose {
		if err := add(k); err != nil {
			return err
		}
	}
	if len(chunk) == 0 {
		return nil
	}
	return g.emit(Next{Before: -1, Count: len(chunk), Packed: g.pack(chunk)})
}

// outside visits the keys that are not among others, within those that are; both ascend.
func outside(keys iter.Seq[uint64], others []uint64) iter.Seq[uint64] {
	return beside(keys, others, false)
}

func within(keys iter.Seq[uint64], others []uint64) iter.Seq[uint64] {
	return beside(keys, others, true)
}

func beside(keys iter.Seq[uint64], others []uint64, in bool) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		at := 0
		if in && len(others) == 0 {
			return
		}
		for k := range keys {
			for at < len(others) && others[at] < k {
				at++
			}
			if (at < len(others) && others[at] == k) == in && !yield(k) {
				return
			}
		}
	}
}
