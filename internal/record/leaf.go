package record

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"tims/internal/border"
)

// leafVersion is the only version written and understood now. A later version may add fields; mirrors carry it unread.
const leafVersion = 1

// An Act is 16 random bytes made where an act of an officer or node begins. Asking again with the same Act is harmless.
type Act [16]byte

// A ClockState says how far a node trusted its clock when it wrote. The numbers stand in leaves.
type ClockState uint8

const (
	Synchronised   ClockState = 0
	Unsynchronised ClockState = 1 // since Clock.Since
	Stepped        ClockState = 2 // it was set at Clock.Since
)

// Clock is the state of a node's clock; Since is UTC ms and zero while synchronised.
type Clock struct {
	_     struct{} `cbor:",toarray"`
	State ClockState
	Since int64
}

// A PartRef is what a leaf says of one part: the commitment over its plaintext and the hash and length of its ciphertext.
type PartRef struct {
	_      struct{} `cbor:",toarray"`
	Part   Part
	Commit [32]byte
	Sealed [32]byte
	Length uint32 // bytes of the ciphertext
}

// A Ref is a record's name inside a leaf.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	Index  uint64
}

// RefOf and Border convert between a record's name here and in the domain.
func RefOf(r border.Ref) Ref     { return Ref{Origin: r.Origin, Index: r.Index} }
func (r Ref) Border() border.Ref { return border.Ref{Origin: r.Origin, Index: r.Index} }

// A Leaf is what stands in the log. It carries no name, number, tag or nationality. Its index is its number.
type Leaf struct {
	Version uint8     `cbor:"1,keyasint"`
	Kind    Kind      `cbor:"2,keyasint"`
	Act     Act       `cbor:"3,keyasint"`
	About   []Ref     `cbor:"4,keyasint,omitempty"` // the records it refers to
	Written int64     `cbor:"5,keyasint"`           // UTC ms by the node's clock
	Clock   Clock     `cbor:"6,keyasint"`
	Floor   int64     `cbor:"7,keyasint"`           // UTC ms: the highest signed time seen when it was written
	Shift   *Ref      `cbor:"8,keyasint,omitempty"` // nil: no officer had a part in it
	Booth   []byte    `cbor:"9,keyasint,omitempty"` // signature of the shift's booth key; absent: "by the node"
	Parts   []PartRef `cbor:"10,keyasint,omitempty"`
	Claim   []byte    `cbor:"11,keyasint,omitempty"` // 32 bytes, on records that give a traveller's receipt
}

// Encode writes the leaf in its one form, or says which bound it breaks.
func (l Leaf) Encode() ([]byte, error) {
	l.Version = leafVersion
	if err := l.valid(); err != nil {
		return nil, err
	}
	b := Marshal(l)
	if len(b) > maxLeaf {
		return nil, fmt.Errorf("%w: leaf of %d bytes, at most %d", ErrFormat, len(b), maxLeaf)
	}
	return b, nil
}

// DecodeLeaf reads a leaf strictly: what it accepts, Encode writes back to the same bytes.
func DecodeLeaf(b []byte) (Leaf, error) {
	if len(b) > maxLeaf {
		return Leaf{}, fmt.Errorf("%w: leaf of %d bytes, at most %d", ErrFormat, len(b), maxLeaf)
	}
	var l Leaf
	if err := Unmarshal(b, &l); err != nil {
		return Leaf{}, err
	}
	if l.Version != leafVersion {
		return Leaf{}, fmt.Errorf("%w: leaf version %d, this program reads %d", ErrFormat, l.Version, leafVersion)
	}
	if err := l.valid(); err != nil {
		return Leaf{}, err
	}
	return l, nil
}

