package traveller

import (
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// Listed is a person of an alert in force who may turn up at a post. Parts of the birth date that are unknown are made
// up; without a year the person is not used.
type Listed struct {
	ID                 string // given back in Truth
	Primary, Secondary string // in any Latin or Cyrillic spelling
	Birth              border.PartialDate
	Nationality        string // as in a zone; empty or unknown: that of the party
	Sex                string // F, M or empty
}

// FromAlert takes the first strong name and the first birth date of an alert about a person, and reports false where
// there are none.
func FromAlert(a *border.Alert) (Listed, bool) {
	l := Listed{ID: a.ID, Sex: a.Sex}
	for _, n := range a.Names {
		if a.Kind == border.PersonAlert && !n.Alias && !n.Weak {
			l.Primary, l.Secondary = n.Primary, n.Secondary
			break
		}
	}
	if len(a.Births) > 0 {
		l.Birth = a.Births[0]
	}
	if len(a.Nations) > 0 {
		l.Nationality = a.Nations[0]
	}
	return l, l.usable()
}

// usable reports whether a zone can be made that a booth could match. A zone tells the last hundred years apart, no more.
func (l Listed) usable() bool {
	_, err := border.NewPartialDate(l.Birth.Year, l.Birth.Month, l.Birth.Day)
	return err == nil && l.Birth.Year >= 1930 && mrz.Transliterate(l.Primary) != "" &&
		!strings.ContainsAny(l.Primary+l.Secondary, "0123456789")
}

// Watch replaces the listed persons who turn up from now on. Those without a name or a year of birth are left out.
func (s *Source) Watch(listed []Listed) {
	s.listed = s.listed[:0]
	for _, l := range listed {
		if len(s.listed) < maxListed && l.usable() {
			s.listed = append(s.listed, l)
		}
	}
}

// impersonate gives p the identity of a listed person.
func (s *Source) impersonate(p *person, l Listed) {
	p.listed = l.ID
	p.primary, p.secondary = mrz.Transliterate(l.Primary), mrz.Transliterate(l.Secondary)
	if l.Sex == "F" || l.Sex == "M" {
		p.sex = l.Sex
	}
	month, day := l.Birth.Month, l.Birth.Day
	if month == 0 {
		month = 1 + s.below(12)
	}
	if day == 0 {
		day = 1 + s.below(28)
	}
	if born, err := border.NewDate(l.Birth.Year, month, day); err == nil {
		p.born = born
	}
	if s.chance(misspeltShare) {
		p.primary, p.misspelt = s.misspell(p.primary)
	}
}

// slips are pairs of spellings that clerks exchange.
var slips = []struct{ a, b string }{
	{"Y", "I"}, {"Q", "K"}, {"CH", "SH"}, {"KH", "H"}, {"W", "V"}, {"OU", "U"}, {"EE", "I"}, {"DJ", "J"}, {"MOHA", "MUHA"},
	{"SS", "S"}, {"LL", "L"}, {"NN", "N"}, {"Z", "S"}, {"E", "A"}, {"O", "U"}, {"I", "E"},
}

// misspell changes a letter or two of a name in zone letters, and reports whether it did.
func (s *Source) misspell(name string) (string, bool) {
	from := s.below(len(slips))
	for i := range slips {
		slip := slips[(from+i)%len(slips)]
		if changed := strings.Replace(name, slip.a, slip.b, 1); changed != name {
			return changed, true
		}
	}
	return name, false
}
