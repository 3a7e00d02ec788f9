// Package seal makes and opens everything of TIMS that is secret or hides something: sealed parts and their commitments,
// wraps of keys under bucket keys and to readers, tags that join crossings without naming anyone, claims of travellers,
// chunks of lists, and shares of the recovery key. docs/design/sealing.md holds the formats and golden bytes.
//
// The package is pure: it stores no key and asks no clock. Randomness is handed in, so that drills repeat; in production it
// is crypto/rand.Reader and nothing else. HPKE alone draws its own.
//
// Trust: an opener believes nothing but the keys it was given and the commitment in the verified leaf. Whoever made a
// ciphertext may have made it with care to mislead (AES-GCM does not commit to its key), so parts are checked against
// their commitment, and chunks of lists against a digest of their key.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What opening can end with. None of the errors of this package holds plaintext, a key or a name.
var (
	// ErrMalformed: the bytes do not have the format, whoever made them.
	ErrMalformed = errors.New("malformed")
	// ErrNotOpened: wrong key, wrong place or changed bytes; which of them cannot be told.
	ErrNotOpened = errors.New("does not open under this key at this place")
	// ErrOtherContent: the bytes open well, to something else than their maker committed to. It is evidence against the
	// maker when the bytes have the hash that his leaf or release names.
	ErrOtherContent = errors.New("opens to other content than committed")
	// ErrUnknownSuite: a newer suite than this program knows; an upgrade may open it.
	ErrUnknownSuite = errors.New("unknown suite")
	// ErrOtherReader: the wrap is addressed to another reader.
	ErrOtherReader = errors.New("wrapped to another reader")
)

const (
	nonceSize = 12
	tagSize   = 16
)

// A Key is an AES-256 or HMAC-SHA-256 key. It never prints itself through fmt.
type Key [32]byte

// Format keeps keys out of journals and error texts, under every verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "key(hidden)") }

// NewKey draws a key from rand.
func NewKey(rand io.Reader) (Key, error) {
	var k Key
	if _, err := io.ReadFull(rand, k[:]); err != nil {
		return Key{}, fmt.Errorf("draw key: %w", err)
	}
	return k, nil
}

// An Address is where a part belongs: the origin of the log, the act of the leaf, the number of the part. Every ciphertext
// is bound to it, so that no part or wrap can be shown in another's place.
type Address struct {
	Origin string   // 1 to MaxOrigin bytes
	Act    [16]byte // of the leaf
	Part   byte     // opaque here
}

func (a Address) check() error { return checkOrigin(a.Origin) }

// ad is the additional data for this address: label ‖ uint16 length of origin ‖ origin ‖ act ‖ part.
func (a Address) ad(label string) []byte {
	b := appendString([]byte(label), a.Origin)
	b = append(b, a.Act[:]...)
	return append(b, a.Part)
}

func checkOrigin(origin string) error {
	if n := len(origin); n == 0 || n > MaxOrigin {
		return fmt.Errorf("origin of %d bytes: %w", n, ErrMalformed)
	}
	return nil
}

func appendString[S string | []byte](b []byte, s S) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

// gcm is AES-256-GCM with nonces of 12 bytes. Nonces are random everywhere: a part key and a chunk's position are used
// once, and a bucket key seals well under 2^32 wraps (three parts of 160,000 crossings a day make 2^24 in a month), the bound
// of NIST SP 800-38D section 8.3.
func gcm(k Key) cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("seal: " + err.Error()) // only for a wrong key length, which the type excludes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("seal: " + err.Error()) // only for a block size other than AES's
	}
	return aead
}

// sealTo appends nonce ‖ ciphertext to dst, drawing the nonce from rand.
func sealTo(dst []byte, rand io.Reader, k Key, plaintext, ad []byte) ([]byte, error) {
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(rand, nonce[:]); err != nil {
		return nil, fmt.Errorf("draw nonce: %w", err)
	}
	dst = append(dst, nonce[:]...)
	return gcm(k).Seal(dst, nonce[:], plaintext, ad), nil
}

// openFrom opens nonce ‖ ciphertext; box has at least nonceSize bytes.
func openFrom(k Key, box, ad []byte) ([]byte, error) {
	plain, err := gcm(k).Open(nil, box[:nonceSize], box[nonceSize:], ad)
	if err != nil {
		return nil, ErrNotOpened
	}
	return plain, nil
}
