package mrz

import (
	"slices"
	"strings"
	"unicode"
)

// lookalike holds what foreign keyboards, spelling correction and fonts make of the
// filler. None of them belongs to a zone, so the way back is certain: a reader that
// types for an American keyboard sends Shift and the comma key, which is ; on
// Albanian, German, Italian and Scandinavian ones; the key between Shift and Y or Z
// gives <, >, | or \.
const lookalike = ";>|\\‹›〈＜≤"

// wash cleans one piece: capitals, fillers given back, blanks taken away.
func wash(piece string) (clean string, foreign bool) {
	var b strings.Builder
	for _, c := range piece {
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case strings.ContainsRune(lookalike, c):
			c, foreign = filler, true
		case unicode.IsSpace(c):
			c = ' '
		case c == '\uFEFF' || unicode.Is(unicode.Cf, c):
			continue
		}
		b.WriteRune(c)
	}
	clean = guillemets(b.String())
	return blanks(clean), foreign || strings.ContainsAny(piece, "«»")
}

// guillemets takes « for one filler if that gives the line a width that zones have,
// and for two otherwise, as spelling correction makes it of two.
func guillemets(line string) string {
	if !strings.ContainsAny(line, "«»") {
		return line
	}
	one := strings.NewReplacer("«", "<", "»", "<").Replace(line)
	if zoneWidth(width(strings.TrimSpace(one))) {
		return one
	}
	return strings.NewReplacer("«", "<<", "»", "<<").Replace(line)
}

// blanks decides by width what blanks are: typed in groups and to be dropped,
// fillers that came as blanks, or nothing to be touched. Blanks around the line
// always go.
func blanks(line string) string {
	trimmed := strings.TrimSpace(line)
	if !strings.Contains(trimmed, " ") {
		return trimmed
	}
	if dense := strings.ReplaceAll(trimmed, " ", ""); zoneWidth(width(dense)) {
		return dense
	}
	for _, s := range [3]string{line, strings.TrimLeft(line, " "), trimmed} {
		if zoneWidth(width(s)) {
			return strings.ReplaceAll(s, " ", "<")
		}
	}
	return trimmed
}

// settle parses lines and undoes swapped Y and Z where check digits prove it.
func settle(lines []string, foreign bool) Zone {
	z := Parse(lines)
	repaired := foreign
	if failed(z.Checks) {
		if s := Parse(swapped(lines)); s.Valid() {
			z, repaired, foreign = s, true, false
		}
	}
	if repaired {
		z.Faults = append(z.Faults, Fault{Field: FieldZone, Code: WarnKeyboardRepaired, Warning: true})
	}
	if foreign && strings.ContainsAny(z.Primary+z.Secondary, "YZ") {
		z.Faults = append(z.Faults, Fault{Field: FieldName, Code: WarnKeyboardUncertain, Warning: true})
	}
	return z
}

func failed(c Checks) bool {
	for k := range checks {
		if c.Failed(k) {
			return true
		}
	}
	return false
}

var swap = strings.NewReplacer("Y", "Z", "Z", "Y")

func swapped(lines []string) []string {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i] = swap.Replace(lines[i])
	}
	return lines
}
