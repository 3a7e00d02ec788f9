package border

import (
	"errors"
	"fmt"
)

var (
	errPartial = errors.New("not a date of the form 2006-01-02 with ? for unknown parts")
	errSix     = errors.New("not a date of the form YYMMDD with < for unknown parts")
)

// A PartialDate is a date of which year, month or day may be unknown (zero), as Doc 9303 part 3, 4.8 allows for births.
// The zero value is wholly unknown. It has one text: 1974-08-12, 1974-??-??, ????-08-??, and "" for the zero value.
type PartialDate struct {
	Year  int `cbor:"1,keyasint,omitempty"`
	Month int `cbor:"2,keyasint,omitempty"`
	Day   int `cbor:"3,keyasint,omitempty"`
}

// NewPartialDate makes a partial date; zero is unknown. The known parts must fit each other in some year.
func NewPartialDate(year, month, day int) (PartialDate, error) {
	if year < 0 || year > 9999 || month < 0 || month > 12 || day < 0 || day > daysIn(year, month) {
		return PartialDate{}, errPartial
	}
	return PartialDate{Year: year, Month: month, Day: day}, nil
}

// ParsePartialDate reads exactly what String writes. The error does not repeat the text.
func ParsePartialDate(s string) (PartialDate, error) {
	if s == "" {
		return PartialDate{}, nil
	}
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return PartialDate{}, errPartial
	}
	year, okY := number(s[:4], '?')
	month, okM := number(s[5:7], '?')
	day, okD := number(s[8:], '?')
	if !okY || !okM || !okD || year == 0 || month == 0 || day == 0 || year+month+day == 3*unknown {
		return PartialDate{}, errPartial
	}
	return NewPartialDate(max(year, 0), max(month, 0), max(day, 0))
}

const unknown = -1

// number reads decimal digits, or unknown where all are filler.
func number(s string, filler byte) (n int, ok bool) {
	fillers := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == filler:
			fillers++
		case c < '0' || c > '9':
			return 0, false
		default:
			n = 10*n + int(c-'0')
		}
	}
	if fillers == len(s) {
		return unknown, true
	}
	return n, fillers == 0
}

// BirthFromZone reads the six characters of a zone. The century is not said (Doc 9303 part 3, 4.8): it is the latest in
// which the date exists and is not after today.
func BirthFromZone(six string, today Date) (PartialDate, error) {
	return fromZone(six, today.Year(), func(p PartialDate) bool {
		d, _ := p.earliest()
		return d <= today
	})
}

// ExpiryFromZone reads the six characters of a zone. The century is the one that puts the year at most 49 years after
// today's and less than 51 before: documents live ten years, permits without end are written with far years. Six fillers
// are a document without end, the zero value.
func ExpiryFromZone(six string, today Date) (PartialDate, error) {
	return fromZone(six, today.Year()+49, func(PartialDate) bool { return true })
}

// fromZone takes the latest year up to the given one with the two digits of the zone in which the date exists and is fit.
func fromZone(six string, latest int, fit func(PartialDate) bool) (PartialDate, error) {
	if len(six) != 6 {
		return PartialDate{}, errSix
	}
	yy, okY := number(six[:2], '<')
	month, okM := number(six[2:4], '<')
	day, okD := number(six[4:], '<')
	if !okY || !okM || !okD || month == 0 || day == 0 {
		return PartialDate{}, errSix
	}
	if yy == unknown {
		p, err := NewPartialDate(0, max(month, 0), max(day, 0))
		if err != nil {
			return PartialDate{}, errSix
		}
		return p, nil
	}
	// Four centuries hold every leap day once more.
	for year, n := latest-((latest-yy)%100+100)%100, 0; n < 4 && year > 0; year, n = year-100, n+1 {
		if p, err := NewPartialDate(year, max(month, 0), max(day, 0)); err == nil && fit(p) {
			return p, nil
		}
	}
	return PartialDate{}, errSix
}

// IsZero reports whether nothing is known.
func (p PartialDate) IsZero() bool { return p == PartialDate{} }

// Date is the day, and false where a part is unknown.
func (p PartialDate) Date() (Date, bool) {
	if p.Year == 0 || p.Month == 0 || p.Day == 0 {
		return 0, false
	}
	d, err := NewDate(p.Year, p.Month, p.Day)
	return d, err == nil
}

// earliest is the first day that the known parts allow; false where the year is unknown.
func (p PartialDate) earliest() (Date, bool) {
	return PartialDate{p.Year, max(p.Month, 1), max(p.Day, 1)}.Date()
}

// latest is the last day that the known parts allow; false where the year is unknown.
func (p PartialDate) latest() (Date, bool) {
	if p.Month == 0 {
		p.Month = 12
	}
	if p.Day == 0 {
		p.Day = daysIn(p.Year, p.Month)
	}
	return p.Date()
}

// String is the one text of the date.
func (p PartialDate) String() string {
	if p.IsZero() {
		return ""
	}
	part := func(n, width int) string {
		if n == 0 {
			return "????"[:width]
		}
		return fmt.Sprintf("%0*d", width, n)
	}
	return part(p.Year, 4) + "-" + part(p.Month, 2) + "-" + part(p.Day, 2)
}

// MarshalText is String, for JSON.
func (p PartialDate) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePartialDate.
func (p *PartialDate) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePartialDate(string(b))
	return err
}
