package seal

import (
	"strings"
	"testing"
)

func TestClaimGolden(t *testing.T) {
	o := must(NewOpening(fixed()))
	claim := o.Claim()
	equalHex(t, "opening", o[:], "000102030405060708090a0b0c0d0e0f")
	equalHex(t, "claim", claim[:], "792490ec648fff81d723a3bdda8a1ff92eabfe5fe4bb7feba1768ba228d771be")
	if o.Code() != "BJ21P71W69" {
		t.Errorf("code %s", o.Code())
	}
}

func TestParseCode(t *testing.T) {
	for in, want := range map[string]string{
		"BJ21P71W69":                           "BJ21P71W69",
		"bj21p-71w69":                          "BJ21P71W69",
		" bj2Lp 7iw69 ":                        "BJ21P71W69",
		"ooooo-OOOOO":                          "0000000000",
		"b-j-2-1-p-7-1-w-6-9-":                 "BJ21P71W69",
		"BJ21P71W6":                            "",
		"BJ21P71W690":                          "",
		"BJ21P71W6U":                           "",
		"BJ21P71W6u":                           "",
		"BJ21P71W6É":                           "",
		"BJ21P_71W69":                          "",
		"":                                     "",
		"BJ21P71W69" + strings.Repeat(" ", 31): "",
	} {
		got, err := ParseCode(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, error %v", in, got, err)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("BJ21P71W69")
	f.Add("oil0-10000 0")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseCode(s)
		if err != nil {
			return
		}
		if again, err := ParseCode(code); err != nil || again != code {
			t.Errorf("%q becomes %q becomes %q", s, code, again)
		}
		if len(code) != CodeLength || strings.Trim(code, crockford) != "" {
			t.Errorf("%q becomes %q", s, code)
		}
	})
}

// Every code that is printed can be typed.
func TestCodeRoundTrip(t *testing.T) {
	source := fixed()
	for range 100 {
		code := must(NewOpening(source)).Code()
		if got, err := ParseCode(code); err != nil || got != code {
			t.Errorf("%s becomes %s, error %v", code, got, err)
		}
	}
}
