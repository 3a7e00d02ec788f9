package seal

import (
	"encoding/binary"
	"fmt"
)

// KeyKind says what a named key does. The numbers stand in wraps and never change.
type KeyKind byte

const (
	BucketKey KeyKind = 1 // wraps part keys
	StayKey   KeyKind = 2 // makes tags
	ListKey   KeyKind = 3 // seals the chunks of one release of a list
)

// A KeyName names a key that is wrapped to readers. It is valid by construction, comparable, and its zero value names
// nothing.
type KeyName struct{ canonical string }

// BucketName names the key of a bucket: 1 ‖ uint16 length ‖ origin ‖ class ‖ uint16 month ‖ generation.
func BucketName(b BucketID) (KeyName, error) {
	if err := checkOrigin(b.Origin); err != nil {
		return KeyName{}, fmt.Errorf("name bucket key: %w", err)
	}
	return KeyName{string(b.header(appendString([]byte{byte(BucketKey)}, b.Origin)))}, nil
}

// StayName names a nation's stay key: 2 ‖ uint16 length ‖ nation ‖ uint16 number. The nation is the first element of its
// origins, so that a drill's stay keys are not the country's. The number starts at 1.
func StayName(nation string, number uint16) (KeyName, error) {
	if err := checkOrigin(nation); err != nil {
		return KeyName{}, fmt.Errorf("name stay key: %w", err)
	}
	if number == 0 {
		return KeyName{}, fmt.Errorf("name stay key: number 0: %w", ErrMalformed)
	}
	b := appendString([]byte{byte(StayKey)}, nation)
	return KeyName{string(binary.BigEndian.AppendUint16(b, number))}, nil
}

// ListName names the key of one release of a list, by the act of its `list` record: 3 ‖ act(16).
func ListName(list [16]byte) KeyName {
	return KeyName{string(append([]byte{byte(ListKey)}, list[:]...))}
}

// ParseKeyName is the strict inverse of Bytes.
func ParseKeyName(b []byte) (KeyName, error) {
	fail := func() (KeyName, error) {
		return KeyName{}, fmt.Errorf("read key name of %d bytes: %w", len(b), ErrMalformed)
	}
	if len(b) == 0 {
		return fail()
	}
	kind, rest := KeyKind(b[0]), b[1:]
	if kind == ListKey {
		if len(rest) != 16 {
			return fail()
		}
		return ListName([16]byte(rest)), nil
	}
	if len(rest) < 2 {
		return fail()
	}
	n := int(binary.BigEndian.Uint16(rest))
	if len(rest) < 2+n {
		return fail()
	}
	owner, tail := string(rest[2:2+n]), rest[2+n:]
	switch {
	case kind == BucketKey && len(tail) == 4:
		return BucketName(BucketID{owner, tail[0], binary.BigEndian.Uint16(tail[1:]), tail[3]})
	case kind == StayKey && len(tail) == 2:
		return StayName(owner, binary.BigEndian.Uint16(tail))
	}
	return fail()
}

// Bytes is the one canonical form of the name.
func (k KeyName) Bytes() []byte { return []byte(k.canonical) }

// Kind is 0 for the zero value.
func (k KeyName) Kind() KeyKind {
	if k.canonical == "" {
		return 0
	}
	return KeyKind(k.canonical[0])
}

// Bucket returns the bucket that the key belongs to; ok is false for other kinds.
func (k KeyName) Bucket() (b BucketID, ok bool) {
	if k.Kind() != BucketKey {
		return BucketID{}, false
	}
	end := len(k.canonical) - 4
	tail := []byte(k.canonical[end:])
	return BucketID{k.canonical[3:end], tail[0], binary.BigEndian.Uint16(tail[1:]), tail[3]}, true
}

// Stay returns nation and number of a stay key; ok is false for other kinds.
func (k KeyName) Stay() (nation string, number uint16, ok bool) {
	if k.Kind() != StayKey {
		return "", 0, false
	}
	end := len(k.canonical) - 2
	return k.canonical[3:end], binary.BigEndian.Uint16([]byte(k.canonical[end:])), true
}

// List returns the act of the release that a list key seals; ok is false for other kinds.
func (k KeyName) List() (list [16]byte, ok bool) {
	if k.Kind() != ListKey {
		return list, false
	}
	return [16]byte([]byte(k.canonical[1:])), true
}
