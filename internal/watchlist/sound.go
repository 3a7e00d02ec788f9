package watchlist

import "strings"

// sounds rewrites groups of letters that transliterations and neighbouring languages put for one sound. Earlier rules
// win; what no rule names stays.
var sounds = soundRules(
	"TSCH", "C", "TCH", "C", "SCH", "S", "SHCH", "S", "SZCZ", "S", "SH", "S", "SZ", "S", "CH", "C", "CZ", "C",
	"DZH", "J", "DJ", "J", "DSCH", "J", "ZH", "J", "KH", "H", "GH", "G", "PH", "F", "TH", "T", "DH", "D", "BH", "B",
	"TZ", "S", "TS", "S", "CK", "K", "QU", "K", "Q", "K", "X", "KS", "W", "V", "Z", "S",
	"AI", "I", "AY", "I", "EI", "I", "EY", "I", "IY", "I", "YI", "I", "EE", "I", "IE", "I", "OU", "U", "OO", "U",
	"YOU", "U", "YE", "A", "YA", "A", "IA", "A", "IO", "U", "YU", "U", "E", "A", "Y", "I", "O", "U",
)

type soundRule struct{ letters, sound string }

// soundRules puts the rules for groups that begin with the same letter together.
func soundRules(pairs ...string) (rules [26][]soundRule) {
	for i := 0; i < len(pairs); i += 2 {
		c := pairs[i][0] - 'A'
		rules[c] = append(rules[c], soundRule{pairs[i], pairs[i+1]})
	}
	return rules
}

// sound is a rough key: two spellings of one name in Latin letters often share it, two names seldom do.
func sound(s string) string {
	if r, cut := strings.CutSuffix(s, "FF"); cut {
		s = r + "V"
	}
	k := make([]byte, 0, 2*maxLetters)
next:
	for len(s) > 0 {
		for _, r := range sounds[s[0]-'A'] {
			if strings.HasPrefix(s, r.letters) {
				k, s = append(k, r.sound...), s[len(r.letters):]
				continue next
			}
		}
		k, s = append(k, s[0]), s[1:]
	}
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
