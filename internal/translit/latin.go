package translit

import (
	"strings"
	"unicode"

	"tims/internal/mrz"
)

// Latin letters with marks become zone letters as in a zone. Where Doc 9303 part 3, section 6 lets a state choose, the first form is the
// long one (MUELLER), which it recommends, and the second the short one (MULLER).
var (
	longer  = map[rune]string{'Đ': "DJ", 'Ə': "E"}
	shorter = map[rune]string{'Ä': "A", 'Å': "A", 'Ǟ': "A", 'Ǻ': "A", 'Ö': "O", 'Ø': "O", 'Ȫ': "O", 'Ṏ': "O", 'Ǿ': "O",
		'Ü': "U", 'Ǖ': "U", 'Ǘ': "U", 'Ǚ': "U", 'Ǜ': "U", 'Ṻ': "U"}
)

// latinLetter is a letter in its long (0) or short (1) form, or "".
func latinLetter(c rune, form int) string {
	if c = unicode.ToUpper(c); c <= unicode.MaxASCII {
		return mrz.Letter(c)
	}
	special := longer
	if form == 1 {
		special = shorter
	}
	if s, ok := special[c]; ok {
		return s
	}
	return mrz.Letter(c)
}

// whole joins marks that stand behind their letter as characters of their own with it, where that changes what a zone has.
var whole = strings.NewReplacer("A\u0308", "Ä", "O\u0308", "Ö", "U\u0308", "Ü", "A\u030a", "Å", "a\u0308", "ä", "o\u0308", "ö", "u\u0308", "ü", "a\u030a", "å")

func latinForms(word string) []string {
	word = whole.Replace(word)
	var out []string
	for form := range 2 {
		var b strings.Builder
		for _, c := range word {
			b.WriteString(latinLetter(c, form))
		}
		out = append(out, b.String())
	}
	return out
}
