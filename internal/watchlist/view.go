package watchlist

import "encoding/binary"

// The columns of a segment are bytes in little-endian order, used where they lie: what is written to a file is what is
// searched, and loading decodes nothing.
type (
	u16s []byte
	u32s []byte
	u64s []byte
)

func (s u16s) at(i int) uint16     { return binary.LittleEndian.Uint16(s[2*i:]) }
func (s u16s) set(i int, v uint16) { binary.LittleEndian.PutUint16(s[2*i:], v) }
func (s u16s) len() int            { return len(s) / 2 }

func (s u32s) at(i int) uint32     { return binary.LittleEndian.Uint32(s[4*i:]) }
func (s u32s) set(i int, v uint32) { binary.LittleEndian.PutUint32(s[4*i:], v) }
func (s u32s) len() int            { return len(s) / 4 }

func (s u64s) at(i int) uint64     { return binary.LittleEndian.Uint64(s[8*i:]) }
func (s u64s) set(i int, v uint64) { binary.LittleEndian.PutUint64(s[8*i:], v) }
func (s u64s) len() int            { return len(s) / 8 }

func newU16s(n int) u16s { return make(u16s, 2*n) }
func newU32s(n int) u32s { return make(u32s, 4*n) }
func newU64s(n int) u64s { return make(u64s, 8*n) }

// search gives the first place in [from, to) that holds v or more, in a stretch that ascends.
func (s u32s) search(from, to int, v uint32) int {
	for from < to {
		if mid := int(uint(from+to) >> 1); s.at(mid) < v {
			from = mid + 1
		} else {
			to = mid
		}
	}
	return from
}
