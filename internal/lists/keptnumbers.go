package lists

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strings"

	"tims/internal/record"
)

// A list of numbers has chunks of bare keys of documents, as package numbers makes them of issuer and number; chunks of papers: ranges,
// and numbers too long for a key; and chunks of strikes: keys in its other chunks that are numbers of the list no more. The first byte says
// which. A number that goes costs eight bytes in this way, not the chunk in which it stood.
const (
	numbersForm = 2
	papersForm  = 4
	strikesForm = 5
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

// A NumbersChunk is one chunk of a list of numbers: one of the three is not empty. All ascend.
type NumbersChunk struct {
	Keys    []uint64
	Papers  []Paper
	Strikes []uint64
}

// Len is how many of whichever it has.
func (c *NumbersChunk) Len() int { return len(c.Keys) + len(c.Papers) + len(c.Strikes) }

// NumbersPerChunk and PapersPerChunk bound what one chunk holds.
const (
	NumbersPerChunk = numbersChunk
	PapersPerChunk  = papersChunk
)

// PackNumbers makes a chunk of keys that ascend.
func PackNumbers(keys []uint64) []byte { return packKeys(numbersForm, keys) }

// PackStrikes makes a chunk of keys that ascend and no longer count.
func PackStrikes(keys []uint64) []byte { return packKeys(strikesForm, keys) }

func packKeys(form byte, keys []uint64) []byte {
	b := make([]byte, 1, 1+8*len(keys))
	b[0] = form
	for _, key := range keys {
		b = binary.BigEndian.AppendUint64(b, key)
	}
	return b
}

// PackPapers makes a chunk of papers that ascend.
func PackPapers(papers []Paper) []byte { return append([]byte{papersForm}, record.Marshal(papers)...) }

// IsStrikes says whether a chunk that was packed here is of strikes.
func IsStrikes(chunk []byte) bool { return len(chunk) > 0 && chunk[0] == strikesForm }

// TooManyStrikes says whether a release strikes more than a rework ever leaves struck, by the numbers that it has in force: whoever makes
// others read what does not count shall not make them read much of it.
func TooManyStrikes(struck, inForce int) bool { return struck*(strikeShare-1) > inForce }

// FromNumbers reads a chunk of a list of numbers strictly: within bounds, ascending.
func FromNumbers(chunk []byte) (c NumbersChunk, err error) {
	if len(chunk) < 2 {
		return c, fmt.Errorf("%w: length", ErrChunk)
	}
	switch chunk[0] {
	case numbersForm:
		c.Keys, err = keysFrom(chunk[1:])
	case strikesForm:
		c.Strikes, err = keysFrom(chunk[1:])
	case papersForm:
		c.Papers, err = papersFrom(chunk[1:])
	default:
		err = fmt.Errorf("%w: form", ErrChunk)
	}
	return c, err
}

func keysFrom(b []byte) ([]uint64, error) {
	if len(b) > 8*numbersChunk || len(b)%8 != 0 {
		return nil, fmt.Errorf("%w: length", ErrChunk)
	}
	keys := make([]uint64, len(b)/8)
	for i := range keys {
		keys[i] = binary.BigEndian.Uint64(b[8*i:])
		if i > 0 && keys[i-1] >= keys[i] {
			return nil, fmt.Errorf("%w: not in order", ErrChunk)
		}
	}
	return keys, nil
}

func papersFrom(b []byte) (papers []Paper, err error) {
	if err := record.Unmarshal(b, &papers); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChunk, err)
	}
	if len(papers) == 0 || len(papers) > papersChunk {
		return nil, fmt.Errorf("%w: length", ErrChunk)
	}
	for i := 1; i < len(papers); i++ {
		if papers[i-1].Compare(papers[i]) >= 0 {
			return nil, fmt.Errorf("%w: not in order", ErrChunk)
		}
	}
	return papers, nil
}
