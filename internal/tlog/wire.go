package tlog

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Bodies of tlog-witness and tlog-mirror. Every decoder is strict: what it
// takes, the encoder gives back to the byte. Errors wrap ErrMalformed.

// An AddCheckpoint is the body of an add-checkpoint request: the caller's idea
// of the pending size, the consistency proof from there, and a signed note.
type AddCheckpoint struct {
	Old        uint64
	Proof      []Hash
	Checkpoint []byte
}

// Encode returns the request body.
func (a AddCheckpoint) Encode() []byte {
	b := fmt.Appendf(nil, "old %d\n", a.Old)
	for _, h := range a.Proof {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, a.Checkpoint...)
}

// maxAddCheckpoint bounds the body: size line, proof lines, note.
const maxAddCheckpoint = 32 + MaxProof*45 + maxNote

// DecodeAddCheckpoint reads a request body. The note in it is not opened.
func DecodeAddCheckpoint(r io.Reader) (AddCheckpoint, error) {
	var a AddCheckpoint
	body, err := io.ReadAll(io.LimitReader(r, maxAddCheckpoint+1))
	if err != nil {
		return a, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	line, rest, ok := bytes.Cut(body, []byte("\n"))
	old, isOld := bytes.CutPrefix(line, []byte("old "))
	if !ok || !isOld || len(body) > maxAddCheckpoint {
		return a, fmt.Errorf("%w: no old size line", ErrMalformed)
	}
	if a.Old, err = parseDecimal(string(old)); err != nil {
		return a, err
	}
	for {
		line, rest, ok = bytes.Cut(rest, []byte("\n"))
		if ok && len(line) == 0 {
			a.Checkpoint = rest
			return a, nil
		}
		h, err := parseHash(string(line))
		if !ok || err != nil || len(a.Proof) == MaxProof {
			return AddCheckpoint{}, fmt.Errorf("%w: consistency proof", ErrMalformed)
		}
		a.Proof = append(a.Proof, h)
	}
}

// An EntriesHeader opens the body of an add-entries request, which uploads
// entries from [Start, End).
type EntriesHeader struct {
	Origin     string
	Start, End uint64
	Ticket     []byte // opaque, as the mirror gave it; ours gives none
}

// AppendTo appends the header's encoding.
func (h EntriesHeader) AppendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.Origin)))
	b = append(b, h.Origin...)
	b = binary.BigEndian.AppendUint64(b, h.Start)
	b = binary.BigEndian.AppendUint64(b, h.End)
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.Ticket)))
	return append(b, h.Ticket...)
}

// AppendTo appends the encoding of the offer as an entry package.
func (o Offer) AppendTo(b []byte) []byte {
	for _, e := range o.entries {
		b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
		b = append(b, e...)
	}
	b = append(b, byte(len(o.proof)))
	return append(b, joinHashes(o.proof)...)
}

// An EntriesDecoder reads the body of an add-entries request package by
// package, and never holds more than one.
type EntriesDecoder struct {
	Header EntriesHeader
	r      *bufio.Reader
	at     uint64 // start of the package to come
}

// DecodeEntries reads the header and stops before the first package.
func DecodeEntries(r io.Reader) (*EntriesDecoder, error) {
	d := &EntriesDecoder{r: bufio.NewReaderSize(r, 64<<10)}
	origin, err := d.field(maxOrigin)
	if err != nil {
		return nil, err
	}
	var bounds [16]byte
	if err := d.full(bounds[:]); err != nil {
		return nil, err
	}
	ticket, err := d.field(1<<16 - 1)
	if err != nil {
		return nil, err
	}
	h := EntriesHeader{Origin: string(origin), Ticket: ticket,
		Start: binary.BigEndian.Uint64(bounds[:8]), End: binary.BigEndian.Uint64(bounds[8:])}
	if h.Start > h.End || h.End >= maxSize {
		return nil, fmt.Errorf("%w: upload of [%d, %d)", ErrMalformed, h.Start, h.End)
	}
	d.Header, d.at = h, h.Start
	return d, nil
}

