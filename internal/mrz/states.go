package mrz

import (
	"slices"
	"strings"
)

// State is a code of Doc 9303 part 3, section 5 and the short English name of the
// state, organization or kind of person it stands for.
type State struct{ Code, Name string }

var stateNames, stateCodes, threeLetters = indexStates()

// codeSet holds a bit for each known code of three letters: both codes of each zone
// are looked up, at every booth.
type codeSet [26*26*26/64 + 1]uint64

func indexStates() (names, codes map[string]string, set *codeSet) {
	names, codes, set = map[string]string{}, map[string]string{}, new(codeSet)
	for _, s := range slices.Concat(isoStates, icaoStates) {
		names[s.Code] = s.Name
		codes[nameKey(s.Name)] = s.Code
		if len(s.Code) == 3 {
			n := ordinal(s.Code)
			set[n/64] |= 1 << (n % 64)
		}
	}
	for _, s := range otherNames {
		codes[nameKey(s.Name)] = s.Code
	}
	return names, codes, set
}

// otherNames are older and other English names, as alert lists and newspapers
// write them.
var otherNames = []State{
	{"BHS", "The Bahamas"}, {"CIV", "Ivory Coast"}, {"CIV", "Cote d Ivoire"}, {"COD", "Zaire"}, {"COD", "DR Congo"},
	{"COG", "Republic of the Congo"}, {"CPV", "Cape Verde"}, {"CZE", "Czech Republic"}, {"D", "Federal Republic of Germany"},
	{"FSM", "Federated States of Micronesia"}, {"GBR", "Great Britain"}, {"GBR", "UK"}, {"GMB", "The Gambia"},
	{"IRN", "Islamic Republic of Iran"}, {"KOR", "Republic of Korea"}, {"LAO", "Lao People's Democratic Republic"},
	{"MAC", "Macau"}, {"MDA", "Republic of Moldova"}, {"MKD", "Macedonia"}, {"MKD", "Republic of North Macedonia"},
	{"MMR", "Burma"}, {"PRK", "Democratic People's Republic of Korea"}, {"PSE", "Palestinian"},
	{"PSE", "State of Palestine"}, {"RKS", "Republic of Kosovo"}, {"RUS", "Russian Federation"}, {"SWZ", "Swaziland"},
	{"SYR", "Syrian Arab Republic"}, {"TLS", "East Timor"}, {"TUR", "Turkey"}, {"TZA", "United Republic of Tanzania"},
	{"UNO", "United Nations Organization"}, {"USA", "United States of America"}, {"USA", "US"}, {"VAT", "Vatican City"},
	{"VAT", "Vatican"}, {"VEN", "Bolivarian Republic of Venezuela"}, {"BOL", "Plurinational State of Bolivia"},
	{"VIR", "US Virgin Islands"}, {"VNM", "Viet Nam"}, {"XXA", "Stateless"}, {"XPO", "International Criminal Police Organization"},
	{"FLK", "Falkland Islands (Malvinas)"}, {"CHN", "People's Republic of China"}, {"TWN", "Taiwan, Province of China"},
}

// States returns all known codes in alphabetical order.
func States() []State {
	all := slices.Concat(isoStates, icaoStates)
	slices.SortFunc(all, func(a, b State) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// StateName gives the short English name of a code, with or without its fillers.
func StateName(code string) (name string, ok bool) {
	name, ok = stateNames[strings.TrimRight(code, "<")]
	return name, ok
}

func ordinal(code string) uint {
	return (uint(code[0]-'A')*26+uint(code[1]-'A'))*26 + uint(code[2]-'A')
}

// knownState expects the three characters of a zone, of the right shape.
func knownState(t string) bool {
	if t[2] == filler {
		_, known := StateName(t)
		return known
	}
	n := ordinal(t)
	return threeLetters[n/64]&(1<<(n%64)) != 0
}

// StateByName finds the code of an English name whatever its case, accents, word
// order ("Korea, North") and small words. Germany is D, as a zone writes it.
func StateByName(english string) (code string, ok bool) {
	if len(english) > maxRaw {
		return "", false
	}
	code, ok = stateCodes[nameKey(english)]
	return code, ok
}

// nameKey is the sorted words of a name in zone letters, without "the", "of" and "and".
func nameKey(name string) string {
	w := strings.FieldsFunc(Transliterate(name), func(c rune) bool { return c == filler })
	w = slices.DeleteFunc(w, func(s string) bool { return s == "THE" || s == "OF" || s == "AND" })
	slices.Sort(w)
	return strings.Join(w, " ")
}
