package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	commitLabel = "tims/commit/1\n"
	bodyLabel   = "tims/body/1\n"

	saltSize   = 32
	lengthSize = 4
	overhead   = nonceSize + saltSize + tagSize // of a body over what its room fills
)

// Room is how far the contents of one kind of part are filled up with zeros, length prefix included: to Least bytes, and beyond that
// by steps of Step. Both are multiples of 8. Lengths stand in leaves, so Least is chosen that what a length must not tell stays below
// it. An opener need not know it.
type Room struct{ Least, Step int }

// Wide is the room of parts that have none of their own: a name seldom crosses a step of 256.
var Wide = Room{256, 256}

func (r Room) of(n int) int {
	if n += lengthSize; n <= r.Least {
		return r.Least
	}
	return r.Least + (n-r.Least+r.Step-1)/r.Step*r.Step
}

func (r Room) check() error {
	if r.Least < grain || r.Step < grain || r.Least%grain != 0 || r.Step%grain != 0 || max(r.Least, r.Step) > maxRoom {
		return fmt.Errorf("room of %d in steps of %d: %w", r.Least, r.Step, ErrMalformed)
	}
	return nil
}

// Commit is what a leaf says of a part without telling it: SHA-256("tims/commit/1\n" ‖ part ‖ salt ‖ plaintext). The salt
// is random, or a guessed plaintext could be tried against the leaf.
func Commit(part byte, salt [32]byte, plaintext []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(commitLabel))
	h.Write([]byte{part})
	h.Write(salt[:])
	h.Write(plaintext)
	return [32]byte(h.Sum(nil))
}

// SealedHash is what a leaf says of a part's body, so that a mirror without keys can refuse, scrub and repair it.
func SealedHash(body []byte) [32]byte { return sha256.Sum256(body) }

// Sealed is a part ready to be written: the body lies beside the log, Commit and Hash go into the leaf, Key is wrapped and
// then dropped. Salt and plaintext together are the opening that a traveller is given for his person part.
type Sealed struct {
	Body   []byte
	Key    Key
	Salt   [32]byte
	Commit [32]byte
	Hash   [32]byte
}

// Seal seals one part under a key of its own. It draws key, salt and nonce from rand, in this order. The body is nonce(12) ‖
// AES-256-GCM(salt(32) ‖ uint32 length ‖ plaintext ‖ zeros), big-endian, where length, plaintext and zeros fill the room. It refuses
// plaintexts longer than MaxPlaintext.
func Seal(rand io.Reader, at Address, room Room, plaintext []byte) (Sealed, error) {
	if err := errors.Join(at.check(), room.check()); err != nil {
		return Sealed{}, fmt.Errorf("seal part: %w", err)
	}
	if len(plaintext) > MaxPlaintext {
		return Sealed{}, fmt.Errorf("seal part of %d bytes: more than %d", len(plaintext), MaxPlaintext)
	}
	var s Sealed
	var err error
	if s.Key, err = NewKey(rand); err != nil {
		return Sealed{}, fmt.Errorf("seal part: %w", err)
	}
	if _, err = io.ReadFull(rand, s.Salt[:]); err != nil {
		return Sealed{}, fmt.Errorf("seal part: draw salt: %w", err)
	}
	content := pad(s.Salt, plaintext, room.of(len(plaintext)))
	s.Body, err = sealTo(make([]byte, 0, nonceSize+len(content)+tagSize), rand, s.Key, content, at.ad(bodyLabel))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal part: %w", err)
	}
	s.Commit = Commit(at.Part, s.Salt, plaintext)
	s.Hash = SealedHash(s.Body)
	return s, nil
}

// Open opens a body made by Seal at the same address and checks it against the commitment of the leaf. A body can be built
// that opens under two keys (the key in the wrap shown to one reader, another to the next); only one of them meets the
// commitment, the other ends in ErrOtherContent.
func Open(key Key, at Address, body []byte, commit [32]byte) (plaintext []byte, salt [32]byte, err error) {
	if err := at.check(); err != nil {
		return nil, salt, fmt.Errorf("open part: %w", err)
	}
	if err := CheckBody(len(body)); err != nil {
		return nil, salt, fmt.Errorf("open part: %w", err)
	}
	content, err := openFrom(key, body, at.ad(bodyLabel))
	if err != nil {
		return nil, salt, fmt.Errorf("open part: %w", err)
	}
	salt, plaintext, err = unpad(content)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("open part: %w", err)
	}
	if Commit(at.Part, salt, plaintext) != commit {
		return nil, [32]byte{}, fmt.Errorf("open part: %w", ErrOtherContent)
	}
	return plaintext, salt, nil
}

// CheckBody tells whether a body can have this length, in bytes: what a mirror knows of a part before it has any of it.
func CheckBody(length int) error {
	if filled := length - overhead; filled < grain || filled%grain != 0 || filled > lengthSize+MaxPlaintext+maxRoom {
		return fmt.Errorf("body of %d bytes: %w", length, ErrMalformed)
	}
	return nil
}

func pad(salt [32]byte, plaintext []byte, filled int) []byte {
	content := make([]byte, saltSize+filled)
	copy(content, salt[:])
	binary.BigEndian.PutUint32(content[saltSize:], uint32(len(plaintext)))
	copy(content[saltSize+lengthSize:], plaintext)
	return content
}

// unpad is the strict inverse of pad: grains and zeros only. Whose room it was cannot be told from a content, so it takes any up to
// the largest.
func unpad(content []byte) (salt [32]byte, plaintext []byte, err error) {
	filled := len(content) - saltSize
	if filled < grain || filled%grain != 0 {
		return salt, nil, fmt.Errorf("content of %d bytes: %w", len(content), ErrMalformed)
	}
	n := int(binary.BigEndian.Uint32(content[saltSize:]))
	if n > MaxPlaintext || lengthSize+n > filled || filled-lengthSize-n >= maxRoom {
		return salt, nil, fmt.Errorf("length inside content: %w", ErrMalformed)
	}
	rest := content[saltSize+lengthSize:]
	for _, b := range rest[n:] {
		if b != 0 {
			return salt, nil, fmt.Errorf("padding: %w", ErrMalformed)
		}
	}
	return [32]byte(content[:saltSize]), rest[:n:n], nil
}
