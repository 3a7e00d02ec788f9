package node

import (
	"errors"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/watchlist/numbers"
)

// A release of numbers holds each number in one of its chunks, and each strike strikes one of them: what it has in force are its numbers
// without those struck. A release with a number twice, a strike twice or of nothing, or too much struck, never comes into force.
// A node that reads all its chunks and one that reads what has changed judge that alike.

var (
	errTwice   = errors.New("it has a number twice")
	errStrikes = errors.New("it strikes what it has not, or twice")
)

// numbersAt opens a chunk of a release of numbers, which has no others.
func (n *Node) numbersAt(a *announcement, chunk int) (c lists.NumbersChunk, err error) {
	plain, err := n.openChunk(a, chunk)
	if err != nil {
		return c, err
	}
	if c, err = lists.FromNumbers(plain); err != nil {
		return c, n.breaks(a, err)
	}
	for _, p := range c.Papers {
		e := entryOf(p)
		_, fits := numbers.Key(e)
		if fits || p.Number != border.NumberKey(p.Number) || p.To != border.NumberKey(p.To) || p.To == p.Number {
			return c, n.breaks(a, lists.ErrChunk)
		}
	}
	return c, nil
}

func entryOf(p lists.Paper) numbers.Entry {
	return numbers.Entry{Issuer: p.Issuer, Number: p.Number, To: p.To}
}

// numbersRead are numbers and strikes of some chunks.
type numbersRead struct {
	keys, strikes numbers.Builder
	count, struck int
	papers        int // of count
}

func (r *numbersRead) take(c lists.NumbersChunk) error {
	for _, key := range c.Keys {
		if !r.keys.AddKey(key) {
			return lists.ErrChunk
		}
	}
	for _, p := range c.Papers {
		if err := r.keys.Add(entryOf(p)); err != nil {
			return err
		}
	}
	for _, key := range c.Strikes {
		if !r.strikes.AddKey(key) {
			return lists.ErrChunk
		}
	}
	r.count, r.struck, r.papers = r.count+len(c.Keys)+len(c.Papers), r.struck+len(c.Strikes), r.papers+len(c.Papers)
	return nil
}

// readNumbers fills in the set of a release's numbers, and which of its chunks are of strikes. Each chunk is opened once. Where few are
// others than those in force, the set in force is changed. Of what is too large for the room errRoom comes, at times before it is known
// whether the release is sound.
func (n *Node) readNumbers(f *inForce, was *inForce, kept map[uint32]uint32, room int64) error {
	a := f.of
	if a.body.Numbers == nil {
		return nil
	}
	if m := n.watch.made.Load(); m != nil && a.origin == n.origin && namesHash(a.chunks) == m.chunks {
		f.numbers, f.strikes = m.set, m.strikes
		return nil
	}
	if was != nil && was.numbers != nil && len(a.chunks)+len(was.of.chunks)-2*len(kept) <= maxSetChunks {
		return n.changeNumbers(f, was, kept)
	}
	var r numbersRead
	for i := range a.chunks {
		c, err := n.numbersAt(a, i)
		if err != nil {
			return err
		}
		if c.Strikes != nil {
			f.strikes = append(f.strikes, uint32(i))
		}
		if err := r.take(c); err != nil {
			return n.breaks(a, err)
		}
		if lists.TooManyStrikes(r.struck, a.body.Count) || r.count-r.struck > a.body.Count+a.body.Count/4 { // before they fill the memory
			return n.breaks(a, errChunks)
		}
		if int64(r.papers)*roomOfPaper > room {
			return errRoom
		}
		n.watch.comes(a, i+1, 0)
	}
	var err error
	if f.numbers, err = r.set(); err != nil {
		return n.breaks(a, err)
	}
	f.mergeNumbers()
	return nil
}

// set makes the set of all chunks of a release.
func (r *numbersRead) set() (*numbers.Set, error) {
	set := r.keys.Set()
	if set.Len() != r.count {
		return nil, errTwice
	}
	if r.struck == 0 {
		return set, nil
	}
	if set = set.Changed(new(numbers.Builder), &r.strikes); set.Len() != r.count-r.struck {
		return nil, errStrikes
	}
	return set, nil
}

func (f *inForce) mergeNumbers() {
	if f.numbers.Changes() > f.numbers.Len()/8 {
		f.numbers = f.numbers.Merge()
	}
}

// changeNumbers makes the set of that in force, of the chunks that one of the two releases lacks, and of all strikes.
func (n *Node) changeNumbers(f, was *inForce, kept map[uint32]uint32) error {
	var come, gone, stay numbersRead
	read := func(into *numbersRead, of *announcement, i uint32) (bool, error) {
		c, err := n.numbersAt(of, int(i))
		if err == nil {
			if err = into.take(c); err != nil {
				err = n.breaks(of, err)
			}
		}
		return c.Strikes != nil, err
	}
	for i := range uint32(len(was.of.chunks)) {
		if _, ok := kept[i]; ok {
			continue
		}
		if _, err := read(&gone, was.of, i); err != nil {
			return err
		}
	}
	stays := make([]bool, len(f.of.chunks))
	for _, i := range kept {
		stays[i] = true
	}
	for _, i := range was.strikes {
		if now, ok := kept[i]; ok {
			f.strikes = append(f.strikes, now)
			if _, err := read(&stay, was.of, i); err != nil {
				return err
			}
		}
	}
	for i := range uint32(len(f.of.chunks)) {
		if stays[i] {
			continue
		}
		strikes, err := read(&come, f.of, i)
		if err != nil {
			return err
		}
		if strikes {
			f.strikes = append(f.strikes, i)
		}
	}
	var err error
	if f.numbers, err = changed(was.numbers, &come, &gone, &stay); err != nil || lists.TooManyStrikes(stay.struck+come.struck, f.of.body.Count) {
		return n.breaks(f.of, errors.Join(err, errChunks))
	}
	f.mergeNumbers()
	return nil
}

// changed makes the set of a release of that in force before, of the numbers and strikes that came and went, and of the strikes that stay.
func changed(was *numbers.Set, come, gone, stay *numbersRead) (*numbers.Set, error) {
	var none, plus, minus numbers.Builder
	came, went, staying := come.keys.Set(), gone.keys.Set(), stay.strikes.Set()
	before, struck := staying.Changed(&gone.strikes, &none), staying.Changed(&come.strikes, new(numbers.Builder))
	if came.Len() != come.count || struck.Len() != stay.struck+come.struck {
		return nil, errTwice
	}
	for key := range came.KeysWithout(went) {
		if was.HasKey(key) || before.HasKey(key) {
			return nil, errTwice
		}
		if !struck.HasKey(key) {
			plus.AddKey(key)
		}
	}
	for key := range went.KeysWithout(came) {
		if struck.HasKey(key) {
			return nil, errStrikes
		}
		if !before.HasKey(key) {
			minus.AddKey(key)
		}
	}
	for key := range before.KeysWithout(struck) {
		if !went.HasKey(key) || came.HasKey(key) {
			plus.AddKey(key)
		}
	}
	for key := range struck.KeysWithout(before) {
		switch {
		case was.HasKey(key):
			minus.AddKey(key)
		case !came.HasKey(key): // nor had it been there and struck
			return nil, errStrikes
		}
	}
	for _, e := range came.PapersWithout(went) {
		if was.Has(e) || plus.Add(e) != nil {
			return nil, errTwice
		}
	}
	for _, e := range went.PapersWithout(came) {
		if err := minus.Add(e); err != nil {
			return nil, err
		}
	}
	return was.Changed(&plus, &minus), nil
}
