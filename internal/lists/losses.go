package lists

import (
	"bytes"
	"fmt"
	"slices"
)

// lossForm is the first byte of a set of losses.
const lossForm = 3

// PackLosses puts the hashes of alert versions that may be dropped into sets, each to be sealed like a chunk. They are sorted, and
// each stands once.
func PackLosses(hashes [][32]byte) [][]byte {
	sorted := slices.Clone(hashes)
	slices.SortFunc(sorted, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	var out [][]byte
	for part := range slices.Chunk(slices.Compact(sorted), lossSet) {
		b := []byte{lossForm}
		for _, h := range part {
			b = append(b, h[:]...)
		}
		out = append(out, b)
	}
	return out
}

// FromLosses reads a set of losses strictly.
func FromLosses(set []byte) ([][32]byte, error) {
	if len(set) <= 1 || len(set) > 1+32*lossSet || set[0] != lossForm || len(set)%32 != 1 {
		return nil, fmt.Errorf("%w: form or length of a set of losses", ErrChunk)
	}
	out := make([][32]byte, len(set)/32)
	for i := range out {
		out[i] = [32]byte(set[1+32*i:])
		if i > 0 && bytes.Compare(out[i-1][:], out[i][:]) >= 0 {
			return nil, fmt.Errorf("%w: hashes not in order", ErrChunk)
		}
	}
	return out, nil
}

// IndexOf puts the hashes of many chunks into blobs, so that a release of thousands of chunks names a few blobs, and the next release
// most of them again. A blob ends behind a hash that begins with a zero byte: where a chunk is left out, the blobs behind it stay
// as they are.
func IndexOf(chunks [][32]byte) [][]byte {
	var out [][]byte
	var b []byte
	for i, h := range chunks {
		b = append(b, h[:]...)
		if h[0] == 0 || len(b) == 32*indexChunks || i == len(chunks)-1 {
			out, b = append(out, b), nil
		}
	}
	return out
}

// FromIndex reads a blob of hashes.
func FromIndex(blob []byte) ([][32]byte, error) {
	if len(blob) == 0 || len(blob) > 32*indexChunks || len(blob)%32 != 0 {
		return nil, fmt.Errorf("%w: length of an index", ErrChunk)
	}
	out := make([][32]byte, len(blob)/32)
	for i := range out {
		out[i] = [32]byte(blob[32*i:])
	}
	return out, nil
}
