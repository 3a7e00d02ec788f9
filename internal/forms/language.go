package forms

import (
	"slices"
	"strings"
)

// A Language is one in which a refusal can be printed.
type Language struct {
	Code string // of ISO 639-1: "sq"
	Name string // its own: "Shqip"
	Dir  string // "ltr" or "rtl"
}

// Languages lists what a refusal can be printed in: English, Albanian, then the others by code. Adding one is adding a file
// to refusal/.
func Languages() []Language {
	var out []Language
	for code, words := range refusals {
		out = append(out, Language{code, words["language"], words["dir"]})
	}
	slices.SortFunc(out, func(a, b Language) int { return strings.Compare(order(a.Code), order(b.Code)) })
	return out
}

func order(code string) string {
	switch code {
	case "en":
		return "0"
	case "sq":
		return "1"
	}
	return code
}

// spoken gives, for a language, the codes of ICAO Doc 9303 part 3 section 5 of nationalities whose form is proposed in it.
// It proposes and decides nothing: a passport does not say what its holder reads.
var spoken = map[string]string{
	"sq": "ALB XKX RKS",
	"de": "D DEU AUT CHE LIE",
	"fr": "FRA BEL LUX MCO SEN CIV MLI BFA NER CMR GAB COG COD BEN TGO GIN CAF MDG HTI BDI",
	"it": "ITA SMR VAT",
	"el": "GRC CYP",
	"mk": "MKD",
	"sr": "SRB MNE BIH",
	"tr": "TUR",
	"ru": "RUS BLR KAZ KGZ",
	"uk": "UKR",
	"ar": "DZA BHR EGY IRQ JOR KWT LBN LBY MAR MRT OMN PSE QAT SAU SDN SYR TUN ARE YEM",
	"zh": "CHN TWN HKG MAC",
	"es": "ESP ARG BOL CHL COL CRI CUB DOM ECU SLV GNQ GTM HND MEX NIC PAN PRY PER URY VEN AND",
}

var languageOf = invert(spoken)

func invert(spoken map[string]string) map[string]string {
	out := map[string]string{}
	for lang, nations := range spoken {
		for _, nation := range strings.Fields(nations) {
			out[nation] = lang
		}
	}
	return out
}

// Propose gives the language in which a traveller of a nationality, as in the zone, may best read his form: English where
// the table has none. The officer may choose another.
func Propose(nationality string) string {
	if lang := languageOf[nationality]; lang != "" {
		return lang
	}
	return "en"
}
