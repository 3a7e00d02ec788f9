package mrz

import "strings"

// documentCode checks the two characters: P and a letter for passports (Doc 9303
// part 4, 4.2.2.1), A, C or I and a letter for cards, with exceptions (parts 5 and 6,
// 4.2.2 note k), V and any character for visas (part 7, 4.2.2.1). A filler may stand
// second in all.
func (r *reader) documentCode() string {
	t := r.value(atCode)
	if t != "" && !codeFits(r.layout.format, t) {
		r.fault(atCode, 0, ErrDocumentCode)
	}
	return plain(t)
}

func codeFits(f Format, code string) bool {
	first, second := code[0], code[1]
	if f == MRVA || f == MRVB {
		return first == 'V'
	}
	if second != filler && (second < 'A' || second > 'Z') {
		return false
	}
	switch f {
	case TD3:
		return first == 'P'
	case TD1: // AC is the crew member certificate, a TD1 (part 5, appendix C)
		return (first == 'A' || first == 'C' || first == 'I') && second != 'V' && code != "AI"
	case TD2:
		return (first == 'A' || first == 'C' || first == 'I') && second != 'V' && code != "AC"
	}
	return false
}

// state reads a code of Doc 9303 part 3, section 5: letters, filled up on the right
// (D<<). A code of the right shape that the section does not list is a warning,
// for the list changes faster than programs.
func (r *reader) state(s slot, fault, unknown string) string {
	t := r.value(s)
	if t == "" {
		return ""
	}
	if !codeShaped(t) {
		r.fault(s, 0, fault)
	} else if !knownState(t) {
		r.warn(s, 0, unknown)
	}
	return plain(t)
}

// codeShaped reports whether t is one to three letters and then fillers only.
func codeShaped(t string) bool {
	t = unfilled(t)
	for i := range len(t) {
		if t[i] < 'A' || t[i] > 'Z' {
			return false
		}
	}
	return t != ""
}

// sex is F, M, or a filler where it is not specified; X belongs to the visual zone
// only (Doc 9303 part 4, 4.2.2.2, position 21), yet issuers print it.
func (r *reader) sex() string {
	t := r.value(atSex)
	switch t {
	case "", "F", "M", "<":
	case "X":
		r.warn(atSex, 0, WarnSexX)
	default:
		r.fault(atSex, 0, ErrSex)
	}
	return t
}

func (r *reader) birthDate() string {
	t := r.value(atBirth)
	if t != "" {
		switch dateKind(t) {
		case datePartial:
			r.warn(atBirth, 0, WarnBirthPartial)
		case dateUnknown:
			r.warn(atBirth, 0, WarnBirthUnknown)
		case dateWrong:
			r.fault(atBirth, 0, ErrBirthDate)
		}
	}
	r.check(CheckBirthDate, atBirth, atBirthCheck, ErrCheckBirthDate)
	return t
}

// expiryDate may be wholly unknown, as documents without end write it, but not in
// part: Doc 9303 part 3, 4.8 lets only parts of a birth date be unknown.
func (r *reader) expiryDate() string {
	t := r.value(atExpiry)
	if t != "" {
		switch dateKind(t) {
		case dateUnknown:
			r.warn(atExpiry, 0, WarnExpiryUnknown)
		case datePartial, dateWrong:
			r.fault(atExpiry, 0, ErrExpiryDate)
		}
	}
	r.check(CheckExpiryDate, atExpiry, atExpiryCheck, ErrCheckExpiryDate)
	return t
}

type dateShape uint8

const (
	dateWhole dateShape = iota
	datePartial
	dateUnknown
	dateWrong
)

var monthDays = [13]int{31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// dateKind judges YYMMDD with two fillers for each unknown part (Doc 9303 part 3,
// 4.8). The century is not said, so 29 February stands in each year divisible by
// four: 00 may be 2000.
func dateKind(t string) dateShape {
	year, month, day := pair(t[0], t[1]), pair(t[2], t[3]), pair(t[4], t[5])
	if max(year, month, day) >= badPart || month > 12 || month == 0 || day == 0 {
		return dateWrong
	}
	last := monthDays[max(month, 0)]
	if month == 2 && year >= 0 && year%4 != 0 {
		last = 28
	}
	switch {
	case day > last:
		return dateWrong
	case max(year, month, day) < 0:
		return dateUnknown
	case min(year, month, day) < 0:
		return datePartial
	}
	return dateWhole
}

const badPart = 100

// pair reads two digits: -1 for two fillers, badPart for what is neither.
func pair(a, b byte) int {
	if a == filler && b == filler {
		return -1
	}
	if a -= '0'; a > 9 {
		return badPart
	}
	if b -= '0'; b > 9 {
		return badPart
	}
	return int(a)*10 + int(b)
}

// documentNumber reads the number and its digit and returns what is left of the
// optional data. On cards a number of more than nine characters goes on at the
// start of the optional data, up to the first filler, its last character being the
// check digit, and a filler stands where the digit would (Doc 9303 parts 5 and
// 6, 4.2.2 note j).
func (r *reader) documentNumber(optional string) string {
	z := &r.z
	number, digit := r.value(atNumber), r.value(atNumberCheck)
	z.DocumentNumber, z.DocumentNumberCheck = plain(number), digit
	if number != "" && z.DocumentNumber == "" {
		r.fault(atNumber, 0, ErrDocumentNumber)
	}
	if number == "" || digit != "<" || !r.layout.long {
		r.check(CheckDocumentNumber, atNumber, atNumberCheck, ErrCheckDocumentNumber)
		return optional
	}
	if optional == "" {
		return "" // unreadable, and with it the rest of the number
	}
	run := strings.IndexByte(optional, filler)
	if run < 0 {
		run = len(optional)
	}
	if run < 2 || number[len(number)-1] == filler {
		r.check(CheckDocumentNumber, atNumber, atNumberCheck, ErrCheckDocumentNumber)
		return optional
	}
	r.longNumber(number, optional[:run])
	return optional[min(run+1, len(optional)):]
}

// longNumber joins the number. Some issuers let the filler between the two halves
// count in the weights; their digit holds too, with a warning.
func (r *reader) longNumber(number, run string) {
	rest, digit := run[:len(run)-1], run[len(run)-1]
	z := &r.z
	z.NumberLong = true
	z.DocumentNumber, z.DocumentNumberCheck = plain(number)+rest, run[len(run)-1:]
	var joined, counted digits
	joined.add(number)
	joined.add(rest)
	counted.add(number)
	counted.add("<")
	counted.add(rest)
	holds := joined.digit() == digit || counted.digit() == digit
	z.Checks.set(CheckDocumentNumber, holds)
	switch {
	case !holds:
		r.faultAt(len(run)-1, ErrCheckDocumentNumber, false)
	case joined.digit() != digit:
		r.faultAt(len(run)-1, WarnLongNumberFiller, true)
	}
}

// faultAt notes a fault of the document number inside the optional data.
func (r *reader) faultAt(offset int, code string, warning bool) {
	r.note(atOptional, offset, code, warning)
	r.z.Faults[len(r.z.Faults)-1].Field = FieldDocumentNumber
}
