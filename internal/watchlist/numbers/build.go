package numbers

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// ErrEntry is wrapped by nothing and names nothing: the entry holds what no set can.
var ErrEntry = errors.New("numbers: not a number, not a range, or a tag beyond the highest")

// A Builder takes entries one by one, in any order, eight bytes each, and gives their memory back part by part as the set
// comes about.
type Builder struct {
	parts  [partCount][]uint64 // rest of the key and tag
	long   []Entry
	ranges []interval
	count  int
}

// Add takes an entry in. The same one twice counts once.
func (b *Builder) Add(e Entry) error {
	e.Number, e.To = bare(e.Number), bare(e.To)
	if e.Number == "" || e.Tag > MaxTag || len(e.Number)+len(e.Issuer) > maxText {
		return ErrEntry
	}
	if e.To != "" && e.To != e.Number {
		return b.addRange(e)
	}
	key, ok := keyOf(e.Issuer, e.Number)
	if !ok {
		e.To = ""
		b.long = append(b.long, Entry{Issuer: strings.Clone(e.Issuer), Number: strings.Clone(e.Number), Tag: e.Tag})
		return nil
	}
	p := &b.parts[key>>restBits]
	if len(*p) == cap(*p) { // by a quarter: doubling would hold much that is never filled
		*p = slices.Grow(*p, max(4, len(*p)/4))
	}
	*p = append(*p, key<<tagBits|uint64(e.Tag))
	b.count++
	return nil
}

func (b *Builder) addRange(e Entry) error {
	prefix, digits, from, ok := series(e.Number)
	other, same, to, okTo := series(e.To)
	if !ok || !okTo || prefix != other || digits != same || from > to {
		return ErrEntry
	}
	b.ranges = append(b.ranges, interval{prefix: strings.Clone(prefix), digits: digits, from: from, to: to,
		issuer: strings.Clone(e.Issuer), tag: e.Tag})
	return nil
}

// Set ends the building. The builder is used up.
func (b *Builder) Set() *Set {
	return &Set{base: b.body(), added: new(Builder).body(), gone: new(Builder).body()}
}

func (b *Builder) body() *body {
	out := &body{bits: bitsFor(b.count)}
	for i := range b.parts {
		out.parts[i] = out.part(b.parts[i])
		out.count += len(out.parts[i].rests) / int(out.width())
		b.parts[i] = nil
	}
	byNumber := func(x, y Entry) int {
		return cmp.Or(strings.Compare(x.Number, y.Number), strings.Compare(x.Issuer, y.Issuer), cmp.Compare(x.Tag, y.Tag))
	}
	slices.SortFunc(b.long, byNumber)
	out.long = slices.Compact(b.long)
	slices.SortFunc(b.ranges, func(x, y interval) int {
		return cmp.Or(inSeries(x, y), strings.Compare(x.issuer, y.issuer), cmp.Compare(x.tag, y.tag))
	})
	out.ranges = slices.Compact(b.ranges)
	raise(out.ranges)
	return out
}

// bitsFor chooses buckets: few where there is little to divide, or else so many that a rest takes five bytes.
func bitsFor(count int) uint {
	if count < manyNumbers {
		return restBits - 48
	}
	return restBits - 40
}

// raise fills in the highest end so far of each series.
func raise(ranges []interval) {
	for i := range ranges {
		r := &ranges[i]
		r.upTo = r.to
		if i > 0 && ranges[i-1].prefix == r.prefix && ranges[i-1].digits == r.digits {
			r.upTo = max(r.upTo, ranges[i-1].upTo)
		}
	}
}

func (b *body) part(keys []uint64) part {
	if len(keys) == 0 {
		return part{}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	width := int(b.width())
	p := part{starts: make([]byte, 4*(1<<b.bits+1)), rests: make([]byte, 0, len(keys)*width)}
	tagged := false
	next := 0 // the first bucket whose beginning is not written
	for i, k := range keys {
		rest := k >> tagBits
		for ; next <= int(rest>>(8*width)); next++ {
			binary.LittleEndian.PutUint32(p.starts[4*next:], uint32(i))
		}
		for range width {
			p.rests = append(p.rests, byte(rest))
			rest >>= 8
		}
		tagged = tagged || k&MaxTag != 0
	}
	for ; next <= 1<<b.bits; next++ {
		binary.LittleEndian.PutUint32(p.starts[4*next:], uint32(len(keys)))
	}
	if tagged {
		p.tags = make([]byte, 2*len(keys))
		for i, k := range keys {
			binary.LittleEndian.PutUint16(p.tags[2*i:], uint16(k&MaxTag))
		}
	}
	return p
}

// With is the set with entries added and others gone. It costs what all changes since the base was built cost: when
// Changes grows to a good share of Len, Merge makes it one again.
func (s *Set) With(added, gone []Entry) (*Set, error) {
	var plus, minus Builder
	dropped := map[Entry]bool{}
	for _, e := range gone {
		e.Number, e.To = bare(e.Number), bare(e.To)
		if e.To == e.Number {
			e.To = ""
		}
		dropped[e] = true
		if s.base.has(e) {
			if err := minus.Add(e); err != nil {
				return nil, err
			}
		}
	}
	added = slices.Clone(added)
	for e := range s.added.each {
		if !dropped[e] {
			added = append(added, e)
		}
	}
	back := map[Entry]bool{}
	for _, e := range added {
		e.Number, e.To = bare(e.Number), bare(e.To)
		if s.base.has(e) {
			back[e] = true
			continue
		}
		if err := plus.Add(e); err != nil {
			return nil, err
		}
	}
	var still Builder
	for _, from := range []*body{s.gone, minus.body()} {
		for e := range from.each {
			if !back[e] {
				if err := still.Add(e); err != nil {
					return nil, err
				}
			}
		}
	}
	return &Set{base: s.base, added: plus.body(), gone: still.body()}, nil
}

func (b *body) each(yield func(Entry) bool) { b.all(yield) }

// Changes is how many entries came or went since the set was built or merged.
func (s *Set) Changes() int { return s.added.len() + s.gone.len() }

// Merge is the same set without changes beside it.
func (s *Set) Merge() (*Set, error) {
	var b Builder
	for e := range s.All {
		if err := b.Add(e); err != nil {
			return nil, err
		}
	}
	return b.Set(), nil
}
