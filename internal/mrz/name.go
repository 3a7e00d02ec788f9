package mrz

import "strings"

// name splits the field at the first two fillers into primary and secondary
// identifier (Doc 9303 part 3, 4.6; part 4, 4.2.3). A letter in the last position
// says that something may have been cut off.
func (r *reader) name() {
	field := r.value(atName)
	if field == "" {
		return
	}
	z := &r.z
	t := unfilled(field)
	if t == "" {
		r.fault(atName, 0, ErrNameMissing)
		return
	}
	if i := digitIn(t); i >= 0 {
		r.fault(atName, i, ErrNameCharset)
	}
	primary, secondary := z.takeName(t)
	if z.Primary == "" {
		r.warn(atName, 0, WarnNoPrimary)
	}
	if i := strings.Index(secondary, "<<"); i >= 0 {
		r.warn(atName, len(primary)+2+i, WarnNameSeparator)
	}
	if len(t) == len(field) {
		z.NameTruncated = true
		r.warn(atName, len(field)-1, WarnNameTruncated)
	}
}

// takeName keeps the two identifiers and returns them as they stand in the field.
func (z *Zone) takeName(t string) (primary, secondary string) {
	primary, secondary, _ = strings.Cut(unfilled(t), "<<")
	z.Primary, z.Secondary = words(primary), words(secondary)
	return primary, secondary
}

// frenchName reads the surname of the upper and the given names of the lower line.
// The card writes two fillers between given names, which is its own rule and no
// fault; a full field is kept in mind for matching and is no warning either.
func (r *reader) frenchName() {
	z := &r.z
	surname, given := r.value(atName), r.value(atGiven)
	z.Primary, z.Secondary = words(surname), words(given)
	for _, p := range [2]struct {
		s slot
		t string
	}{{atName, surname}, {atGiven, given}} {
		if i := digitIn(p.t); i >= 0 {
			r.fault(p.s, i, ErrNameCharset)
		}
		if p.t != "" && p.t[len(p.t)-1] != filler {
			z.NameTruncated = true
		}
	}
	switch {
	case surname == "" || given == "" || z.Primary != "":
	case z.Secondary == "":
		r.fault(atName, 0, ErrNameMissing)
	default:
		r.warn(atName, 0, WarnNoPrimary)
	}
}

// digitIn returns where the first digit is, or -1.
func digitIn(t string) int {
	for i := range len(t) {
		if t[i] >= '0' && t[i] <= '9' {
			return i
		}
	}
	return -1
}

// words gives the components of a name with one blank between them.
func words(t string) string {
	for t != "" && t[0] == filler {
		t = t[1:]
	}
	t = unfilled(t)
	if strings.IndexByte(t, filler) < 0 {
		return t
	}
	var buf [44]byte
	n := copy(buf[:], t)
	out, gap := 0, false
	for _, c := range buf[:n] {
		if c == filler {
			if gap {
				continue
			}
			c = ' '
		}
		gap = c == ' '
		buf[out] = c
		out++
	}
	return string(buf[:out])
}
