// Package numbers is an exact set of document numbers, made for the hundred million stolen and lost ones of the world: at
// most twelve bytes of memory each, seven in practice, and a look-up that reads a few places of memory. It is pure; a
// Set never changes, and one with changes is made from the one before.
package numbers

import (
	"cmp"
	"slices"
	"strings"
)

// A Tag says to which group of entries a number belongs: the same list, action, status. Its meaning is the caller's.
type Tag uint16

// A Set holds numbers of issuers with their tags.
type Set struct {
	base  *body
	added *body // since base was built; of few
	gone  *body // entries of base that are no more
}

// An Entry is a number as an issuer gave it, in capitals without anything between; a range where To is not empty.
type Entry struct {
	Issuer, Number, To string
	Tag                Tag
}

// A body is entries at rest: what fits a key lies in parts by the upper bits of its key.
type body struct {
	parts  [partCount]part
	count  int
	long   []Entry // that fit no key, by number
	ranges []interval
}

// A part holds keys in order: of each what the part and its bucket do not say already, and its tag beside. It has few buckets where there
// is little to divide, or else so many that five bytes are left of a key.
type part struct {
	starts []byte // uint32 per bucket and the end
	rests  []byte
	tags   []byte
}

const (
	partBits  = 12
	partCount = 1 << partBits
	keyBits   = numberBits + issuerBits
	restBits  = keyBits - partBits

	numberBits = 47 // nine letters and digits: 37^9 is below 2^47
	issuerBits = 15 // three letters: 27^3 is below 2^15
	tagBits    = 64 - restBits

	fewBits  = restBits - 48 // of the buckets of a part with few numbers
	manyBits = restBits - 40

	// MaxTag is the highest tag: with the rest of its key a tag fills 64 bits.
	MaxTag = 1<<tagBits - 1
)

// An interval is a range of numbers in one series: what stands before the counting digits, and how many they are.
type interval struct {
	prefix   string
	digits   int
	from, to uint64
	upTo     uint64 // the highest end in the series so far
	issuer   string
	tag      Tag
}

// Len is how many entries there are; a range is one.
func (s *Set) Len() int { return s.base.len() + s.added.len() - s.gone.len() }

func (b *body) len() int { return b.count + b.keyless() }

// Keyless is how many of them fit no key: ranges, and numbers with more letters. Each takes as much memory as a dozen others.
func (s *Set) Keyless() int { return s.base.keyless() + s.added.keyless() - s.gone.keyless() }

func (b *body) keyless() int { return len(b.long) + len(b.ranges) }

// Size is the memory of the numbers in bytes.
func (s *Set) Size() int { return s.base.size() + s.added.size() + s.gone.size() }

func (b *body) size() (n int) {
	for i := range b.parts {
		p := &b.parts[i]
		n += len(p.starts) + len(p.rests) + len(p.tags) + 72
	}
	for _, e := range b.long {
		n += 56 + len(e.Issuer) + len(e.Number)
	}
	return n + 88*len(b.ranges)
}

// Find visits the entries that name the number, of whatever issuer: whether another issuer's counts is the caller's to
// say. A range is visited with the numbers that it names.
func (s *Set) Find(number string, visit func(Entry)) {
	number = bare(number)
	if number == "" {
		return
	}
	s.added.find(number, visit)
	s.base.find(number, func(e Entry) {
		if !s.gone.has(e) {
			visit(e)
		}
	})
}

func (b *body) find(number string, visit func(Entry)) {
	if key, ok := keyOf("", number); ok {
		b.keyed(key, func(issuer uint64, tag Tag) { visit(Entry{Issuer: issuerOf(issuer), Number: number, Tag: tag}) })
	}
	i, _ := slices.BinarySearchFunc(b.long, number, func(e Entry, n string) int { return strings.Compare(e.Number, n) })
	for ; i < len(b.long) && b.long[i].Number == number; i++ {
		visit(b.long[i])
	}
	b.within(number, visit)
}