// Next returns the next package, and io.EOF where the body ends between two
// packages or after the last. A body that ends, or cannot be read, within a
// package is ErrMalformed and io.ErrUnexpectedEOF.
func (d *EntriesDecoder) Next() (Offer, error) {
	if _, err := d.r.Peek(1); err == io.EOF {
		return Offer{}, io.EOF
	}
	if d.at == d.Header.End {
		return Offer{}, fmt.Errorf("%w: bytes after the last package", ErrMalformed)
	}
	o := Offer{start: d.at}
	end := packageEnd(d.at, d.Header.End)
	for range end - d.at {
		e, err := d.field(MaxEntry)
		if err != nil {
			return Offer{}, err
		}
		o.entries = append(o.entries, e)
	}
	var count [1]byte
	if err := d.full(count[:]); err != nil {
		return Offer{}, err
	}
	if count[0] > MaxProof {
		return Offer{}, fmt.Errorf("%w: a proof of %d hashes", ErrMalformed, count[0])
	}
	proof := make([]byte, int(count[0])*sumdb.HashSize)
	if err := d.full(proof); err != nil {
		return Offer{}, err
	}
	o.proof, _ = splitHashes(proof)
	d.at = end
	return o, nil
}

// field reads bytes behind their uint16 length.
func (d *EntriesDecoder) field(limit int) ([]byte, error) {
	var length [2]byte
	if err := d.full(length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n > limit {
		return nil, fmt.Errorf("%w: a field of %d bytes", ErrMalformed, n)
	}
	b := make([]byte, n)
	return b, d.full(b)
}

func (d *EntriesDecoder) full(b []byte) error { return readFull(d.r, b) }

// readFull fills b. Whatever keeps it from that, the sender has not said all.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrMalformed, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("%w: %w: %w", ErrMalformed, io.ErrUnexpectedEOF, err)
}

// A MirrorInfo is the body of a 409 or 202 answer to add-entries, of type
// MirrorInfoType.
type MirrorInfo struct {
	Size, Next uint64
	Ticket     []byte
}

// Media types of answers.
const (
	MirrorInfoType = "text/x.tlog.mirror-info" // of MirrorInfo
	SizeType       = "text/x.tlog.size"        // of a 409 to add-checkpoint: Size in decimal and a newline
)

// maxMirrorInfo bounds the answer: two numbers and a ticket of 64 KiB.
const maxMirrorInfo = 64 + 88<<10

// Encode returns the answer's body.
func (i MirrorInfo) Encode() []byte {
	b := fmt.Appendf(nil, "%d\n%d\n", i.Size, i.Next)
	b = base64.StdEncoding.AppendEncode(b, i.Ticket)
	return append(b, '\n')
}

// DecodeMirrorInfo reads the answer's body.
func DecodeMirrorInfo(r io.Reader) (MirrorInfo, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxMirrorInfo+1))
	if err != nil {
		return MirrorInfo{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	lines := bytes.Split(body, []byte("\n"))
	if len(lines) != 4 || len(lines[3]) != 0 || len(body) > maxMirrorInfo {
		return MirrorInfo{}, fmt.Errorf("%w: mirror-info is not three lines", ErrMalformed)
	}
	var i MirrorInfo
	if i.Size, err = parseDecimal(string(lines[0])); err != nil {
		return MirrorInfo{}, err
	}
	if i.Next, err = parseDecimal(string(lines[1])); err != nil {
		return MirrorInfo{}, err
	}
	i.Ticket, err = base64.StdEncoding.Strict().DecodeString(string(lines[2]))
	if err != nil || bytes.ContainsRune(lines[2], '\r') { // which the base64 package passes over
		return MirrorInfo{}, fmt.Errorf("%w: ticket of mirror-info", ErrMalformed)
	}
	return i, nil
}

// EncodeSize returns the body of a 409 answer to add-checkpoint.
func EncodeSize(size uint64) []byte { return fmt.Appendf(nil, "%d\n", size) }

// DecodeSize reads that body.
func DecodeSize(r io.Reader) (uint64, error) {
	body, err := io.ReadAll(io.LimitReader(r, 32))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	line, ok := bytes.CutSuffix(body, []byte("\n"))
	if !ok {
		return 0, fmt.Errorf("%w: no size line", ErrMalformed)
	}
	return parseDecimal(string(line))
}
