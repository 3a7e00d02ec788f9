package lists

import (
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
)

// chunkForm is the first byte of every chunk: a deflate stream of one CBOR array of alerts. A later form gets another byte.
const chunkForm = 1

// ErrChunk is wrapped by every error about bytes that are not a chunk. Nothing of their content is named.
var ErrChunk = errors.New("not a chunk of alerts")

// Chunks puts the alerts of a release into chunks of at most 512 KiB before compression, in the order of list and id: the
// same alerts give the same chunks, whatever order they came in. An alert that Validate refuses, a second one with the
// same id, or one too large for a chunk is an error.
func Chunks(alerts []border.Alert) ([][]byte, error) {
	sorted := slices.Clone(alerts)
	slices.SortStableFunc(sorted, order)
	for i := range sorted {
		if err := sorted[i].Validate(); err != nil {
			return nil, fmt.Errorf("making chunks: %w", err)
		}
		if i > 0 && order(sorted[i-1], sorted[i]) == 0 {
			return nil, errors.New("making chunks: two alerts with one id")
		}
	}
	var chunks [][]byte
	for from := 0; from < len(sorted); {
		size, to := 5, from // the array's own head
		for ; to < len(sorted); to++ {
			n := len(record.Marshal(sorted[to]))
			if size+n > maxChunk {
				break
			}
			size += n
		}
		if to == from {
			return nil, errors.New("making chunks: an alert too large for a chunk")
		}
		chunks = append(chunks, pack(record.Marshal(sorted[from:to])))
		from = to
	}
	return chunks, nil
}

func order(a, b border.Alert) int {
	return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.ID, b.ID))
}

func pack(plain []byte) []byte {
	b := bytes.NewBuffer([]byte{chunkForm})
	w, err := flate.NewWriter(b, flate.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("lists: compressing into memory: " + err.Error()) // neither the level nor a buffer can fail
	}
	return b.Bytes()
}

// FromChunk reads a chunk strictly: within bounds, canonical, ordered, nothing behind it, and every alert valid. The
// chunk's hash and seal are the caller's to check first.
func FromChunk(chunk []byte) ([]border.Alert, error) {
	if len(chunk) == 0 || len(chunk) > maxPacked || chunk[0] != chunkForm {
		return nil, fmt.Errorf("%w: form or length", ErrChunk)
	}
	in := bytes.NewReader(chunk[1:])
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(in), maxChunk+1))
	if err != nil || len(plain) > maxChunk || in.Len() > 0 {
		return nil, fmt.Errorf("%w: compression or length", ErrChunk)
	}
	var alerts []border.Alert
	if err := record.Unmarshal(plain, &alerts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChunk, err)
	}
	if len(alerts) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrChunk)
	}
	for i := range alerts {
		if err := alerts[i].Validate(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrChunk, err)
		}
		if i > 0 && order(alerts[i-1], alerts[i]) >= 0 {
			return nil, fmt.Errorf("%w: not in order", ErrChunk)
		}
	}
	return alerts, nil
}
