package watchlist

import (
	"strings"
	"unicode"
)

// marked folds Latin letters with marks to zone letters. Where Doc 9303 part 3, section 6 lets a state choose, the first
// form is the long one (MUELLER) and the second the short one (MULLER): an alert is indexed under both. Other scripts
// have no place here: importers hand over their transliteration as a name of its own.
var marked = func() map[rune][2]string {
	m := map[rune][2]string{
		'Ä': {"AE", "A"}, 'Ö': {"OE", "O"}, 'Ü': {"UE", "U"}, 'Å': {"AA", "A"}, 'Ø': {"OE", "O"}, 'Æ': {"AE", "AE"},
		'Œ': {"OE", "OE"}, 'ẞ': {"SS", "SS"}, 'ß': {"SS", "SS"}, 'Þ': {"TH", "TH"}, 'Ð': {"D", "D"}, 'Đ': {"DJ", "D"},
		'Ñ': {"N", "N"}, 'Ĳ': {"IJ", "IJ"}, 'Ŋ': {"N", "N"}, 'Ħ': {"H", "H"}, 'Ŧ': {"T", "T"}, 'ı': {"I", "I"}, 'Ə': {"E", "A"},
	}
	for base, marks := range map[string]string{
		"A": "ÀÁÂÃĀĂĄǍẢẠẤẦẨẪẬẮẰẲẴẶ", "C": "ÇĆĈĊČ", "D": "Ď", "E": "ÈÉÊËĒĔĖĘĚẺẼẸẾỀỂỄỆ", "G": "ĜĞĠĢǦ", "H": "Ĥ",
		"I": "ÌÍÎÏĨĪĬĮİǏỈỊ", "J": "Ĵ", "K": "ĶǨ", "L": "ĹĻĽĿŁ", "N": "ŃŅŇǸ", "O": "ÒÓÔÕŌŎŐǑỎỌỐỒỔỖỘƠỚỜỞỠỢ", "R": "ŔŖŘ",
		"S": "ŚŜŞŠȘ", "T": "ŢŤȚ", "U": "ÙÚÛŨŪŬŮŰŲǓỦỤƯỨỪỬỮỰ", "W": "ŴẀẂẄ", "Y": "ÝŶŸỲỶỸỴ", "Z": "ŹŻŽ",
	} {
		for _, r := range marks {
			m[r] = [2]string{base, base}
		}
	}
	return m
}()

// fold gives the words of a name in zone letters, in its long and its short form. Blanks, hyphens, fillers and points
// part words; apostrophes and everything else vanish, as a zone is written (Doc 9303 part 4, 4.2.3).
func fold(name string) (long, short []string) {
	var a, b strings.Builder
	for _, c := range name {
		c = unicode.ToUpper(c)
		switch m, ok := marked[c]; {
		case c >= 'A' && c <= 'Z':
			a.WriteRune(c)
			b.WriteRune(c)
		case ok:
			a.WriteString(m[0])
			b.WriteString(m[1])
		case c == '<' || c == ',' || c == '.' || c == '/' || c == '(' || c == ')' || unicode.IsSpace(c) || unicode.Is(unicode.Pd, c):
			a.WriteByte(' ')
			b.WriteByte(' ')
		}
	}
	return strings.Fields(a.String()), strings.Fields(b.String())
}

// particles carry kinship or an article and are written, joined or left out as it pleases the clerk.
var particles = func() map[string]bool {
	m := map[string]bool{}
	for _, p := range strings.Fields("AL EL UL IL AD AR AS AT AZ AN ASH BIN BEN IBN BINT OULD WALAD ABU ABOU " +
		"DE DEL DELLA DI DA DO DOS DAS DU DES LA LE LAS LOS VAN VON VOM ZU ZUM DEN DER TEN TER Y E I " +
		"JR SR II III HAJI HAJJI SHAYKH SHEIKH MULLAH MAULAVI SAYYID SYED") {
		m[p] = true
	}
	return m
}()

// titles and suffixes among the particles never form a word together with their neighbour.
var standing = map[string]bool{"JR": true, "SR": true, "II": true, "III": true, "HAJI": true, "HAJJI": true,
	"SHAYKH": true, "SHEIKH": true, "MULLAH": true, "MAULAVI": true, "SAYYID": true, "SYED": true}

// A word is one folded token of a name.
type word struct {
	text     string
	primary  bool // stands in the primary identifier
	particle bool // weighs next to nothing, and its absence nothing
	last     bool // last of its identifier: the place where a full name field is cut
}

func (w word) initial() bool { return len(w.text) == 1 && !w.particle }

// words cuts the folded words of both identifiers to what is compared.
func words(primary, secondary []string) []word {
	var all []word
	for field, ts := range [2][]string{primary, secondary} {
		for i, t := range ts {
			if len(all) == maxWords {
				return all
			}
			all = append(all, word{text: t[:min(len(t), maxLetters)], primary: field == 0, particle: particles[t], last: i == len(ts)-1})
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
