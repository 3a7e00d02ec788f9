package watchlist

import (
	"strings"

	"tims/internal/border"
)

// Weights of evidence beside the name, each ln of how much likelier it is where traveller and alert are one person. They
// assume birth years spread over fifty years and nationalities over a dozen common ones.
const (
	birthSame     = 9.5
	birthFirstJan = 7.5 // the day that clerks write for "that year"
	birthMonth    = 6.0 // year and month agree, more is not known
	birthSwapped  = 5.5 // day and month exchanged
	birthYear     = 3.7 // the year agrees, more is not known
	birthPart     = 2.6 // year and one of month and day agree
	birthTypo     = 2.2 // day and month agree, the year is off by one, by ten, or by one digit
	birthSameYear = 0.7
	birthNext     = 0.3 // alert knows the year alone, and it is the next
	birthNear     = -0.7
	birthOff      = -3.3
	birthFar      = -4.5 // ten years and more apart

	nationSame  = 2.3
	nationOther = -1.1
	sexSame     = 0.65
	sexOther    = -2.3

	numberSame    = 16.0 // same number, same state
	numberAlone   = 13.0 // same number, one of the states unknown
	numberForeign = 4.0  // same number of another state
	lookAlike     = -2.5 // a plate read with 0 for O, 1 for I and the like
)

// birthWeight compares the birth date of a traveller with one of an alert; false where they have nothing in common to
// compare.
func birthWeight(q, a border.PartialDate) (float64, bool) {
	if q.Year == 0 || a.Year == 0 {
		if q.Month != 0 && q.Day != 0 && q.Month == a.Month && q.Day == a.Day {
			return birthTypo, true
		}
		return 0, false
	}
	apart := max(q.Year-a.Year, a.Year-q.Year)
	whole := q.Month != 0 && q.Day != 0 && a.Month != 0 && a.Day != 0
	switch {
	case apart == 0:
		return sameYear(q, a, whole), true
	case whole && q.Month == a.Month && q.Day == a.Day && (a.Month != 1 || a.Day != 1) && slip(q.Year, a.Year):
		return birthTypo, true
	case apart == 1 && !whole:
		return birthNext, true
	case apart <= 2:
		return birthNear, true
	case apart < 10:
		return birthOff, true
	}
	return birthFar, true
}

func sameYear(q, a border.PartialDate, whole bool) float64 {
	month := q.Month != 0 && q.Month == a.Month
	firstJan := a.Month == 1 && a.Day == 1 || q.Month == 1 && q.Day == 1
	switch {
	case whole && q == a && firstJan:
		return birthFirstJan
	case whole && q == a:
		return birthSame
	case whole && q.Month == a.Day && q.Day == a.Month:
		return birthSwapped
	case whole && (month || q.Day == a.Day):
		return birthPart
	case whole && firstJan:
		return birthPart
	case whole:
		return birthSameYear
	case month:
		return birthMonth
	case q.Month != 0 && a.Month != 0:
		return birthSameYear
	}
	return birthYear
}

// slip reports whether one year could be typed or read for the other.
func slip(a, b int) bool {
	d := max(a-b, b-a)
	if d == 1 || d == 10 {
		return true
	}
	digits := 0
	for ; a > 0 && b > 0; a, b = a/10, b/10 {
		if a%10 != b%10 {
			digits++
		}
	}
	return digits == 1
}

// births gives the weight of the date of the alert that agrees best, and that date. One that has nothing in common to compare
// says nothing, which is better than to contradict: else another date beside it would lower the score.
func births(q border.PartialDate, listed []border.PartialDate) (best float64, which border.PartialDate) {
	found := false
	for _, a := range listed {
		if w, _ := birthWeight(q, a); !found || w > best {
			best, which, found = w, a, true
		}
	}
	return best, which
}

// nobody's states: unspecified and stateless holders, refugees.
var stateless = map[string]bool{"": true, "XXA": true, "XXB": true, "XXC": true, "XXX": true, "UTO": true}

func nationWeight(q string, listed []string) (float64, string) {
	if len(listed) == 0 || q == "" {
		return 0, ""
	}
	for _, a := range listed {
		if a == q {
			return nationSame, a
		}
	}
	if stateless[q] {
		return 0, ""
	}
	return nationOther, listed[0]
}

func sexWeight(q, a string) float64 {
	switch {
	case q != "F" && q != "M" || a != "F" && a != "M":
		return 0
	case q == a:
		return sexSame
	}
	return sexOther
}

// numberWeight is for two equal numbers.
func numberWeight(qState, aState string) float64 {
	switch {
	case qState == "" || aState == "":
		return numberAlone
	case qState == aState:
		return numberSame
	}
	return numberForeign
}

// bare keeps the letters and digits of a document number or plate, in capitals.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// alike folds the characters that eyes and cameras exchange on plates, Cyrillic and Greek ones first.
var alike = strings.NewReplacer("А", "A", "В", "8", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "0", "Р", "P", "С", "C",
	"Т", "T", "У", "Y", "Х", "X", "Α", "A", "Β", "8", "Ε", "E", "Ζ", "2", "Η", "H", "Ι", "1", "Κ", "K", "Μ", "M", "Ν", "N",
	"Ο", "0", "Ρ", "P", "Τ", "T", "Υ", "Y", "Χ", "X", "O", "0", "Q", "0", "D", "0", "I", "1", "L", "1", "Z", "2", "S", "5",
	"B", "8", "G", "6")

func plateKey(s string) string { return bare(alike.Replace(strings.ToUpper(s))) }
