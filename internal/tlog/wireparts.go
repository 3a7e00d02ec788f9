package tlog

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Parts have no C2SP format: they go as a plain sequence of
//
//	8 bytes index ‖ 1 byte number ‖ 2 bytes length of wrap ‖ wrap
//	‖ 4 bytes length of body ‖ body
//
// with big-endian numbers, ordered by index and number.

// AppendTo appends the encoding of the part.
func (p IndexedPart) AppendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, p.Index)
	b = append(b, p.Number)
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.Wrap)))
	b = append(b, p.Wrap...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.Body)))
	return append(b, p.Body...)
}

// A PartsDecoder reads a sequence of parts, one at a time.
type PartsDecoder struct {
	r    *bufio.Reader
	last uint64
	any  bool
}

// DecodeParts prepares to read parts from r.
func DecodeParts(r io.Reader) *PartsDecoder {
	return &PartsDecoder{r: bufio.NewReaderSize(r, 64<<10)}
}

// Next returns the next part, unverified, and io.EOF at the end of the body.
// Other errors wrap ErrMalformed.
func (d *PartsDecoder) Next() (IndexedPart, error) {
	if _, err := d.r.Peek(1); err == io.EOF {
		return IndexedPart{}, io.EOF
	}
	var p IndexedPart
	var head [9]byte
	if err := readFull(d.r, head[:]); err != nil {
		return p, err
	}
	p.Index, p.Number = binary.BigEndian.Uint64(head[:]), head[8]
	id := partID(p.Index, p.Number)
	if p.Index >= maxSize || d.any && id <= d.last {
		return p, fmt.Errorf("%w: part %d of leaf %d is out of order", ErrMalformed, p.Number, p.Index)
	}
	d.last, d.any = id, true
	var wrap [2]byte
	if err := readFull(d.r, wrap[:]); err != nil {
		return p, err
	}
	var err error
	if p.Wrap, err = d.bytes(uint32(binary.BigEndian.Uint16(wrap[:])), MaxWrap); err != nil {
		return p, err
	}
	var body [4]byte
	if err := readFull(d.r, body[:]); err != nil {
		return p, err
	}
	p.Body, err = d.bytes(binary.BigEndian.Uint32(body[:]), MaxPart)
	return p, err
}

func (d *PartsDecoder) bytes(n, limit uint32) ([]byte, error) {
	if n > limit {
		return nil, fmt.Errorf("%w: a field of %d bytes", ErrMalformed, n)
	}
	b := make([]byte, n)
	return b, readFull(d.r, b)
}
