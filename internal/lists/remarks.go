package lists

import (
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
	"tims/internal/mrz"
)

// remarks reads what the issuer knows beside the name: statements parted by semicolons. Statements it does not know are
// passed over: most are of addresses, addresses of money, and links to others.
func remarks(a *border.Alert, text string, fault func(why string)) {
	for s := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(text), "."), ";") {
		s = strings.TrimPrefix(strings.TrimSpace(s), "alt. ")
		word, rest, _ := strings.Cut(s, " ")
		switch word {
		case "DOB":
			days, ok := birthDates(rest)
			if !ok {
				fault("birth date not understood")
			}
			a.Births = addNew(a.Births, days...)
		case "nationality", "citizen":
			if code, ok := mrz.StateByName(strings.TrimPrefix(rest, "possibly ")); ok {
				a.Nations = addNew(a.Nations, code)
			} else {
				fault("nationality not understood")
			}
		case "Gender":
			a.Sex = map[string]string{"Male": "M", "Female": "F"}[rest]
		case "a.k.a.":
			if n := strings.Trim(rest, "'"); n != "" {
				a.Names = append(a.Names, ofacName(n, true, true))
			}
		default:
			if d, ok := document(s); ok {
				a.Documents = addNew(a.Documents, d)
			}
		}
	}
}

// addNew adds what is not there yet, up to maxNew: each is compared with all before it, and a party of a hostile list has a hundred thousand.
func addNew[T comparable](to []T, values ...T) []T {
	for _, v := range values {
		if len(to) == maxNew {
			break
		}
		if !slices.Contains(to, v) {
			to = append(to, v)
		}
	}
	return to
}

// documentWords begin a statement of a number that a booth may read: of passports, and of identity cards with which one
// crosses.
var documentWords = []string{"Passport ", "Diplomatic Passport ", "Stateless Person Passport ", "Travel Document Number ",
	"National ID No. ", "Identification Number ", "Personal ID Card ", "Cedula No. ", "Numero de Identidad "}

// document reads "Passport A123 (Iran) issued 13 Aug 1995 expires 12 Aug 2000".
func document(s string) (border.AlertDocument, bool) {
	for _, w := range documentWords {
		rest, ok := strings.CutPrefix(s, w)
		if !ok {
			continue
		}
		var d border.AlertDocument
		for _, end := range []string{" issued ", " expires "} {
			rest, _, _ = strings.Cut(rest, end)
		}
		number, place, _ := strings.Cut(rest, " (")
		d.Number = strings.TrimSpace(number)
		state, _, _ := strings.Cut(place, ")")
		d.Issuer, _ = mrz.StateByName(state)
		return d, strings.ContainsAny(d.Number, "0123456789")
	}
	return border.AlertDocument{}, false
}

// birthDates reads one date of birth: a day, a month, a year, one of these with circa, or a range of them. Circa is the
// year with its neighbours; a range within one year is that year, a longer one is each of its years.
func birthDates(s string) ([]border.PartialDate, bool) {
	s, circa := strings.CutPrefix(s, "circa ")
	from, to, ranged := strings.Cut(s, " to ")
	if !ranged && len(s) == 9 && s[4] == '-' {
		from, to, ranged = s[:4], s[5:], true
	}
	first, ok := oneDate(from)
	if !ok {
		return nil, false
	}
	last := first
	if ranged {
		if last, ok = oneDate(strings.TrimPrefix(to, "circa ")); !ok || last.Year < first.Year {
			return nil, false
		}
	}
	return spread(first, last, ranged, circa)
}

var months = map[string]int{"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9,
	"Oct": 10, "Nov": 11, "Dec": 12}

// oneDate reads "12 Aug 1974", "Aug 1974" and "1974".
func oneDate(s string) (border.PartialDate, bool) {
	w := strings.Fields(s)
	if len(w) == 0 || len(w) > 3 {
		return border.PartialDate{}, false
	}
	year, ok := digits(w[len(w)-1], 1800, 2200)
	month, day := 0, 0
	if len(w) > 1 {
		if month = months[w[len(w)-2]]; month == 0 {
			return border.PartialDate{}, false
		}
	}
	if len(w) == 3 {
		var okDay bool
		day, okDay = digits(w[0], 1, 31)
		ok = ok && okDay
	}
	d, err := border.NewPartialDate(year, month, day)
	return d, ok && err == nil
}

func digits(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high && s[0] != '+'
}