func (l Leaf) valid() error {
	switch {
	case l.Kind == 0:
		return fmt.Errorf("%w: kind 0", ErrFormat)
	case l.Clock.State > Stepped || l.Clock.State == Synchronised && l.Clock.Since != 0:
		return fmt.Errorf("%w: clock state %d", ErrFormat, l.Clock.State)
	case !validParts(l.Parts):
		return fmt.Errorf("%w: parts: at most %d, each once, in ascending order", ErrFormat, maxParts)
	case len(l.About) > maxAbout:
		return fmt.Errorf("%w: refers to %d records, at most %d", ErrFormat, len(l.About), maxAbout)
	case len(l.Booth) != 0 && (len(l.Booth) != BoothSignatureSize || l.Shift == nil):
		return fmt.Errorf("%w: booth signature of %d bytes", ErrFormat, len(l.Booth))
	case len(l.Claim) != 0 && len(l.Claim) != 32:
		return fmt.Errorf("%w: claim of %d bytes", ErrFormat, len(l.Claim))
	}
	refs := l.About
	if l.Shift != nil {
		refs = append(refs[:len(refs):len(refs)], *l.Shift)
	}
	for _, r := range refs {
		if r.Origin == "" || len(r.Origin) > maxOrigin || !utf8.ValidString(r.Origin) {
			return fmt.Errorf("%w: origin of %d bytes", ErrFormat, len(r.Origin))
		}
	}
	return nil
}

func validParts(parts []PartRef) bool {
	for i, p := range parts {
		if p.Part == 0 || i > 0 && p.Part <= parts[i-1].Part {
			return false
		}
	}
	return len(parts) <= maxParts
}

// PartRef finds what the leaf says of one part.
func (l Leaf) PartRef(p Part) (PartRef, bool) {
	for _, r := range l.Parts {
		if r.Part == p {
			return r, true
		}
	}
	return PartRef{}, false
}

// PartsOf reads only the parts that a leaf names, also from a leaf of a later version or of an unknown kind: a mirror
// holds what it cannot read. Therefore keys 2 and 10 keep their shape in every version. Bytes that are no leaf of ours, or
// name a part twice, have no parts.
func PartsOf(leaf []byte) []PartRef {
	if common := new(Leaf); len(leaf) <= maxLeaf && fast(leaf, common) && validParts(common.Parts) {
		return common.Parts
	}
	var l struct {
		Parts []PartRef `cbor:"10,keyasint"`
	}
	if len(leaf) > maxLeaf || lenient.Unmarshal(leaf, &l) != nil || !validParts(l.Parts) {
		return nil
	}
	return l.Parts
}

// KindOf reads the kind of a leaf as leniently as PartsOf; zero where there is none.
func KindOf(leaf []byte) Kind {
	if common := new(Leaf); len(leaf) <= maxLeaf && fast(leaf, common) {
		return common.Kind
	}
	var l struct {
		Kind Kind `cbor:"2,keyasint"`
	}
	if len(leaf) > maxLeaf || lenient.Unmarshal(leaf, &l) != nil {
		return 0
	}
	return l.Kind
}

// BoothSignatureSize is that of ECDSA P-256 with SHA-256, r ‖ s, as Web Cryptography makes it.
const BoothSignatureSize = 64

// BoothMessage is what a booth key signs for an act: act, kind, the commitments of the parts in their order, the shift, and
// what the act is about, so that the node cannot point a signed void or assent at another record:
//
//	"tims/booth/2\n" ‖ act ‖ uint16 kind ‖ uint8 parts ‖ (uint8 part ‖ commit)… ‖ uint8 refs ‖ (uint16 length ‖ origin ‖ uint64 index)…
//
// big-endian; the first ref is the shift. Sealed hashes and lengths are the node's: sealing again asks the officer nothing.
func (l Leaf) BoothMessage() []byte {
	b := append([]byte("tims/booth/2\n"), l.Act[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(l.Kind))
	b = append(b, byte(len(l.Parts)))
	for _, p := range l.Parts {
		b = append(append(b, byte(p.Part)), p.Commit[:]...)
	}
	var refs []Ref
	if l.Shift != nil {
		refs = append(refs, *l.Shift)
	}
	refs = append(refs, l.About...)
	b = append(b, byte(len(refs)))
	for _, r := range refs {
		b = binary.BigEndian.AppendUint16(b, uint16(len(r.Origin)))
		b = binary.BigEndian.AppendUint64(append(b, r.Origin...), r.Index)
	}
	return b
}
