package station

import "tims/internal/mrz"

// A Stretch of a zone's line, marked where a fault lies.
type Stretch struct {
	Text string
	Bad  bool
}

// width is how many characters a field has from where a fault of it is placed; other faults mark one character.
var width = map[string]int{
	mrz.ErrDocumentCode: 2, mrz.ErrIssuingState: 3, mrz.ErrNationality: 3, mrz.ErrBirthDate: 6, mrz.ErrExpiryDate: 6,
	mrz.ErrDocumentNumber: 9,
}

// Marked cuts the lines of a zone at its errors.
func Marked(lines []string, faults []mrz.Fault) [][]Stretch {
	out := make([][]Stretch, 0, len(lines))
	for i, line := range lines {
		chars := []rune(line)
		bad := make([]bool, len(chars))
		for _, f := range faults {
			if f.Warning || f.Line != i+1 {
				continue
			}
			from, to := f.Position-1, f.Position-1+max(1, width[f.Code])
			if f.Position == 0 {
				from, to = 0, len(chars)
			}
			for k := max(0, from); k < min(to, len(chars)); k++ {
				bad[k] = true
			}
		}
		out = append(out, stretches(chars, bad))
	}
	return out
}

func stretches(chars []rune, bad []bool) []Stretch {
	var out []Stretch
	for from := 0; from < len(chars); {
		to := from
		for to < len(chars) && bad[to] == bad[from] {
			to++
		}
		out = append(out, Stretch{string(chars[from:to]), bad[from]})
		from = to
	}
	return out
}
