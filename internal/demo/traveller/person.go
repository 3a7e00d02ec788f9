package traveller

import (
	"fmt"

	"tims/internal/border"
	"tims/internal/mrz"
)

// person is a traveller before a document is made for him.
type person struct {
	nation    *nation
	people    string // whose names he bears
	sex       string
	born      border.Date
	minor     bool
	surname   string // as a man of his family bears it
	primary   string // of a listed person; otherwise made from surname
	secondary string
	basis     border.Basis
	listed    string
	misspelt  bool
}

func (s *Source) person(pick share, m member) *person {
	p := &person{nation: nationFor(pick.code), people: pick.pool, sex: m.sex, minor: m.age < 18}
	if p.people == "" {
		p.people = pick.code
	}
	names := pools[p.people]
	if names == nil {
		names = pools["ALB"] // of a listed person only, who brings his own name
	}
	year, month, day := s.today.Civil()
	p.born, _ = border.NewDate(year-m.age, month, min(day, 28)) // every month has 28 days
	p.born -= border.Date(s.between(1, 364))
	p.surname = s.oneOf(names.surnames)
	p.secondary = s.forenames(names, m.sex, m.age, secondNames(p.people))
	return p
}

// issue makes the document that p will put on the reader.
func (s *Source) issue(p *person, f profile) Traveller {
	t := Traveller{Basis: p.basis, Truth: Truth{Listed: p.listed, Misspelt: p.misspelt, Fault: s.fault()}}
	z := s.document(p, f)
	life := 3650
	if p.minor {
		life = 1825 // half as long, as for children nearly everywhere
	}
	expiry := s.today + border.Date(s.between(200, life))
	if p.basis == border.Visa {
		t.Until = s.today + border.Date(s.between(100, 180))
		t.Visa = border.VisaTerms{Days: 30 * s.between(1, 3), Entries: s.below(2)}
	}
	if z.Format == mrz.MRVA {
		expiry = t.Until
	}
	if t.Truth.Fault == Expired {
		expiry = s.today - border.Date(s.between(2, 500))
	}
	switch {
	case z.IssuingState == "ALB" && p.basis == border.ResidencePermit:
		t.Until = expiry
	case p.basis == border.ResidencePermit || p.basis == border.LongStayVisa || p.basis == border.LocalPermit:
		t.Until = s.today + border.Date(s.between(60, 300))
	}
	z.BirthDate, z.ExpiryDate = six(p.born), six(expiry)
	lines, err := mrz.Compose(z)
	if err != nil {
		// Every value is from the tables or was tried by usable: a fault of the tables, which their test finds.
		panic(fmt.Sprintf("invent travellers: %v", err))
	}
	t.Document = border.DocumentFromZone(mrz.Parse(lines), nil, s.today)
	t.Document.Faults = nil
	t.Zone = s.damage(lines, z.Format, t.Truth.Fault)
	return t
}

// document chooses the kind of document and fills in all but its dates.
func (s *Source) document(p *person, f profile) mrz.Fields {
	n := p.nation
	z := mrz.Fields{
		Format: mrz.TD3, DocumentCode: "P", IssuingState: n.code, Nationality: n.code, Sex: p.sex,
		Primary: p.primary, Secondary: p.secondary,
	}
	if z.Primary == "" {
		z.Primary = p.surname
		if p.sex == "F" {
			z.Primary = feminine(p.people, p.surname)
		}
	}
	switch {
	case p.basis == border.Visa && s.chance(0.8):
		z.Format, z.DocumentCode, z.IssuingState = mrz.MRVA, "V", "ALB"
		z.DocumentNumber = s.number("ALB", visaPattern)
	case p.basis == border.ResidencePermit && s.chance(0.7):
		z.Format, z.DocumentCode, z.IssuingState = mrz.TD1, "IR", "ALB"
		z.DocumentNumber = s.number("ALB", permitPattern)
	case p.basis == border.Crew:
		z.Format, z.DocumentCode = mrz.TD1, "AC" // crew member certificate, Doc 9303 part 5, 4.2.2
		z.DocumentNumber = s.number(n.code, crewPattern)
	case n.card != "" && s.chance(n.cardShare(f)):
		z.Format, z.DocumentCode = n.format, n.cardCode
		z.DocumentNumber = s.number(n.code, n.card)
		z.OptionalData = s.personalNumber(p)
	default:
		z.DocumentNumber = s.number(n.code, n.passport)
		z.OptionalData = s.personalNumber(p)
	}
	return z
}

func (n *nation) cardShare(f profile) float64 {
	switch n.code {
	case "ALB":
		return f.albCards
	case "RKS":
		return f.rksCards
	}
	return n.cards
}

// six writes a date as a zone does, YYMMDD.
func six(d border.Date) string {
	y, m, day := d.Civil()
	return fmt.Sprintf("%02d%02d%02d", y%100, m, day)
}

// personalNumber is in the form of the two systems that put it into the zone's optional data; its last character is in
// place of the true check character, so that none is a real person's by more than chance.
func (s *Source) personalNumber(p *person) string {
	y, m, d := p.born.Civil()
	woman := 0
	if p.sex == "F" {
		woman = 50
	}
	switch p.nation.personal {
	case nid:
		decade := 'A' + rune(y-1900)/10
		return fmt.Sprintf("%c%d%02d%02d%03d%c", decade, y%10, m+woman, d, s.between(1, 199), 'A'+rune(s.below(23)))
	case jmbg:
		return fmt.Sprintf("%02d%02d%03d%02d%03d%d", d, m, y%1000, s.between(10, 89), 10*woman+s.below(500), s.below(10))
	}
	return ""
}
