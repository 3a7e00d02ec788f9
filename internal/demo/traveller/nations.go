package traveller

import (
	"cmp"
	"slices"

	"tims/internal/mrz"
)

// A nation says how its documents look. Patterns of numbers are those of numbers.go. They resemble real series; the
// patterns of one issuer never overlap, which keeps all its numbers apart.
type nation struct {
	code     string
	passport string
	card     string  // identity card that Albania admits; empty: none
	cardCode string  // ID where the table says nothing
	plate    string  // empty: they come by air, or in a hired car
	cards    float64 // share who show the card
	keeps    float64 // share of spouses who keep their own surname
	personal personal
	format   mrz.Format // of the card; TD1 where the table says nothing
	free     bool       // enters without a visa
	limited  bool       // to 90 days in 180
}

// personal is the kind of personal number in the optional data.
type personal uint8

const (
	noPersonal personal = iota
	nid                 // Albania: decade, year, month (women 50 more), day, serial, letter
	jmbg                // states of the former Yugoslavia: day, month, year, region, serial, digit
)

const (
	germanLetters = "CFGHJKLMNPRTVWXYZ0123456789"
	greekLetters  = "ABEZHIKMNOPTYX"
	anyPassport   = "@@#######"
	permitPattern = "R@#######" // Albania's residence permits
	visaPattern   = "AL#######" // Albania's visa stickers
	crewPattern   = "K@######"  // crew member certificates, of any state
)

var nations = []nation{
	{code: "ALB", passport: "B@#######", card: "02#######|03#######", plate: "A@###@@", keeps: 0.2, personal: nid},
	{code: "RKS", passport: "P0#######", card: "10#######|11#######", plate: "01###@@|03###@@|04###@@|06###@@", cards: 0.25, keeps: 0.25},
	{code: "GRC", passport: "A@#######", card: "E@#######", plate: "IN%####|NB%####|YZ%####|KP%####", cards: 0.35, keeps: 0.9},
	{code: "ITA", passport: "Y@#######", card: "CA#####@@", cardCode: "C", plate: "F@###@@|G@###@@", cards: 0.45, keeps: 1},
	{code: "D", passport: "C********|F********|G********", card: "L********|T********", plate: "B@@####|M@@####|K@@####|S@@####", cards: 0.3, keeps: 0.25},
	{code: "MKD", passport: "A#######", card: "N#######", plate: "SK####@@|TE####@@|OH####@@|GV####@@", cards: 0.5, keeps: 0.3, personal: jmbg},
	{code: "MNE", passport: "P########", card: "0########", plate: "PG@@###|BR@@###|UL@@###", cards: 0.6, keeps: 0.3, personal: jmbg},
	{code: "SRB", passport: "0########", card: "1########", plate: "BG####@@|NI####@@|NP####@@", cards: 0.3, keeps: 0.2, personal: jmbg},
	{code: "BIH", passport: "B#######", card: "A########", plate: "A##@###|M##@###", cards: 0.3, keeps: 0.2, personal: jmbg},
	{code: "HRV", passport: "0########|3########", card: "1########", plate: "ZG####@@|ST####@@|DU####@@", cards: 0.4, keeps: 0.25},
	{code: "SVN", passport: "PB#######", card: "IE#######", plate: "LJ@@###|MB@@###", cards: 0.4, keeps: 0.4},
	{code: "POL", passport: "E@#######", card: "D@@######", cardCode: "I", plate: "WA#####|KR#####|PO#####|GD#####", cards: 0.4, keeps: 0.15},
	{code: "CZE", passport: "4#######", card: "2########", plate: "1A#####|2B#####|5T#####", cards: 0.35, keeps: 0.1},
	{code: "SVK", passport: "B@#######", card: "H@######", plate: "BA###@@|KE###@@", cards: 0.35, keeps: 0.1},
	{code: "GBR", passport: "5########|1########", plate: "B@##@@@|K@##@@@|L@##@@@", keeps: 0.4},
	{code: "USA", passport: "5########|A########", keeps: 0.3},
	{code: "TUR", passport: "U########", plate: "34@@@###|06@@@###|16@@@###", keeps: 0.15},
	{code: "UKR", passport: "F@######", plate: "AA####@@|KA####@@|BC####@@", keeps: 0.3},
	{code: "AUT", passport: "U#######", card: "PA#######", plate: "W#####@|G#####@|L#####@", cards: 0.25, keeps: 0.3},
	{code: "CHE", passport: "X#######", card: "C#######", plate: "ZH######|GE######|AG######|SG######", cards: 0.4, keeps: 0.4},
	{code: "FRA", passport: "1#@@#####|2#@@#####", card: "X********", plate: "E@###@@|F@###@@|G@###@@", cards: 0.3, keeps: 0.5},
	{code: "NLD", passport: "N@@####@#", card: "I@@####@#", cardCode: "I", plate: "G###@@|K###@@|R###@@", cards: 0.2, keeps: 0.6},
	{code: "BEL", passport: "E@######", card: "B########", plate: "1@@@###|2@@@###", cards: 0.4, keeps: 1},
	{code: "ROU", passport: "05#######", card: "XT######|RK######", plate: "B###@@@|CJ##@@@", cards: 0.4, keeps: 0.2, format: mrz.TD2},
	{code: "BGR", passport: "38#######", card: "6########", plate: "CA####@@|PB####@@", cards: 0.5, keeps: 0.3},
	{code: "HUN", passport: "BH#######", card: "######@@", plate: "AA@@###|AB@@###", cards: 0.35, keeps: 0.4},
	{code: "NOR", passport: "FA#######", keeps: 0.5},
	{code: "ESP", passport: "P@@######", card: "C@@######", plate: "####@@@", cards: 0.3, keeps: 1},
	{code: "PRT", passport: "C@######", card: "3########", plate: "@@##@@", cards: 0.3, keeps: 0.5},
	{code: "IRL", passport: "P@#######", card: "C########", cards: 0.1, keeps: 0.5},
	{code: "DNK", passport: "2########", keeps: 0.4},
	{code: "CAN", passport: "G@######|A@######", keeps: 0.4},
	{code: "AUS", passport: "P@#######|R@#######", keeps: 0.3},
	{code: "ISR", passport: "3#######", keeps: 0.2},
	{code: "CHN", passport: "E@#######", keeps: 1},
	{code: "RUS", passport: "75#######|76#######", keeps: 0.2},
	{code: "IND", passport: "Z#######|W#######", keeps: 0.3},
	{code: "PHL", passport: "P#######B", keeps: 0.1},
	{code: "NPL", passport: "PA#######", keeps: 0.3},
	{code: "MDA", passport: "AB#######", plate: "@@@###", keeps: 0.2},
}

// visaNations need a visa for Albania; of the others only citizens of the United States may stay longer than 90 days in
// 180, and Albanians as long as they like.
var visaNations = []string{"CHN", "RUS", "IND", "PHL", "NPL"}

var nationOf = func() map[string]*nation {
	m := make(map[string]*nation, len(nations))
	for i := range nations {
		n := &nations[i]
		n.free = n.code != "ALB" && !slices.Contains(visaNations, n.code)
		n.limited = n.free && n.code != "USA"
		n.cardCode = cmp.Or(n.cardCode, "ID")
		n.format = cmp.Or(n.format, mrz.TD1)
		m[n.code] = n
	}
	return m
}()

// nationFor gives a row of the table; a state that only listed persons come from has any passport, and needs a visa.
func nationFor(code string) *nation {
	if n := nationOf[code]; n != nil {
		return n
	}
	return &nation{code: code, passport: anyPassport}
}
