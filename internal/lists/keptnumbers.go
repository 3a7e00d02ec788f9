package lists

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"tims/internal/record"
)

// A list of numbers has chunks of bare keys of documents, as package numbers makes them of issuer and number, and chunks of papers: ranges,
// and numbers too long for a key. The first byte says which.
const (
	numbersForm = 2
	papersForm  = 4
)

// A Paper is an issuer's number that fits no key, or a range.
type Paper struct {
	_                  struct{} `cbor:",toarray"`
	Issuer, Number, To string
}

// Compare orders papers by number.
func (p Paper) Compare(o Paper) int {
	return cmp.Or(strings.Compare(p.Number, o.Number), strings.Compare(p.Issuer, o.Issuer), strings.Compare(p.To, o.To))
}

// Edition is what a rework needs of the next release and the one before. All are the items of the next one, in order, each once.
type Edition[K any] struct {
	Before int                                           // chunks of the release before
	Open   func(chunk int) (items []K, of bool, _ error) // of those: false where a chunk has no such items
	Had    func(K) bool                                  // the release before has it
	Has    func(K) bool                                  // the next release has it
	All    iter.Seq[K]
}

// ReworkNumbers is Rework for keys. It holds one chunk at a time, and what is left of chunks that shrank much.
func ReworkNumbers(e Edition[uint64], emit func(Next) error) error {
	return reworkNumbers(e, numbersChunk, cmp.Compare[uint64], PackNumbers, emit)
}

// ReworkPapers is the same for papers.
func ReworkPapers(e Edition[Paper], emit func(Next) error) error {
	return reworkNumbers(e, papersChunk, Paper.Compare, PackPapers, emit)
}

func reworkNumbers[K any](e Edition[K], full int, compare func(a, b K) int, pack func([]K) []byte, emit func(Next) error) error {
	var loose, last []K // left of chunks that go; the last chunk where it is not full and nothing of it went
	at, held := -1, -1  // the chunk before that is in hand
	var chunk []K
	keep := func(final bool) error {
		if at < 0 {
			return nil
		}
		stay := slices.DeleteFunc(slices.Clone(chunk), func(k K) bool { return !e.Has(k) })
		switch {
		case len(stay) == len(chunk) && (!final || len(chunk) >= full/2):
			return emit(Next{Before: at, Count: len(chunk)})
		case final && len(stay) == len(chunk):
			last, held = chunk, at
			loose = append(loose, stay...)
		case final || len(stay) < full/4:
			loose = append(loose, stay...)
		default:
			return emit(Next{Before: -1, Count: len(stay), Packed: pack(stay)})
		}
		return nil
	}
	for i := range e.Before {
		next, of, err := e.Open(i)
		if err != nil {
			return err
		}
		if !of {
			continue
		}
		if err := keep(false); err != nil {
			return err
		}
		at, chunk = i, next
	}
	if err := keep(true); err != nil {
		return err
	}
	slices.SortFunc(loose, compare)
	part, whole := make([]K, 0, min(full, 1024)), false
	for k := range e.All {
		if e.Had(k) {
			if _, goes := slices.BinarySearchFunc(loose, k, compare); !goes {
				continue
			}
		}
		if part = append(part, k); len(part) == full {
			if err := emit(Next{Before: -1, Count: full, Packed: pack(part)}); err != nil {
				return err
			}
			part, whole = part[:0], true
		}
	}
	switch {
	case len(part) == 0:
		return nil
	case !whole && held >= 0 && slices.EqualFunc(part, last, func(a, b K) bool { return compare(a, b) == 0 }): // nothing is new: it stays too
		return emit(Next{Before: held, Count: len(part)})
	}
	return emit(Next{Before: -1, Count: len(part), Packed: pack(part)})
}

// NumbersPerChunk and PapersPerChunk bound what one chunk holds.
const (
	NumbersPerChunk = numbersChunk
	PapersPerChunk  = papersChunk
)

// HasNumbers says whether a chunk is of keys or papers, and not of alerts.
func HasNumbers(chunk []byte) bool {
	return len(chunk) > 0 && (chunk[0] == numbersForm || chunk[0] == papersForm)
}

// PackNumbers makes a chunk of keys that ascend.
func PackNumbers(keys []uint64) []byte {
	b := make([]byte, 1, 1+8*len(keys))
	b[0] = numbersForm
	for _, key := range keys {
		b = binary.BigEndian.AppendUint64(b, key)
	}
	return b
}

// PackPapers makes a chunk of papers that ascend.
func PackPapers(papers []Paper) []byte { return append([]byte{papersForm}, record.Marshal(papers)...) }

// FromNumbers reads a chunk of keys or papers strictly: within bounds, ascending.
func FromNumbers(chunk []byte) (keys []uint64, papers []Paper, err error) {
	switch {
	case len(chunk) > 1 && chunk[0] == numbersForm && len(chunk) <= 1+8*numbersChunk && len(chunk)%8 == 1:
		keys = make([]uint64, len(chunk)/8)
		for i := range keys {
			keys[i] = binary.BigEndian.Uint64(chunk[1+8*i:])
			if i > 0 && keys[i-1] >= keys[i] {
				return nil, nil, fmt.Errorf("%w: not in order", ErrChunk)
			}
		}
		return keys, nil, nil
	case len(chunk) > 1 && chunk[0] == papersForm:
		if err := record.Unmarshal(chunk[1:], &papers); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrChunk, err)
		}
		if len(papers) == 0 || len(papers) > papersChunk {
			return nil, nil, fmt.Errorf("%w: length", ErrChunk)
		}
		for i := 1; i < len(papers); i++ {
			if papers[i-1].Compare(papers[i]) >= 0 {
				return nil, nil, fmt.Errorf("%w: not in order", ErrChunk)
			}
		}
		return nil, papers, nil
	}
	return nil, nil, fmt.Errorf("%w: form or length", ErrChunk)
}
