package border

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrSheetNumber says that a text is no number of a sheet: mistyped, or of no sheet at all.
var ErrSheetNumber = errors.New("not the number of a sheet: its check character does not fit")

// SheetSeries is the series of a node's sheets: its name in capitals, without hyphens, and with O and I for the digits 0 and 1,
// which nobody tells apart in handwriting.
func SheetSeries(node string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '9':
			return r
		}
		return -1
	}, node)
}

// SheetNumber gives the number as printed, such as KAKAVIJA-000123-E: series, six digits, and a check character by ISO/IEC
// 7064 MOD 37,36 over both. It is empty for a series that SheetSeries would not give, and for numbers other than 1 to 999,999.
func SheetNumber(series string, n uint32) string {
	if series == "" || len(series) > maxSeries || SheetSeries(series) != series || n == 0 || n > maxSheet {
		return ""
	}
	digits := fmt.Sprintf("%06d", n)
	return series + "-" + digits + "-" + string(checkCharacter(series+digits))
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// checkCharacter is that of ISO/IEC 7064, hybrid system MOD 37,36, for a text of 0-9 and A-Z. It finds every wrong
// character and nearly every exchange of two neighbours.
func checkCharacter(text string) byte {
	const m = len(alphanumeric)
	p := m
	for i := range len(text) {
		p = (p + strings.IndexByte(alphanumeric, text[i])) % m
		if p == 0 {
			p = m
		}
		p = p * 2 % (m + 1)
	}
	return alphanumeric[(m+1-p)%m]
}

// ParseSheetNumber reads a number as a clerk types it: blanks and hyphens anywhere or nowhere, small letters, O for 0, I or
// L for 1, and the leading zeros left out where the hyphens stand. The error is ErrSheetNumber.
func ParseSheetNumber(s string) (series string, n uint32, err error) {
	s = strings.ToUpper(s)
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == ' ' || r == '\u00a0' || r == '\t' })
	joined := strings.Join(fields, "")
	if end := len(joined) - 1; end > 6 {
		if series, n, ok := assemble(joined[:end-6], joined[end-6:end], joined[end:]); ok {
			return series, n, nil
		}
	}
	if last := len(fields) - 1; last >= 2 && len(fields[last-1]) < 6 {
		digits := strings.Repeat("0", 6-len(fields[last-1])) + fields[last-1]
		if series, n, ok := assemble(strings.Join(fields[:last-1], ""), digits, fields[last]); ok {
			return series, n, nil
		}
	}
	return "", 0, ErrSheetNumber
}

var (
	toDigits = strings.NewReplacer("O", "0", "I", "1", "L", "1")
	alike    = strings.NewReplacer("O", "0", "I", "1")
)

func assemble(series, digits, check string) (string, uint32, bool) {
	series = alike.Replace(series)
	if strings.Trim(series, alphanumeric) != "" {
		return "", 0, false
	}
	series = SheetSeries(series)
	n, err := strconv.ParseUint(toDigits.Replace(digits), 10, 32)
	if err != nil {
		return "", 0, false
	}
	want := SheetNumber(series, uint32(n))
	if want == "" || alike.Replace(want[len(want)-1:]) != alike.Replace(check) {
		return "", 0, false
	}
	return series, uint32(n), true
}
