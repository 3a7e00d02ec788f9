package translit

import (
	_ "embed"
	"strings"
	"sync"
)

// pinyinText gives the signs of each syllable of Hanyu Pinyin without tones, as names read them; chinese.md says whence.
//
//go:embed pinyin.tsv
var pinyinText string

var pinyin = sync.OnceValue(func() map[rune]string {
	m := make(map[rune]string, 8000)
	for line := range strings.Lines(pinyinText) {
		syllable, signs, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for _, c := range signs {
			m[c] = syllable
		}
	}
	return m
})

// doubleSurnames are of two signs; all others are of one.
var doubleSurnames = strings.Fields("欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 宇文 长孙 長孫 东方 東方 南宫 南宮 端木 " +
	"남궁 황보 제갈 사공 선우 독고")

// cantonese and wade are how families of Hong Kong and of Taiwan write the commonest surnames.
var (
	cantonese = syllables("CHEN:CHAN HUANG:WONG WANG:WONG LI:LEE ZHANG:CHEUNG LIU:LAU WU:NG YANG:YEUNG LIN:LAM ZHENG:CHENG LIANG:LEUNG " +
		"ZHOU:CHOW XU:HUI HE:HO GUO:KWOK ZHU:CHU YE:YIP CAI:CHOI ZHAO:CHIU XIE:TSE DENG:TANG FENG:FUNG LUO:LAW ZENG:TSANG PAN:POON SU:SO " +
		"YU:YU LU:LO MO:MOK TAN:TAM GUAN:KWAN ZHONG:CHUNG MAI:MAK XIAO:SIU JIANG:KONG YUAN:YUEN OU:AU")
	wade = syllables("CAI:TSAI ZHANG:CHANG XIE:HSIEH XU:HSU ZHENG:CHENG GUO:KUO ZHOU:CHOU ZHU:CHU QIU:CHIU ZENG:TSENG LIAO:LIAO JIANG:CHIANG " +
		"DU:TU SONG:SUNG GAO:KAO DONG:TUNG DENG:TENG XIAO:HSIAO CAO:TSAO LUO:LO JIAN:CHIEN ZHONG:CHUNG SHI:SHIH XUE:HSUEH QI:CHI JIN:CHIN " +
		"ZHI:CHIH XIN:HSIN XIU:HSIU JING:CHING JUN:CHUN QING:CHING ZHEN:CHEN XIANG:HSIANG JIA:CHIA ZI:TZU GUANG:KUANG GUI:KUEI BO:PO BIN:PIN " +
		"PING:PING RONG:JUNG REN:JEN RU:JU XI:HSI JIE:CHIEH ZHE:CHE JUAN:CHUAN DE:TE DA:TA BAO:PAO")
)

func syllables(s string) map[string]string {
	m := map[string]string{}
	for _, pair := range strings.Fields(s) {
		a, b, _ := strings.Cut(pair, ":")
		m[a] = b
	}
	return m
}

// chineseForms divides a whole name into surname and given name, written as one word each: in Pinyin, as Taiwan
// writes, and with the surname of Hong Kong.
func chineseForms(word string, whole bool) []string {
	sur, given := word, ""
	if whole {
		sur, given = surnameFirst(word)
	}
	spell := func(signs string, by map[string]string) string {
		var b strings.Builder
		for _, c := range signs {
			s := pinyin()[c]
			if other, ok := by[s]; ok {
				s = other
			}
			b.WriteString(s)
		}
		return b.String()
	}
	var out []string
	for _, by := range [][2]map[string]string{{}, {wade, wade}, {cantonese, {}}} {
		out = append(out, strings.TrimSpace(spell(sur, by[0])+" "+spell(given, by[1])))
	}
	return out
}

// surnameFirst divides a word of two to maxSyllables signs; a single sign, or more than a name has, stays one part.
func surnameFirst(word string) (sur, given string) {
	signs := []rune(word)
	if len(signs) < 2 || len(signs) > maxSyllables {
		return word, ""
	}
	n := 1
	for _, d := range doubleSurnames {
		if len(signs) > 2 && string(signs[:2]) == d {
			n = 2
		}
	}
	return string(signs[:n]), string(signs[n:])
}
