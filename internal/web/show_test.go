package web

import (
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	p := open(t, io.Discard, nil)
	for _, test := range []struct {
		utc, en, sq string
	}{
		{"2026-11-21T21:41:05Z", "21\u00a0Nov\u00a02026 22:41:05", "21\u00a0nën\u00a02026 22:41:05"},
		{"2026-12-31T23:00:00Z", "1\u00a0Jan\u00a02027 00:00:00", "1\u00a0jan\u00a02027 00:00:00"},
		{"2028-02-29T12:00:00Z", "29\u00a0Feb\u00a02028 13:00:00", "29\u00a0shk\u00a02028 13:00:00"},
		{"2026-10-25T00:30:00Z", "25\u00a0Oct\u00a02026 02:30:00", "25\u00a0tet\u00a02026 02:30:00"}, // summer time
		{"2026-10-25T01:30:00Z", "25\u00a0Oct\u00a02026 02:30:00", "25\u00a0tet\u00a02026 02:30:00"}, // the hour again
	} {
		moment, err := time.Parse(time.RFC3339, test.utc)
		if err != nil {
			t.Fatal(err)
		}
		if en, sq := p.Time("en", moment), p.Time("sq", moment); en != test.en || sq != test.sq {
			t.Errorf("%s: %q %q", test.utc, en, sq)
		}
		// The element tells the repeated hour apart, and takes milliseconds too.
		html, err := p.timeElement("en", moment.UnixMilli(), clockOnly)
		if want := fmt.Sprintf(`<time datetime="%s" title="%s UTC">%s</time>`, test.utc,
			moment.Format("2006-01-02 15:04:05"), test.en[len(test.en)-8:]); string(html) != want || err != nil {
			t.Errorf("%s: %s %v", test.utc, html, err)
		}
	}
	if html, err := p.timeElement("en", time.Time{}, dateOnly); html != "never" || err != nil {
		t.Error(html, err)
	}
	if _, err := p.timeElement("en", 5, dateOnly); err == nil {
		t.Error("an int is taken for a time")
	}
	if got, err := p.day("sq", "2026-03-01"); got != "1\u00a0mar\u00a02026" || err != nil {
		t.Error(got, err)
	}
	if _, err := p.day("en", "secret"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestAgo(t *testing.T) {
	p := open(t, io.Discard, nil)
	for _, test := range []struct {
		age    time.Duration
		en, sq string
	}{
		{0, "0 s ago", "0 s më parë"},
		{-2 * time.Second, "0 s ago", "0 s më parë"},
		{-3 * time.Second, "3 s ahead of this clock", "3 s para kësaj ore"},
		{59*time.Second + 999*time.Millisecond, "59 s ago", "59 s më parë"},
		{time.Minute, "1 min ago", "1 min më parë"},
		{time.Hour - 1, "59 min ago", "59 min më parë"},
		{time.Hour, "1 h ago", "1 orë më parë"},
		{2*time.Hour + 5*time.Minute, "2 h 5 min ago", "2 orë 5 min më parë"},
		{24 * time.Hour, "1 day ago", "1 ditë më parë"},
		{30*24*time.Hour + 3*time.Hour, "30 days 3 h ago", "30 ditë 3 orë më parë"},
	} {
		if en, sq := p.Ago("en", at, at.Add(-test.age)), p.Ago("sq", at, at.Add(-test.age)); en != test.en || sq != test.sq {
			t.Errorf("%v: %q %q", test.age, en, sq)
		}
	}
	if got := p.Ago("sq", at, time.Time{}); got != "asnjëherë" {
		t.Error(got)
	}
}

func TestNumber(t *testing.T) {
	p := open(t, io.Discard, nil)
	for _, test := range []struct {
		v        any
		en, sqll string
	}{
		{0, "0", "0"}, {2026, "2026", "2026"}, {12345, "12\u202f345", "12\u202f345"}, {int64(-1234567), "\u22121\u202f234\u202f567", "\u22121\u202f234\u202f567"},
		{uint64(math.MaxUint64), "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615", "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615"},
		{0.86, "0.9", "0,9"}, {99999.96, "100\u202f000.0", "100\u202f000,0"}, {math.NaN(), "NaN", "NaN"}, {math.Inf(1), "+Inf", "+Inf"}, {"x", "x", "x"},
	} {
		if en, sq := p.number("en", test.v), p.number("sq", test.v); en != test.en || sq != test.sqll {
			t.Errorf("%v: %q %q", test.v, en, sq)
		}
	}
}

func TestBarsSVG(t *testing.T) {
	got := string(BarsSVG("Two", []string{"a", "b"}, Series{"in", []float64{3, math.NaN()}}, Series{"out", []float64{1}}))
	for _, want := range []string{
		`<title>Two</title>`, `<title>a, in 3, out 1</title>`, `<title>b, in 0, out 0</title>`,
		`<rect class="s1" x="7.000%" y="50.00" width="36.000%" height="120.00"/>`,             // 3 of 4, on the ground line
		`<rect fill="url(#bars-hatch)" x="7.000%" y="10.00" width="36.000%" height="40.00"/>`, // 1 of 4, on top of it
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if n := strings.Count(got, "<rect") - strings.Count(hatch, "<rect"); n != 2 {
		t.Errorf("%d bars", n)
	}
	for v, want := range map[float64]float64{0: 4, 4: 4, 5: 8, 21: 40, 100: 120, 128417: 200000} {
		if got := niceTop(v); got != want {
			t.Errorf("niceTop(%v) = %v", v, got)
		}
	}
	if got := BarsSVG("none", nil); strings.Contains(string(got), "NaN") || strings.Contains(string(got), "<g>") {
		t.Error(got)
	}
	if n := strings.Count(string(BarsSVG("day", make([]string, 48))), `class="label"`); n > maxLabels {
		t.Errorf("%d labels", n)
	}
}

// Every level has a drawing of its own: colour alone says nothing.
func TestLevelsDifferInShape(t *testing.T) {
	seen := map[string]bool{}
	for _, level := range []Level{OK, Grey, Amber, Red} {
		seen[string(icons[string(level)])] = true
	}
	if len(seen) != 4 || seen[""] {
		t.Errorf("%d shapes for 4 levels", len(seen))
	}
	if Pill("unheard", "x") != Pill(Grey, "x") {
		t.Error("an unknown level is not grey")
	}
}

// Text has 4.5:1 and borders of controls 3:1 on their grounds in both themes
// (WCAG 2.2, 1.4.3 and 1.4.11), read from the style sheet as it is served.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("assets/tims.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));`).FindAllStringSubmatch(string(css), -1) {
		colours[m[1]] = [2]string{m[2] + m[4], m[3] + m[4]}
	}
	for _, rule := range []struct {
		least   float64
		fore    string
		grounds string
	}{
		{4.5, "ink", "paper surface sunk ok-ground amber-ground red-ground grey-ground"},
		{4.5, "soft", "paper surface sunk grey-ground amber-ground red-ground"},
		{4.5, "blue", "paper surface sunk grey-ground"},
		{4.5, "ok", "surface ok-ground"}, {4.5, "amber", "surface amber-ground"}, {4.5, "red", "surface sunk red-ground"}, {4.5, "grey", "surface grey-ground"},
		{4.5, "on-fill", "ok-fill red-fill blue-fill"}, {4.5, "on-amber", "amber-fill sign"}, {4.5, "surface", "grey"},
		{4.5, "on-bar", "bar"}, {4.5, "soft-bar", "bar"}, {3, "sign", "bar"},
		{3, "edge", "surface sunk paper"}, {3, "blue", "paper surface"}, {3, "s1", "surface"}, {3, "s3", "surface"},
	} {
		for ground := range strings.FieldsSeq(rule.grounds) {
			for theme, name := range []string{"light", "dark"} {
				if got := contrast(t, colours[rule.fore][theme], colours[ground][theme]); got < rule.least {
					t.Errorf("%s: %s on %s is %.2f, want %.1f", name, rule.fore, ground, got, rule.least)
				}
			}
		}
	}
}

// contrast is the ratio of WCAG 2.2 of two colours #rrggbb.
func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) != 7 {
		t.Fatalf("no colour %q", hex)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
