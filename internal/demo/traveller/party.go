package traveller

import (
	"tims/internal/border"
	"tims/internal/mrz"
)

// begin invents a party that comes to a post for the first time.
func (s *Source) begin(post string) *trip {
	f := profiles[post]
	how := way(s.weighted(len(f.way), func(i int) float64 { return f.way[i] }))
	mix := f.mix
	if how == byLorry {
		mix = f.lorries
	}
	pick := mix[s.weighted(len(mix), func(i int) float64 { return mix[i].weight })]
	var listed *Listed
	if len(s.listed) > 0 && s.chance(listedShare) {
		listed = &s.listed[s.below(len(s.listed))]
		if _, known := mrz.StateName(listed.Nationality); known {
			pick = share{code: listed.Nationality}
		}
	}
	s.trips++
	t := &trip{id: s.trips, next: border.Entry, legs: 2}
	if how != onFoot {
		t.vehicle = s.vehicle(how, pick)
	}
	t.people = s.people(f, how, pick, listed)
	if s.livesHere(t.people[0].Basis) {
		t.next = border.Exit
	}
	return t
}

// vehicle has plates of the state where its owner's documents come from; peoples whose cars do not come this far drive
// hired ones of Albania.
func (s *Source) vehicle(how way, pick share) *Vehicle {
	n := nationFor(pick.code)
	if n.plate == "" {
		n = nationFor("ALB")
	}
	kind := [...]Kind{byCar: Car, byLorry: Lorry, byBus: Bus}[how]
	return &Vehicle{Plate: s.number("/"+n.code, n.plate), Country: n.code, Kind: kind}
}

// livesHere decides whether a party's first crossing is an exit: Albanians at home, and foreigners with a right to stay.
func (s *Source) livesHere(b border.Basis) bool {
	switch b {
	case border.Citizen:
		return s.chance(0.6)
	case border.ResidencePermit, border.LongStayVisa, border.FamilyMember:
		return s.chance(0.5)
	}
	return false
}

// people invents the party's travellers, the leader first. A listed person comes alone.
func (s *Source) people(f profile, how way, pick share, listed *Listed) []Traveller {
	members := s.members(how)
	lead := s.person(pick, members[0])
	lead.basis = s.basisOf(lead.nation.code, f)
	if !f.road && lead.basis != border.Citizen && s.chance(crewShare) {
		lead.basis = border.Crew
	}
	if listed != nil {
		members = members[:1]
		s.impersonate(lead, *listed)
	}
	list := []Traveller{s.issue(lead, f)}
	for _, m := range members[1:] {
		list = append(list, s.issue(s.companion(lead, f, pick, m), f))
	}
	return list
}

// companion invents another member. A citizen's spouse is sometimes a foreigner with a right of his own to stay; a
// family otherwise has one basis, and a crew is a crew.
func (s *Source) companion(lead *person, f profile, pick share, m member) *person {
	if m.spouse && lead.basis == border.Citizen && s.chance(mixedShare) {
		p := s.person(share{code: spouses[s.below(len(spouses))]}, m)
		p.basis = border.FamilyMember
		return p
	}
	p := s.person(pick, m)
	if m.kin && !(m.spouse && s.chance(p.nation.keeps)) {
		p.surname = lead.surname
	}
	p.basis = lead.basis
	if !m.kin && lead.basis != border.Crew {
		p.basis = s.basisOf(p.nation.code, f)
	}
	return p
}

var spouses = []string{"ITA", "GRC", "D", "USA", "RKS", "MKD", "GBR", "POL", "UKR", "ROU"}

const (
	crewShare  = 0.025 // of parties of foreigners at the airport
	mixedShare = 0.06  // of citizens' spouses who are foreigners
)

// basisOf draws the ground on which one of a nationality comes.
func (s *Source) basisOf(code string, f profile) border.Basis {
	n, at := nationFor(code), s.rng.Float64()
	switch {
	case code == "ALB":
		return border.Citizen
	case !n.free && at < 0.6:
		return border.Visa
	case !n.free && at < 0.8 || at < 0.04:
		return border.ResidencePermit
	case !n.free || at < 0.05:
		return border.LongStayVisa
	case at < 0.06:
		return border.FamilyMember
	case code == f.local && at < 0.08:
		return border.LocalPermit
	}
	return border.VisaFree
}

// member is a person's part in the party.
type member struct {
	sex    string
	age    int
	kin    bool // of the leader's family
	spouse bool
}

// members draws who comes together.
func (s *Source) members(how way) []member {
	switch how {
	case byLorry:
		list := []member{{sex: "M", age: s.between(24, 62)}}
		if s.chance(0.15) {
			list = append(list, member{sex: "M", age: s.between(24, 62)})
		}
		return list
	case byBus:
		return s.group(s.between(6, maxParty))
	}
	alone, couple, family := 0.25, 0.28, 0.32
	if how == onFoot {
		alone, couple, family = 0.55, 0.2, 0.17
	}
	switch at := s.rng.Float64(); {
	case at < alone:
		return s.group(1)
	case at < alone+couple:
		return s.couple(s.between(22, 74))
	case at < alone+couple+family:
		return s.family()
	}
	return s.group(s.between(2, 4))
}

// group is people of all ages who are not related; the first is grown up, as whoever drives is.
func (s *Source) group(n int) []member {
	list := make([]member, n)
	for i := range list {
		list[i] = member{sex: s.sex(0.55), age: s.between(18, 45)}
		if s.chance(0.35) {
			list[i].age = s.between(45, 76)
		}
	}
	return list
}

func (s *Source) couple(age int) []member {
	lead := member{sex: s.sex(0.75), age: age, kin: true}
	other := member{sex: "F", age: max(18, age+s.between(-7, 4)), kin: true, spouse: true}
	if lead.sex == "F" {
		other.sex = "M"
	}
	return []member{lead, other}
}

// family is one or two parents with children, sometimes with a grandmother in the back.
func (s *Source) family() []member {
	list := s.couple(s.between(27, 52))
	youngest := min(list[0].age, list[1].age)
	if s.chance(0.15) {
		list = list[:1]
	}
	for range s.between(1, 3) {
		list = append(list, member{sex: s.sex(0.51), age: s.between(max(1, youngest-38), min(17, youngest-19)), kin: true})
	}
	if s.chance(0.08) {
		list = append(list, member{sex: "F", age: list[0].age + s.between(21, 30), kin: true})
	}
	return list
}

func (s *Source) sex(men float64) string {
	if s.chance(men) {
		return "M"
	}
	return "F"
}
