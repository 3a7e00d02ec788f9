package tlog

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A HeldLeaf is a leaf that a hash-only copy holds in full, with its one part,
// which is in clear and has no wrap.
type HeldLeaf struct {
	Index uint64
	Leaf  []byte
	Part  Part
}

// A Growth is what a Hashes is offered: a checkpoint and some of the leaf
// hashes below it. Nothing of it is believed before Extend has taken it.
type Growth struct {
	Note      []byte // signed by the log
	From      uint64 // index of the first hash
	Base      Hash   // root of the sender's tree of From leaves
	BaseProof []Hash // that Base is a prefix of the checkpoint's tree
	Hashes    []Hash // of the leaves from From on, at most MaxGrowth
	EndProof  []Hash // that the tree with these hashes is a prefix too
	Held      []HeldLeaf
}

// Growth packs the hashes from an index on up to the present checkpoint, at
// most MaxGrowth, with the leaves among them that keep names. A part that is
// not here leaves its leaf out.
func (r *Reader) Growth(from uint64, keep func(leaf []byte) (PartRef, bool)) (Growth, error) {
	s := r.state()
	if s.note == nil || from > s.size {
		return Growth{}, fmt.Errorf("growth from %d: %w", from, ErrNotHere)
	}
	to := min(s.size, from+MaxGrowth)
	g := Growth{Note: s.note, From: from, Hashes: make([]Hash, 0, to-from)}
	var held []HeldLeaf
	for next := from; next < to; next = from + uint64(len(g.Hashes)) {
		err := r.eachLeaf(next, to, func(hashes, leaf []byte) error {
			if ref, ok := keep(leaf); ok {
				held = append(held, HeldLeaf{Index: from + uint64(len(g.Hashes)), Leaf: append([]byte(nil), leaf...),
					Part: Part{Number: ref.Number}})
			}
			g.Hashes = append(g.Hashes, Hash(hashes))
			return nil
		})
		if err != nil {
			return Growth{}, err
		}
		if from+uint64(len(g.Hashes)) == next {
			return Growth{}, fmt.Errorf("leaf %d: %w", next, ErrNotHere)
		}
	}
	var err error
	if g.Held, err = r.withParts(held[max(0, len(held)-MaxHeld):]); err != nil {
		return Growth{}, err
	}
	if g.Base, err = r.RootAt(from); err != nil {
		return Growth{}, err
	}
	if g.BaseProof, err = r.ConsistencyProof(from, s.size); err != nil {
		return Growth{}, err
	}
	g.EndProof, err = r.ConsistencyProof(to, s.size)
	return g, err
}

// HeldLeaves reads single leaves with the part that keep names, as far as they
// are here.
func (r *Reader) HeldLeaves(indexes []uint64, keep func(leaf []byte) (PartRef, bool)) ([]HeldLeaf, error) {
	var held []HeldLeaf
	for _, i := range indexes {
		leaf, err := r.Leaf(i)
		if err != nil {
			return nil, err
		}
		if ref, ok := keep(leaf); ok {
			held = append(held, HeldLeaf{Index: i, Leaf: leaf, Part: Part{Number: ref.Number}})
		}
	}
	return r.withParts(held)
}

func (r *Reader) withParts(held []HeldLeaf) (out []HeldLeaf, err error) {
	for _, x := range held {
		p, err := r.Part(x.Index, x.Part.Number)
		if errors.Is(err, ErrNotHere) {
			continue
		}
		if err != nil {
			return nil, err
		}
		x.Part.Body = p.Body
		out = append(out, x)
	}
	return out, nil
}

// Encode writes the wire form: the note, the place, three lists of hashes and
// the held leaves, each with its length before it, all big-endian.
func (g Growth) Encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(g.Note)))
	b = binary.BigEndian.AppendUint64(append(b, g.Note...), g.From)
	b = append(b, g.Base[:]...)
	for _, hs := range [][]Hash{g.BaseProof, g.Hashes, g.EndProof} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(hs)))
		b = append(b, joinHashes(hs)...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(g.Held)))
	for _, x := range g.Held {
		b = binary.BigEndian.AppendUint64(b, x.Index)
		b = binary.BigEndian.AppendUint32(append(b, x.Part.Number), uint32(len(x.Leaf)))
		b = binary.BigEndian.AppendUint32(append(b, x.Leaf...), uint32(len(x.Part.Body)))
		b = append(b, x.Part.Body...)
	}
	return b
}

// DecodeGrowth reads the wire form strictly: every bound of Growth, and no byte
// behind it. What it gives shares the bytes of b.
func DecodeGrowth(b []byte) (Growth, error) {
	d := growthReader{b: b}
	var g Growth
	g.Note = d.take(d.count(maxNote))
	g.From = d.uint64()
	g.Base = Hash(d.sized(len(Hash{})))
	for i, into := range []*[]Hash{&g.BaseProof, &g.Hashes, &g.EndProof} {
		limit := MaxProof
		if i == 1 {
			limit = MaxGrowth
		}
		*into, _ = splitHashes(d.take(d.count(limit) * len(Hash{})))
	}
	for range d.count(MaxHeld) {
		x := HeldLeaf{Index: d.uint64()}
		x.Part.Number = d.sized(1)[0]
		x.Leaf = d.take(d.count(MaxLeaf))
		x.Part.Body = d.take(d.count(MaxHeldPart))
		g.Held = append(g.Held, x)
	}
	if d.bad || len(d.b) > 0 || g.From >= maxSize {
		return Growth{}, fmt.Errorf("%w: growth of hashes", ErrMalformed)
	}
	return g, nil
}

// growthReader takes bytes off a slice and remembers that it fell short.
type growthReader struct {
	b   []byte
	bad bool
}

func (d *growthReader) take(n int) []byte {
	if d.bad || n > len(d.b) {
		d.bad = true
		return nil
	}
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}

// sized is take with zeros where there are too few bytes.
func (d *growthReader) sized(n int) []byte {
	if out := d.take(n); out != nil {
		return out
	}
	return make([]byte, n)
}

func (d *growthReader) uint64() uint64 { return binary.BigEndian.Uint64(d.sized(8)) }

func (d *growthReader) count(limit int) int {
	n := binary.BigEndian.Uint32(d.sized(4))
	if uint64(n) > uint64(limit) {
		d.bad = true
		return 0
	}
	return int(n)
}
