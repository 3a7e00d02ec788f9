package border

import (
	"errors"
	"strings"
	"testing"
)

// The numbers stand on paper in drawers: the table may only grow.
func TestSheetNumbers(t *testing.T) {
	for _, c := range []struct {
		series string
		n      uint32
		want   string
	}{
		{"KAKAVIJA", 1, "KAKAVIJA-000001-X"},
		{"KAKAVIJA", 123, "KAKAVIJA-000123-D"},
		{"KAKAVIJA", 999_999, "KAKAVIJA-999999-S"},
		{"RINAS2", 42, "RINAS2-000042-K"},
		{"KAKAVIJA", 0, ""}, {"KAKAVIJA", 1_000_000, ""}, {"", 1, ""}, {"kakavija", 1, ""}, {"HANI-I-HOTIT", 1, ""}, {"RINAS0", 1, ""},
		{strings.Repeat("A", maxSeries+1), 1, ""},
	} {
		if got := SheetNumber(c.series, c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.series, c.n, got, c.want)
		}
	}
	for node, want := range map[string]string{"kakavija": "KAKAVIJA", "hani-i-hotit": "HANIIHOTIT", "rinas2": "RINAS2", "post10": "POSTIO", "": ""} {
		if got := SheetSeries(node); got != want {
			t.Errorf("series of %q: %q, want %q", node, got, want)
		}
	}
}

func TestParseSheetNumber(t *testing.T) {
	printed := SheetNumber("KAKAVIJA", 123)
	check := printed[len(printed)-1:]
	for _, s := range []string{printed, strings.ToLower(printed), " " + printed + " ", "KAKAVIJA 000123 " + check, "KAKAVIJA000123" + check,
		"KAKAVIJA-OOO123-" + check, "KAKAVIJA-000I23-" + check, "kakavija-000l23-" + check, "KAKAV1JA-000123-" + check, "KAKAVIJA-123-" + check,
		"KAKA VIJA - 000 123 - " + check, "KAKAVIJA\u00a0000123\u00a0" + check} {
		if series, n, err := ParseSheetNumber(s); err != nil || series != "KAKAVIJA" || n != 123 {
			t.Errorf("%q: %q %d, %v", s, series, n, err)
		}
	}
	for _, s := range []string{"", "-", "KAKAVIJA", "KAKAVIJA-000123", "KAKAVIJA-000123-", "KAKAVIJA-000124-" + check, "KAKAVIA-000123-" + check,
		"KAKAVIJA-000000-" + string(checkCharacter("KAKAVIJA000000")), "000123-" + check, "KAKAVIJË-000123-" + check, "KAKAVIJA-+00123-" + check,
		"KAKAVIJA-0000123-" + check, "KAKAVIJA-000123-" + check + check, strings.Repeat("A", 1<<16)} {
		if series, n, err := ParseSheetNumber(s); !errors.Is(err, ErrSheetNumber) || series != "" || n != 0 {
			t.Errorf("%.40q is %q %d, %v", s, series, n, err)
		}
	}
}

// One wrong character anywhere, and every number is refused: unless it only looks alike (O and 0, I and 1, l).
func TestOneWrongCharacterIsFound(t *testing.T) {
	missed, tried := 0, 0
	for n := uint32(1); n <= 200; n++ {
		good := SheetNumber("KAKAVIJA", n)
		for i := range good {
			for _, c := range []byte(alphanumeric) {
				if good[i] == '-' || alike.Replace(good[i:i+1]) == alike.Replace(string(c)) {
					continue
				}
				tried++
				bad := good[:i] + string(c) + good[i+1:]
				if series, m, err := ParseSheetNumber(bad); err == nil && (series != "KAKAVIJA" || m != n) {
					missed++
				}
			}
		}
	}
	// O and 0, and I and 1, are one as check characters too: that is what is missed.
	if missed > tried/300 {
		t.Errorf("%d of %d wrong characters missed", missed, tried)
	}
}

// ISO/IEC 7064 MOD 37,36 has the property that the standard's own remainder is 1 over text and check character.
func TestCheckCharacterByTheRemainder(t *testing.T) {
	for _, text := range []string{"KAKAVIJA000001", "A12425GABC1234002", "RINAS2999999", "0", "Z"} {
		p := 36
		for _, c := range text {
			if p += strings.IndexRune(alphanumeric, c); p > 36 {
				p -= 36
			}
			p = p * 2 % 37
		}
		if got := strings.IndexByte(alphanumeric, checkCharacter(text)); (p+got)%36 != 1 {
			t.Errorf("%s: check %d leaves %d", text, got, (p+got)%36)
		}
	}
	if c := checkCharacter("A12425GABC1234002"); c != 'M' { // the standard's example, as the Global Release Identifier prints it
		t.Errorf("check of the example: %c", c)
	}
}

func FuzzParseSheetNumber(f *testing.F) {
	for _, s := range []string{SheetNumber("KAKAVIJA", 123), "kakavija 123 x", "RINAS2-000042-0", "---", "Ⅳ-000001-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		series, n, err := ParseSheetNumber(s)
		if err != nil {
			if series != "" || n != 0 || !errors.Is(err, ErrSheetNumber) {
				t.Errorf("%q: %q %d with %v", s, series, n, err)
			}
			return
		}
		again := SheetNumber(series, n)
		if back, m, err := ParseSheetNumber(again); again == "" || err != nil || back != series || m != n {
			t.Errorf("%q is %s, read back as %q %d, %v", s, again, back, m, err)
		}
	})
}
