package border

import "strings"

// NumberKey brings the number of a document into the one form in which numbers are compared: capitals of a zone and digits,
// without fillers, blanks and marks. The letters O and I become the digits 0 and 1, which cameras, typists and the two fonts
// of a document exchange; so do the Cyrillic and Greek letters that look like Latin ones, which series of some states use.
// Other letters are dropped, as a zone drops them. Two different numbers of one issuer that share a key do not occur where
// the issuer follows Doc 9303 part 3, 4.9 in choosing its series; where they do, an officer sees both numbers.
func NumberKey(number string) string {
	plain := true
	for i := 0; i < len(number) && plain; i++ {
		c := number[i]
		plain = isDigit(c) || c >= 'A' && c <= 'Z' && c != 'O' && c != 'I'
	}
	if plain {
		return number
	}
	return strings.Map(numberLetter, number)
}

func numberLetter(r rune) rune {
	if r >= 'a' && r <= 'z' {
		r += 'A' - 'a'
	}
	switch {
	case r == 'O':
		return '0'
	case r == 'I':
		return '1'
	case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
		return r
	}
	if t, ok := lookAlikes[r]; ok {
		return rune(t)
	}
	return -1
}

// lookAlikes are letters of two other alphabets by the Latin capital whose shape they have, or the digit for it.
var lookAlikes = func() map[rune]byte {
	m := map[rune]byte{}
	const latin = "ABCEH1JKM0PSTXYVWNZ"
	for _, letters := range []string{"АВСЕНІЈКМОРЅТХУѴԜ  ", "ΑΒϹΕΗΙͿΚΜΟΡ ΤΧΥ  ΝΖ", "авсеніјкморѕтхуѵԝ  ", "αβ ε ι κ ορ τχυ  νζ"} {
		i := 0
		for _, r := range letters {
			if r != ' ' {
				m[r] = latin[i]
			}
			i++
		}
	}
	return m
}()
