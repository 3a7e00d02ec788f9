package translit

import (
	_ "embed"
	"strings"
	"sync"
)

// arabicText gives for the commonest words of names in Arabic letters the one or two Latin spellings that their bearers
// use most; arabic.md says whence. Vowels are seldom written, so no rule could know MOHAMED from its letters.
//
//go:embed arabic.tsv
var arabicText string

var arabicNames = sync.OnceValue(func() map[string][]string {
	m := make(map[string][]string, 6000)
	for line := range strings.Lines(arabicText) {
		word, spelt, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		m[word] = strings.Split(spelt, ",")
	}
	return m
})

// consonants of Arabic, Persian, Urdu and Kurdish.
var consonants = map[rune]string{
	'ب': "B", 'ت': "T", 'ث': "TH", 'ج': "J", 'ح': "H", 'خ': "KH", 'د': "D", 'ذ': "DH", 'ر': "R", 'ز': "Z", 'س': "S", 'ش': "SH",
	'ص': "S", 'ض': "D", 'ط': "T", 'ظ': "Z", 'غ': "GH", 'ف': "F", 'ق': "Q", 'ك': "K", 'ل': "L", 'م': "M", 'ن': "N", 'ه': "H",
	'پ': "P", 'چ': "CH", 'ژ': "ZH", 'گ': "G", 'ک': "K", 'ڤ': "V", 'ٹ': "T", 'ڈ': "D", 'ڑ': "R", 'ں': "N", 'ہ': "H", 'ھ': "H",
}

// marks are vowels that are written now and then, above and below.
var marks = map[rune]string{'َ': "A", 'ُ': "U", 'ِ': "I", 'ً': "", 'ٌ': "", 'ٍ': "", 'ّ': "", 'ْ': "", 'ٰ': "A", 'ـ': ""}

var plainAlef = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ی", "ي", "ې", "ي", "ک", "ك", "ئ", "ي", "ؤ", "و", "ۀ", "ه", "ە", "ه")

// arabicForms knows the word, or the word without its article, or reads its letters twice: with A where a vowel must
// have been, and as the bare skeleton.
func arabicForms(word string) []string {
	if spelt, ok := arabicNames()[word]; ok {
		return spelt
	}
	article := ""
	if rest, ok := strings.CutPrefix(word, "ال"); ok && len([]rune(rest)) > 2 {
		article, word = "AL ", rest
		if spelt, ok := arabicNames()[word]; ok {
			return withBefore(article, spelt)
		}
	}
	letters := []rune(plainAlef.Replace(word))
	return withBefore(article, []string{arabicLetters(letters, true), arabicLetters(letters, false)})
}

func withBefore(article string, spelt []string) (out []string) {
	for _, s := range spelt {
		if s != "" {
			out = append(out, article+s)
		}
	}
	return out
}

// arabicLetters reads letter by letter; with vowels, A is put behind a consonant that would else have none on either side.
func arabicLetters(w []rune, vowels bool) string {
	var b strings.Builder
	lonely := false // the last letter was a consonant with no vowel before or behind it
	voiced := false // it was a vowel
	for i, c := range w {
		first, last := i == 0, i == len(w)-1
		next := !last && consonants[w[i+1]] == ""
		s := ""
		switch c {
		case 'ا':
			s = "A"
		case 'ع', 'ء':
			if first && vowels {
				s = "A"
			}
		case 'ة':
			s = "A"
		case 'و':
			if s = "U"; first || next {
				s = "W"
			}
		case 'ي':
			if s = "I"; first || next {
				s = "Y"
			}
		default:
			if v, ok := marks[c]; ok {
				s = v
				break
			}
			s = consonants[c]
			if vowels && lonely && s != "" {
				b.WriteByte('A')
				voiced = true
			}
		}
		if s != "" {
			lonely = consonants[c] != "" && !voiced
			voiced = consonants[c] == ""
			b.WriteString(s)
		}
	}
	return b.String()
}
