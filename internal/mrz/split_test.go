package mrz

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	upper, lower = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3404159ZE184226B<<<<<16"
	card         = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F3404159UTO<<<<<<<<<<<2ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
)

var second, _ = Compose(Fields{
	Format: TD3, DocumentCode: "P", IssuingState: "ALB", DocumentNumber: "BY1234567", Nationality: "ALB",
	BirthDate: "850102", Sex: "M", ExpiryDate: "310102", Primary: "HOXHA", Secondary: "YLLI ZEF",
})

// What a reader, a clipboard or a hurried hand delivers (hostile act B2).
func TestSplit(t *testing.T) {
	zone := []string{upper, lower}
	for _, c := range []struct {
		about, raw string
		want       []string
	}{
		{"nothing", "", nil},
		{"blanks and line ends only", " \r\n\t ", nil},
		{"no line end", upper + lower, zone},
		{"lower case", strings.ToLower(upper) + "\n" + strings.ToLower(lower), zone},
		{"start and end marks of a reader", "\x02" + upper + "\r" + lower + "\r\x03", zone},
		{"symbology prefix", "]L1" + upper + lower, zone},
		{"noise in front", "@\n\x1e\rANSI 636000\n" + upper + "\n" + lower, []string{upper, lower, "@", "ANSI 636000"}},
		{"the same scan twice", upper + lower + upper + lower, zone},
		{"the same scan twice, with line ends", upper + "\r" + lower + "\r" + upper + "\r" + lower + "\r", zone},
		{"half a scan, then the whole", upper + "\n" + upper + "\n" + lower, zone},
		{"half a scan run into the whole", upper[:17] + upper + lower, zone},
		{"two travellers", upper + lower + second[0] + second[1], []string{upper, lower, second[0], second[1]}},
		{"half a scan", lower, []string{lower}},
		{"a card without line ends", card, []string{card[:30], card[30:60], card[60:]}},
		{"a card whose first line end was lost", card[:60] + "\n" + card[60:], []string{card[:30], card[30:60], card[60:]}},
		{"semicolons for fillers", strings.ReplaceAll(upper+"\n"+lower, "<", ";"), zone},
		{"guillemets for pairs", strings.ReplaceAll(upper, "<<", "«") + "\n" + lower, []string{upper, lower}},
		{"guillemets for single ones", strings.ReplaceAll(upper, "<", "«") + "\n" + lower, zone},
		{"blanks for fillers", strings.ReplaceAll(upper, "<", " ") + "\n" + strings.ReplaceAll(lower, "<", " "), zone},
		{"typed in groups", "P<UTO ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36 UTO 7408122 F 3404159 ZE184226B<<<<<16", zone},
		{"noise", "lorem ipsum\ndolor", []string{"LOREM IPSUM", "DOLOR"}},
	} {
		got := Split(c.raw)
		if c.about == "noise in front" {
			got, c.want = got[:2], c.want[:2]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.about, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	two := Read(upper + lower + second[0] + second[1])
	if len(two) != 2 || two[0].Primary != "ERIKSSON" || two[1].Primary != "HOXHA" || !two[0].Valid() || !two[1].Valid() {
		t.Errorf("two travellers: %+v", two)
	}
	both := Read(second[1] + "\n" + upper + "\n" + lower)
	if len(both) != 2 || !both[0].Valid() || both[1].Format != None || both[1].DocumentNumber != "BY1234567" {
		t.Errorf("half of one and a whole other: %+v", both)
	}
	if none := Read(""); len(none) != 1 || none[0].Format != None {
		t.Errorf("nothing: %+v", none)
	}
	for _, z := range Read(upper + "\n" + lower) {
		if !z.Valid() || len(z.Warnings()) != 0 {
			t.Errorf("clean scan: %+v", z.Faults)
		}
	}
}

// A reader that types for an American keyboard on an Albanian one: ; for <, and Y
// and Z swapped.
func TestForeignKeyboard(t *testing.T) {
	albanian := strings.NewReplacer("<", ";", "Y", "Z", "Z", "Y")
	z := Read(albanian.Replace(second[0] + "\r" + second[1] + "\r"))[0]
	if z.DocumentNumber != "BY1234567" || z.Secondary != "YLLI ZEF" || !z.Valid() {
		t.Errorf("%+v", z)
	}
	if !slices.Equal(z.Warnings(), []string{WarnKeyboardRepaired}) {
		t.Errorf("warnings %q", z.Warnings())
	}
	// The number has neither Y nor Z: nothing proves the swap, and the officer is told.
	doubtful, err := Compose(Fields{
		Format: TD3, DocumentCode: "P", IssuingState: "ALB", DocumentNumber: "BA1234567", Nationality: "ALB",
		BirthDate: "850102", Sex: "M", ExpiryDate: "310102", Primary: "HOXHA", Secondary: "YLLI",
	})
	if err != nil {
		t.Fatal(err)
	}
	z = Read(albanian.Replace(strings.Join(doubtful, "\r")))[0]
	if z.Secondary != "ZLLI" || !slices.Contains(z.Warnings(), WarnKeyboardUncertain) {
		t.Errorf("%q %q", z.Secondary, z.Warnings())
	}
	// A wrong digit that no swap explains stays as it was read.
	z = Read(upper + "\n" + "L898902C3" + "7" + lower[10:])[0]
	if z.Valid() || slices.Contains(z.Warnings(), WarnKeyboardRepaired) {
		t.Errorf("%q %q", z.Errors(), z.Warnings())
	}
}

func FuzzSplit(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(strings.Join(c.Lines, "\r\n"))
		f.Add(strings.Join(c.Lines, ""))
	}
	f.Add(strings.Repeat(upper+lower, 40))
	f.Add(strings.Repeat("P", 5000))
	f.Add(strings.Repeat("\x80", 5000))
	f.Add("«ﬀ\x00P<UTO\xff" + lower)
	f.Fuzz(func(t *testing.T, raw string) {
		lines := Split(raw)
		// A stray byte becomes the three of U+FFFD, a guillemet two fillers.
		if n := len(strings.Join(lines, "")); n > 3*maxRaw || len(lines) > 4*maxPieces {
			t.Errorf("%d bytes in %d lines", n, len(lines))
		}
		if utf8.ValidString(raw) && !strings.ContainsAny(raw, "«»") && len(lines) > 0 {
			if again := Split(strings.Join(lines, "\n")); len(again) == 0 {
				t.Error("what was read is gone when read again")
			}
		}
		if zones := Read(raw); len(zones) == 0 {
			t.Error("no zone")
		}
	})
}

func BenchmarkReadNoise(b *testing.B) {
	raw := strings.Repeat("P<", maxRaw)
	for b.Loop() {
		Read(raw)
	}
}
