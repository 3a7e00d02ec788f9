package mrz

import (
	"slices"
	"strings"
	"unicode"
)

// Split cuts what a keyboard-wedge reader, a paste or typing fingers delivered into
// lines for Parse. Line ends are any control characters, or none at all where the
// zone shows by its own check digits where it begins. It raises lower case, takes
// blanks away and gives back fillers that a foreign keyboard turned into a
// character that no zone holds. Scans sent twice become one, and half a scan
// beside a whole one of the same document is dropped. What it cannot place it
// returns as it came, so that Parse can say what is wrong with it. Lines of several
// different zones come one after the other: Read tells them apart.
func Split(raw string) []string {
	s := scan(raw)
	if len(s.zones) == 1 && s.redundant() {
		return s.zones[0]
	}
	return slices.Concat(append(slices.Clone(s.zones), s.rest)...)
}

// Read reads every zone in what a reader, a paste or fingers delivered, in order;
// a last one of the format None holds what could be salvaged of the rest. It also
// undoes a keyboard that swaps Y and Z, if and only if a check digit that failed
// holds afterwards and all the others hold too. Repairs are marked by
// WarnKeyboardRepaired; WarnKeyboardUncertain marks a name with Y or Z where the
// fillers came from a foreign keyboard and no digit can tell. There is always at
// least one zone.
func Read(raw string) []Zone {
	s := scan(raw)
	var zones []Zone
	for _, lines := range s.zones {
		zones = append(zones, settle(lines, s.foreign))
	}
	if len(zones) == 0 || !s.redundant() {
		half := settle(s.rest, s.foreign)
		if len(zones) == 0 || half.Checks != 0 {
			zones = append(zones, half)
		}
	}
	return zones
}

// scanned is the input sorted: whole zones, and lines that belong to none.
type scanned struct {
	zones   [][]string
	rest    []string
	foreign bool // fillers came as other characters
}

func scan(raw string) scanned {
	pieces, foreign := cut(raw)
	s := scanned{foreign: foreign}
	if l, _ := layoutOf(pieces); l != nil {
		s.zones = [][]string{pieces}
		return s
	}
	var loose []string
	for len(pieces) > 0 {
		n := leading(pieces)
		if n == 0 {
			loose, pieces = append(loose, pieces[0]), pieces[1:]
			continue
		}
		s.search(loose)
		s.add(pieces[:n])
		loose, pieces = nil, pieces[n:]
	}
	s.search(loose)
	if l, _ := layoutOf(s.rest); len(s.zones) == 0 && l != nil {
		s.zones, s.rest = [][]string{s.rest}, nil
	}
	return s
}

// leading returns how many pieces at the front are a zone that vouches for itself.
func leading(pieces []string) int {
	for n := 2; n <= 3 && n <= len(pieces); n++ {
		if vouched(pieces[:n]) {
			return n
		}
	}
	return 0
}

// vouched reports whether lines are a zone beyond chance: right shape, plausible
// code and sex, and at least two of the three check digits of its fields.
func vouched(lines []string) bool {
	if l, clean := layoutOf(lines); l == nil || !clean {
		return false
	}
	z := Parse(lines)
	held := 0
	for _, k := range [3]Check{CheckDocumentNumber, CheckBirthDate, CheckExpiryDate} {
		if z.Checks.Holds(k) {
			held++
		}
	}
	bad := slices.ContainsFunc(z.Faults, func(f Fault) bool {
		return f.Code == ErrDocumentCode || f.Code == ErrSex || f.Code == ErrIssuingState
	})
	return held >= 2 && !bad
}

func (s *scanned) add(lines []string) {
	for _, z := range s.zones {
		if slices.Equal(z, lines) {
			return
		}
	}
	s.zones = append(s.zones, slices.Clone(lines))
}

var shapes = [3]struct{ lines, width int }{{2, 44}, {3, 30}, {2, 36}}

// search looks for zones in pieces that are no lines: run together, or with noise
// before or after. A zone is where it vouches for itself.
func (s *scanned) search(pieces []string) {
	text := strings.Join(pieces, "")
	var ends []int
	for at, i := 0, 0; i < len(pieces); i++ {
		at += len(pieces[i])
		ends = append(ends, at)
	}
	from := 0
	for i := 0; i < len(text); i++ {
		if lines := zoneAt(text[i:]); lines != nil {
			s.leave(text, ends, from, i)
			s.add(lines)
			from = i + len(lines)*len(lines[0])
			i = from - 1
		}
	}
	s.leave(text, ends, from, len(text))
}

func zoneAt(text string) []string {
	if len(text) < 5 || !strings.ContainsRune("PVIAC", rune(text[0])) || !codeShaped(text[2:5]) {
		return nil // cheap to see: noise may be long
	}
	for _, sh := range shapes {
		if n := sh.lines * sh.width; len(text) >= n {
			if lines := slice(text[:n], sh.width); vouched(lines) {
				return lines
			}
		}
	}
	return nil
}

// leave keeps text[from:to] as lines that belong to no zone, cut where the pieces
// were cut, and a piece of two or three lines' length cut as its length says.
func (s *scanned) leave(text string, ends []int, from, to int) {
	for _, end := range ends {
		if end = min(end, to); end > from {
			s.rest = append(s.rest, lengthwise(text[from:end])...)
			from = end
		}
	}
}

func lengthwise(piece string) []string {
	switch width(piece) {
	case 88:
		return slice(piece, 44)
	case 72:
		return slice(piece, 36)
	case 60, 90:
		return slice(piece, 30)
	}
	return []string{piece}
}

func slice(text string, width int) []string {
	var lines []string
	for part := range slices.Chunk([]rune(text), width) {
		lines = append(lines, string(part))
	}
	return lines
}

// redundant reports whether the rest is nothing, noise, or half of a zone that is
// there whole.
func (s *scanned) redundant() bool {
	half := Parse(s.rest)
	if half.Checks == 0 {
		return true
	}
	for _, lines := range s.zones {
		z := Parse(lines)
		if (half.DocumentNumber == "" || half.DocumentNumber == z.DocumentNumber) &&
			(half.BirthDate == "" || half.BirthDate == z.BirthDate && half.ExpiryDate == z.ExpiryDate) {
			return true
		}
	}
	return false
}

// cut separates the input at control characters and cleans each piece.
func cut(raw string) (pieces []string, foreign bool) {
	raw = raw[:min(len(raw), maxRaw)]
	for piece := range strings.FieldsFuncSeq(raw, breaks) {
		clean, f := wash(piece)
		foreign = foreign || f
		if clean != "" && len(pieces) < maxPieces {
			pieces = append(pieces, clean)
		}
	}
	return pieces, foreign
}

func breaks(c rune) bool { return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' }
