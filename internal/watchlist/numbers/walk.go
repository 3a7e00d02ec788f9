package numbers

import "slices"

// walking is the memory of a walk through the parts of a set.
type walking struct{ base, added, gone, both, all []uint64 }

// keys gives the rests of a part's keys with their tags, ascending. They hold until buf is used again.
func (s *Set) keys(i int, buf *walking) []uint64 {
	buf.base = s.base.parts[i].keys(buf.base[:0])
	out := buf.base
	if p := &s.gone.parts[i]; p.len() > 0 {
		buf.gone = p.keys(buf.gone[:0])
		buf.both = without(buf.both[:0], out, buf.gone)
		out = buf.both
	}
	if p := &s.added.parts[i]; p.len() > 0 {
		buf.added = p.keys(buf.added[:0])
		buf.all = union(buf.all[:0], out, buf.added)
		out = buf.all
	}
	return out
}

// wholeKey gives the key of a rest with its tag.
func wholeKey(part int, k uint64) uint64 { return uint64(part)<<restBits | k>>tagBits }

// Keys visits the keys of all entries that have one, ascending: of one with several tags once for each.
func (s *Set) Keys(yield func(uint64) bool) {
	var buf walking
	for i := range partCount {
		for _, k := range s.keys(i, &buf) {
			if !yield(wholeKey(i, k)) {
				return
			}
		}
	}
}

// KeysWithout visits the keys of entries that the other set lacks, ascending.
func (s *Set) KeysWithout(o *Set) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		var mine, others walking
		var out []uint64
		for i := range partCount {
			out = without(out[:0], s.keys(i, &mine), o.keys(i, &others))
			for _, k := range out {
				if !yield(wholeKey(i, k)) {
					return
				}
			}
		}
	}
}

// Papers visits the entries that have no key: ranges, and numbers with more letters.
func (s *Set) Papers(yield func(Entry) bool) {
	for e := range s.added.papers {
		if !yield(e) {
			return
		}
	}
	for e := range s.base.papers {
		if !s.gone.has(e) && !yield(e) {
			return
		}
	}
}

func (b *body) papers(yield func(Entry) bool) {
	for _, e := range b.long {
		if !yield(e) {
			return
		}
	}
	for i := range b.ranges {
		if !yield(b.ranges[i].entry()) {
			return
		}
	}
}

// PapersWithout gives the entries without a key that the other set lacks.
func (s *Set) PapersWithout(o *Set) []Entry {
	return slices.DeleteFunc(slices.Collect(s.Papers), o.Has)
}

// All visits every entry until it is told to stop.
func (s *Set) All(yield func(Entry) bool) {
	var buf walking
	for i := range partCount {
		for _, k := range s.keys(i, &buf) {
			key := wholeKey(i, k)
			if !yield(Entry{Issuer: issuerOf(key & (1<<issuerBits - 1)), Number: numberOf(key >> issuerBits), Tag: Tag(k & MaxTag)}) {
				return
			}
		}
	}
	s.Papers(yield)
}
