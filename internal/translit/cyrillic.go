package translit

import "strings"

// icao is Doc 9303 part 3, section 6, as passports are written today.
var icao = map[rune]string{
	'А': "A", 'Б': "B", 'В': "V", 'Г': "G", 'Д': "D", 'Е': "E", 'Ё': "E", 'Ж': "ZH", 'З': "Z", 'И': "I", 'Й': "I", 'К': "K",
	'Л': "L", 'М': "M", 'Н': "N", 'О': "O", 'П': "P", 'Р': "R", 'С': "S", 'Т': "T", 'У': "U", 'Ф': "F", 'Х': "KH", 'Ц': "TS",
	'Ч': "CH", 'Ш': "SH", 'Щ': "SHCH", 'Ъ': "IE", 'Ы': "Y", 'Ь': "", 'Э': "E", 'Ю': "IU", 'Я': "IA", 'Є': "IE", 'І': "I",
	'Ї': "I", 'Ґ': "G", 'Ў': "U", 'Ђ': "D", 'Ѓ': "G", 'Ѕ': "DZ", 'Ј': "J", 'Љ': "LJ", 'Њ': "NJ", 'Ћ': "C", 'Ќ': "K", 'Џ': "DZ",
	'Ѣ': "IE", 'Ѫ': "U", 'Ѳ': "F", 'Ѵ': "Y", 'Ә': "A", 'Ғ': "G", 'Қ': "Q", 'Ң': "N", 'Ө': "O", 'Ұ': "U", 'Ү': "U", 'Һ': "H",
	'Ҳ': "H", 'Ҷ': "J", 'Ӣ': "I", 'Ӯ': "U", 'Ҝ': "G", 'Ҹ': "J",
}

// english is how names are written for readers of English (BGN/PCGN, and the mixture of newspapers): YU, YA, Y, and YE
// where a vowel or nothing stands before.
var english = map[rune]string{'Ё': "YO", 'Й': "Y", 'Ъ': "", 'Ю': "YU", 'Я': "YA", 'Є': "YE", 'Ї': "YI", 'Ћ': "C", 'Ѣ': "YE"}

// french is the scheme of Soviet passports, which many still bear: OU, TCH, J.
var french = map[rune]string{'Ж': "J", 'У': "OU", 'Ч': "TCH", 'Ш': "CH", 'Щ': "CHTCH", 'Ъ': "", 'Ю': "IOU", 'Я': "IA"}

var cyrillicForms = []func([]rune, int) (string, int){
	cyrillicBy(icao, nil), cyrillicBy(english, func(w []rune, i int) string {
		switch {
		case w[i] == 'Е' && (i == 0 || strings.ContainsRune("АЕЁИЙОУЪЫЬЭЮЯЄІЇ", w[i-1])):
			return "YE"
		case (w[i] == 'И' || w[i] == 'Ы') && i == len(w)-2 && w[i+1] == 'Й':
			return "" // SKIY is SKY
		}
		return "-"
	}), cyrillicBy(french, func(w []rune, i int) string {
		if w[i] == 'И' && i == len(w)-2 && w[i+1] == 'Н' {
			return "INE" // closes the word together with its N, which follows
		}
		return "-"
	}),
}

// cyrillicBy spells by a table, where that is silent by Doc 9303; special may know better and else says "-".
func cyrillicBy(table map[rune]string, special func(w []rune, i int) string) func([]rune, int) (string, int) {
	return func(w []rune, i int) (string, int) {
		if special != nil {
			if s := special(w, i); s == "INE" {
				return s, 2
			} else if s != "-" {
				return s, 1
			}
		}
		if s, ok := table[w[i]]; ok {
			return s, 1
		}
		if s, ok := icao[w[i]]; ok {
			return s, 1
		}
		return "", 0
	}
}
