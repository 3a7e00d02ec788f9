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

func decodeChanges(r io.Reader) ([]roster.Approved, error) {
	var out []roster.Approved
	for {
		var length [4]byte
		_, err := io.ReadFull(r, length[:])
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		n := binary.BigEndian.Uint32(length[:])
		if err != nil || n > maxChange {
			return out, fmt.Errorf("%w: list of approved changes", record.ErrFormat)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return out, fmt.Errorf("%w: list of approved changes", record.ErrFormat)
		}
		var c roster.Approved
		if err := record.Unmarshal(b, &c); err != nil {
			return out, err
		}
		out = append(out, c)
	}
}

// EncodeChange and DecodeChange are the form of one approved change in a file that a person carries.
func EncodeChange(c roster.Approved) []byte { return encodeChanges([]roster.Approved{c}) }

// DecodeChanges reads a file of approved changes.
func DecodeChanges(r io.Reader) ([]roster.Approved, error) {
	return decodeChanges(io.LimitReader(r, maxChanges))
}
