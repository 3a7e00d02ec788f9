package watchlist

import (
	"encoding/binary"
	"math/bits"
)

// A directory finds small numbers by a hash: the items of a bucket stand together, ascending. Two things may share a
// bucket, so whoever looks up checks what it finds. It costs four bytes an item and four a bucket.
type directory struct {
	starts u32s // a power of two of buckets, and the end
	items  u32s
}

// bucketItems is about how many items share a bucket.
const bucketItems = 4

// newDirectory is made from as many hashes as items, which each gives twice in the same order.
func newDirectory(n int, each func(yield func(hash uint64, item uint32))) directory {
	buckets := 1 << bits.Len(uint(n/bucketItems))
	d := directory{newU32s(buckets + 1), newU32s(n)}
	shift := d.shift()
	next := make([]uint32, buckets+1)
	each(func(hash uint64, _ uint32) { next[hash>>shift+1]++ })
	for b := 1; b < len(next); b++ {
		next[b] += next[b-1]
	}
	for b, at := range next {
		d.starts.set(b, at)
	}
	each(func(hash uint64, item uint32) {
		b := hash >> shift
		d.items.set(int(next[b]), item)
		next[b]++
	})
	return d
}

// shift leaves the bucket's number of a hash. One bucket needs a shift by 64, which is 0 in Go.
func (d *directory) shift() int { return 65 - bits.Len(uint(d.starts.len()-1)) }

// begins are the places where the buckets begin.
func (d *directory) begins() []uint32 {
	out := make([]uint32, d.starts.len())
	for i := range out {
		out[i] = d.starts.at(i)
	}
	return out
}

// bucket gives the places of the items that may have the hash.
func (d *directory) bucket(hash uint64) (from, to int) {
	b := int(hash >> d.shift())
	return int(d.starts.at(b)), int(d.starts.at(b + 1))
}

// valid reports whether no look-up can leave the items, and every item is below the end.
func (d *directory) valid(end int) bool {
	n := d.starts.len()
	if n < 2 || (n-1)&(n-2) != 0 {
		return false
	}
	return ascends(d.starts, d.items.len()) && below(d.items, end)
}

// ascends reports whether a column of places begins at zero, never falls and ends at the end.
func ascends(s u32s, end int) bool {
	if s.len() == 0 || s.at(0) != 0 || int(s.at(s.len()-1)) != end {
		return false
	}
	last := uint32(0)
	for i := range s.len() {
		v := s.at(i)
		if v < last {
			return false
		}
		last = v
	}
	return true
}

func below(s u32s, end int) bool {
	most := uint32(0)
	for b := []byte(s); len(b) >= 4; b = b[4:] {
		most = max(most, binary.LittleEndian.Uint32(b))
	}
	return s.len() == 0 || uint64(most) < uint64(end)
}

const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
	hashEnd   = 0xff
)

// hashOf is FNV-1a over the parts, each ended, with a last stir because directories use the upper bits. It stands in
// files.
func hashOf(parts ...string) uint64 {
	h := uint64(hashSeed)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * hashPrime
		}
		h = (h ^ hashEnd) * hashPrime
	}
	return stir(h)
}

func stir(h uint64) uint64 {
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}
