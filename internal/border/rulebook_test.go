package border

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"tims/internal/mrz"
)

// testdata/rulebook.json is what approvers would see. It changes only with the rules or the form.
func TestRulebookText(t *testing.T) {
	rb := DefaultRulebook()
	rb.Since = map[string]Date{"durres": day(t, "2026-01-01"), "kakavija": day(t, "2025-06-30")}
	got, err := rb.Text()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/rulebook.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("text differs from testdata/rulebook.json:\n%s", got)
	}
	back, err := ParseRulebook(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := back.Text(); err != nil || !bytes.Equal(again, want) {
		t.Errorf("comes back as %s, %v", again, err)
	}
}

func TestRulebookRefuses(t *testing.T) {
	good, err := DefaultRulebook().Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, says string }{
		{`"version": 1`, `"version": 0`, "version is not set"},
		{`"version": 1`, `"Version": 1`, "not in lower-case"},
		{`"version": 1`, `"version": 1, "version": 2`, "repeated"},
		{`"version": 1`, `"version": 1, "extra": 2`, "unknown field"},
		{`"version": 1`, `"version": 1.5`, "cannot unmarshal"},
		{`"country": "ALB"`, `"country": "alb"`, "country"},
		{`"country": "ALB"`, `"country": "ITA"`, "not among the citizens"},
		{`"citizens": "ALB"`, `"citizens": "ALB USA"`, "USA stands already in citizens"},
		{`"nations": "USA"`, `"nations": "USA CAN"`, "alphabetical order"},
		{`"nations": "USA"`, `"nations": "CAN USA"`, "CAN stands already"},
		{`"nations": "USA"`, `"nations": "USA  UST"`, "no code of a state"},
		{`"days": 365`, `"days": 455`, "days < window"},
		{`"window": 455`, `"window": 4000`, "days < window"},
		{`"days": 365`, `"days": -1`, "days < window"},
		{`"name": "United States"`, `"name": "others"`, "used twice"},
		{`"citizen": {}`, `"citizen": {"days": 10, "window": 20}`, "never limited"},
		{`"citizen": {}`, `"tourist": {}`, "unknown basis"},
		{`"crew": {},`, ``, "basis crew has no rule"},
		{`"amber_hours": 24`, `"amber_hours": 72`, "lists: want"},
		{`"minor_age": 18`, `"minor_age": 180`, "minor_age"},
		{`"person": 10,`, ``, "hit_score: none for kind person"},
		{`"vehicle": 10`, `"boat": 10`, "unknown kind"},
		{`"version": 1`, `"hit_budget": {"person": 0}, "version": 1`, "hit_budget: person"},
		{`"version": 1`, `"hit_budget": {"person": 200}, "version": 1`, "hit_budget: person"},
		{`"version": 1`, `"since": {"Durres": "2026-01-01"}, "version": 1`, "lower-case"},
		{`"version": 1`, `"since": {"durres": "2026-02-30"}, "version": 1`, "not a date"},
		{"\n}\n", "\n} {}", "follows the end"},
		{"\n}\n", "\n", "EOF"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%s is not in the text", c.old)
		}
		_, err := ParseRulebook([]byte(text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s -> %s: %v; want %q", c.old, c.new, err, c.says)
		}
	}
	if _, err := ParseRulebook(make([]byte, maxRulebook+1)); err == nil {
		t.Error("too long a text is read")
	}
	if _, err := ParseRulebook([]byte(strings.Repeat("[", 1000))); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Error(err)
	}
}

func TestBasisFor(t *testing.T) {
	rb := DefaultRulebook()
	for _, c := range []struct {
		code, issuer, nation string
		want                 Basis
	}{
		{"P", "ALB", "ALB", Citizen},
		{"P", "ITA", "ITA", VisaFree},
		{"P", "D", "D", VisaFree},
		{"P", "RKS", "RKS", VisaFree},
		{"ID", "ITA", "ITA", VisaFree},
		{"P", "IND", "IND", 0},
		{"V", "ALB", "IND", Visa},
		{"VC", "ALB", "IND", Visa},
		{"AC", "GRC", "PHL", Crew},
		{"IR", "ALB", "IND", ResidencePermit},
		{"P", "ALB", "IND", 0}, // a passport for foreigners gives no right to enter
		{"P", "XXA", "XXA", 0},
		{"", "", "", 0},
	} {
		if got := rb.BasisFor(Document{Code: c.code, Issuer: c.issuer, Nationality: c.nation}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Every code of the default book is one that a zone may hold, besides XKX, which documents of other issuers use for Kosovo.
func TestDefaultNationsAreKnown(t *testing.T) {
	rb := DefaultRulebook()
	for _, g := range append(rb.VisaFree, Group{Nations: rb.Citizens}) {
		for _, c := range g.Nations {
			if _, ok := mrz.StateName(c); !ok && c != "XKX" {
				t.Errorf("%s is not in Doc 9303", c)
			}
		}
	}
}

func TestHorizons(t *testing.T) {
	rb := DefaultRulebook()
	rb.Since = map[string]Date{"a": 100, "c": 300}
	got := rb.Horizons(map[string]int64{"a": 7, "b": 8})
	want := []Horizon{{"a", 7, 100}, {"b", 8, 0}, {"c", 0, 300}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%+v", got)
	}
}

func TestThrough(t *testing.T) {
	rb := DefaultRulebook() // amber at 2 hours
	now := time.Date(2026, 11, 21, 0, 30, 0, 0, tirana(t))
	for _, c := range []struct {
		back time.Duration
		want string
	}{
		{-time.Hour, "2026-11-21"},
		{2 * time.Hour, "2026-11-21"}, // fresh, though of yesterday
		{2*time.Hour + time.Millisecond, "2026-11-19"},
		{24*time.Hour + 29*time.Minute, "2026-11-19"},
		{24*time.Hour + 31*time.Minute, "2026-11-18"},
	} {
		got, ok := rb.through(Horizon{KnownTo: now.Add(-c.back).UnixMilli()}, now)
		if !ok || got.String() != c.want {
			t.Errorf("%v ago: %s, %v", c.back, got, ok)
		}
	}
	if _, ok := rb.through(Horizon{}, now); ok {
		t.Error("a post never heard of is known")
	}
}

func FuzzRulebook(f *testing.F) {
	good, err := os.ReadFile("testdata/rulebook.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"citizens":"","since":{"a":"2026-01-01"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		rb, err := ParseRulebook(b)
		if err != nil {
			return
		}
		text, err := rb.Text()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseRulebook(text)
		if err != nil {
			t.Fatalf("own text is refused: %v", err)
		}
		if again, err := back.Text(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("text is not stable: %v", err)
		}
	})
}
