package mrz

// further are the Latin letters that section 6 leaves out, by what a zone has for them. They follow its own rows: a letter with marks is
// the letter, one with a diaeresis or a ring is what Ä, Ö, Ü and Å are, digraphs are their two letters. Letters that Africa and the
// Turkic peoples added go as passports there have them: Ə of Azerbaijan is A.
var further = spread(map[string]string{
	"A": "ªƏǍǠȀȂȦȺḀẚẠẢẤẦẨẪẬẮẰẲẴẶⱭ", "AA": "Ǻ", "AE": "ǞǢǼ", "B": "ƁƂƄɃḂḄḆ", "C": "ƇȻḈ", "D": "ƉƊƋȡḊḌḎḐḒẟ", "DB": "ȸ", "DZ": "ǄǱ",
	"E": "ƎƐȄȆȨɆḔḖḘḚḜẸẺẼẾỀỂỄỆ", "F": "ƑḞ", "G": "ƓƔƢǤǦǴḠ", "H": "ȞḢḤḦḨḪẖⱧ", "HV": "Ƕ", "I": "ƖƗǏȈȊḬḮỈỊ", "J": "ǰȷɈ", "K": "ĸƘǨḰḲḴⱩ",
	"L": "ƛȴȽḶḸḺḼⱠⱢ", "LJ": "Ǉ", "LL": "Ỻ", "M": "ḾṀṂⱮ", "N": "ŉƝǸȠȵṄṆṈṊ", "NJ": "Ǌ", "O": "ºƆƟƠǑǪǬȌȎȬȮȰṌṐṒỌỎỐỒỔỖỘỚỜỞỠỢ", "OE": "ǾȪṎ",
	"OU": "Ȣ", "P": "ƤṔṖⱣ", "Q": "Ɋ", "QP": "ȹ", "R": "ƦȐȒɌṘṚṜṞⱤ", "S": "ƧƩƪⱾṠṢṤṦṨẜẝ", "T": "ƫƬƮȶȾṪṬṮṰẗ", "U": "ƯƱǓȔȖɄṲṴṶṸỤỦỨỪỬỮỰ",
	"UE": "ǕǗǙǛṺ", "V": "ƲɅṼṾỼ", "W": "ƜǷẀẂẄẆẈẘ", "X": "ẊẌ", "Y": "ƳȲɎẎẙỲỴỶỸỾ", "Z": "ƵƷƸƺǮȜȤⱿẐẒẔⱫ",
})

// furtherCyrillic are letters of the other peoples of the former Soviet Union, as their passports have them.
var furtherCyrillic = spread(map[string]string{
	"A": "ӘӐ", "E": "ӖӬӚ", "F": "Ѳ", "G": "ҜӶҔ", "H": "ҲӼҺ", "I": "ӢӤ", "IE": "Ѣ", "J": "ҶҸӴӁ", "K": "ҚҠҞ", "N": "ҢҤ", "O": "ӨӦѠҨ", "P": "Ҧ", "R": "Ҏ",
	"S": "Ҫ", "T": "Ҭ", "U": "ҰҮӮӰӲ", "Y": "Ӹ", "Z": "ҘӞ", "ZH": "Җ",
})

func spread(by map[string]string) map[rune]string {
	m := map[rune]string{}
	for zone, of := range by {
		for _, letter := range of {
			m[letter] = zone
		}
	}
	return m
}

// unsaid are the Latin letters for which a zone has nothing, on purpose: clicks, and signs of tone and of the glottal stop, which are left
// out as an apostrophe is.
const unsaid = "ǀǁǂǃƻƼƾƍɁ"

// A name may come with its marks as characters of their own, as some computers write it: Ü as U and what stands above it. Of these
// marks two change what the zone has.
const (
	diaeresis = '\u0308'
	ring      = '\u030a'
)

// combined is what a mark behind a letter adds to it in a zone: to A, O and U, as in AE, and AA.
func combined(letter, mark rune) string {
	switch {
	case mark == diaeresis && (letter == 'A' || letter == 'O' || letter == 'U'):
		return "E"
	case mark == ring && letter == 'A':
		return "A"
	}
	return ""
}
