package border

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func tirana(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Tirane")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	for s, want := range map[string]Date{
		"1970-01-01": 0, "1969-12-31": -1, "2000-02-29": 11016, "2026-12-31": 20818, "0001-01-01": -719162, "9999-12-31": 2932896,
	} {
		d := day(t, s)
		if d != want || d.String() != s {
			t.Errorf("%s: %d, %s", s, d, d)
		}
	}
	for _, s := range []string{
		"", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31", "0000-01-01", "2026-1-01",
		"2026-01-01 ", "+026-01-01", "2026/01/01", "2026-??-??", "????-01-01", "10000-01-01",
	} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q read as %v", s, d)
		}
	}
}

// The reading of package time is the second opinion.
func TestDateAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(-719162, 2932896).Draw(t, "day"))
		u := time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, time.UTC)
		if y, m, dd := d.Civil(); y != u.Year() || m != int(u.Month()) || dd != u.Day() {
			t.Fatalf("%d: %d-%d-%d, want %v", d, y, m, dd, u)
		}
		back, err := NewDate(d.Year(), d.Month(), d.Day())
		if err != nil || back != d {
			t.Fatalf("%d comes back as %d, %v", d, back, err)
		}
	})
}

func TestDaysEndOfRange(t *testing.T) {
	if got := Date(math.MaxInt32).AddDays(1); got != math.MaxInt32 {
		t.Error(got)
	}
	if got := Date(math.MinInt32).AddDays(-1); got != math.MinInt32 {
		t.Error(got)
	}
	if got := DayAt(math.MaxInt64, time.UTC); got != math.MaxInt32 {
		t.Error(got)
	}
}

func TestMidnightInTirana(t *testing.T) {
	loc := tirana(t)
	for _, c := range []struct{ at, want string }{
		{"2026-01-14T22:59:59.999Z", "2026-01-14"},
		{"2026-01-14T23:00:00.000Z", "2026-01-15"},
		{"2026-07-14T21:59:59.999Z", "2026-07-14"},
		{"2026-07-14T22:00:00.000Z", "2026-07-15"},
		// the day of 23 hours
		{"2026-03-28T22:59:59.999Z", "2026-03-28"},
		{"2026-03-28T23:00:00.000Z", "2026-03-29"},
		{"2026-03-29T21:59:59.999Z", "2026-03-29"},
		{"2026-03-29T22:00:00.000Z", "2026-03-30"},
		// the day of 25 hours
		{"2026-10-24T21:59:59.999Z", "2026-10-24"},
		{"2026-10-24T22:00:00.000Z", "2026-10-25"},
		{"2026-10-25T22:59:59.999Z", "2026-10-25"},
		{"2026-10-25T23:00:00.000Z", "2026-10-26"},
		{"2026-12-31T23:00:00.000Z", "2027-01-01"},
		{"2028-02-28T23:00:00.000Z", "2028-02-29"},
		{"1969-12-31T22:59:59.999Z", "1969-12-31"},
		{"1969-12-31T23:00:00.000Z", "1970-01-01"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayAt(at.UnixMilli(), loc); got.String() != c.want {
			t.Errorf("%s is %s in Tirana, want %s", c.at, got, c.want)
		}
	}
}
