package translit

import (
	"strings"
	"unicode"
)

// marked folds Latin letters with marks to zone letters. Where Doc 9303 part 3, section 6 lets a state choose, the first
// form is the long one (MUELLER) and the second the short one (MULLER).
var marked = func() map[rune][2]string {
	m := map[rune][2]string{
		'Ä': {"AE", "A"}, 'Ö': {"OE", "O"}, 'Ü': {"UE", "U"}, 'Å': {"AA", "A"}, 'Ø': {"OE", "O"}, 'Æ': {"AE", "AE"},
		'Œ': {"OE", "OE"}, 'ẞ': {"SS", "SS"}, 'ß': {"SS", "SS"}, 'Þ': {"TH", "TH"}, 'Ð': {"D", "D"}, 'Đ': {"DJ", "D"},
		'Ñ': {"N", "N"}, 'Ĳ': {"IJ", "IJ"}, 'Ŋ': {"N", "N"}, 'Ħ': {"H", "H"}, 'Ŧ': {"T", "T"}, 'ı': {"I", "I"}, 'Ə': {"E", "A"},
	}
	for base, marks := range map[string]string{
		"A": "ÀÁÂÃĀĂĄǍẢẠẤẦẨẪẬẮẰẲẴẶ", "C": "ÇĆĈĊČ", "D": "Ď", "E": "ÈÉÊËĒĔĖĘĚẺẼẸẾỀỂỄỆ", "G": "ĜĞĠĢǦ", "H": "ĤḤḨ",
		"I": "ÌÍÎÏĨĪĬĮİǏỈỊ", "J": "Ĵ", "K": "ĶǨ", "L": "ĹĻĽĿŁ", "N": "ŃŅŇǸ", "O": "ÒÓÔÕŌŎŐǑỎỌỐỒỔỖỘƠỚỜỞỠỢ", "R": "ŔŖŘ",
		"S": "ŚŜŞŠȘṢ", "T": "ŢŤȚṬ", "U": "ÙÚÛŨŪŬŮŰŲǓỦỤƯỨỪỬỮỰ", "W": "ŴẀẂẄ", "Y": "ÝŶŸỲỶỸỴ", "Z": "ŹŻŽẒ",
	} {
		for _, r := range marks {
			m[r] = [2]string{base, base}
		}
	}
	return m
}()

// latinLetter is a letter in its long (0) or short (1) form, or "".
func latinLetter(c rune, form int) string {
	if c = unicode.ToUpper(c); c >= 'A' && c <= 'Z' {
		return string(c)
	}
	return marked[c][form]
}

func latinForms(word string) []string {
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
