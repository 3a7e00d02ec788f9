package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

const (
	documentLabel = "tims/tag/document/1\n"
	personLabel   = "tims/tag/person/1\n"
)

// DocumentTag joins the crossings of one document without naming it: HMAC-SHA-256(stay key, "tims/tag/document/1\n" ‖
// uint16 length ‖ issuer ‖ uint16 length ‖ number). Issuer is one to three letters, number up to 32 of A-Z and 0-9, both as
// in the zone but without fillers (Doc 9303 part 3, 4.9); anything else is refused, since one document must have one tag.
//
// Numbers of documents can be guessed by the million: only holders of the stay key are kept from linking them.
func DocumentTag(stayKey Key, issuer, number string) ([32]byte, error) {
	if !isLetters(issuer) || len(issuer) > maxIssuer {
		return [32]byte{}, fmt.Errorf("document tag: issuer: %w", ErrMalformed)
	}
	if !isNumber(number) || len(number) > maxNumber {
		return [32]byte{}, fmt.Errorf("document tag: number: %w", ErrMalformed)
	}
	return tag(stayKey, documentLabel, issuer, number), nil
}

// PersonTag proposes crossings of one person under several documents: HMAC-SHA-256(stay key, "tims/tag/person/1\n" ‖
// nationality ‖ birth ‖ first 12 letters of primary ‖ first letter of secondary), each after its uint16 length. Birth is
// the six digits of the zone, YYMMDD, which hang on nobody's guess of the century; only A-Z of the names count (small letters as capitals, all else is passed over), so that blanks, fillers and
// hyphens make no difference. secondary may have no letter.
//
// ok is false, and there is no tag, where the birth date has unknown parts (zeros or anything but digits), primary has no
// letter, or nationality is not one to three letters: such tags would join strangers.
func PersonTag(stayKey Key, nationality, birth, primary, secondary string) (t [32]byte, ok bool) {
	if !isLetters(nationality) || len(nationality) > maxIssuer || !knownDate(birth) {
		return t, false
	}
	if len(primary) > maxName || len(secondary) > maxName {
		return t, false
	}
	surname := letters(primary, personLetters)
	if surname == "" {
		return t, false
	}
	return tag(stayKey, personLabel, nationality, birth, surname, letters(secondary, 1)), true
}

func tag(key Key, label string, fields ...string) [32]byte {
	b := []byte(label)
	for _, f := range fields {
		b = appendString(b, f)
	}
	h := hmac.New(sha256.New, key[:])
	h.Write(b)
	return [32]byte(h.Sum(nil))
}

// letters returns the first most letters of s as capitals.
func letters(s string, most int) string {
	var out []byte
	for i := 0; i < len(s) && len(out) < most; i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if isLetter(c) {
			out = append(out, c)
		}
	}
	return string(out)
}

// knownDate asks for six digits with month and day known; whether the calendar has the day is the caller's concern.
func knownDate(s string) bool {
	if len(s) != 6 {
		return false
	}
	for i := range 6 {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s[2:4] != "00" && s[4:] != "00"
}

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return s != ""
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
