package watchlist

import (
	"strings"

	"tims/internal/translit"
)

// A form is one way in which a name may stand in a zone: the words of both identifiers in zone letters.
type form struct{ primary, secondary []string }

// forms gives all of a name, the likeliest first: with marks in their long and their short way (MUELLER, MULLER), other
// scripts in the ways of states and families. An alert is indexed under each, a document asked for under each.
func forms(primary, secondary string) []form {
	if plain(primary) && plain(secondary) && strings.Trim(primary+secondary, " ") != "" {
		return []form{{strings.Fields(strings.ToUpper(primary)), strings.Fields(strings.ToUpper(secondary))}}
	}
	p, s := translit.Forms(primary, secondary == ""), translit.Forms(secondary, false)
	var out []form
	for i := range max(len(p), len(s)) {
		out = append(out, form{nth(p, i), nth(s, i)})
	}
	return out
}

// plain reports whether a name stands in one form only, as its letters are: most of a long list.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i] != ' ' {
			return false
		}
	}
	return true
}

// nth is the i-th form of an identifier, or its last where it has fewer.
func nth(forms []string, i int) []string {
	if len(forms) == 0 {
		return nil
	}
	return strings.Fields(forms[min(i, len(forms)-1)])
}

// particles carry kinship or an article and are written, joined or left out as it pleases the clerk.
var particles = func() map[string]bool {
	m := map[string]bool{}
	for _, p := range strings.Fields("AL EL UL IL AD AR AS AT AZ AN ASH BIN BEN IBN BINT OULD WALAD ABU ABOU " +
		"DE DEL DELLA DI DA DO DOS DAS DU DES LA LE LAS LOS VAN VON VOM ZU ZUM DEN DER TEN TER Y E I " +
		"UMM UM ABI JR SR II III HAJI HAJJI HADJ HADJI ALHAJ ALHAJI SHAYKH SHEIKH MULLAH MULLA MAULAVI MAWLAWI MAULVI SAYYID SYED DR") {
		m[p] = true
	}
	return m
}()

// longestParticle has so many letters.
const longestParticle = 7

// titles and suffixes among the particles never form a word together with their neighbour.
var standing = map[string]bool{"JR": true, "SR": true, "II": true, "III": true, "HAJI": true, "HAJJI": true,
	"HADJ": true, "HADJI": true, "ALHAJ": true, "ALHAJI": true, "SHAYKH": true, "SHEIKH": true, "MULLAH": true, "MULLA": true,
	"MAULAVI": true, "MAWLAWI": true, "MAULVI": true, "SAYYID": true, "SYED": true, "DR": true}

// patronymic tells a father's name by its ending in the spellings of Slavic languages, their neighbours and the zone. Passports
// of the same person have it and lack it.
func patronymic(w string) bool {
	if len(w) < 2 || !patronymicEnds[lastTwo(w)] {
		return false
	}
	for _, end := range patronymics {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

var patronymics = strings.Fields("OVICH EVICH OVYCH EVYCH AVICH YEVICH OVITCH EVITCH OWITSCH EWITSCH OVIC " +
	"EVIC OVNA EVNA IVNA ICHNA OWNA EWNA OGLU OGLY KYZY QIZI UULU")

// patronymicEnds are the last two letters of them: most words have others.
var patronymicEnds = func() (ends [1 << 10]bool) {
	for _, end := range patronymics {
		ends[lastTwo(end)] = true
	}
	return ends
}()

func lastTwo(w string) int { return int(w[len(w)-2]&31)<<5 | int(w[len(w)-1]&31) }

// A word is one folded token of a name.
type word struct {
	text     string
	primary  bool // stands in the primary identifier
	particle bool // weighs next to nothing, and its absence nothing
	last     bool // last of its identifier: the place where a full name field is cut
}

func (w word) initial() bool { return len(w.text) == 1 && !w.particle }

// joinable reports whether the word may be neighbouring words of an alert written as one.
func (w word) joinable() bool { return !w.particle && len(w.text) > leastJoin }

// words cuts the folded words of both identifiers to what is compared.
func words(primary, secondary []string) []word {
	all := make([]word, 0, min(maxWords, len(primary)+len(secondary)))
	for field, ts := range [2][]string{primary, secondary} {
		for i, t := range ts {
			if len(all) == maxWords {
				break
			}
			all = append(all, word{text: t[:min(len(t), maxLetters)], primary: field == 0, particle: len(t) <= longestParticle && particles[t], last: i == len(ts)-1})
		}
	}
	solid := false
	for _, w := range all {
		solid = solid || !w.particle
	}
	for i := range all { // a name made of particles alone, such as "Ben Ali" without its Ali, must still be found
		all[i].particle = all[i].particle && solid
	}
	return all
}

// A span is one word or neighbouring words of one name written as one.
type span struct {
	text        string
	first, size int
}

// joins lists neighbouring words as they would stand if written together: ALTIKRITI, ABDALRAHMAN, MARIAELENA.
func joins(ws []word) []span {
	var out []span
	for i := 0; i+1 < len(ws); i++ {
		text := ws[i].text
		for j := i + 1; j < len(ws) && j <= i+1+maxJoins; j++ {
			if ws[j-1].primary != ws[j].primary || standing[ws[j-1].text] || standing[ws[j].text] {
				break
			}
			if text += ws[j].text; len(text) > maxLetters {
				break
			}
			if !ws[j].particle && len(text) > 3 {
				out = append(out, span{text, i, j - i + 1})
			}
			if !ws[j].particle {
				break
			}
		}
	}
	return out
}
