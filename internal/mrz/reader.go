package mrz

import "strings"

// blotch stands for a character that no zone may hold.
const blotch = '?'

// reader fills a zone from lines of the right shape.
type reader struct {
	z      Zone
	layout *layout
	lines  [3]string
}

// value returns the characters of a slot, none where the format has no such slot or
// one of them is unreadable.
func (r *reader) value(s slot) string {
	p := r.layout.at[s]
	return r.lines[p.line][p.from:p.to]
}

// fault notes an error at offset characters into a slot.
func (r *reader) fault(s slot, offset int, code string) { r.note(s, offset, code, false) }

func (r *reader) warn(s slot, offset int, code string) { r.note(s, offset, code, true) }

func (r *reader) note(s slot, offset int, code string, warning bool) {
	p := r.layout.at[s]
	r.z.Faults = append(r.z.Faults, Fault{
		Field: fieldOf[s], Code: code, Line: int(p.line) + 1, Position: int(p.from) + offset + 1, Warning: warning,
	})
}

// blot makes every line one byte a character, notes the first unreadable character
// of each slot and takes those slots out of the layout, so that nothing is read or
// judged from them.
func (r *reader) blot() {
	for i := range r.layout.lines {
		r.lines[i] = blot(r.lines[i])
	}
	readable := *r.layout
	for s := range slots {
		if i := strings.IndexByte(r.value(s), blotch); i >= 0 {
			r.fault(s, i, ErrCharset)
			readable.at[s] = span{}
		}
	}
	r.layout = &readable
}

// blot replaces each character that no zone may hold, keeping one byte a character
// so that positions stay true.
func blot(line string) string {
	b := make([]byte, 0, len(line))
	for _, c := range line {
		if c > 0x7F || values[c] == illegal {
			c = blotch
		}
		b = append(b, byte(c))
	}
	return string(b)
}

func (r *reader) icao() {
	z := &r.z
	z.DocumentCode = r.documentCode()
	z.IssuingState = r.state(atState, ErrIssuingState, WarnIssuingState)
	optional := r.documentNumber(r.value(atOptional))
	z.Nationality = r.state(atNationality, ErrNationality, WarnNationality)
	z.BirthDate = r.birthDate()
	z.Sex = r.sex()
	z.ExpiryDate = r.expiryDate()
	z.OptionalData = plain(optional)
	z.OptionalData2 = plain(r.value(atOptional2))
	r.optionalCheck(optional)
	r.name()
	r.composite()
}

// french reads the French card, where state and nationality are the same word and
// given names stand in the lower line.
func (r *reader) french() {
	z := &r.z
	z.DocumentCode = plain(r.value(atCode))
	z.IssuingState = r.value(atState)
	z.Nationality = z.IssuingState
	z.Office = plain(r.value(atOffice))
	if number := r.value(atNumber); number != "" {
		z.DocumentNumber, z.IssueYYMM = plain(number), plain(number[:4])
		if z.DocumentNumber == "" {
			r.fault(atNumber, 0, ErrDocumentNumber)
		}
	}
	z.DocumentNumberCheck = r.value(atNumberCheck)
	r.check(CheckDocumentNumber, atNumber, atNumberCheck, ErrCheckDocumentNumber)
	z.BirthDate = r.birthDate()
	z.Sex = r.sex()
	r.frenchName()
	r.composite()
}

// check compares one field with its digit. A filler is not a digit here: only the
// optional data of a passport may have one (Doc 9303 part 4, 4.2.2.2).
func (r *reader) check(k Check, field, digit slot, code string) {
	t, d := r.value(field), r.value(digit)
	if t == "" || d == "" {
		return
	}
	var sum digits
	sum.add(t)
	holds := sum.digit() == d[0]
	r.z.Checks.set(k, holds)
	if !holds {
		r.fault(digit, 0, code)
	}
}

// optionalCheck lets the digit of empty optional data be 0 or a filler (Doc 9303
// part 4, 4.2.2.2, position 43).
func (r *reader) optionalCheck(optional string) {
	if r.value(atOptionalCheck) == "<" && optional != "" && unfilled(optional) == "" {
		r.z.Checks.set(CheckOptionalData, true)
		return
	}
	r.check(CheckOptionalData, atOptional, atOptionalCheck, ErrCheckOptionalData)
}

// composite computes the digit over several fields with the weights running on
// (Doc 9303 part 3, 4.9; the positions are in each layout).
func (r *reader) composite() {
	d := r.value(atComposite)
	if d == "" {
		return
	}
	var sum digits
	for _, p := range r.layout.composite {
		if !sum.add(r.lines[p.line][p.from:p.to]) {
			return
		}
	}
	holds := sum.digit() == d[0]
	r.z.Checks.set(CheckComposite, holds)
	if !holds {
		r.fault(atComposite, 0, ErrCheckComposite)
	}
}

// plain removes trailing fillers and gives each inner one as a blank.
func plain(s string) string {
	s = unfilled(s)
	for i := range len(s) {
		if s[i] == filler {
			return strings.ReplaceAll(s, "<", " ")
		}
	}
	return s
}

// unfilled removes trailing fillers.
func unfilled(s string) string {
	n := len(s)
	for n > 0 && s[n-1] == filler {
		n--
	}
	return s[:n]
}
