// Package invented makes up persons who do not exist: alert lists of any size and ordinary travellers, from a seed. Names
// are as frequent as in life, by people: a few are borne by many and many by a few, some of those made of letters in the
// order of their language, so that a longer list has more different names as a real one has. The seed is its only source of chance.
package invented

import (
	"math/rand/v2"
	"strings"

	"tims/internal/border"
)

// A maker draws everything about one person after another. Person i of a seed is always the same, whoever came before.
type maker struct {
	pcg  *rand.PCG
	rng  *rand.Rand
	seed uint64
}

func newMaker(seed uint64) *maker {
	m := &maker{pcg: rand.NewPCG(seed, 0), seed: seed}
	m.rng = rand.New(m.pcg)
	return m
}

// begin makes what follows depend on the seed, the kind of thing and its number alone.
func (m *maker) begin(kind byte, i int) { m.pcg.Seed(m.seed^uint64(kind)<<56, uint64(i)) }

func (m *maker) chance(p float64) bool { return m.rng.Float64() < p }

// between includes both ends.
func (m *maker) between(from, to int) int { return from + m.rng.IntN(to-from+1) }

func (m *maker) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + m.rng.IntN(10))
	}
	return string(b)
}

func (m *maker) capitals(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('A' + m.rng.IntN(26))
	}
	return string(b)
}

// A person is somebody of one people, with all the words of the name.
type person struct {
	people       *people
	sex          string
	given, extra []token // extra: patronymic, father's names, further given names
	surnames     []token
	particle     string // before the surname or the father's name
	birth        border.PartialDate
	nation       string
}

// A token is one word of a name with the ways in which it is spelt.
type token []string

func (m *maker) person(of []share, oldest, youngest int) person {
	p := person{people: peoples[pick(m, of)], sex: "M"}
	if m.chance(womenShare) {
		p.sex = "F"
	}
	p.nation = p.people.nations[m.rng.IntN(len(p.people.nations))]
	if m.chance(abroadShare) {
		other := peoples[pick(m, of)]
		p.nation = other.nations[m.rng.IntN(len(other.nations))]
	}
	p.birth = border.PartialDate{Year: (m.between(oldest, youngest) + m.between(oldest, youngest)) / 2,
		Month: m.between(1, 12), Day: m.between(1, 28)}
	p.people.name(m, &p)
	return p
}

// spell writes the name once, each word in one of its spellings.
func (m *maker) spell(p *person) border.AlertName {
	word := func(t token) string {
		if len(t) == 1 || m.chance(usualSpelling) {
			return t[0]
		}
		return t[1+m.rng.IntN(len(t)-1)]
	}
	var given, sur []string
	for _, t := range p.given {
		given = append(given, word(t))
	}
	for i, t := range p.extra {
		if p.particle == "bin" && i == 0 {
			given = append(given, p.particle)
		}
		given = append(given, word(t))
	}
	for _, t := range p.surnames {
		sur = append(sur, word(t))
	}
	name := border.AlertName{Primary: strings.Join(sur, " "), Secondary: strings.Join(given, " ")}
	if p.particle != "" && p.particle != "bin" {
		name.Primary = p.particle + name.Primary
	}
	return name
}
