package mrz

import (
	"slices"
	"strings"
	"testing"
)

var td3 = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3404159ZE184226B<<<<<16"}

func TestCheckDigit(t *testing.T) {
	// Doc 9303 part 3, appendix A, examples 1 and 2.
	for in, want := range map[string]byte{"520727": '3', "AB2134<<<": '5', "": '0', "<<<<<<": '0'} {
		if got, ok := CheckDigit(in); !ok || got != want {
			t.Errorf("CheckDigit(%q) = %c, %v; want %c", in, got, ok, want)
		}
	}
	if _, ok := CheckDigit("a1"); ok {
		t.Error("lower case has a check digit")
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]dateShape{
		"740812": dateWhole, "000229": dateWhole, "040229": dateWhole, "010229": dateWrong, "740230": dateWrong,
		"741312": dateWrong, "740000": dateWrong, "740431": dateWrong, "7408A2": dateWrong, "000000": dateWrong,
		"74<<<<": datePartial, "7408<<": datePartial, "<<0812": datePartial, "74<<12": datePartial, "<<<<12": datePartial,
		"<<0229": datePartial, "74<<31": datePartial, "<<0230": dateWrong, "7402<<": datePartial, "7413<<": dateWrong,
		"74<<32": dateWrong, "7<0812": dateWrong, "740<12": dateWrong, "<<<<<<": dateUnknown, "<<04<<": datePartial,
	} {
		if got := dateKind(in); got != want {
			t.Errorf("%s: got %d, want %d", in, got, want)
		}
	}
}

// Rules that the printed examples leave out: lines, then errors and warnings.
func TestRules(t *testing.T) {
	const name = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
	for _, c := range []struct {
		about            string
		lines            []string
		errors, warnings []string
		number, optional string
	}{
		{"a second V is kept for visas",
			[]string{"IVUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F3404159<<<<<<<2"},
			[]string{ErrDocumentCode}, nil, "D23145890", ""},
		{"crew member certificate",
			[]string{"ACUTOD231458907<<<<<<<<<<<<<<<", "7408122F3404159UTO<<<<<<<<<<<2", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
			nil, nil, "D23145890", ""},
		{"no crew member certificate, for those are TD1",
			[]string{"ACUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F3404159<<<<<<<2"},
			[]string{ErrDocumentCode}, nil, "D23145890", ""},
		{"expiry unknown in part",
			[]string{name, "D231458907UTO7408122F34<<<<3<<<<<<<0"}, []string{ErrExpiryDate}, nil, "D23145890", ""},
		{"the long number's digit counts the filler",
			[]string{"I<SWEHVC8N3QW7<ZE17422<<<<<<<<", "8104199F3012257SWE<<<<<<<<<<<9", "IECGDQB<<MMHQQ<<<<<<<<<<<<<<<<"},
			[]string{}, []string{WarnLongNumberFiller}, "HVC8N3QW7ZE1742", ""},
		{"no number at all",
			[]string{name, "<<<<<<<<<0UTO7408122F3404159<<<<<<<8"}, []string{ErrDocumentNumber}, nil, "", ""},
		{"nationality left empty",
			[]string{name, "D231458907<<<7408122F3404159<<<<<<<2"}, []string{ErrNationality}, nil, "D23145890", ""},
		{"code filled up that is not in the table",
			[]string{name, "D231458907UT<7408122F3404159<<<<<<<2"}, nil, []string{WarnNationality}, "D23145890", ""},
		{"sex of no kind",
			[]string{name, "D231458907UTO7408122A3404159<<<<<<<2"}, []string{ErrSex}, nil, "D23145890", ""},
		{"a run of one character is no long number",
			[]string{name, "D23145890<UTO7408122F34041597<<<<<<4"}, []string{ErrCheckDocumentNumber}, nil, "D23145890", "7"},
	} {
		z := Parse(withComposite(c.lines))
		if !slices.Equal(z.Errors(), c.errors) || !slices.Equal(z.Warnings(), c.warnings) {
			t.Errorf("%s: errors %q, warnings %q", c.about, z.Errors(), z.Warnings())
		}
		if z.DocumentNumber != c.number || z.OptionalData != c.optional {
			t.Errorf("%s: number %q, optional %q", c.about, z.DocumentNumber, z.OptionalData)
		}
	}
}

// withComposite rewrites the composite check digit, so that a rule is seen alone.
func withComposite(lines []string) []string {
	l, _ := layoutOf(lines)
	var sum digits
	for _, p := range l.composite {
		sum.add(lines[p.line][p.from:p.to])
	}
	lines = slices.Clone(lines)
	p := l.at[atComposite]
	lines[p.line] = lines[p.line][:p.from] + string(sum.digit()) + lines[p.line][p.to:]
	return lines
}

func TestFaultPlaces(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  Fault
	}{
		{[]string{td3[0], "L898902C37UTO7408122F3404159ZE184226B<<<<<16"}, Fault{FieldDocumentNumber, ErrCheckDocumentNumber, 2, 10, false}},
		{[]string{td3[0], "L898902C36U1O7408122F3404159ZE184226B<<<<<16"}, Fault{FieldNationality, ErrNationality, 2, 11, false}},
		{[]string{"P<UTOER1KSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", td3[1]}, Fault{FieldName, ErrNameCharset, 1, 8, false}},
		{[]string{"P<UTOERIKSSON<<ANNA<<MARIA<<<<<<<<<<<<<<<<<<", td3[1]}, Fault{FieldName, WarnNameSeparator, 1, 20, true}},
		{[]string{"P<UTOERIKSSÖN<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", td3[1]}, Fault{FieldName, ErrCharset, 1, 12, false}},
		{[]string{td3[0], td3[1] + "<"}, Fault{FieldZone, ErrLayout, 2, 0, false}},
		{nil, Fault{FieldZone, ErrLayout, 0, 0, false}},
	} {
		if z := Parse(c.lines); len(z.Faults) == 0 || z.Faults[0] != c.want {
			t.Errorf("%q: got %+v, want %+v", c.lines, z.Faults, c.want)
		}
	}
}

