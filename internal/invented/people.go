package invented

import (
	_ "embed"
	"sort"
	"strconv"
	"strings"
)

//go:embed names.tsv
var namesText string

// Shares of what is drawn; none matters to anything but how a list looks.
const (
	womenShare    = 0.3
	abroadShare   = 0.1  // of another nationality than their people's
	usualSpelling = 0.55 // of a name with several spellings
	newSurname    = 0.15 // made from letters: the long tail that no table holds
	newGiven      = 0.04
)

// A people is where names go together.
type people struct {
	code    string
	nations []string
	kinds   map[string]*pool // by kind: M and F given names, S surnames, W those of women, P and Q patronymics, G syllables
}

// A pool draws names by their frequency, or makes one up.
type pool struct {
	names []token
	upTo  []int
	next  *letters
}

// A share is how much of a list or of a stream of travellers a people makes up, in parts of all.
type share struct {
	people string
	part   int
}

// listed and travelling are mixtures without a source: what a list of a country in the south-east of Europe could hold,
// and who could come to it.
var (
	listed = []share{{"arab", 20}, {"slavic", 14}, {"hispanic", 10}, {"english", 8}, {"balkan", 8}, {"albanian", 6},
		{"turkic", 6}, {"persian", 5}, {"south", 5}, {"central", 4}, {"chinese", 4}, {"french", 4}, {"italian", 4},
		{"german", 3}, {"lusophone", 3}, {"korean", 2}, {"eastern", 2}, {"nordic", 2}, {"greek", 2}, {"caucasian", 2}, {"hebrew", 1}}
	travelling = []share{{"english", 15}, {"german", 12}, {"italian", 13}, {"central", 10}, {"nordic", 8}, {"french", 8},
		{"albanian", 8}, {"balkan", 8}, {"hispanic", 5}, {"greek", 4}, {"slavic", 4}, {"turkic", 4}, {"arab", 3}, {"chinese", 2},
		{"lusophone", 2}, {"south", 2}, {"korean", 1}, {"eastern", 1}, {"persian", 1}, {"hebrew", 1}, {"caucasian", 1}}
)

var nationsOf = map[string]string{
	"albanian": "ALB RKS MKD", "arab": "IRQ SYR EGY LBN JOR DZA MAR TUN LBY YEM SAU", "balkan": "SRB BIH MNE HRV MKD SVN",
	"caucasian": "GEO ARM", "central": "POL CZE SVK HUN ROU", "chinese": "CHN CHN CHN TWN HKG", "eastern": "PHL MYS VNM JPN KHM",
	"english": "GBR IRL USA CAN AUS NZL", "french": "FRA BEL CHE LUX", "german": "D AUT CHE", "greek": "GRC CYP",
	"hebrew": "ISR", "hispanic": "ESP MEX COL ARG CHL PER VEN CUB", "italian": "ITA", "korean": "KOR PRK", "lusophone": "PRT BRA",
	"nordic": "SWE NOR DNK FIN NLD EST LVA LTU", "persian": "IRN IRN AFG", "slavic": "RUS RUS UKR BLR BGR MDA",
	"south": "IND PAK BGD NPL LKA", "turkic": "TUR TUR AZE KAZ UZB",
}

var peoples = readPeoples()

func readPeoples() map[string]*people {
	all := map[string]*people{}
	for code, nations := range nationsOf {
		all[code] = &people{code: code, nations: strings.Fields(nations), kinds: map[string]*pool{}}
	}
	for line := range strings.Lines(namesText) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		weight, err := strconv.Atoi(cells[2])
		if err != nil {
			panic("invented: embedded table of names: " + err.Error())
		}
		kinds := all[cells[0]].kinds
		if kinds[cells[1]] == nil {
			kinds[cells[1]] = &pool{next: &letters{}}
		}
		kinds[cells[1]].add(strings.Split(cells[3], ","), weight)
	}
	return all
}

func (p *pool) add(t token, weight int) {
	sum := weight
	if len(p.upTo) > 0 {
		sum += p.upTo[len(p.upTo)-1]
	}
	p.names, p.upTo = append(p.names, t), append(p.upTo, sum)
	p.next.learn(t[0])
}

func (p *pool) draw(m *maker, made float64) token {
	if m.chance(made) {
		if w := p.next.word(m); w != "" {
			return token{w}
		}
	}
	at := m.rng.IntN(p.upTo[len(p.upTo)-1])
	return p.names[sort.SearchInts(p.upTo, at+1)]
}

func pick(m *maker, of []share) string {
	all := 0
	for _, s := range of {
		all += s.part
	}
	at := m.rng.IntN(all)
	for _, s := range of {
		if at -= s.part; at < 0 {
			return s.people
		}
	}
	return of[0].people
}

// name gives a person the words of a name as their people put them together.
func (p *people) name(m *maker, to *person) {
	given := func() token { return p.kinds[to.sex].draw(m, newGiven) }
	surname := func() token {
		if women := p.kinds["W"]; to.sex == "F" && women != nil {
			return women.draw(m, newSurname)
		}
		return p.kinds["S"].draw(m, newSurname)
	}
	to.given, to.surnames = []token{given()}, []token{surname()}
	switch p.code {
	case "arab", "persian":
		fathers := m.between(0, 2)
		for range fathers {
			to.extra = append(to.extra, p.kinds["M"].draw(m, newGiven))
		}
		if fathers > 0 && m.chance(0.25) {
			to.particle = "bin"
		} else if p.code == "arab" && m.chance(0.4) && !strings.HasPrefix(to.surnames[0][0], "Al") {
			to.particle = "Al-"
		}
	case "slavic":
		if kind := map[string]string{"M": "P", "F": "Q"}[to.sex]; m.chance(0.7) {
			to.extra = []token{p.kinds[kind].draw(m, 0)}
		}
	case "hispanic", "lusophone":
		if m.chance(0.8) {
			to.surnames = append(to.surnames, surname())
		}
		if m.chance(0.4) {
			to.extra = []token{given()}
		}
	case "chinese", "korean":
		to.given = []token{p.syllables(m)}
	default:
		if m.chance(0.25) {
			to.extra = []token{given()}
		}
		if m.chance(0.03) {
			to.surnames = append(to.surnames, surname())
		}
	}
}

// syllables makes a given name of one or two, written together, apart or with a hyphen.
func (p *people) syllables(m *maker) token {
	a, b := p.kinds["G"].draw(m, 0)[0], p.kinds["G"].draw(m, 0)[0]
	if m.chance(0.2) {
		return token{a}
	}
	return token{a + strings.ToLower(b), a + " " + b, a + "-" + strings.ToLower(b)}
}