// has reports whether the very entry is there. It looks at no other: many ranges may hold one number, and many issuers have it.
func (b *body) has(e Entry) (found bool) {
	if e.To != "" {
		r, ok := intervalOf(e)
		if ok {
			_, ok = slices.BinarySearchFunc(b.ranges, r, compareRanges)
		}
		return ok
	}
	if key, ok := keyOf(e.Issuer, e.Number); ok {
		return b.hasKey(key, e.Tag)
	}
	_, found = slices.BinarySearchFunc(b.long, e, compareLong)
	return found
}

func (b *body) hasKey(key uint64, tag Tag) bool {
	p := &b.parts[key>>restBits]
	low, from, to := p.place(key)
	for ; from < to && p.rest(from, p.width()) == low; from++ {
		if p.tag(from) == tag {
			return true
		}
	}
	return false
}

// keyed visits the entries whose key begins with the number of the key.
func (b *body) keyed(key uint64, visit func(issuer uint64, tag Tag)) {
	p := &b.parts[key>>restBits]
	low, from, to := p.place(key)
	for ; from < to; from++ {
		at := p.rest(from, p.width())
		if at>>issuerBits != low>>issuerBits {
			return
		}
		visit(at&(1<<issuerBits-1), p.tag(from))
	}
}

// place gives what a bucket keeps of the key, where that or what is behind it stands, and where the bucket ends.
func (p *part) place(key uint64) (low uint64, from, end int) {
	if len(p.starts) == 0 {
		return 0, 0, 0
	}
	width := p.width()
	rest := key & (1<<restBits - 1)
	bucket := int(rest >> (8 * width))
	low = rest & (1<<(8*width) - 1)
	from, end = int(u32(p.starts, bucket)), int(u32(p.starts, bucket+1))
	for to := end; from < to; {
		if mid := int(uint(from+to) >> 1); p.rest(mid, width) < low {
			from = mid + 1
		} else {
			to = mid
		}
	}
	return low, from, end
}

// width is how many bytes a rest takes.
func (p *part) width() int {
	if len(p.starts) == 4*(1<<fewBits+1) {
		return (restBits - fewBits) / 8
	}
	return (restBits - manyBits) / 8
}

func (p *part) len() int { return len(p.rests) / p.width() }

func (p *part) rest(i, width int) (v uint64) {
	for k, c := range p.rests[i*width : (i+1)*width] {
		v |= uint64(c) << (8 * k)
	}
	return v
}

func (p *part) tag(i int) Tag {
	if len(p.tags) == 0 {
		return 0
	}
	return Tag(p.tags[2*i]) | Tag(p.tags[2*i+1])<<8
}

func u32(b []byte, i int) uint32 {
	b = b[4*i : 4*i+4]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// within visits the ranges that name the number.
func (b *body) within(number string, visit func(Entry)) {
	prefix, digits, n, ok := series(number)
	if !ok {
		return
	}
	i, _ := slices.BinarySearchFunc(b.ranges, interval{prefix: prefix, digits: digits, from: n, to: ^uint64(0)}, inSeries)
	for i--; i >= 0 && b.ranges[i].prefix == prefix && b.ranges[i].digits == digits && b.ranges[i].upTo >= n; i-- {
		if r := &b.ranges[i]; r.to >= n {
			visit(r.entry())
		}
	}
}

func inSeries(a, b interval) int {
	return cmp.Or(strings.Compare(a.prefix, b.prefix), cmp.Compare(a.digits, b.digits), cmp.Compare(a.from, b.from),
		cmp.Compare(a.to, b.to))
}

func compareLong(x, y Entry) int {
	return cmp.Or(strings.Compare(x.Number, y.Number), strings.Compare(x.Issuer, y.Issuer), cmp.Compare(x.Tag, y.Tag))
}

func compareRanges(x, y interval) int {
	return cmp.Or(inSeries(x, y), strings.Compare(x.issuer, y.issuer), cmp.Compare(x.tag, y.tag))
}
