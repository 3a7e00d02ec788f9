package border

import (
	"slices"
	"strings"

	"tims/internal/mrz"
)

// DocumentFromZone is what a zone says; lines are the zone as read, and kept. A date that cannot be one stays unknown: the
// zone's faults, which are kept beside it, name the field. today decides the centuries.
func DocumentFromZone(z mrz.Zone, lines []string, today Date) Document {
	d := Document{
		Code:        z.DocumentCode,
		Issuer:      z.IssuingState,
		Number:      strings.ReplaceAll(z.DocumentNumber, " ", ""),
		Nationality: z.Nationality,
		Primary:     z.Primary,
		Secondary:   z.Secondary,
		Zone:        slices.Clone(lines),
		Faults:      slices.Clone(z.Faults),
	}
	if z.Sex == "F" || z.Sex == "M" || z.Sex == "X" {
		d.Sex = z.Sex
	}
	if birth, err := BirthFromZone(z.BirthDate, today); err == nil {
		d.Birth = birth
	}
	if expiry, err := ExpiryFromZone(z.ExpiryDate, today); err == nil {
		d.Expiry = expiry
	}
	return d
}

// Expired reports whether the document's last day, or the last that its known parts allow, is before today. A document
// without a known year of expiry is not called expired.
func (d Document) Expired(today Date) bool {
	last, ok := d.Expiry.latest()
	return ok && last < today
}

// isVisa reports whether the zone is that of a visa sticker (Doc 9303 part 7).
func (d Document) isVisa() bool { return strings.HasPrefix(d.Code, "V") }

// younger reports whether the holder is certainly under age, in completed years, on the day; by an unknown day of birth
// he is the older one.
func (d Document) younger(age int, on Date) bool {
	born, ok := d.Birth.earliest()
	if !ok {
		return false
	}
	y, m, day := born.Civil()
	ty, tm, tday := on.Civil()
	full := ty - y
	if tm < m || tm == m && tday < day {
		full--
	}
	return full < age
}
