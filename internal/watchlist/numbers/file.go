package numbers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// A set in bytes is its three bodies between a head and a CRC-32C of all that, numbers little-endian. The sum finds bytes
// that a medium lost; against a forger whoever keeps the bytes seals them.
const (
	magic = "TIMSNUMB"
	form  = 2
)

// ErrBytes is wrapped by every error about bytes that are not a set. Nothing of their content is named.
var ErrBytes = errors.New("not a set of numbers")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteTo writes the set.
func (s *Set) WriteTo(w io.Writer) (total int64, err error) {
	sum := crc32.New(castagnoli)
	put := func(b []byte) {
		if err == nil {
			var n int
			n, err = w.Write(b)
			total += int64(n)
			sum.Write(b[:n])
		}
	}
	put(binary.LittleEndian.AppendUint32([]byte(magic), form))
	for _, b := range []*body{s.base, s.added, s.gone} {
		var head []byte
		for i := range b.parts {
			p := &b.parts[i]
			head = binary.LittleEndian.AppendUint32(head, uint32(p.len())<<1|uint32(min(len(p.tags), 1)))
		}
		rest := textsOf(b)
		put(binary.LittleEndian.AppendUint64(head, uint64(len(rest))))
		for i := range b.parts {
			put(b.parts[i].starts)
			put(b.parts[i].rests)
			put(b.parts[i].tags)
		}
		put(rest)
	}
	put(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
	if err != nil {
		return total, fmt.Errorf("write numbers: %w", err)
	}
	return total, nil
}

// textsOf writes what fits no key, and the ranges.
func textsOf(b *body) (out []byte) {
	for _, e := range b.long {
		out = appendEntry(out, e)
	}
	for i := range b.ranges {
		out = appendEntry(out, b.ranges[i].entry())
	}
	return out
}

func appendEntry(out []byte, e Entry) []byte {
	for _, t := range []string{e.Issuer, e.Number, e.To} {
		out = append(append(out, byte(len(t))), t...)
	}
	return binary.LittleEndian.AppendUint16(out, uint16(e.Tag))
}

// Open is the set in the bytes, which it uses where they lie: they no longer change.
func Open(data []byte) (*Set, error) {
	if len(data) < 4 || binary.LittleEndian.Uint32(data[len(data)-4:]) != crc32.Checksum(data[:len(data)-4], castagnoli) {
		return nil, fmt.Errorf("%w: checksum", ErrBytes)
	}
	in := reader{b: data[:len(data)-4]}
	if !bytes.Equal(in.take(len(magic)), []byte(magic)) || in.u32() != form {
		return nil, fmt.Errorf("%w: first bytes", ErrBytes)
	}
	s := &Set{base: in.body(), added: in.body(), gone: in.body()}
	if in.bad || len(in.b) != 0 {
		return nil, fmt.Errorf("%w: content", ErrBytes)
	}
	return s, nil
}

// A reader takes bytes off; once they do not suffice or are wrong it is bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u32() uint32 {
	var b [4]byte
	copy(b[:], r.take(4))
	return binary.LittleEndian.Uint32(b[:])
}

func (r *reader) body() *body {
	out := new(body)
	var heads [partCount]uint32
	for i := range heads {
		heads[i] = r.u32()
	}
	low, high := r.u32(), r.u32()
	for i, h := range heads {
		if h == 0 {
			continue
		}
		n := int(h >> 1)
		bits := bitsFor(n)
		p := part{starts: r.take(4 * (1<<bits + 1)), rests: r.take(n * (restBits - bits) / 8)}
		if h&1 != 0 {
			p.tags = r.take(2 * n)
		}
		if r.bad || !p.valid(n) {
			r.bad, r.b = true, nil
			return out
		}
		out.parts[i] = p
		out.count += n
	}
	texts := reader{b: r.take(int(uint64(high)<<32 | uint64(low)))}
	out.texts(&texts)
	r.bad = r.bad || texts.bad
	return out
}

// valid reports whether no look-up can leave the part.
func (p *part) valid(n int) bool {
	last := uint32(0)
	for i := range len(p.starts) / 4 {
		at := u32(p.starts, i)
		if at < last || i == 0 && at != 0 {
			return false
		}
		last = at
	}
	return int(last) == n
}

// texts reads what textsOf wrote, in its order and nothing that a key could hold.
func (b *body) texts(r *reader) {
	var back Builder
	for len(r.b) > 0 && !r.bad {
		var t [3]string
		for i := range t {
			if n := r.take(1); len(n) == 1 {
				t[i] = string(r.take(int(n[0])))
			}
		}
		tag := r.take(2)
		if r.bad || back.Add(Entry{t[0], t[1], t[2], Tag(binary.LittleEndian.Uint16(tag))}) != nil {
			r.bad = true
			return
		}
	}
	if back.keyed > 0 || !slices.IsSortedFunc(back.long, compareLong) || !slices.IsSortedFunc(back.ranges, compareRanges) {
		r.bad = true
		return
	}
	b.long, b.ranges = back.long, back.ranges
	raise(b.ranges)
}
