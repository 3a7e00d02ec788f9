package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const (
	receiptLabel   = "tims/receipt/2\n"
	receiptVersion = 2
	// ReceiptPrefix begins the text of every receipt; a reader of QR codes knows it by that.
	ReceiptPrefix = "TIMS2:"

	receiptSumSize = 4  // of the checksum: a misread text must not look like a record that is not there
	blockSize      = 64 // of SHA-256
	claimTail      = 3 + 32
)

// A Receipt is what a traveller holds of one record. It proves without the leaf that the claim of this opening stands in the
// leaf whose hash it gives: the claim is the leaf's last field, so the state of SHA-256 some blocks before the end, the bytes
// from there on and the opening give the leaf hash (RFC 6962: SHA-256(0x00 ‖ leaf)). To make such a state for a given hash and
// another claim is to find a preimage. Of the leaf itself it tells at most the 63 bytes before the claim, which are hash and
// length of its last part.
//
// The signature is the log's promise: by its own key it says that this leaf stands at this index. Whoever holds a receipt whose
// promise verifies and whose record is not in the log has evidence that it was erased, and that is what tells erased from never
// made.
type Receipt struct {
	Origin    string
	Index     uint64
	Opening   Opening
	Signature [64]byte // Ed25519 by the log key over Promise

	state  [32]byte // of SHA-256 after so many blocks
	blocks uint64
	middle []byte // between these blocks and the claim, at most 63 bytes
}

// NewReceipt makes the receipt of a record from its leaf. ErrMalformed says that the leaf does not hold the opening's claim.
func NewReceipt(origin string, index uint64, leaf []byte, o Opening) (Receipt, error) {
	r := Receipt{Origin: origin, Index: index, Opening: o}
	message := append([]byte{0}, leaf...)
	if len(origin) == 0 || len(origin) > maxReceiptOrigin || !bytes.HasSuffix(leaf, r.tail()) {
		return Receipt{}, fmt.Errorf("make receipt: the leaf does not end with the claim: %w", ErrMalformed)
	}
	before := len(message) - claimTail
	r.blocks = uint64(before / blockSize)
	h := sha256.New()
	h.Write(message[:r.blocks*blockSize])
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return Receipt{}, fmt.Errorf("make receipt: %w", err)
	}
	copy(r.state[:], state[len(sha256Magic):])
	r.middle = message[r.blocks*blockSize : before]
	return r, nil
}

// tail is how a leaf with the claim of this opening ends: field 11, a byte string of 32 (RFC 8949).
func (r Receipt) tail() []byte {
	claim := r.Opening.Claim()
	return append([]byte{0x0b, 0x58, 0x20}, claim[:]...)
}

// Promise is what the log key signs. It has the form of a note's text (C2SP signed-note), so that any program that opens notes
// verifies it, and cannot be read as a checkpoint (C2SP tlog-checkpoint), whose second line is a number.
func (r Receipt) Promise() []byte {
	hash := r.LeafHash()
	return fmt.Appendf(nil, "%s%s\n%d\n%s\n", receiptLabel, r.Origin, r.Index, base64.StdEncoding.EncodeToString(hash[:]))
}

// Promised signs the receipt with the log's key.
func (r Receipt) Promised(sign func([]byte) ([]byte, error)) (Receipt, error) {
	signature, err := sign(r.Promise())
	if err == nil && len(signature) != len(r.Signature) {
		err = errors.New("the log key makes no Ed25519 signatures")
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("sign receipt: %w", err)
	}
	r.Signature = [64]byte(signature)
	return r, nil
}

// sha256Magic begins the form of a SHA-256 state of the standard library: then come the eight words, the open block and the
// number of bytes so far.
const sha256Magic = "sha\x03"

// LeafHash is the hash of the leaf that holds the claim.
func (r Receipt) LeafHash() [32]byte {
	form := append([]byte(sha256Magic), r.state[:]...)
	form = append(form, make([]byte, blockSize)...)
	form = binary.BigEndian.AppendUint64(form, r.blocks*blockSize)
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(form); err != nil {
		return [32]byte{} // never: the form is the library's own, and a test holds it
	}
	h.Write(r.middle)
	h.Write(r.tail())
	return [32]byte(h.Sum(nil))
}

// Text is the receipt as it stands in a QR code: ReceiptPrefix and base 32 (RFC 4648, no padding) of under 300 bytes, all of it in
// the alphanumeric mode of QR codes. Fields: version, length of origin, origin, index and blocks as eight and two bytes, state,
// length of middle, middle, opening, signature, and the first four bytes of SHA-256("tims/receipt/2\n" ‖ all before).
func (r Receipt) Text() string {
	b := append([]byte{receiptVersion, byte(len(r.Origin))}, r.Origin...)
	b = binary.BigEndian.AppendUint64(b, r.Index)
	b = binary.BigEndian.AppendUint16(b, uint16(r.blocks))
	b = append(append(b, r.state[:]...), byte(len(r.middle)))
	b = append(append(append(b, r.middle...), r.Opening[:]...), r.Signature[:]...)
	return ReceiptPrefix + receiptBase.EncodeToString(append(b, receiptSum(b)...))
}

var receiptBase = base32.StdEncoding.WithPadding(base32.NoPadding)

func receiptSum(b []byte) []byte {
	sum := sha256.Sum256(append([]byte(receiptLabel), b...))
	return sum[:receiptSumSize]
}

// ParseReceipt reads the text of a receipt; small letters, blanks and line breaks of whoever copied it are allowed. It says
// nothing about whether such a record stands in a log.
func ParseReceipt(text string) (Receipt, error) {
	if len(text) > maxReceiptText {
		return Receipt{}, fmt.Errorf("read receipt of %d characters: %w", len(text), ErrMalformed)
	}
	body, ok := strings.CutPrefix(strings.ToUpper(strings.Join(strings.Fields(text), "")), ReceiptPrefix)
	b, err := receiptBase.DecodeString(body)
	if !ok || err != nil || len(b) < receiptSumSize+2 || receiptBase.EncodeToString(b) != body {
		return Receipt{}, fmt.Errorf("read receipt: %w", ErrMalformed)
	}
	b, sum := b[:len(b)-receiptSumSize], b[len(b)-receiptSumSize:]
	if !bytes.Equal(receiptSum(b), sum) {
		return Receipt{}, fmt.Errorf("read receipt: it was not copied whole: %w", ErrMalformed)
	}
	return parseReceipt(b)
}

func parseReceipt(b []byte) (Receipt, error) {
	bad := fmt.Errorf("read receipt: %w", ErrMalformed)
	origin := int(b[1])
	if b[0] != receiptVersion || origin == 0 || origin > maxReceiptOrigin || len(b) < 2+origin+8+2+32+1 {
		return Receipt{}, bad
	}
	r := Receipt{Origin: string(b[2 : 2+origin])}
	b = b[2+origin:]
	r.Index, r.blocks = binary.BigEndian.Uint64(b), uint64(binary.BigEndian.Uint16(b[8:]))
	r.state = [32]byte(b[10:42])
	middle := int(b[42])
	if b = b[43:]; middle >= blockSize || len(b) != middle+len(r.Opening)+len(r.Signature) {
		return Receipt{}, bad
	}
	r.middle, r.Opening = b[:middle:middle], Opening(b[middle:middle+len(r.Opening)])
	r.Signature = [64]byte(b[middle+len(r.Opening):])
	return r, nil
}
