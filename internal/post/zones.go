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
	Among bool // the zone was found among other characters
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
	if len(all) == 1 {
		all[0].Among = len(strings.Join(all[0].Lines, "")) < len(strings.Join(strings.Fields(raw), ""))
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

// cut says whether the lines are of a length that no zone has, or were found among other characters and have faults besides: a
// reader that stalled, or fingers, lost some of it, and a passport of 80 characters may look like a card of 72. What stands at
// which place is a guess then, and no check begins with it.
func cut(d read) bool {
	if d.Among && slices.ContainsFunc(d.Faults, func(f mrz.Fault) bool { return !f.Warning }) {
		return true
	}
	return slices.ContainsFunc(d.Faults, func(f mrz.Fault) bool { return f.Code == mrz.ErrLayout })
}

// joins says whether the document has what joins it to other crossings: without number and issuing state it is entered by
// hand.
func joins(d border.Document) bool {
	return d.Number != "" && strings.TrimRight(d.Issuer, "<") != ""
}
