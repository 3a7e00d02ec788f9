package station

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/web"
)

func TestForm(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija"}, Files()...)
	if err != nil {
		t.Fatal(err)
	}
	form := func(pairs ...string) *Form {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		return NewForm(r, WordsOf(p, "en"))
	}
	f := form("reason", "  two  ", "n", "7", "check", "12", "day", "31.12.2026")
	if f.Text("reason", 3, 10) != "two" || f.Number("n", 1, 9) != 7 || f.Index("check") != 12 || f.Day("day") != border.Date(20818) ||
		f.Text("none", 0, 1) != "" || f.Number("none", 0, 9) != 0 || f.Day("none") != 0 || !f.OK() {
		t.Errorf("%+v", f)
	}
	for _, test := range []struct {
		read  func(f *Form)
		value string
		want  string
	}{
		{func(f *Form) { f.Text("x", 3, 5) }, "ë", "At least 3 characters."},
		{func(f *Form) { f.Text("x", 3, 5) }, " ", "This is needed."},
		{func(f *Form) { f.Text("x", 0, 5) }, "ëëëëëë", "At most 5 characters."},
		{func(f *Form) { f.Text("x", 0, 5) }, "\xff", "At most 5 characters."},
		{func(f *Form) { f.Number("x", 1, 99) }, "", "A whole number from 1 to 99."},
		{func(f *Form) { f.Number("x", 1, 99) }, "100", "A whole number from 1 to 99."},
		{func(f *Form) { f.Number("x", 1, 99) }, "1.0", "A whole number from 1 to 99."},
		{func(f *Form) { f.Index("x") }, "-1", "Not the number of a record."},
		{func(f *Form) { f.Day("x") }, "??.12.2026", ""},
	} {
		f := form("x", test.value)
		test.read(f)
		if got := f.Faults["x"]; got == "" || test.want != "" && got != test.want {
			t.Errorf("%q: %q, want %q", test.value, got, test.want)
		}
	}
}

// The derivation is part of what stands in records: SHA-256 of the label, the act and the index, cut to 16 bytes.
func TestDeriveAct(t *testing.T) {
	act := record.Act{1, 2, 3}
	for index, want := range map[uint64]string{0: "08e111492e41d1433f1ca2854e387bae", 300: "c6c5ee8477826c093a9781d49fcc35ed"} {
		if got := DeriveAct(act, index); hex.EncodeToString(got[:]) != want {
			t.Errorf("%d: %x, want %s", index, got, want)
		}
	}
}

func FuzzReadSignature(f *testing.F) {
	f.Add("00112233445566778899aabbccddeeff:AAAA")
	f.Add("00112233445566778899aabbccddeeff:")
	f.Add(":")
	f.Fuzz(func(t *testing.T, text string) {
		act, signature, err := readSignature(text)
		if err == nil && (!strings.EqualFold(text[:32], ActText(act)) || len(signature) > maxSignature) {
			t.Errorf("%q is read as %x, %x", text, act, signature)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"31.12.2026", "2026-12-31", "?/?/1974", "1974", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := ParseDate(text); ok {
			if again, ok := ParseDate(DateText(p)); !ok || again != p {
				t.Errorf("%q is %v, written %q, read again %v", text, p, DateText(p), again)
			}
		}
	})
}
