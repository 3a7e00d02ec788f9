package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	claimLabel = "tims/claim/1\n"
	codeLabel  = "tims/code/1\n"

	// CodeLength is the number of characters of a receipt code.
	CodeLength = 10

	// crockford is Crockford's base 32: no I, L, O, U.
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// An Opening stands on a traveller's receipt, and sealed in the person part so that the receipt can be given again: whoever shows it proves that the leaf with its claim is his.
type Opening [16]byte

// NewOpening draws an opening from rand.
func NewOpening(rand io.Reader) (Opening, error) {
	var o Opening
	if _, err := io.ReadFull(rand, o[:]); err != nil {
		return Opening{}, fmt.Errorf("draw opening of claim: %w", err)
	}
	return o, nil
}

// Claim is what the leaf holds: SHA-256("tims/claim/1\n" ‖ opening).
func (o Opening) Claim() [32]byte { return sha256.Sum256(append([]byte(claimLabel), o[:]...)) }

// Code is the short check beside the opening, for reading aloud: the first 50 bits of SHA-256("tims/code/1\n" ‖ opening) in
// ten characters of Crockford's base 32. It finds and compares; fifty bits can be searched, so it proves nothing by itself
// and does not open the claim.
func (o Opening) Code() string {
	sum := sha256.Sum256(append([]byte(codeLabel), o[:]...))
	bits := binary.BigEndian.Uint64(sum[:]) >> (64 - 5*CodeLength)
	var code [CodeLength]byte
	for i := CodeLength - 1; i >= 0; i-- {
		code[i] = crockford[bits&31]
		bits >>= 5
	}
	return string(code[:])
}

// ParseCode brings a code typed by a person into the form of Code: small letters, blanks and hyphens are allowed, O is read
// as 0, I and L as 1.
func ParseCode(s string) (string, error) {
	if len(s) > maxCodeInput {
		return "", fmt.Errorf("read receipt code: %w", ErrMalformed)
	}
	code := make([]byte, 0, CodeLength)
	for i := range len(s) {
		c := s[i]
		if c == ' ' || c == '-' {
			continue
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		switch c {
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		case 'U':
			return "", fmt.Errorf("read receipt code: %w", ErrMalformed)
		}
		if !isLetter(c) && !isDigit(c) {
			return "", fmt.Errorf("read receipt code: %w", ErrMalformed)
		}
		code = append(code, c)
	}
	if len(code) != CodeLength {
		return "", fmt.Errorf("read receipt code of %d characters: %w", len(code), ErrMalformed)
	}
	return string(code), nil
}
