package traveller

import (
	_ "embed"
	"strings"
)

// Two files of names, parted because their origins differ: names/README.md.
//
//go:embed names/listed.tsv
var listedNames string

//go:embed names/added.tsv
var addedNames string

// A pool holds the names of one people.
type pool struct {
	young    map[string][]string // by sex: names given in recent years
	adult    map[string][]string // by sex: names of the grown; empty where none were added
	surnames []string
}

var pools = readPools()

func readPools() map[string]*pool {
	m := map[string]*pool{}
	for i, file := range []string{listedNames, addedNames} {
		for line := range strings.Lines(file) {
			cells := strings.Split(strings.TrimSpace(line), "\t")
			if len(cells) == 3 {
				m[cells[0]] = m[cells[0]].with(cells[1], strings.Split(cells[2], ","), i == 1)
			}
		}
	}
	return m
}

func (p *pool) with(kind string, names []string, added bool) *pool {
	if p == nil {
		p = &pool{young: map[string][]string{}, adult: map[string][]string{}}
	}
	switch {
	case kind == "S":
		p.surnames = append(p.surnames, names...)
	case added:
		p.adult[kind] = names
	default:
		p.young[kind] = names
	}
	return p
}

// oldNames is the age from which a forename comes from the added lists of the grown, where a people has one: the public
// lists are mostly of the newborn.
const oldNames = 16

// forenames draws one or two given names.
func (s *Source) forenames(p *pool, sex string, age int, middle float64) string {
	names := p.young[sex]
	if old := p.adult[sex]; len(old) > 0 && (age >= oldNames || len(names) == 0) {
		names = old
	}
	first := s.oneOf(names)
	if second := s.oneOf(names); s.chance(middle) && second != first {
		return first + " " + second
	}
	return first
}

func (s *Source) oneOf(names []string) string { return names[s.below(len(names))] }

// secondNames is how many of a people carry two given names in their documents.
func secondNames(pool string) float64 {
	switch pool {
	case "D", "AUT", "FRA", "NLD", "GBR", "USA", "CAN", "AUS", "POL", "HUN", "PHL", "NOR", "DNK", "IRL":
		return 0.45
	case "ESP", "PRT", "ROU", "BEL", "CHE":
		return 0.3
	}
	return 0.04
}

// feminine gives the form of a surname that a woman bears, where her people have one.
func feminine(people, name string) string {
	switch people {
	case "CZE", "SVK":
		return czech(name)
	case "POL":
		for _, end := range []string{"ski", "cki", "dzki"} {
			if strings.HasSuffix(name, end) {
				return name[:len(name)-1] + "a"
			}
		}
	case "BGR", "RUS", "MKD":
		return slavic(name)
	case "GRC":
		return greek(name)
	}
	return name
}

func czech(name string) string {
	switch {
	case strings.HasSuffix(name, "ý"):
		return strings.TrimSuffix(name, "ý") + "á"
	case strings.HasSuffix(name, "a"):
		return strings.TrimSuffix(name, "a") + "ová"
	case strings.HasSuffix(name, "ec"):
		return strings.TrimSuffix(name, "ec") + "cová"
	case strings.HasSuffix(name, "ek"):
		return strings.TrimSuffix(name, "ek") + "ková"
	}
	return name + "ová"
}

func slavic(name string) string {
	for _, end := range []string{"ov", "ev", "in"} {
		if strings.HasSuffix(name, end) {
			return name + "a"
		}
	}
	if strings.HasSuffix(name, "ski") {
		return strings.TrimSuffix(name, "i") + "a"
	}
	return name
}

func greek(name string) string {
	switch {
	case strings.HasSuffix(name, "os"):
		return strings.TrimSuffix(name, "os") + "ou"
	case strings.HasSuffix(name, "s"):
		return strings.TrimSuffix(name, "s")
	}
	return name
}