// One unreadable character or wrong digit loses its own field and no other.
func TestOneSpotLosesOneField(t *testing.T) {
	clean := Parse(td3)
	for i := range 2 {
		for p := range 44 {
			for _, c := range []string{"?", "ß", "8"} {
				lines := slices.Clone(td3)
				lines[i] = lines[i][:p] + c + lines[i][p+1:]
				z := Parse(lines)
				if lost := differing(clean, z); lost > 1 && p >= 5 {
					t.Errorf("line %d position %d as %s: %d fields lost", i+1, p+1, c, lost)
				}
			}
		}
	}
}

func differing(a, b Zone) (n int) {
	for _, same := range []bool{
		a.Format == b.Format, a.DocumentCode == b.DocumentCode, a.IssuingState == b.IssuingState,
		a.DocumentNumber == b.DocumentNumber, a.Nationality == b.Nationality, a.BirthDate == b.BirthDate,
		a.Sex == b.Sex, a.ExpiryDate == b.ExpiryDate, a.OptionalData == b.OptionalData,
		a.Primary == b.Primary && a.Secondary == b.Secondary,
	} {
		if !same {
			n++
		}
	}
	return n
}

// Half a scan keeps what its check digits vouch for, and a mixture of two keeps
// nothing of either.
func TestSalvage(t *testing.T) {
	half := Parse(td3[1:])
	if half.Format != None || half.DocumentNumber != "L898902C3" || half.BirthDate != "740812" || half.Nationality != "UTO" {
		t.Errorf("lower half: %+v", half)
	}
	half = Parse(td3[:1])
	if half.Primary != "ERIKSSON" || half.Secondary != "ANNA MARIA" || half.IssuingState != "UTO" {
		t.Errorf("upper half: %+v", half)
	}
	long := Parse([]string{td3[0], td3[1] + "<"})
	if long.Primary != "ERIKSSON" || long.ExpiryDate != "340415" || long.Valid() {
		t.Errorf("45 characters: %+v", long)
	}
	card := Parse([]string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F3404159UTO<<<<<<<<<<<2"})
	if card.DocumentNumber != "D23145890" || card.Sex != "F" || card.Primary != "" {
		t.Errorf("card without its third line: %+v", card)
	}
	other := "X12345678" + "8UTO7408122F3404159<<<<<<<<<<<<<<<4"
	if mixed := Parse([]string{td3[0], td3[1], other}); mixed.DocumentNumber != "" || mixed.Primary != "" {
		t.Errorf("two lower lines: %+v", mixed)
	}
	if r := half.Report("x"); len(r.Fields) != 0 || len(r.Checks) != 0 || r.Format != None {
		t.Errorf("report of half a scan: %+v", r)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(strings.Join(c.Lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		z := Parse(strings.Split(raw, "\n"))
		if len(z.Faults) > 2*int(slots) {
			t.Errorf("%d faults", len(z.Faults))
		}
		if z.Valid() != (len(z.Errors()) == 0) {
			t.Error("valid and errors disagree")
		}
		z.Report("x")
	})
}

func BenchmarkParseTD3(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse(td3)
	}
}

func BenchmarkParseTD1(b *testing.B) {
	lines := []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F3404159UTO<<<<<<<<<<<2", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	b.ReportAllocs()
	for b.Loop() {
		Parse(lines)
	}
}

func TestParseAllocates(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Parse(td3) }); n > 2 {
		t.Errorf("%v allocations for a clean passport, want at most 2", n)
	}
}
