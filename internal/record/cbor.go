package record

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// ErrFormat is wrapped by every error about bytes that are not one of our encodings.
var ErrFormat = errors.New("not a valid record")

var enc, strict, lenient = modes()

func modes() (cbor.EncMode, cbor.DecMode, cbor.DecMode) {
	eo := cbor.CoreDetEncOptions()              // RFC 8949 section 4.2.1
	eo.NilContainers = cbor.NilContainerAsEmpty // or an absent list would have two forms, null and empty
	e, err := eo.EncMode()
	if err != nil {
		panic(err)
	}
	do := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: maxNesting, MaxArrayElements: maxElements, MaxMapPairs: maxElements,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}
	s, err := do.DecMode()
	if err != nil {
		panic(err)
	}
	do.ExtraReturnErrors = cbor.ExtraDecErrorNone
	l, err := do.DecMode()
	if err != nil {
		panic(err)
	}
	return e, s, l
}

// Marshal writes v as deterministic CBOR (RFC 8949 section 4.2). It serves every package whose bytes are hashed or signed.
// Texts in v must be valid UTF-8, which whoever takes them from outside sees to: nobody could read them back.
func Marshal(v any) []byte {
	b, err := enc.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("record: %T cannot be encoded: %v", v, err)) // a type of ours, never data
	}
	return b
}

// Unmarshal reads into v bytes that Marshal would write for the same value, and nothing else: unknown fields, other
// orders, longer integers and trailing bytes are refused. v points to a zero value. The error names no content.
func Unmarshal(b []byte, v any) error {
	if len(b) > maxPart {
		return fmt.Errorf("%w: %d bytes", ErrFormat, len(b))
	}
	if fast(b, v) {
		return nil
	}
	return general(b, v)
}

func general(b []byte, v any) error {
	if err := strict.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %T", ErrFormat, v)
	}
	again, err := enc.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: %T is not in its canonical form", ErrFormat, v)
	}
	return nil
}
