package mrz

import (
	"strings"
	"unicode"
)

// Transliterate gives a name of the visual zone the letters of the machine-readable
// one: Doc 9303 part 3, section 6, tables A and B for Latin and Cyrillic. Blanks,
// hyphens and commas become single fillers, apostrophes and other marks are dropped
// (part 4, 4.2.3). Letters of other scripts have no place in the two tables and are
// dropped as well: a caller for whom that matters compares before and after.
func Transliterate(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, c := range s {
		if separates(c) {
			gap = b.Len() > 0
			continue
		}
		t := letters(unicode.ToUpper(c))
		if t == "" {
			continue
		}
		if gap {
			b.WriteByte(filler)
			gap = false
		}
		b.WriteString(t)
	}
	return b.String()
}

func separates(c rune) bool {
	return c == filler || c == ',' || c == '/' || unicode.IsSpace(c) || unicode.Is(unicode.Pd, c)
}

func letters(c rune) string {
	if c >= 'A' && c <= 'Z' {
		return asciiLetters[c-'A' : c-'A'+1]
	}
	for _, table := range [3]map[rune]string{latin, cyrillic, extra} {
		if t, ok := table[c]; ok {
			return t
		}
	}
	return ""
}

const asciiLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
