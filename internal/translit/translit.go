// Package translit brings names of any script into words of zone letters, A to Z, so that they can be compared. One name
// may have several forms: states, languages and clerks differ in how they write the same letters. Pure.
//
// It knows Latin letters with marks and Cyrillic ones (Doc 9303 part 3, section 6, and the schemes of Russia's neighbours),
// Greek (ELOT 743), Arabic and Persian, Hebrew, Chinese (Pinyin) and Korean (Revised Romanisation and the spellings that
// families use). Letters of other scripts vanish.
package translit

import (
	"strings"
	"unicode"
)

// Forms gives the words of a name in zone letters, parted by blanks, the likeliest form first; at most maxForms, all
// different; none where nothing remains. A name that is whole may hold surname and given name in one word of Chinese or
// Korean signs, which is divided then; an identifier of a document may not. Blanks, hyphens, fillers, commas and points part words; apostrophes and marks
// vanish, as a zone is written (Doc 9303 part 4, 4.2.3).
func Forms(name string, whole bool) []string {
	var forms [maxForms][]string
	words := strings.FieldsFunc(name, parts)
	for _, w := range words {
		spelt := wordForms(w, whole && len(words) == 1)
		if len(spelt) == 0 {
			continue
		}
		for i := range forms { // the forms of one word go with those of the next: a family keeps to one scheme
			forms[i] = append(forms[i], spelt[min(i, len(spelt)-1)])
		}
	}
	var out []string
	for _, f := range forms {
		out = addOnce(out, strings.Join(f, " "))
	}
	return out
}

func addOnce(out []string, s string) []string {
	for _, o := range out {
		if o == s {
			return out
		}
	}
	if s == "" || len(out) == maxForms {
		return out
	}
	return append(out, s)
}

func parts(c rune) bool {
	return c == '<' || c == ',' || c == '.' || c == '/' || c == '(' || c == ')' || c == '·' || c == '・' || c == '־' ||
		unicode.IsSpace(c) || unicode.Is(unicode.Pd, c)
}

// wordForms spells one word by the script of its first letter, once in each scheme.
func wordForms(word string, whole bool) []string {
	for _, c := range word {
		switch {
		case unicode.Is(unicode.Cyrillic, c):
			return letterForms(word, cyrillicForms)
		case unicode.Is(unicode.Greek, c):
			return letterForms(word, greekForms)
		case unicode.Is(unicode.Arabic, c):
			return arabicForms(word)
		case unicode.Is(unicode.Hebrew, c):
			return hebrewForms(word)
		case unicode.Is(unicode.Hangul, c):
			return koreanForms(word, whole)
		case unicode.Is(unicode.Han, c):
			return chineseForms(word, whole)
		case unicode.IsLetter(c):
			return latinForms(word)
		}
	}
	return nil
}

// letterForms spells with each of several alphabets, and what is none of its letters as Latin.
func letterForms(word string, by []func(word []rune, i int) (string, int)) []string {
	upper := []rune(strings.ToUpper(word))
	var out []string
	for _, spell := range by {
		var b strings.Builder
		for i := 0; i < len(upper); {
			s, n := spell(upper, i)
			if n == 0 {
				s, n = latinLetter(upper[i], 0), 1
			}
			b.WriteString(s)
			i += n
		}
		out = append(out, b.String())
	}
	return out
}
