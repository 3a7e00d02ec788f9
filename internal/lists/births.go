package lists

import (
	"strings"

	"tims/internal/border"
)

// spread gives the birth dates of one statement. Circa is the year with its neighbours; a range within one year is that
// year, a longer one is each of its years. A range that is too wide says nothing and is refused.
func spread(first, last border.PartialDate, ranged, circa bool) ([]border.PartialDate, bool) {
	if !ranged && !circa {
		return []border.PartialDate{first}, !first.IsZero()
	}
	low, high := first.Year, last.Year
	if circa {
		low, high = low-1, high+1
	}
	if first.Year == 0 || high < low || high-low >= maxYears {
		return nil, false
	}
	var days []border.PartialDate
	if circa && first.Day != 0 && !ranged {
		days = append(days, first)
	}
	for y := low; y <= high; y++ {
		days = append(days, border.PartialDate{Year: y})
	}
	return days, true
}

// isoDate reads 1974-08-12, 1974-08 and 1974, with "?" or "0" for unknown parts, and passes over a time behind a day.
func isoDate(s string) (border.PartialDate, bool) {
	s = strings.TrimSpace(s)
	if day, _, timed := strings.Cut(s, "T"); timed {
		s = day
	}
	parts := strings.Split(s, "-")
	if len(parts) > 3 || len(parts[0]) != 4 {
		return border.PartialDate{}, false
	}
	n := [3]int{}
	for i, p := range parts {
		if i > 0 && len(p) != 2 {
			return border.PartialDate{}, false
		}
		if strings.Trim(p, "?") == "" {
			continue
		}
		var ok bool
		if n[i], ok = digits(p, 0, 2200); !ok {
			return border.PartialDate{}, false
		}
	}
	return partial(n[0], n[1], n[2])
}

// slashDate reads 12/08/1974, day first, with zeros for unknown parts.
func slashDate(s string) (border.PartialDate, bool) {
	parts := strings.Split(strings.TrimSpace(s), "/")
	if len(parts) != 3 || len(parts[2]) != 4 {
		return border.PartialDate{}, false
	}
	day, okD := digits(zeroed(parts[0], "dD"), 0, 31)
	month, okM := digits(zeroed(parts[1], "mM"), 0, 12)
	year, okY := digits(parts[2], 0, 2200)
	if !okD || !okM || !okY {
		return border.PartialDate{}, false
	}
	return partial(year, month, day)
}

// zeroed is "0" for a part that stands as letters, as in "dd/mm/1974".
func zeroed(part, letters string) string {
	if strings.Trim(part, letters) == "" {
		return "0"
	}
	return part
}

// partial makes a date of which zero parts are unknown. Without a year it tells nobody from anybody.
func partial(year, month, day int) (border.PartialDate, bool) {
	if year < 1800 || year > 2200 {
		return border.PartialDate{}, false
	}
	d, err := border.NewPartialDate(year, month, day)
	return d, err == nil
}

// anyBirth reads one birth date as persons and most lists write it: 1974-08-12, 1974-08, 1974-??-??, 12/08/1974,
// 12 Aug 1974, Aug 1974, circa 1974, 1984 to 1986.
func anyBirth(s string) ([]border.PartialDate, bool) {
	s = oneLine(s)
	if d, ok := isoDate(s); ok {
		return []border.PartialDate{d}, true
	}
	if d, ok := slashDate(s); ok {
		return []border.PartialDate{d}, true
	}
	return birthDates(s)
}
