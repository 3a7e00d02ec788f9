package numbers

import (
	"strconv"
	"strings"

	"tims/internal/border"
)

// A key is a number and its issuer in 62 bits: up to nine letters and digits, stirred so that keys spread evenly over
// all parts however the world's numbers cluster, and up to three letters.

// stirring and back: two odd factors and their inverses modulo 2^47, with a shift between that undoes itself.
const (
	numberMask = 1<<numberBits - 1
	factor     = 0x5bd1e9955bd1 | 1
	half       = (numberBits + 1) / 2
)

var inverse = func() uint64 {
	v := uint64(factor)
	for range 6 { // each round doubles the bits that are right
		v *= 2 - factor*v
	}
	return v
}()

func stir(n uint64) uint64 {
	n = n * factor & numberMask
	n ^= n >> half
	return n * factor & numberMask
}

func unstir(n uint64) uint64 {
	n = n * inverse & numberMask
	n ^= n >> half
	return n * inverse & numberMask
}

// keyOf packs a bare number and its issuer; false where they do not fit.
func keyOf(issuer, number string) (uint64, bool) {
	if len(number) == 0 || len(number) > 9 || len(issuer) > 3 {
		return 0, false
	}
	var n, i uint64
	for k := range len(number) {
		c := number[k]
		switch {
		case c >= '0' && c <= '9':
			n = n*37 + uint64(c-'0') + 1
		case c >= 'A' && c <= 'Z':
			n = n*37 + uint64(c-'A') + 11
		default:
			return 0, false
		}
	}
	for k := range len(issuer) {
		if issuer[k] < 'A' || issuer[k] > 'Z' {
			return 0, false
		}
		i = i*27 + uint64(issuer[k]-'A') + 1
	}
	return stir(n)<<issuerBits | i, true
}

// valid says whether a key is one that keyOf gives for a bare number: no sign that it lacks, none that a bare number has not.
func valid(key uint64) bool {
	digits := 0
	for n := unstir(key >> issuerBits & numberMask); n > 0; n /= 37 {
		if d := n % 37; d == 0 || d == 'I'-'A'+11 || d == 'O'-'A'+11 {
			return false
		}
		digits++
	}
	letters := 0
	for i := key & (1<<issuerBits - 1); i > 0; i /= 27 {
		if i%27 == 0 {
			return false
		}
		letters++
	}
	return key>>keyBits == 0 && digits > 0 && digits <= 9 && letters <= 3
}

func numberOf(stirred uint64) string {
	var b [10]byte
	at := len(b)
	for n := unstir(stirred); n > 0 && at > 0; n /= 37 {
		at--
		switch d := n % 37; {
		case d < 11:
			b[at] = '0' + byte(d-1)
		default:
			b[at] = 'A' + byte(d-11)
		}
	}
	return string(b[at:])
}

func issuerOf(n uint64) string {
	var b [4]byte
	at := len(b)
	for ; n > 0 && at > 0; n /= 27 {
		at--
		b[at] = 'A' + byte(n%27-1)
	}
	return string(b[at:])
}

// bare is the form in which numbers are compared.
func bare(s string) string { return border.NumberKey(s) }

// series parts a bare number into what stands before its counting digits, how many they are, and what they count.
func series(number string) (prefix string, digits int, n uint64, ok bool) {
	at := len(number)
	for at > 0 && number[at-1] >= '0' && number[at-1] <= '9' {
		at--
	}
	n, err := strconv.ParseUint(number[at:], 10, 64)
	return number[:at], len(number) - at, n, err == nil
}

func (r *interval) entry() Entry {
	text := func(n uint64) string {
		digits := strconv.FormatUint(n, 10)
		return r.prefix + zeros[:r.digits-len(digits)] + digits
	}
	return Entry{Issuer: r.issuer, Number: text(r.from), To: text(r.to), Tag: r.tag}
}

var zeros = strings.Repeat("0", maxText)
