package roster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tims/internal/record"
)

// Approved changes lie on disk and travel one after another, each behind its length in four bytes, big-endian: the list may
// be longer than any one record.

// AppendChange appends one approved change to a list.
func AppendChange(b []byte, c Approved) []byte {
	one := record.Marshal(c)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(one))), one...)
}

// EncodeChanges writes a list.
func EncodeChanges(changes []Approved) (b []byte) {
	for _, c := range changes {
		b = AppendChange(b, c)
	}
	return b
}

// ReadChange reads the next change of a list, and gives io.EOF behind the last. Any other error wraps record.ErrFormat.
func ReadChange(r io.Reader) (c Approved, err error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return c, io.EOF
		}
		return c, fmt.Errorf("%w: list of approved changes", record.ErrFormat)
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxChange {
		return c, fmt.Errorf("%w: an approved change of %d bytes", record.ErrFormat, n)
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(n))) // grows as bytes come, not as they are promised
	if err != nil || len(b) != int(n) {
		return c, fmt.Errorf("%w: list of approved changes", record.ErrFormat)
	}
	return c, record.Unmarshal(b, &c)
}

// DecodeChanges reads a whole list of at most MaxChanges bytes.
func DecodeChanges(r io.Reader) ([]Approved, error) {
	var out []Approved
	for r := io.LimitReader(r, MaxChanges); ; {
		c, err := ReadChange(r)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, c)
	}
}
