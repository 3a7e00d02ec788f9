package translit

import "strings"

// hebrewNames are common names whose vowels are not written; hebrew letters alone do not tell them.
var hebrewNames = func() map[string]string {
	m := map[string]string{}
	for _, pair := range strings.Fields("כהן:COHEN לוי:LEVI מזרחי:MIZRACHI פרץ:PERETZ ביטון:BITON דהן:DAHAN אברהם:AVRAHAM פרידמן:FRIEDMAN " +
		"מלכה:MALKA אזולאי:AZOULAY כץ:KATZ יוסף:YOSEF דוד:DAVID עמר:AMAR אוחיון:OHAYON חדד:HADAD גבאי:GABAI אדרי:ADREI לוין:LEVIN טל:TAL " +
		"קליין:KLEIN חן:CHEN שפירא:SHAPIRA חזן:CHAZAN משה:MOSHE אשכנזי:ASHKENAZI אוחנה:OHANA סגל:SEGAL גולן:GOLAN בן:BEN בר:BAR " +
		"יעקב:YAAKOV יצחק:YITZHAK שמעון:SHIMON ראובן:REUVEN שרה:SARAH רחל:RACHEL לאה:LEAH רבקה:RIVKA מרים:MIRIAM אסתר:ESTHER חנה:HANNAH " +
		"דניאל:DANIEL מיכאל:MICHAEL שמואל:SHMUEL ישראל:ISRAEL אהרן:AHARON אליהו:ELIYAHU נתן:NATHAN עמית:AMIT נועה:NOA תמר:TAMAR יהודה:YEHUDA " +
		"חיים:CHAIM מרדכי:MORDECHAI ברוך:BARUCH צבי:ZVI זאב:ZEEV אריה:ARYEH יונתן:YONATAN שלמה:SHLOMO רות:RUTH מאיר:MEIR גד:GAD אורי:URI") {
		word, spelt, _ := strings.Cut(pair, ":")
		m[word] = spelt
	}
	return m
}()

var hebrewLetters = map[rune]string{
	'א': "A", 'ב': "B", 'ג': "G", 'ד': "D", 'ה': "H", 'ו': "O", 'ז': "Z", 'ח': "H", 'ט': "T", 'י': "I", 'כ': "K", 'ך': "CH",
	'ל': "L", 'מ': "M", 'ם': "M", 'נ': "N", 'ן': "N", 'ס': "S", 'ע': "A", 'פ': "P", 'ף': "F", 'צ': "TZ", 'ץ': "TZ", 'ק': "K",
	'ר': "R", 'ש': "SH", 'ת': "T",
}

// hebrewForms knows the word or reads its letters: with A where a vowel must have been, and as the bare skeleton.
func hebrewForms(word string) []string {
	if spelt, ok := hebrewNames[word]; ok {
		return []string{spelt}
	}
	return withBefore("", []string{hebrewBy([]rune(word), true), hebrewBy([]rune(word), false)})
}

func hebrewBy(w []rune, vowels bool) string {
	var b strings.Builder
	lonely, voiced := false, false // as in arabicLetters
	for i, c := range w {
		s := hebrewLetters[c]
		vowel := c == 'א' || c == 'ע' || c == 'ו' || c == 'י' || c == 'ה' && i == len(w)-1
		switch {
		case s == "":
			continue
		case c == 'ו' && (i == 0 || i+1 < len(w) && w[i+1] == 'ו'):
			s, vowel = "V", false
		case c == 'י' && i == 0:
			s, vowel = "Y", false
		case c == 'ה' && vowel:
			s = "AH"
		case vowels && lonely && !vowel:
			b.WriteByte('A')
			voiced = true
		}
		b.WriteString(s)
		lonely, voiced = !vowel && !voiced, vowel
	}
	return b.String()
}
