package mrz

// salvage reads what check digits vouch for in lines that are of no format: half a
// scan, a line too long by a character, a card without its third line. The zone
// keeps the format None and its layout fault. Where two lines claim the same
// fields, as when two scans ran together, nothing is taken: a mixture of two
// travellers is worse than none (Read tells them apart).
func salvage(lines []string) Zone {
	z := Zone{Format: None, Faults: []Fault{layoutFault(lines)}}
	var s salvaged
	for _, l := range lines[:min(len(lines), maxPieces)] {
		s.line(l)
	}
	if s.lowers <= 1 {
		s.takeLower(&z)
	}
	if s.uppers <= 1 && s.lowers <= 1 {
		s.takeUpper(&z)
	}
	return z
}

// layoutFault points at the first line whose width no format has, or else at the
// whole zone.
func layoutFault(lines []string) Fault {
	f := Fault{Field: FieldZone, Code: ErrLayout}
	for i, l := range lines {
		if !zoneWidth(width(l)) {
			f.Line = i + 1
			break
		}
	}
	return f
}

func zoneWidth(n int) bool { return n == 30 || n == 36 || n == 44 }

// salvaged holds the line found of each kind and how many were found.
type salvaged struct {
	lower          *layout
	low, up        string
	lowers, uppers int
}

// line sorts one line by what it proves to be. A lower line must bear the check
// digits of both dates; the number's digit is judged afterwards.
func (s *salvaged) line(l string) {
	switch {
	case lowerOf(l, &layoutTD3):
		s.lower, s.low = &layoutTD3, l
		s.lowers++
	case lowerOf(l, &layoutTD1):
		s.lower, s.low = &layoutTD1, l
		s.lowers++
	case upperOf(l):
		s.up = l
		s.uppers++
	}
}

// lowerOf reports whether l begins as the lower line of the layout and both its
// dates are sound.
func lowerOf(l string, lay *layout) bool {
	end := int(max(lay.at[atExpiryCheck].to, lay.at[atNationality].to))
	if len(l) < end || !legal(l[:end]) {
		return false
	}
	get := func(s slot) string { return l[lay.at[s].from:lay.at[s].to] }
	holds := func(field, digit slot) bool {
		d, _ := CheckDigit(get(field))
		return d == get(digit)[0]
	}
	birth, expiry := dateKind(get(atBirth)), dateKind(get(atExpiry))
	return birth != dateWrong && (expiry == dateWhole || expiry == dateUnknown) && codeShaped(get(atNationality)) &&
		holds(atBirth, atBirthCheck) && holds(atExpiry, atExpiryCheck)
}

// upperOf reports whether l begins with a document code and a known state and goes
// on with a name, or, on a card, with a number whose digit holds.
func upperOf(l string) bool {
	if len(l) < 15 || !legal(l[:15]) {
		return false
	}
	code, state := l[0:2], l[2:5]
	if !codeFits(TD3, code) && !codeFits(TD1, code) && !codeFits(MRVA, code) {
		return false
	}
	return codeShaped(state) && knownState(state)
}

func (s *salvaged) takeLower(z *Zone) {
	if s.lower == nil {
		return
	}
	get := func(k slot) string { return s.low[s.lower.at[k].from:s.lower.at[k].to] }
	z.BirthDate, z.ExpiryDate, z.Sex = get(atBirth), get(atExpiry), get(atSex)
	z.Nationality = plain(get(atNationality))
	z.Checks.set(CheckBirthDate, true)
	z.Checks.set(CheckExpiryDate, true)
	if s.lower == &layoutTD3 {
		z.takeNumber(s.low[0:9], s.low[9])
	}
}

// takeUpper reads the first five characters, and what follows either as a card's
// number, if its digit holds, or as a name, if it is one.
func (s *salvaged) takeUpper(z *Zone) {
	if s.up == "" {
		return
	}
	z.DocumentCode, z.IssuingState = plain(s.up[0:2]), plain(s.up[2:5])
	if s.lower != &layoutTD3 && codeFits(TD1, s.up[:2]) && z.takeNumber(s.up[5:14], s.up[14]) {
		return
	}
	name := blot(s.up)[5:]
	if len(name) > layoutTD3.room(atName)+1 {
		return // run together with something else
	}
	for i := range len(name) {
		if name[i] != filler && (name[i] < 'A' || name[i] > 'Z') {
			return
		}
	}
	z.takeName(name)
}

// takeNumber keeps a document number only if its digit holds.
func (z *Zone) takeNumber(number string, digit byte) bool {
	if d, ok := CheckDigit(number); !ok || d != digit || plain(number) == "" {
		return false
	}
	z.DocumentNumber, z.DocumentNumberCheck = plain(number), string(digit)
	z.Checks.set(CheckDocumentNumber, true)
	return true
}
