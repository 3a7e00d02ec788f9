package watchlist

import "strings"

// sounds rewrites groups of letters that transliterations and neighbouring languages put for one sound. Earlier rules
// win; what no rule names stays.
var sounds = strings.NewReplacer(
	"TSCH", "C", "TCH", "C", "SCH", "S", "SHCH", "S", "SZCZ", "S", "SH", "S", "SZ", "S", "CH", "C", "CZ", "C",
	"DZH", "J", "DJ", "J", "DSCH", "J", "ZH", "J", "KH", "H", "GH", "G", "PH", "F", "TH", "T", "DH", "D", "BH", "B",
	"TZ", "S", "TS", "S", "CK", "K", "QU", "K", "Q", "K", "X", "KS", "W", "V", "Z", "S",
	"AI", "I", "AY", "I", "EI", "I", "EY", "I", "IY", "I", "YI", "I", "EE", "I", "IE", "I", "OU", "U", "OO", "U",
	"YOU", "U", "YE", "A", "YA", "A", "IA", "A", "IO", "U", "YU", "U", "E", "A", "Y", "I", "O", "U",
)

// sound is a rough key: two spellings of one name in Latin letters often share it, two names seldom do.
func sound(s string) string {
	if r, cut := strings.CutSuffix(s, "FF"); cut {
		s = r + "V"
	}
	k := []byte(sounds.Replace(s))
	out := k[:0]
	for i, c := range k {
		if c == 'H' && i > 0 && i+1 < len(k) && !vowel(k[i+1]) || i > 0 && c == 'H' && i+1 == len(k) {
			continue // silent: MOHSEN and MOSEN, ABDULLAH and ABDULLA
		}
		if len(out) == 0 || out[len(out)-1] != c {
			out = append(out, c)
		}
	}
	return string(out)
}

func vowel(c byte) bool { return c == 'A' || c == 'I' || c == 'U' }
