package seal

import (
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// Suite 1 is MLKEM768-X25519 (X-Wing, draft-ietf-hpke-pq), HKDF-SHA256 and AES-256-GCM. Stolen copies of the posts' disks
// are kept for decades, so the first suite is already a hybrid that a quantum computer does not open. Another suite gets
// another number; a number never changes its meaning.
const suite1 = 1

const (
	keyLabel      = "tims/key/1\n"
	seedSize      = 32
	publicSize1   = 2 + 1184 + 32                    // suite ‖ ML-KEM-768 encapsulation key ‖ X25519 public key
	boxSize1      = 1088 + 32 + len(Key{}) + tagSize // encapsulation of both, key, tag
	keyWrapHeader = 2 + len(ReaderID{})
)

// A ReaderID is the first 16 bytes of SHA-256(uint16 suite ‖ public key).
type ReaderID [16]byte

// A Reader holds a private key to which keys are wrapped. Its methods are safe for concurrent use.
type Reader struct {
	private hpke.PrivateKey
	seed    Key
	public  []byte
	id      ReaderID
}

// GenerateReader draws a new reader of the present suite.
func GenerateReader(rand io.Reader) (*Reader, error) {
	seed, err := NewKey(rand)
	if err != nil {
		return nil, fmt.Errorf("generate reader: %w", err)
	}
	return newReader(seed)
}

// ParseReader is the strict inverse of Private.
func ParseReader(private []byte) (*Reader, error) {
	if err := checkSuite(private, 2+seedSize); err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	return newReader(Key(private[2:]))
}

func newReader(seed Key) (*Reader, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(seed[:])
	if err != nil {
		return nil, fmt.Errorf("make reader: %w", err)
	}
	public := binary.BigEndian.AppendUint16(nil, suite1)
	public = append(public, private.PublicKey().Bytes()...)
	return &Reader{private: private, seed: seed, public: public, id: readerID(public)}, nil
}

// Private returns uint16 suite ‖ seed(32). It is what a keyring stores and what Split takes.
func (r *Reader) Private() []byte {
	return append(binary.BigEndian.AppendUint16(nil, suite1), r.seed[:]...)
}

// Public returns uint16 suite ‖ public key, 1218 bytes in suite 1: what the roster names.
func (r *Reader) Public() []byte { return append([]byte(nil), r.public...) }

// ID returns the id of the public key.
func (r *Reader) ID() ReaderID { return r.id }

// Format keeps the private key out of journals, under every verb.
func (r *Reader) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "reader(%x)", r.id[:]) }

// ReaderIDOf checks a public key as Public returns it and gives its id.
func ReaderIDOf(public []byte) (ReaderID, error) {
	if _, err := parsePublic(public); err != nil {
		return ReaderID{}, err
	}
	return readerID(public), nil
}

func readerID(public []byte) ReaderID {
	sum := sha256.Sum256(public)
	return ReaderID(sum[:])
}

func parsePublic(public []byte) (hpke.PublicKey, error) {
	if err := checkSuite(public, publicSize1); err != nil {
		return nil, fmt.Errorf("read reader's public key: %w", err)
	}
	key, err := hpke.MLKEM768X25519().NewPublicKey(public[2:])
	if err != nil {
		return nil, fmt.Errorf("read reader's public key: %w", ErrMalformed)
	}
	return key, nil
}

// checkSuite tells a newer suite from wrong bytes: an upgrade mends only the first.
func checkSuite(b []byte, size int) error {
	if len(b) < 2 {
		return ErrMalformed
	}
	if suite := binary.BigEndian.Uint16(b); suite != suite1 {
		return fmt.Errorf("suite %d: %w", suite, ErrUnknownSuite)
	}
	if len(b) != size {
		return ErrMalformed
	}
	return nil
}

func keyInfo(name KeyName) []byte { return append([]byte(keyLabel), name.canonical...) }

// WrapToReader wraps a named key to a reader: uint16 suite ‖ reader id(16) ‖ HPKE encapsulation ‖ HPKE ciphertext, base mode,
// single shot, info "tims/key/1\n" ‖ canonical key name. 1186 bytes in suite 1. The suite is the reader's.
//
// HPKE's base mode does not tell who wrapped: trust in the key comes from the signed `keys` record that names the wrap.
func WrapToReader(name KeyName, key Key, readerPublic []byte) ([]byte, error) {
	if name.Kind() == 0 {
		return nil, fmt.Errorf("wrap key to reader: no name: %w", ErrMalformed)
	}
	public, err := parsePublic(readerPublic)
	if err != nil {
		return nil, fmt.Errorf("wrap key to reader: %w", err)
	}
	box, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), keyInfo(name), key[:])
	if err != nil {
		return nil, fmt.Errorf("wrap key to reader: %w", err)
	}
	id := readerID(readerPublic)
	wrap := make([]byte, 0, keyWrapHeader+len(box))
	wrap = binary.BigEndian.AppendUint16(wrap, suite1)
	wrap = append(wrap, id[:]...)
	return append(wrap, box...), nil
}

// WrapReader tells to which reader a wrap is addressed. It answers ErrUnknownSuite for a wrap to a newer suite.
func WrapReader(wrap []byte) (ReaderID, error) {
	if err := checkSuite(wrap, keyWrapHeader+boxSize1); err != nil {
		return ReaderID{}, fmt.Errorf("read key wrap: %w", err)
	}
	return ReaderID(wrap[2:keyWrapHeader]), nil
}

// OpenWrap opens a wrap made by WrapToReader for this name and reader.
func OpenWrap(name KeyName, wrap []byte, r *Reader) (Key, error) {
	id, err := WrapReader(wrap)
	if err != nil {
		return Key{}, fmt.Errorf("open key wrap: %w", err)
	}
	if id != r.id {
		return Key{}, fmt.Errorf("open key wrap: %w", ErrOtherReader)
	}
	key, err := hpke.Open(r.private, hpke.HKDFSHA256(), hpke.AES256GCM(), keyInfo(name), wrap[keyWrapHeader:])
	if err != nil {
		return Key{}, fmt.Errorf("open key wrap: %w", ErrNotOpened)
	}
	if len(key) != len(Key{}) {
		return Key{}, fmt.Errorf("open key wrap: %w", ErrMalformed)
	}
	return Key(key), nil
}
