package mrz

import "unicode/utf8"

// Format names the kind of zone.
type Format string

// The formats: Doc 9303 part 5 (TD1), part 6 (TD2), part 4 (TD3), part 7 (visas A
// and B), and the French identity card issued before 2021, which no part of Doc
// 9303 describes.
const (
	TD1   Format = "TD1"
	TD2   Format = "TD2"
	TD3   Format = "TD3"
	MRVA  Format = "MRVA"
	MRVB  Format = "MRVB"
	FRAID Format = "FRA_ID"
	None  Format = "NONE"
)

// span is a run of positions in one line, counted from 0, the end left out. An
// empty span stands for a slot that the format has not, or that cannot be read.
type span struct{ line, from, to uint8 }

func (s span) none() bool { return s.to == 0 }

// slot numbers the places of a zone; a layout says where each lies.
type slot uint8

const (
	atCode slot = iota
	atState
	atNumber
	atNumberCheck
	atNationality
	atBirth
	atBirthCheck
	atSex
	atExpiry
	atExpiryCheck
	atOptional
	atOptionalCheck
	atOptional2
	atComposite
	atName
	atGiven
	atOffice
	slots
)

// fieldOf names the field whose reading an unreadable character in a slot spoils.
var fieldOf = [slots]Field{
	FieldDocumentCode, FieldIssuingState, FieldDocumentNumber, FieldDocumentNumber,
	FieldNationality, FieldBirthDate, FieldBirthDate, FieldSex, FieldExpiryDate, FieldExpiryDate,
	FieldOptionalData, FieldOptionalData, FieldOptionalData2, FieldComposite,
	FieldName, FieldName, FieldOffice,
}

type layout struct {
	format    Format
	lines     int
	width     int
	at        [slots]span
	composite []span
	// long: a number of more than nine characters runs on into the optional data
	// (Doc 9303 parts 5 and 6, 4.2.2 note j).
	long bool
}

// The lower line begins alike in four formats (parts 4, 6 and 7).
func lowerLine(at [slots]span) [slots]span {
	at[atCode], at[atState] = span{0, 0, 2}, span{0, 2, 5}
	at[atNumber], at[atNumberCheck] = span{1, 0, 9}, span{1, 9, 10}
	at[atNationality] = span{1, 10, 13}
	at[atBirth], at[atBirthCheck] = span{1, 13, 19}, span{1, 19, 20}
	at[atSex] = span{1, 20, 21}
	at[atExpiry], at[atExpiryCheck] = span{1, 21, 27}, span{1, 27, 28}
	return at
}

// layoutTD3 is Doc 9303 part 4, 4.2.2.
var layoutTD3 = layout{
	format: TD3, lines: 2, width: 44,
	at: lowerLine([slots]span{
		atName: {0, 5, 44}, atOptional: {1, 28, 42}, atOptionalCheck: {1, 42, 43}, atComposite: {1, 43, 44},
	}),
	composite: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}},
}

// layoutTD2 is Doc 9303 part 6, 4.2.2.
var layoutTD2 = layout{
	format: TD2, lines: 2, width: 36, long: true,
	at:        lowerLine([slots]span{atName: {0, 5, 36}, atOptional: {1, 28, 35}, atComposite: {1, 35, 36}}),
	composite: []span{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}},
}

// layoutMRVA is Doc 9303 part 7, 4.2.2. Visas have no composite check digit.
var layoutMRVA = layout{
	format: MRVA, lines: 2, width: 44,
	at: lowerLine([slots]span{atName: {0, 5, 44}, atOptional: {1, 28, 44}}),
}

// layoutMRVB is Doc 9303 part 7, 7.2.2.
var layoutMRVB = layout{
	format: MRVB, lines: 2, width: 36,
	at: lowerLine([slots]span{atName: {0, 5, 36}, atOptional: {1, 28, 36}}),
}

// layoutTD1 is Doc 9303 part 5, 4.2.2.
var layoutTD1 = layout{
	format: TD1, lines: 3, width: 30, long: true,
	at: [slots]span{
		atCode: {0, 0, 2}, atState: {0, 2, 5}, atNumber: {0, 5, 14}, atNumberCheck: {0, 14, 15},
		atOptional: {0, 15, 30}, atBirth: {1, 0, 6}, atBirthCheck: {1, 6, 7}, atSex: {1, 7, 8},
		atExpiry: {1, 8, 14}, atExpiryCheck: {1, 14, 15}, atNationality: {1, 15, 18},
		atOptional2: {1, 18, 29}, atComposite: {1, 29, 30}, atName: {2, 0, 30},
	},
	composite: []span{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}},
}

// layoutFRAID is the French card of 1988 to 2021: the number is year and month of
// issue, department or office, and a serial; its composite check digit covers both
// lines whole.
var layoutFRAID = layout{
	format: FRAID, lines: 2, width: 36,
	at: [slots]span{
		atCode: {0, 0, 2}, atState: {0, 2, 5}, atName: {0, 5, 30}, atOffice: {0, 30, 36},
		atNumber: {1, 0, 12}, atNumberCheck: {1, 12, 13}, atGiven: {1, 13, 27},
		atBirth: {1, 27, 33}, atBirthCheck: {1, 33, 34}, atSex: {1, 34, 35}, atComposite: {1, 35, 36},
	},
	composite: []span{{0, 0, 36}, {1, 0, 35}},
}

// layoutOf chooses by the number of lines and their widths in characters alone, and
// between equal shapes by how the first line begins; a damaged letter elsewhere
// cannot change the format. It returns nil for a shape that no format has, and
// whether all characters are the zone's.
func layoutOf(lines []string) (l *layout, clean bool) {
	if len(lines) != 2 && len(lines) != 3 {
		return nil, false
	}
	clean = true
	var w int
	for i, line := range lines {
		n := len(line)
		if !legal(line) {
			clean, n = false, width(line)
		}
		if i > 0 && n != w {
			return nil, false
		}
		w = n
	}
	return shaped(len(lines), w, lines[0]), clean
}

func shaped(n, w int, first string) *layout {
	switch {
	case n == 3 && w == 30:
		return &layoutTD1
	case n == 2 && w == 44 && first[0] == 'V':
		return &layoutMRVA
	case n == 2 && w == 44:
		return &layoutTD3
	case n == 2 && w == 36 && first[0] == 'V':
		return &layoutMRVB
	case n == 2 && w == 36 && first[:5] == "IDFRA":
		return &layoutFRAID
	case n == 2 && w == 36:
		return &layoutTD2
	}
	return nil
}

// width counts characters, not bytes, so that one accented letter leaves the shape
// of the zone to be seen. Lines too long for any format have the width -1.
func width(line string) int {
	if len(line) > maxLineBytes {
		return -1
	}
	return utf8.RuneCountInString(line)
}
