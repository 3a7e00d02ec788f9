package translit

import "strings"

// Letters of a Hangul syllable in the Revised Romanisation of Korean, without the changes between syllables, which names
// do not take part in.
var (
	koreanFirst = strings.Split("G GG N D DD R M B BB S SS  J JJ CH K T P H", " ")
	koreanVowel = strings.Fields("A AE YA YAE EO E YEO YE O WA WAE OE YO U WO WE WI YU EU UI I")
	koreanLast  = strings.Split(" K K K N N N T L K M L L L P L M P P T T NG T T K T P T", " ")
)

// customary are surnames as families write them, the commonest first; the Revised spelling is hardly ever used.
var customary = func() map[string][]string {
	m := map[string][]string{}
	for _, pair := range strings.Fields("김:KIM,GIM 이:LEE,YI,RHEE 리:LEE,RI 박:PARK,PAK,BAK 최:CHOI,CHOE 정:JUNG,JEONG,CHUNG 강:KANG,GANG 조:CHO,JO " +
		"윤:YOON,YUN 장:JANG,CHANG 임:LIM,IM,RIM 림:LIM,RIM 한:HAN 오:OH,O 서:SEO,SUH 신:SHIN,SIN 권:KWON,GWON 황:HWANG 안:AHN,AN 송:SONG 류:RYU,YOO " +
		"유:YOO,YU,RYU 전:JEON,CHUN,JUN 홍:HONG 고:KO,GO,KOH 문:MOON,MUN 양:YANG 손:SON,SOHN 배:BAE,PAI 백:BAEK,PAIK 허:HEO,HUH,HUR 남:NAM 심:SHIM,SIM " +
		"노:NOH,ROH,NO 로:ROH,RO 하:HA 곽:KWAK,GWAK 성:SUNG,SEONG 차:CHA 주:JOO,JU,CHU 우:WOO,U 구:KOO,GU 민:MIN 진:JIN,CHIN 지:JI,CHI 엄:EOM,UM 나:NA,RA 라:RA,NA " +
		"원:WON 천:CHEON,CHUN 방:BANG,PANG 공:KONG,GONG 현:HYUN,HYEON 함:HAM 변:BYUN,BYEON 염:YEOM,YUM 여:YEO 추:CHOO,CHU 도:DO,TO 소:SO 석:SEOK,SUK " +
		"선:SUN,SEON 설:SEOL,SUL 마:MA 길:GIL,KIL 연:YEON,YUN 위:WI,WEE 표:PYO 명:MYUNG,MYEONG 기:KI,GI 반:BAN,PAN 왕:WANG 금:KEUM,GEUM 옥:OK 육:YUK 인:IN " +
		"제:JE 모:MO 탁:TAK 국:KOOK,GUK 은:EUN 용:YONG 남궁:NAMGUNG,NAMKOONG 황보:HWANGBO 제갈:JEGAL 사공:SAGONG 선우:SUNWOO,SEONU 독고:DOKGO,DOKKO") {
		s, spelt, _ := strings.Cut(pair, ":")
		m[s] = strings.Split(spelt, ",")
	}
	return m
}()

// habits of those who write their given name for readers of English.
var koreanHabits = strings.NewReplacer("YEO", "YU", "EO", "U", "EU", "U")

// koreanForms divides a whole name into surname and given name, each one word.
func koreanForms(word string, whole bool) []string {
	sur, given := word, ""
	if whole {
		sur, given = surnameFirst(word)
	}
	spelt := customary[sur]
	if len(spelt) == 0 {
		spelt = givenForms(sur)
	}
	if given == "" {
		return spelt
	}
	forms := givenForms(given)
	var out []string
	for i := range maxForms {
		out = append(out, spelt[min(i, len(spelt)-1)]+" "+forms[min(i, len(forms)-1)])
	}
	return out
}

func givenForms(word string) []string {
	revised, north := hangul(word, false), hangul(word, true)
	return []string{revised, koreanHabits.Replace(revised), north}
}

// hangul spells syllables; the way of the North, and of older passports, has K, T, P, CH for G, D, B, J and O, U for EO, EU.
func hangul(word string, north bool) string {
	var b strings.Builder
	for _, c := range word {
		if c < '가' || c > '힣' {
			continue
		}
		n := int(c - '가')
		first, vowel, last := koreanFirst[n/588], koreanVowel[n%588/28], koreanLast[n%28]
		if north {
			first = map[string]string{"G": "K", "D": "T", "B": "P", "J": "CH"}[first] + strings.Trim(first, "GDBJ")
			vowel = strings.NewReplacer("YEO", "YO", "EO", "O", "EU", "U").Replace(vowel)
		}
		b.WriteString(first + vowel + last)
	}
	return b.String()
}
