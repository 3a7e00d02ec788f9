package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tims/internal/record"
	"tims/internal/roster"
)

// Approved changes lie on disk and travel one after another, each behind its length in four bytes, big-endian: the list may
// be longer than any one record.

func encodeChanges(changes []roster.Approved) []byte {
	var b []byte
	for _, c := range changes {
		one := record.Marshal(c)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(one))), one...)
	}
	return b
}

// decodeChange reads the next change, and gives io.EOF behind the last.
func decodeChange(r io.Reader) (c roster.Approved, err error) {
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

// EncodeChange and DecodeChange are the form of one approved change in a file that a person carries.
func EncodeChange(c roster.Approved) []byte { return encodeChanges([]roster.Approved{c}) }

// DecodeChanges reads a file of approved changes.
func DecodeChanges(r io.Reader) ([]roster.Approved, error) {
	var out []roster.Approved
	for r := io.LimitReader(r, maxChanges); ; {
		c, err := decodeChange(r)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, c)
	}
}
