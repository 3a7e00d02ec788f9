package mrz

import (
	"fmt"
	"strings"
)

// Fields is what Compose writes. Names may have any Latin or Cyrillic spelling;
// dates are six characters, YYMMDD, with fillers for unknown parts of a birth date
// or for a whole expiry date; a number or optional data may hold blanks. Sex is F,
// M, or anything that means unspecified: empty, a filler or X, all written as a
// filler (Doc 9303 part 4, 4.2.2.2).
type Fields struct {
	Format                      Format
	DocumentCode, IssuingState  string
	DocumentNumber, Nationality string
	BirthDate, Sex, ExpiryDate  string
	Primary, Secondary          string
	OptionalData, OptionalData2 string
}

var composable = map[Format]*layout{
	TD1: &layoutTD1, TD2: &layoutTD2, TD3: &layoutTD3, MRVA: &layoutMRVA, MRVB: &layoutMRVB,
}

// Compose makes a correct zone in one of the five formats of Doc 9303. Names that
// are too long are truncated after part 4, 4.2.2.1; a number of more than nine
// characters goes on in the optional data of TD1 and TD2. Parse reads back what was
// composed. Errors name the field and never its value.
func Compose(f Fields) ([]string, error) {
	l := composable[f.Format]
	if l == nil {
		return nil, fmt.Errorf("compose zone: format has no layout in Doc 9303")
	}
	c := composer{layout: l}
	for i := range l.lines {
		c.lines[i] = []byte(strings.Repeat("<", l.width))
	}
	c.identity(f)
	c.dates(f)
	c.number(f)
	c.name(f)
	if c.err != nil {
		return nil, fmt.Errorf("compose zone: %w", c.err)
	}
	c.composite()
	lines := make([]string, l.lines)
	for i := range lines {
		lines[i] = string(c.lines[i])
	}
	return lines, nil
}

// composer keeps the first error.
type composer struct {
	layout *layout
	lines  [3][]byte
	err    error
}

// put writes a value with blanks as fillers. It must be of the zone's characters,
// fit, and begin and end with something else than a filler, or it would not be
// read back.
func (c *composer) put(s slot, value string) {
	p := c.layout.at[s]
	value = strings.ReplaceAll(value, " ", "<")
	switch {
	case !legal(value):
		c.fail(s, "has characters that a zone may not hold")
	case p.none() && value != "" || len(value) > int(p.to-p.from):
		c.fail(s, "is too long for the format")
	case value != "<" && strings.Trim(value, "<") != value:
		c.fail(s, "begins or ends with a blank")
	default:
		c.write(s, value)
	}
}

func (c *composer) write(s slot, value string) {
	p := c.layout.at[s]
	if !p.none() {
		copy(c.lines[p.line][p.from:p.to], value)
	}
}

func (c *composer) fail(s slot, why string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s %s", fieldOf[s], why)
	}
}

func (c *composer) digit(s slot, of string) {
	d, _ := CheckDigit(of)
	c.write(s, string(d))
}

func (c *composer) identity(f Fields) {
	if code := f.DocumentCode + "<<"; !legal(code) || !codeFits(f.Format, code[:2]) {
		c.fail(atCode, "does not fit the format")
	}
	if f.Format == TD2 && f.DocumentCode == "ID" && f.IssuingState == "FRA" {
		c.fail(atCode, "would be read as the old French card's")
	}
	c.put(atCode, f.DocumentCode)
	for _, v := range [2]struct {
		s    slot
		code string
	}{{atState, f.IssuingState}, {atNationality, f.Nationality}} {
		if _, known := StateName(v.code); !known {
			c.fail(v.s, "is not in Doc 9303 part 3, section 5")
		}
		c.put(v.s, v.code)
	}
	switch f.Sex {
	case "F", "M":
		c.put(atSex, f.Sex)
	case "", "<", "X":
	default:
		c.fail(atSex, "is not F, M or unspecified")
	}
}

func (c *composer) dates(f Fields) {
	if len(f.BirthDate) != 6 || dateKind(f.BirthDate) == dateWrong {
		c.fail(atBirth, "is no date")
	}
	if len(f.ExpiryDate) != 6 || dateKind(f.ExpiryDate) == dateWrong || dateKind(f.ExpiryDate) == datePartial {
		c.fail(atExpiry, "is no date")
	}
	c.write(atBirth, f.BirthDate)
	c.write(atExpiry, f.ExpiryDate)
	c.digit(atBirthCheck, f.BirthDate)
	c.digit(atExpiryCheck, f.ExpiryDate)
}

func (c *composer) number(f Fields) {
	number := strings.ReplaceAll(f.DocumentNumber, " ", "<")
	optional := f.OptionalData
	if number == "" {
		c.fail(atNumber, "is empty")
	}
	if long := len(number) > 9 && c.layout.long; long {
		d, _ := CheckDigit(number)
		rest := number[9:]
		// The filler after the digit keeps it apart from what follows (note j).
		if !legal(number) || strings.Contains(number[8:], "<") || len(rest)+2 > c.layout.room(atOptional) {
			c.fail(atNumber, "cannot be written as a long number")
		}
		optional = rest + string(d)
		if f.OptionalData != "" {
			optional += "<" + f.OptionalData
		}
		number = number[:9]
	} else {
		c.digit(atNumberCheck, number)
	}
	c.put(atNumber, number)
	c.put(atOptional, optional)
	c.put(atOptional2, f.OptionalData2)
	if p := c.layout.at[atOptionalCheck]; !p.none() && optional != "" {
		c.digit(atOptionalCheck, strings.ReplaceAll(optional, " ", "<"))
	}
}

func (l *layout) room(s slot) int { return int(l.at[s].to - l.at[s].from) }

func (c *composer) name(f Fields) {
	for _, n := range [2]string{f.Primary, f.Secondary} {
		if strings.ContainsAny(n, "0123456789") {
			c.fail(atName, "has a digit")
		}
	}
	primary, secondary := Transliterate(f.Primary), Transliterate(f.Secondary)
	if primary == "" {
		c.fail(atName, "has no primary identifier")
		return
	}
	c.write(atName, Truncate(primary, secondary, c.layout.room(atName)))
}

func (c *composer) composite() {
	if c.layout.at[atComposite].none() {
		return
	}
	var sum digits
	for _, p := range c.layout.composite {
		sum.add(string(c.lines[p.line][p.from:p.to]))
	}
	c.write(atComposite, string(sum.digit()))
}
