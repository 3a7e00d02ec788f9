package invented

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// A List says how many alerts of each kind to make.
type List struct {
	Persons, Documents, Vehicles int
	Seed                         uint64
}

// Name is the list of which the alerts say they are, and what their ids begin with.
const Name = "invented"

// Alerts makes the alerts of a list one after the other: persons, then documents, then vehicles. Alert i of a kind is the
// same whatever the number of others.
func Alerts(l List) iter.Seq[border.Alert] {
	return func(yield func(border.Alert) bool) {
		m := newMaker(l.Seed)
		for _, k := range []struct {
			kind byte
			n    int
			make func(*maker, int) border.Alert
		}{{'p', l.Persons, personAlert}, {'d', l.Documents, documentAlert}, {'v', l.Vehicles, vehicleAlert}} {
			for i := range k.n {
				m.begin(k.kind, i)
				if !yield(k.make(m, i)) {
					return
				}
			}
		}
	}
}

func alert(kind byte, i int) border.Alert {
	return border.Alert{ID: Name + ":" + string(kind) + strconv.Itoa(i+1), List: Name, Issuer: "invented"}
}

// choice draws one of few things by their parts of a hundred, which need not add up: the last takes the rest.
func choice[T any](m *maker, of ...struct {
	part int
	is   T
}) T {
	at := m.rng.IntN(100)
	for _, o := range of {
		if at -= o.part; at < 0 {
			return o.is
		}
	}
	return of[len(of)-1].is
}

type actionPart = struct {
	part int
	is   border.Action
}

func personAlert(m *maker, i int) border.Alert {
	a := alert('p', i)
	a.Kind = border.PersonAlert
	a.Action = choice(m, actionPart{40, border.ActRefuse}, actionPart{20, border.ActInform}, actionPart{15, border.ActDiscreet},
		actionPart{15, border.ActArrest}, actionPart{10, border.ActProtect})
	p := m.person(listed, 1940, 2008)
	a.Names = m.names(&p)
	a.Births = m.births(p.birth)
	if m.chance(0.85) {
		a.Nations = []string{p.nation}
	}
	if m.chance(0.9) {
		a.Sex = p.sex
	}
	if m.chance(0.3) {
		a.Documents = []border.AlertDocument{{Issuer: p.nation, Number: m.number()}}
	}
	return a
}

// names is the first name and, for half of the listed, aliases: other spellings, a word less, a word more, or another name
// altogether, which only a birth date can find.
func (m *maker) names(p *person) []border.AlertName {
	names := []border.AlertName{m.spell(p)}
	for n := 0; n < 5 && m.chance(0.45); n++ {
		q := *p
		switch {
		case len(q.extra) > 0 && m.chance(0.4):
			q.extra = q.extra[1:]
			q.particle = strings.TrimSuffix(q.particle, "bin")
		case m.chance(0.15):
			q.people.name(m, &q)
		}
		alias := m.spell(&q)
		if m.chance(0.5) {
			alias.Primary, alias.Secondary = m.respell(alias.Primary), m.respell(alias.Secondary)
		}
		alias.Alias, alias.Weak = true, m.chance(0.15)
		if alias.Primary != names[0].Primary || alias.Secondary != names[0].Secondary {
			names = append(names, alias)
		}
	}
	return names
}

// habits are letters that clerks of different countries write for one sound.
var habits = [][2]string{{"ou", "u"}, {"u", "ou"}, {"kh", "h"}, {"y", "i"}, {"i", "y"}, {"sh", "ch"}, {"v", "w"}, {"w", "v"}, {"ee", "i"},
	{"k", "c"}, {"c", "k"}, {"zh", "j"}, {"ss", "s"}, {"s", "ss"}, {"mm", "m"}, {"ll", "l"}, {"ph", "f"}, {"o", "u"}, {"e", "i"}, {"q", "k"},
	{"x", "ks"}, {"ya", "ia"}, {"ev", "yev"}, {"dj", "j"}, {"j", "dj"}, {"a", "e"}, {"h", ""}}

func (m *maker) respell(s string) string {
	for range 4 {
		h := habits[m.rng.IntN(len(habits))]
		if i := strings.LastIndex(s, h[0]); i > 0 {
			return s[:i] + h[1] + s[i+len(h[0]):]
		}
	}
	return s
}

func (m *maker) births(b border.PartialDate) []border.PartialDate {
	year := border.PartialDate{Year: b.Year}
	switch at := m.rng.IntN(100); {
	case at < 76:
		return []border.PartialDate{b}
	case at < 80:
		return []border.PartialDate{{Year: b.Year, Month: 1, Day: 1}}
	case at < 92:
		return []border.PartialDate{year}
	case at < 94:
		return []border.PartialDate{{Year: b.Year, Month: b.Month}}
	case at < 98:
		return []border.PartialDate{year, {Year: b.Year + m.between(1, 3)}}
	}
	return nil
}

func (m *maker) number() string {
	if m.chance(0.5) {
		return m.digits(9)
	}
	return m.capitals(m.between(1, 2)) + m.digits(7)
}

func documentAlert(m *maker, i int) border.Alert {
	a := alert('d', i)
	a.Kind, a.Action = border.DocumentAlert, border.ActSeize
	of := peoples[pick(m, travelling)]
	type part = struct {
		part int
		is   string
	}
	a.Documents = []border.AlertDocument{{Issuer: of.nations[m.rng.IntN(len(of.nations))], Number: m.number(),
		Status: choice(m, part{50, "lost"}, part{40, "stolen"}, part{10, "revoked"})}}
	return a
}

func vehicleAlert(m *maker, i int) border.Alert {
	a := alert('v', i)
	a.Kind, a.Action = border.VehicleAlert, border.ActSeize
	of := peoples[pick(m, travelling)]
	v := border.AlertVehicle{Country: of.nations[m.rng.IntN(len(of.nations))]}
	if m.chance(0.9) {
		v.Plate = m.capitals(2) + m.digits(3) + m.capitals(2)
	}
	if v.Plate == "" || m.chance(0.5) {
		v.VIN = fmt.Sprintf("%sZZZ%s%s%s", vinLetters(m.capitals(3)), vinLetters(m.capitals(2)), m.digits(2), m.digits(7))
	}
	a.Vehicles = []border.AlertVehicle{v}
	return a
}

// vinLetters leaves out what no identification number holds (ISO 3779).
func vinLetters(s string) string {
	return strings.NewReplacer("I", "J", "O", "P", "Q", "R").Replace(s)
}

func zone(s string) string { return strings.ReplaceAll(mrz.Transliterate(s), "<", " ") }

// Travellers makes n ordinary travellers, of the peoples that come to a country in the south-east of Europe,
// with names as in a zone.
func Travellers(seed uint64, n int) iter.Seq[border.Document] {
	return func(yield func(border.Document) bool) {
		m := newMaker(seed)
		for i := range n {
			m.begin('t', i)
			p := m.person(travelling, 1945, 2015)
			name := m.spell(&p)
			if !yield(border.Document{Primary: zone(name.Primary), Secondary: zone(name.Secondary), Birth: p.birth, Nationality: p.nation,
				Issuer: p.nation, Sex: p.sex, Number: m.number()}) {
				return
			}
		}
	}
}
