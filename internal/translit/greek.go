package translit

import "strings"

// elot is ELOT 743 (ISO 843), by which Greek and Cypriot passports are written.
var elot = map[rune]string{
	'Α': "A", 'Β': "V", 'Γ': "G", 'Δ': "D", 'Ε': "E", 'Ζ': "Z", 'Η': "I", 'Θ': "TH", 'Ι': "I", 'Κ': "K", 'Λ': "L", 'Μ': "M",
	'Ν': "N", 'Ξ': "X", 'Ο': "O", 'Π': "P", 'Ρ': "R", 'Σ': "S", 'Τ': "T", 'Υ': "Y", 'Φ': "F", 'Χ': "CH", 'Ψ': "PS", 'Ω': "O",
	'Ϊ': "I", 'Ϋ': "Y",
}

// accents go, as capitals are written without; the two dots part a pair of vowels and stay.
var accents = strings.NewReplacer("Ά", "Α", "Έ", "Ε", "Ή", "Η", "Ί", "Ι", "Ό", "Ο", "Ύ", "Υ", "Ώ", "Ω", "ΐ", "Ϊ", "ΰ", "Ϋ", "ς", "Σ")

// pairs of letters have one sound: in any place, or where told.
var greekPairs = map[string]string{"ΟΥ": "OU", "ΓΓ": "NG", "ΓΞ": "NX", "ΓΧ": "NCH"}

var greekForms = []func([]rune, int) (string, int){greekBy(map[rune]string{}), greekBy(map[rune]string{'Χ': "H", 'Η': "I", 'Υ': "I", 'Γ': "Y", 'Φ': "PH"})}

func greekBy(other map[rune]string) func([]rune, int) (string, int) {
	return func(w []rune, i int) (string, int) {
		c := plainGreek(w[i])
		if i+1 < len(w) {
			pair := string([]rune{c, plainGreek(w[i+1])})
			if s, ok := greekPairs[pair]; ok {
				return s, 2
			}
			if pair == "ΜΠ" && (i == 0 || i+2 == len(w)) {
				return "B", 2
			}
			if strings.ContainsRune("ΑΕΗ", c) && pair == string([]rune{c, 'Υ'}) { // V before what is voiced, else F
				end := "F"
				if i+2 < len(w) && strings.ContainsRune("ΒΓΔΖΛΜΝΡΑΕΗΙΟΥΩ", plainGreek(w[i+2])) {
					end = "V"
				}
				return elot[c] + end, 2
			}
		}
		if s, ok := other[c]; ok && (c != 'Γ' || i == 0 && i+1 < len(w) && strings.ContainsRune("ΕΗΙΥ", plainGreek(w[i+1]))) {
			return s, 1
		}
		if s, ok := elot[c]; ok {
			return s, 1
		}
		return "", 0
	}
}

func plainGreek(c rune) rune {
	for _, r := range accents.Replace(string(c)) {
		return r
	}
	return c
}
