package lists

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A list of numbers has chunks of bare keys of documents, as package watchlist makes them of issuer and number.
const numbersForm = 2

// ReworkNumbers is Rework for keys of documents, which are sorted and each there once.
func ReworkNumbers(before [][]uint64, now []uint64) ([]Next, error) {
	for i := range now {
		if i > 0 && now[i-1] >= now[i] {
			return nil, errors.New("making chunks: numbers not in order")
		}
	}
	var out []Next
	var loose []uint64
	placed := make([]bool, len(now))
	for i, chunk := range before {
		stay := make([]uint64, 0, len(chunk))
		at := 0
		for _, key := range chunk {
			n, here := slices.BinarySearch(now[at:], key)
			if at += n; here && !placed[at] {
				stay, placed[at] = append(stay, key), true
			}
		}
		switch {
		case len(stay) == len(chunk) && (i < len(before)-1 || len(chunk) >= numbersChunk/2):
			out = append(out, Next{Before: i, Count: len(chunk)})
		case len(stay) < numbersChunk/4 || i == len(before)-1:
			loose = append(loose, stay...)
		default:
			out = append(out, Next{Before: -1, Count: len(stay), Packed: packNumbers(stay)})
		}
	}
	for i, key := range now {
		if !placed[i] {
			loose = append(loose, key)
		}
	}
	slices.Sort(loose)
	if n := len(before); n > 0 && slices.Equal(loose, before[n-1]) { // nothing is new: the last one stays too
		return append(out, Next{Before: n - 1, Count: len(loose)}), nil
	}
	for part := range slices.Chunk(loose, numbersChunk) {
		out = append(out, Next{Before: -1, Count: len(part), Packed: packNumbers(part)})
	}
	return out, nil
}

func packNumbers(keys []uint64) []byte {
	b := make([]byte, 1, 1+8*len(keys))
	b[0] = numbersForm
	for _, key := range keys {
		b = binary.BigEndian.AppendUint64(b, key)
	}
	return b
}

// FromNumbers reads a chunk of numbers strictly: within bounds, ascending.
func FromNumbers(chunk []byte) ([]uint64, error) {
	if len(chunk) <= 1 || len(chunk) > 1+8*numbersChunk || chunk[0] != numbersForm || len(chunk)%8 != 1 {
		return nil, fmt.Errorf("%w: form or length", ErrChunk)
	}
	keys := make([]uint64, len(chunk)/8)
	for i := range keys {
		keys[i] = binary.BigEndian.Uint64(chunk[1+8*i:])
		if i > 0 && keys[i-1] >= keys[i] {
			return nil, fmt.Errorf("%w: not in order", ErrChunk)
		}
	}
	return keys, nil
}
