package numbers

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// ErrEntry is wrapped by nothing and names nothing: the entry holds what no set can.
var ErrEntry = errors.New("numbers: not a number, not a range, or a tag beyond the highest")

// A Builder takes entries one by one, in any order, eight bytes each, and gives their memory back part by part as the set comes about: of
// keys that ascend while they come, of others at the end.
type Builder struct {
	parts  [partCount]gathering
	long   []Entry
	ranges []interval
	keyed  int // of those taken in
	at     int // the highest part into which a key was put
}

// A gathering is one part on its way: packed, and what came since, each the rest of a key and its tag.
type gathering struct {
	part
	tail []uint64
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
		b.long = append(b.long, Entry{Issuer: strings.Clone(e.Issuer), Number: strings.Clone(e.Number), Tag: e.Tag})
		return nil
	}
	b.add(key, e.Tag)
	return nil
}

// paper takes in an entry of a set that has no key.
func (b *Builder) paper(e Entry) {
	if err := b.Add(e); err != nil {
		panic("numbers: an entry of a set fits no set: " + err.Error())
	}
}

// AddKey takes in the entry of a key, without a tag; false for what no entry gives.
func (b *Builder) AddKey(key uint64) bool {
	if !valid(key) {
		return false
	}
	if p := int(key >> restBits); p > b.at {
		below, next := &b.parts[b.at], &b.parts[p]
		spare := below.settle()
		if cap(next.tail) == 0 {
			next.tail = spare[:0]
		}
		b.at = p
	}
	b.add(key, 0)
	return true
}

func (b *Builder) add(key uint64, tag Tag) {
	tail := &b.parts[key>>restBits].tail
	if len(*tail) == cap(*tail) { // by a quarter: doubling would hold much that is never filled
		*tail = slices.Grow(*tail, max(4, len(*tail)/4))
	}
	*tail = append(*tail, key<<tagBits|uint64(tag))
	b.keyed++
}

// settle packs what came, and gives its memory back.
func (g *gathering) settle() (spare []uint64) {
	if len(g.tail) == 0 {
		return g.tail
	}
	slices.Sort(g.tail)
	keys := slices.Compact(g.tail)
	if g.part.len() > 0 {
		keys = union(nil, keys, g.part.keys(nil))
	}
	spare, g.tail = g.tail, nil
	g.part = packed(keys)
	return spare
}

func (b *Builder) addRange(e Entry) error {
	r, ok := intervalOf(e)
	if !ok {
		return ErrEntry
	}
	r.prefix, r.issuer = strings.Clone(r.prefix), strings.Clone(r.issuer)
	b.ranges = append(b.ranges, r)
	return nil
}

// intervalOf is the range that an entry names; false where it is none.
func intervalOf(e Entry) (interval, bool) {
	prefix, digits, from, ok := series(e.Number)
	other, same, to, okTo := series(e.To)
	return interval{prefix: prefix, digits: digits, from: from, to: to, issuer: e.Issuer, tag: e.Tag},
		ok && okTo && prefix == other && digits == same && from <= to
}

// Set ends the building. The builder is used up.
func (b *Builder) Set() *Set {
	return &Set{base: b.body(), added: new(body), gone: new(body)}
}

func (b *Builder) body() *body {
	out := new(body)
	for i := range b.parts {
		b.parts[i].settle()
		out.parts[i] = b.parts[i].part
		out.count += out.parts[i].len()
		b.parts[i] = gathering{}
	}
	slices.SortFunc(b.long, compareLong)
	out.long = slices.Compact(b.long)
	slices.SortFunc(b.ranges, compareRanges)
	out.ranges = slices.Compact(b.ranges)
	raise(out.ranges)
	return out
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

// bitsFor chooses the buckets of a part.
func bitsFor(count int) int {
	if count < manyNumbers {
		return fewBits
	}
	return manyBits
}

// packed makes a part of rests of keys with their tags, ascending.
func packed(keys []uint64) part {
	if len(keys) == 0 {
		return part{}
	}
	bits := bitsFor(len(keys))
	width := (restBits - bits) / 8
	p := part{starts: make([]byte, 4*(1<<bits+1)), rests: make([]byte, 0, len(keys)*width)}
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
	for ; next <= 1<<bits; next++ {
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

// keys appends the rests of a part's keys with their tags, ascending: what packed made it of.
func (p *part) keys(to []uint64) []uint64 {
	width := p.width()
	for bucket := range max(len(p.starts)/4-1, 0) {
		above := uint64(bucket) << (8 * width)
		for k := int(u32(p.starts, bucket)); k < int(u32(p.starts, bucket+1)); k++ {
			to = append(to, (above|p.rest(k, width))<<tagBits|uint64(p.tag(k)))
		}
	}
	return to
}

// union and without are of ascending keys, each once in either.
func union(to, a, b []uint64) []uint64 {
	for len(a) > 0 || len(b) > 0 {
		var k uint64
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			k, a = a[0], a[1:]
		default:
			k, b = b[0], b[1:]
		}
		if len(to) == 0 || to[len(to)-1] != k {
			to = append(to, k)
		}
	}
	return to
}

func without(to, a, b []uint64) []uint64 {
	for _, k := range a {
		for len(b) > 0 && b[0] < k {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != k {
			to = append(to, k)
		}
	}
	return to
}
