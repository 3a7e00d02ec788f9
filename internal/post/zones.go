package post

import (
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// A document as it was read: with what the reading itself had to repair, which stands in no record.
type read struct {
	border.Document
	Lines []string
	Notes []mrz.Fault
}

// readZones gives every document in what a reader, a paste or fingers delivered, with the lines of each.
func readZones(raw string, today border.Date) []read {
	if len(raw) > maxRaw {
		raw = raw[:maxRaw]
	}
	zones, lines := mrz.Read(raw), mrz.Split(raw)
	var all []read
	for i, z := range zones {
		n := linesOf(z.Format)
		if n == 0 || i == len(zones)-1 && len(zones) == 1 {
			n = len(lines)
		}
		n = min(n, len(lines))
		all = append(all, oneZone(z, slices.Clone(lines[:n]), today))
		lines = lines[n:]
	}
	return all[:min(len(all), maxChoices)]
}

// oneZone keeps the lines in which the zone's check digits hold: a keyboard that swaps Y and Z was put right by them, and a
// record must read the same whenever it is opened.
func oneZone(z mrz.Zone, lines []string, today border.Date) read {
	if z.Valid() && !mrz.Parse(lines).Valid() {
		for i, l := range lines {
			lines[i] = swapYZ.Replace(l)
		}
	}
	d := read{Lines: lines}
	var ofZone []mrz.Fault
	for _, f := range z.Faults {
		if f.Code == mrz.WarnKeyboardRepaired || f.Code == mrz.WarnKeyboardUncertain {
			d.Notes = append(d.Notes, f)
		} else {
			ofZone = append(ofZone, f)
		}
	}
	z.Faults = ofZone
	d.Document = border.DocumentFromZone(z, lines, today)
	return d
}

var swapYZ = strings.NewReplacer("Y", "Z", "Z", "Y")

func linesOf(f mrz.Format) int {
	switch f {
	case mrz.TD1:
		return 3
	case mrz.TD2, mrz.TD3, mrz.MRVA, mrz.MRVB, mrz.FRAID:
		return 2
	}
	return 0
}

// joins says whether the document has what joins it to other crossings: without number and issuing state it is entered by
// hand.
func joins(d border.Document) bool {
	return d.Number != "" && strings.TrimRight(d.Issuer, "<") != ""
}

// A stretch of a zone's line, marked where a fault lies.
type stretch struct {
	Text string
	Bad  bool
}

// width is how many characters a field has from where a fault of it is placed; other faults mark one character.
var width = map[string]int{
	mrz.ErrDocumentCode: 2, mrz.ErrIssuingState: 3, mrz.ErrNationality: 3, mrz.ErrBirthDate: 6, mrz.ErrExpiryDate: 6,
	mrz.ErrDocumentNumber: 9,
}

// marked cuts the lines of a zone at its errors.
func marked(lines []string, faults []mrz.Fault) [][]stretch {
	out := make([][]stretch, 0, len(lines))
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

func stretches(chars []rune, bad []bool) []stretch {
	var out []stretch
	for from := 0; from < len(chars); {
		to := from
		for to < len(chars) && bad[to] == bad[from] {
			to++
		}
		out = append(out, stretch{string(chars[from:to]), bad[from]})
		from = to
	}
	return out
}
