package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

const (
	shareLabel   = "tims/share/1\n"
	secretLabel  = "tims/share-secret/1\n"
	shareVersion = 1
	setSize      = 8
	checkSize    = 8
	sumSize      = 4
	shareHeader  = 1 + setSize + 1 + 1
	minShare     = shareHeader + minSecret + checkSize + sumSize
	maxShare     = shareHeader + maxSecret + checkSize + sumSize
)

// ErrShares: these shares do not rebuild a secret together. The text says whether they are too few, of two sets, or changed.
var ErrShares = errors.New("shares do not fit")

// A share in memory: version 1 ‖ set(8) ‖ threshold ‖ index ‖ values ‖ SHA-256("tims/share/1\n" ‖ all before)[:4].
type share struct {
	set       [setSize]byte
	threshold byte
	index     byte // 1 to MaxShares: the x at which the polynomials are taken
	values    []byte
}

// Split cuts a secret of 16 to 64 bytes (a Reader's Private, say) into n shares of which any k rebuild it and k-1 tell
// nothing (Shamir, "How to share a secret", 1979, over GF(2^8), a polynomial a byte). 2 <= k <= n <= MaxShares. Each share
// stands for itself: its institution can check by ParseShare that it was copied without a slip.
//
// Eight bytes of SHA-256("tims/share-secret/1\n" ‖ set ‖ secret) are shared with the secret, so that Combine notices a
// forged share and no single share gives a way to test guesses.
func Split(rand io.Reader, secret []byte, n, k int) ([][]byte, error) {
	if len(secret) < minSecret || len(secret) > maxSecret {
		return nil, fmt.Errorf("split secret of %d bytes: %w", len(secret), ErrMalformed)
	}
	if k < 2 || k > n || n > MaxShares {
		return nil, fmt.Errorf("split secret: %d of %d: %w", k, n, ErrMalformed)
	}
	var set [setSize]byte
	if _, err := io.ReadFull(rand, set[:]); err != nil {
		return nil, fmt.Errorf("split secret: draw set: %w", err)
	}
	checked := append(bytes.Clone(secret), secretCheck(set, secret)...)
	coefficients := make([]byte, len(checked)*k)
	if _, err := io.ReadFull(rand, coefficients); err != nil {
		return nil, fmt.Errorf("split secret: draw polynomials: %w", err)
	}
	for i, b := range checked {
		coefficients[i*k] = b
	}
	shares := make([][]byte, n)
	for i := range shares {
		s := share{set: set, threshold: byte(k), index: byte(i + 1), values: make([]byte, len(checked))}
		for j := range s.values {
			s.values[j] = gfEval(coefficients[j*k:(j+1)*k], s.index)
		}
		shares[i] = s.encode()
	}
	return shares, nil
}

// Combine rebuilds a secret from at least as many distinct shares of one set as its threshold asks; more are checked too.
func Combine(shares [][]byte) ([]byte, error) {
	parsed, err := sameSet(shares)
	if err != nil {
		return nil, fmt.Errorf("combine shares: %w", err)
	}
	xs := make([]byte, len(parsed))
	for i, s := range parsed {
		xs[i] = s.index
	}
	checked := make([]byte, len(parsed[0].values))
	for i, w := range gfWeights(xs) {
		for j, v := range parsed[i].values {
			checked[j] ^= gfMul(w, v)
		}
	}
	end := len(checked) - checkSize
	secret := checked[:end:end]
	if !bytes.Equal(checked[end:], secretCheck(parsed[0].set, secret)) {
		return nil, fmt.Errorf("combine shares: one was changed: %w", ErrShares)
	}
	return secret, nil
}

// sameSet decodes shares and sees to it that they are of one set, distinct and enough.
func sameSet(shares [][]byte) ([]share, error) {
	var parsed []share
	var seen [MaxShares + 1]bool
	for _, b := range shares {
		s, err := parseShare(b)
		if err != nil {
			return nil, err
		}
		if seen[s.index] {
			return nil, fmt.Errorf("share %d twice: %w", s.index, ErrShares)
		}
		seen[s.index] = true
		if parsed = append(parsed, s); !s.sameSet(parsed[0]) {
			return nil, fmt.Errorf("share %d is of another set: %w", s.index, ErrShares)
		}
	}
	if len(parsed) == 0 {
		return nil, fmt.Errorf("none given: %w", ErrShares)
	}
	if need := int(parsed[0].threshold); len(parsed) < need {
		return nil, fmt.Errorf("%d given, %d needed: %w", len(parsed), need, ErrShares)
	}
	return parsed, nil
}

func (s share) sameSet(o share) bool {
	return s.set == o.set && s.threshold == o.threshold && len(s.values) == len(o.values)
}

// A ShareInfo is what a share says of itself without the others.
type ShareInfo struct {
	Set       [8]byte // random, the same for all shares of one split
	Threshold int     // how many are needed
	Index     int     // from 1
}

// ParseShare checks one share by its own checksum, which finds slips of the pen and not forgeries.
func ParseShare(b []byte) (ShareInfo, error) {
	s, err := parseShare(b)
	if err != nil {
		return ShareInfo{}, err
	}
	return ShareInfo{Set: s.set, Threshold: int(s.threshold), Index: int(s.index)}, nil
}

func (s share) encode() []byte {
	b := append([]byte{shareVersion}, s.set[:]...)
	b = append(b, s.threshold, s.index)
	b = append(b, s.values...)
	return append(b, shareSum(b)...)
}

func parseShare(b []byte) (share, error) {
	if len(b) < minShare || len(b) > maxShare || b[0] != shareVersion {
		return share{}, fmt.Errorf("read share of %d bytes: %w", len(b), ErrMalformed)
	}
	end := len(b) - sumSize
	if !bytes.Equal(shareSum(b[:end]), b[end:]) {
		return share{}, fmt.Errorf("read share: checksum: %w", ErrMalformed)
	}
	s := share{
		set:       [setSize]byte(b[1:]),
		threshold: b[shareHeader-2],
		index:     b[shareHeader-1],
		values:    bytes.Clone(b[shareHeader:end]),
	}
	if s.threshold < 2 || s.threshold > MaxShares || s.index < 1 || s.index > MaxShares {
		return share{}, fmt.Errorf("read share %d of threshold %d: %w", s.index, s.threshold, ErrMalformed)
	}
	return s, nil
}

func shareSum(b []byte) []byte {
	sum := sha256.Sum256(append([]byte(shareLabel), b...))
	return sum[:sumSize]
}

func secretCheck(set [setSize]byte, secret []byte) []byte {
	b := append([]byte(secretLabel), set[:]...)
	sum := sha256.Sum256(append(b, secret...))
	return sum[:checkSize]
}
