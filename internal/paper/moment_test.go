package paper

import (
	"testing"
	"time"

	"tims/internal/border"
)

func TestParseDay(t *testing.T) {
	for typed, want := range map[string]string{"20261121": "2026-11-21", "21112026": "2026-11-21", "2026-11-21": "2026-11-21", "21.11.2026": "2026-11-21",
		"21 11 2026": "2026-11-21", "19121990": "1990-12-19", "20102012": "2012-10-20", "20012001": "2001-01-20", "??.??.1974": "1974-??-??",
		"20261321": "", "2026112": "", "202611211": "", "31022026": "", "00000000": "", "21001231": ""} {
		p, ok := ParseDay(typed)
		if got := p.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s %v, want %q", typed, got, ok, want)
		}
	}
}

// No eight digits are a date of 1900 to 2099 both year first and day first.
func TestEightDigitsAreOneDate(t *testing.T) {
	for day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2100; day = day.AddDate(0, 0, 1) {
		for _, layout := range []string{"20060102", "02012006"} {
			if p, ok := ParseDay(day.Format(layout)); !ok || p.String() != day.Format(time.DateOnly) {
				t.Fatalf("%s reads as %s, %v", day.Format(layout), p, ok)
			}
		}
	}
}

func TestParseClock(t *testing.T) {
	for typed, want := range map[string]int{"14:05": 1405, "1405": 1405, "14.05": 1405, "905": 905, "9:05": 905, "0000": 0, "23:59": 2359,
		"24:00": -1, "14:5": -1, "5": -1, "1460": -1, "-1:30": -1, "12345": -1, "": -1, "ab:cd": -1} {
		h, m, ok := parseClock(typed)
		if got := 100*h + m; ok != (want >= 0) || ok && got != want {
			t.Errorf("%q is %d %v, want %d", typed, got, ok, want)
		}
	}
}

func TestMomentOf(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Tirane")
	if err != nil {
		t.Fatal(err)
	}
	on := func(year, month, day int) border.Date {
		d, err := border.NewDate(year, month, day)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if ms, ok := momentOf(on(2026, 11, 21), 14, 5, zone); !ok || ms != time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC).UnixMilli() {
		t.Errorf("%d %v", ms, ok)
	}
	if _, ok := momentOf(on(2026, 3, 29), 2, 30, zone); ok {
		t.Error("an hour that no clock showed is a moment")
	}
	first, ok := momentOf(on(2026, 10, 25), 2, 30, zone)
	if second, _ := momentOf(on(2026, 10, 25), 2, 30, zone); !ok || first != second {
		t.Error("the hour that was shown twice is two moments")
	}
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"20261121", "21.11.2026", "??.?.1974", "", "9-9-9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := ParseDay(s)
		if _, err := border.ParsePartialDate(p.String()); ok && !p.IsZero() && err != nil {
			t.Errorf("%q reads as %s, which is no date", s, p)
		}
	})
}
