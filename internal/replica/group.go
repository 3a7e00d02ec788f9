package replica

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tims/internal/tlog"
)

// Between our own nodes entries and parts travel together, which spares a thin line what the other side can compute. The body of
// add-records is a sequence of groups, each an entry package of add-entries with the parts of its records:
//
//	uint32 length ‖ packed(length) ‖ bodies
//	packed: DEFLATE(uvarint length ‖ kept(length) ‖ uvarint count ‖ count rows ‖ wraps)
//	row:    uvarint index − index before ‖ number ‖ uvarint length of wrap ‖ uvarint length of body ‖ uvarint cut
//
// kept is the body of an add-entries request with this one package, from which the SHA-256 of a part's body is left out: cut − 1 bytes
// behind the last place where one was left out; cut 0 left none out. A mirror puts them in again and has, byte for byte, what tlog-mirror
// would have carried. It believes no more of it: a hash of another body makes another leaf, which the signed root refutes.
type group struct {
	entries []byte // the body of an add-entries request
	parts   []tlog.IndexedPart
}

func (g group) appendTo(b []byte) ([]byte, error) {
	var kept, rows, wraps []byte
	at, before, bodies := 0, uint64(0), 0
	for _, p := range g.parts {
		hash, cut := sha256.Sum256(p.Body), 0
		if i := bytes.Index(g.entries[at:], hash[:]); i >= 0 {
			kept, cut = append(kept, g.entries[at:at+i]...), i+1
			at += i + len(hash)
		}
		rows = append(binary.AppendUvarint(rows, p.Index-before), p.Number)
		for _, n := range []int{len(p.Wrap), len(p.Body), cut} {
			rows = binary.AppendUvarint(rows, uint64(n))
		}
		wraps, before, bodies = append(wraps, p.Wrap...), p.Index, bodies+len(p.Body)
	}
	kept = append(kept, g.entries[at:]...)
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	head := append(binary.AppendUvarint(nil, uint64(len(kept))), kept...)
	head = binary.AppendUvarint(head, uint64(len(g.parts)))
	if _, err := z.Write(append(append(head, rows...), wraps...)); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint32(b, uint32(packed.Len()))
	b = append(b, packed.Bytes()...)
	for _, p := range g.parts {
		b = append(b, p.Body...)
	}
	return b, nil
}

// readGroup reads one group, and io.EOF where the body ends between two. Other errors wrap tlog.ErrMalformed.
func readGroup(r *bufio.Reader) (group, error) {
	if _, err := r.Peek(1); err == io.EOF {
		return group{}, io.EOF
	}
	g, err := decodeGroup(r)
	if err != nil {
		return group{}, fmt.Errorf("%w: a group of records: %w", tlog.ErrMalformed, err)
	}
	return g, nil
}

var errGroup = errors.New("a field is out of its bounds")

func decodeGroup(r *bufio.Reader) (g group, err error) {
	var length [4]byte
	if _, err = io.ReadFull(r, length[:]); err != nil {
		return g, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxGroup {
		return g, errGroup
	}
	packed := make([]byte, n)
	if _, err = io.ReadFull(r, packed); err != nil {
		return g, err
	}
	rest := bytes.NewReader(packed)
	head, err := io.ReadAll(io.LimitReader(flate.NewReader(rest), maxGroup+1))
	if err != nil {
		return g, err
	}
	if len(head) > maxGroup || rest.Len() > 0 {
		return g, errGroup
	}
	f := &fields{b: head}
	kept := f.bytes(f.uint(uint64(len(head))))
	rows := make([]row, f.uint(partsPerPush))
	last, bodies := uint64(0), uint64(0)
	for i := range rows {
		rows[i] = row{index: last + f.uint(maxIndex-last), number: f.byte(), wrap: f.uint(tlog.MaxWrap), body: f.uint(tlog.MaxPart),
			cut: f.uint(uint64(len(head)))}
		if i > 0 && rows[i].index == last && rows[i].number <= rows[i-1].number {
			return g, errGroup
		}
		last, bodies = rows[i].index, bodies+rows[i].body
	}
	if f.bad || bodies > pushBytes {
		return g, errGroup
	}
	for _, x := range rows {
		p := tlog.IndexedPart{Index: x.index, Part: tlog.Part{Number: x.number, Wrap: f.bytes(x.wrap), Body: make([]byte, x.body)}}
		if _, err := io.ReadFull(r, p.Body); err != nil {
			return g, err
		}
		g.parts = append(g.parts, p)
		if x.cut == 0 {
			continue
		}
		if x.cut-1 > uint64(len(kept)) {
			return g, errGroup
		}
		hash := sha256.Sum256(p.Body)
		g.entries = append(append(g.entries, kept[:x.cut-1]...), hash[:]...)
		kept = kept[x.cut-1:]
	}
	if f.bad || len(f.b) > 0 {
		return g, errGroup
	}
	g.entries = append(g.entries, kept...)
	return g, nil
}

type row struct {
	index           uint64
	number          uint8
	wrap, body, cut uint64
}

// fields reads fields one after another; after one that is not there, or above its bound, it gives zeros and is bad.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) uint(most uint64) uint64 {
	v, n := binary.Uvarint(f.b)
	if n <= 0 || v > most || f.bad {
		f.bad = true
		return 0
	}
	f.b = f.b[n:]
	return v
}

func (f *fields) byte() uint8 { return append(f.bytes(1), 0)[0] }

func (f *fields) bytes(n uint64) []byte {
	if n > uint64(len(f.b)) || f.bad {
		f.bad = true
		return nil
	}
	b := f.b[:n:n]
	f.b = f.b[n:]
	return b
}
