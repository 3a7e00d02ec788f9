package border

import (
	"testing"

	"tims/internal/mrz"
)

func TestPartialDateText(t *testing.T) {
	for s, want := range map[string]PartialDate{
		"":           {},
		"1974-08-12": {1974, 8, 12},
		"1974-08-??": {1974, 8, 0},
		"1974-??-??": {1974, 0, 0},
		"????-08-12": {0, 8, 12},
		"????-02-29": {0, 2, 29},
		"1974-??-12": {1974, 0, 12},
		"0009-01-01": {9, 1, 1},
	} {
		p, err := ParsePartialDate(s)
		if err != nil || p != want || p.String() != s {
			t.Errorf("%q: %+v, %q, %v", s, p, p, err)
		}
	}
	for _, s := range []string{
		"????-??-??", "1974-02-29", "1974-?8-12", "197?-08-12", "1974-08", "1974-00-12", "0000-08-12", "????-02-30", "????-13-??",
		"1974-08-1<", "-974-08-12",
	} {
		if p, err := ParsePartialDate(s); err == nil {
			t.Errorf("%q read as %v", s, p)
		}
	}
}

func TestZoneDates(t *testing.T) {
	const birth, expiry = true, false
	for _, c := range []struct {
		kind  bool
		six   string
		today string
		want  string // "!" is an error
	}{
		{birth, "740812", "2026-11-21", "1974-08-12"},
		{birth, "261121", "2026-11-21", "2026-11-21"}, // born today
		{birth, "261122", "2026-11-21", "1926-11-22"}, // tomorrow is a century ago
		{birth, "26<<<<", "2026-01-01", "2026-??-??"},
		{birth, "27<<<<", "2026-12-31", "1927-??-??"},
		{birth, "2612<<", "2026-11-30", "1926-12-??"},
		{birth, "2612<<", "2026-12-01", "2026-12-??"},
		{birth, "000229", "2026-11-21", "2000-02-29"},
		{birth, "000229", "2100-12-31", "2000-02-29"}, // 2100 has no such day
		{birth, "010229", "2026-11-21", "!"},
		{birth, "<<<<<<", "2026-11-21", ""},
		{birth, "<<0812", "2026-11-21", "????-08-12"},
		{birth, "<<0230", "2026-11-21", "!"},
		{birth, "741301", "2026-11-21", "!"},
		{birth, "740800", "2026-11-21", "!"},
		{birth, "7408", "2026-11-21", "!"},
		{birth, "7A0812", "2026-11-21", "!"},
		{birth, "7<0812", "2026-11-21", "!"},
		{expiry, "361120", "2026-11-21", "2036-11-20"},
		{expiry, "991231", "2026-11-21", "1999-12-31"},
		{expiry, "751231", "2026-11-21", "2075-12-31"}, // 49 years on
		{expiry, "761231", "2026-11-21", "1976-12-31"},
		{expiry, "050101", "2099-06-01", "2105-01-01"},
		{expiry, "<<<<<<", "2026-11-21", ""},
		{expiry, "280229", "2026-11-21", "2028-02-29"},
	} {
		read := ExpiryFromZone
		if c.kind == birth {
			read = BirthFromZone
		}
		got, err := read(c.six, day(t, c.today))
		if (err != nil) != (c.want == "!") || err == nil && got.String() != c.want {
			t.Errorf("birth %v %s on %s: %q, %v; want %q", c.kind, c.six, c.today, got, err, c.want)
		}
	}
}

func TestDocumentFromZone(t *testing.T) {
	lines := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	d := DocumentFromZone(mrz.Parse(lines), lines, day(t, "2026-11-21"))
	if d.Code != "P" || d.Issuer != "UTO" || d.Number != "L898902C3" || d.Nationality != "UTO" || d.Primary != "ERIKSSON" ||
		d.Secondary != "ANNA MARIA" || d.Sex != "F" || d.Birth.String() != "1974-08-12" || d.Expiry.String() != "2012-04-15" ||
		len(d.Zone) != 2 || d.ByHand {
		t.Errorf("%+v", d)
	}
	for _, f := range d.Faults {
		if !f.Warning {
			t.Errorf("fault %+v", f)
		}
	}
	broken := []string{lines[0], "L898902C36UTO7413122<1204158ZE184226B<<<<<10"}
	d = DocumentFromZone(mrz.Parse(broken), broken, day(t, "2026-11-21"))
	if !d.Birth.IsZero() || d.Sex != "" || d.Number != "L898902C3" || len(d.Faults) == 0 {
		t.Errorf("%+v", d)
	}
}

func TestExpired(t *testing.T) {
	today := day(t, "2026-11-21")
	for s, want := range map[string]bool{
		"2026-11-20": true, "2026-11-21": false, "2026-11-??": false, "2026-10-??": true, "2025-??-??": true, "2026-??-??": false,
		"": false, "????-01-01": false,
	} {
		p, err := ParsePartialDate(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Document{Expiry: p}).Expired(today); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestYounger(t *testing.T) {
	for _, c := range []struct {
		born, on string
		want     bool
	}{
		{"2008-11-21", "2026-11-21", false},
		{"2008-11-22", "2026-11-21", true},
		{"2008-02-29", "2026-02-28", true},
		{"2008-02-29", "2026-03-01", false},
		{"2008-??-??", "2026-11-21", false},
		{"2009-??-??", "2026-11-21", true},
		{"", "2026-11-21", false},
	} {
		p, err := ParsePartialDate(c.born)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Document{Birth: p}).younger(18, day(t, c.on)); got != c.want {
			t.Errorf("born %q on %s: %v", c.born, c.on, got)
		}
	}
}

func FuzzPartialDate(f *testing.F) {
	f.Add("1974-08-12")
	f.Add("????-02-29")
	f.Add("1974-??-??")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParsePartialDate(s); err == nil && p.String() != s {
			t.Errorf("%q comes back as %q", s, p)
		}
	})
}

func FuzzZoneDates(f *testing.F) {
	f.Add("740812", int32(20000))
	f.Add("<<02<<", int32(-500000))
	f.Fuzz(func(t *testing.T, six string, today int32) {
		if p, err := BirthFromZone(six, Date(today)); err == nil {
			if d, ok := p.earliest(); ok && d > Date(today) {
				t.Errorf("%q on %d is born later: %v", six, today, p)
			}
			if _, err := NewPartialDate(p.Year, p.Month, p.Day); err != nil {
				t.Errorf("%q on %d: %v", six, today, p)
			}
		}
		if p, err := ExpiryFromZone(six, Date(today)); err == nil {
			if _, err := NewPartialDate(p.Year, p.Month, p.Day); err != nil {
				t.Errorf("%q on %d: %v", six, today, p)
			}
		}
	})
}
