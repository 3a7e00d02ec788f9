package traveller

import (
	"slices"

	"tims/internal/mrz"
)

// fault draws what will be wrong with a document: mostly nothing.
func (s *Source) fault() Fault {
	if s.sound || !s.chance(faultyShare) {
		return NoFault
	}
	all := [...]Fault{CheckDigit, CheckDigit, CheckDigit, Expired, Expired, BadDate, BadState, BadState}
	return all[s.below(len(all))]
}

// place is a run of characters in a line, counted from 0, the end left out.
type place struct{ line, from, to int }

// places says where a format has what the faults touch: Doc 9303 parts 4 to 7. The digits are those of number, birth and
// expiry; a composite of no parts is none.
type places struct {
	digits      [3]place
	birth       place
	nationality place
	composite   place
	over        []place
}

func lower(composite int, over ...place) places {
	return places{
		digits: [3]place{{1, 9, 10}, {1, 19, 20}, {1, 27, 28}}, birth: place{1, 13, 19}, nationality: place{1, 10, 13},
		composite: place{1, composite, composite + 1}, over: over,
	}
}

var placesOf = map[mrz.Format]places{
	mrz.TD3:  lower(43, place{1, 0, 10}, place{1, 13, 20}, place{1, 21, 43}),
	mrz.TD2:  lower(35, place{1, 0, 10}, place{1, 13, 20}, place{1, 21, 35}),
	mrz.MRVA: lower(0),
	mrz.TD1: {
		digits: [3]place{{0, 14, 15}, {1, 6, 7}, {1, 14, 15}}, birth: place{1, 0, 6}, nationality: place{1, 15, 18},
		composite: place{1, 29, 30}, over: []place{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}},
	},
}

// damage gives the lines with the fault in them.
func (s *Source) damage(lines []string, format mrz.Format, fault Fault) []string {
	at, lines := placesOf[format], slices.Clone(lines)
	switch fault {
	case CheckDigit:
		p := at.digits[s.below(len(at.digits))]
		put(lines, p, string('0'+(cut(lines, p)[0]-'0'+byte(s.between(1, 9)))%10))
	case BadState:
		put(lines, at.nationality, unknownState(cut(lines, at.nationality)))
	case BadDate:
		wrong := []string{"0231", "1332", "0431", "0007"}
		put(lines, at.birth, cut(lines, at.birth)[:2]+wrong[s.below(len(wrong))])
		put(lines, at.digits[1], checkDigit(cut(lines, at.birth)))
		if len(at.over) > 0 {
			all := ""
			for _, p := range at.over {
				all += cut(lines, p)
			}
			put(lines, at.composite, checkDigit(all))
		}
	}
	return lines
}

// unknownState gives codes that are seen in life for Kosovo and for a state that is no more, and otherwise the code with
// a letter misprinted.
func unknownState(code string) string {
	switch code {
	case "RKS":
		return "XKX"
	case "SRB", "MNE":
		return "SCG"
	}
	for c := byte('Q'); ; c++ {
		if wrong := code[:1] + "Q" + string(c); !known(wrong) {
			return wrong
		}
	}
}

func known(code string) bool {
	_, ok := mrz.StateName(code)
	return ok
}

func cut(lines []string, p place) string { return lines[p.line][p.from:p.to] }

func put(lines []string, p place, text string) {
	l := lines[p.line]
	lines[p.line] = l[:p.from] + text + l[p.to:]
}

func checkDigit(text string) string {
	d, _ := mrz.CheckDigit(text)
	return string(d)
}
