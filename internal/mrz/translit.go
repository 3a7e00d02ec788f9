package mrz

import (
	"strings"
	"unicode"
)

// Transliterate gives a name of the visual zone the letters of the machine-readable
// one: Doc 9303 part 3, section 6, tables A and B for Latin and Cyrillic. Blanks,
// hyphens and commas become single fillers, apostrophes and other marks are dropped
// (part 4, 4.2.3). Latin letters that the table lacks follow its rows (further).
// Letters of other scripts have no place in the two tables and are dropped: a caller
// for whom that matters compares before and after.
func Transliterate(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap, before := false, rune(0)
	for _, c := range s {
		if separates(c) {
			gap = b.Len() > 0
			continue
		}
		c = unicode.ToUpper(c)
		t := letters(c)
		if t == "" {
			t = combined(before, c)
		}
		if t == "" {
			continue
		}
		before = c
		if gap {
			b.WriteByte(filler)
			gap = false
		}
		b.WriteString(t)
	}
	return b.String()
}

// Letter gives what Transliterate makes of one letter, small or capital; nothing of what is none of the two scripts.
func Letter(c rune) string { return letters(unicode.ToUpper(c)) }

func separates(c rune) bool {
	return c == filler || c == ',' || c == '/' || unicode.IsSpace(c) || unicode.Is(unicode.Pd, c)
}

func letters(c rune) string {
	if c >= wideA && c < wideA+26 {
		c -= wideA - 'A'
	}
	if c >= 'A' && c <= 'Z' {
		return asciiLetters[c-'A' : c-'A'+1]
	}
	for _, table := range [5]map[rune]string{latin, cyrillic, extra, further, furtherCyrillic} {
		if t, ok := table[c]; ok {
			return t
		}
	}
	return ""
}

// wideA begins the Latin capitals in the width of Chinese signs.
const wideA = 'Ａ'

const asciiLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
