package forms

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

func refused(t testing.TB, r Refusal) string {
	t.Helper()
	return printed(t, func(b *strings.Builder) error { return WriteRefusal(b, r, Look{}) })
}

var row = regexp.MustCompile(`(?s)<tr( class="ticked")?><th scope="row">(\w+)</th><td class="tick"><span class="box">(X?)</span>`)

// Whatever the ground, its box and no other is ticked, by a letter and by weight, and the page is that of its direction.
func TestTickStandsAtTheGround(t *testing.T) {
	for dir, title := range map[border.Direction]string{border.Entry: "REFUSAL OF ENTRY AT THE BORDER", border.Exit: "REFUSAL OF EXIT AT THE BORDER"} {
		for _, g := range border.Grounds(dir) {
			r := refusal(t)
			r.Ground = g
			page := refused(t, r)
			var rows, ticked []border.Ground
			for _, m := range row.FindAllStringSubmatch(page, -1) {
				rows = append(rows, border.Ground(m[2]))
				if (m[1] != "") != (m[3] == "X") {
					t.Errorf("%s: the row of %s is half ticked", g, m[2])
				}
				if m[3] == "X" {
					ticked = append(ticked, border.Ground(m[2]))
				}
			}
			if !slices.Equal(rows, border.Grounds(dir)) || !slices.Equal(ticked, []border.Ground{g}) {
				t.Errorf("ground %s: rows %v, ticked %v", g, rows, ticked)
			}
			if !strings.Contains(page, title) {
				t.Errorf("ground %s: not the page %q", g, title)
			}
			if missing := strings.Contains(page, "could not be provided"); missing != (g == border.NoPurpose) {
				t.Errorf("ground %s: documents not provided: %v", g, missing)
			}
		}
	}
}

// Every language has every text of the form, in its own script and with the same places to fill in.
func TestLanguagesAreComplete(t *testing.T) {
	want := []string{"en", "sq", "ar", "de", "el", "es", "fr", "it", "mk", "ru", "sr", "tr", "uk", "zh"}
	var got []string
	for _, l := range Languages() {
		got = append(got, l.Code)
	}
	if !slices.Equal(got, want) {
		t.Errorf("languages %v, want %v", got, want)
	}
	en, law := refusals["en"], Albania()
	for code, c := range refusals {
		same(t, "refusal/"+code, en, c)
		for key := range en {
			if code != "en" && code != "de" && code != "es" && code != "fr" && c[key] == en[key] && key != "dir" {
				t.Errorf("refusal/%s: %s is in English", code, key)
			}
		}
		if (c["dir"] == "rtl") != (code == "ar") || c["dir"] != "rtl" && c["dir"] != "ltr" {
			t.Errorf("refusal/%s: direction %q", code, c["dir"])
		}
		if law[code] == (LawText{}) {
			t.Errorf("law/al.json lacks %s", code)
		}
		for _, d := range []border.Direction{border.Entry, border.Exit} {
			for _, g := range border.Grounds(d) {
				if c[string(g)] == "" {
					t.Errorf("refusal/%s: no ground %s", code, g)
				}
			}
		}
	}
	if codes := slices.Sorted(maps.Keys(languages)); !slices.Equal(codes, []string{"en", "sq"}) {
		t.Errorf("pages in %v", codes)
	}
	same(t, "lang/sq", languages["en"], languages["sq"])
	for _, b := range border.Bases() {
		if languages["en"]["basis."+b.String()] == "" {
			t.Errorf("lang/en: no word for basis %s", b)
		}
	}
}

var place = regexp.MustCompile(`\{\w+\}`)

func same(t *testing.T, name string, want, got catalogue) {
	t.Helper()
	for key, text := range want {
		a, b := place.FindAllString(text, -1), place.FindAllString(got[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if got[key] == "" || !slices.Equal(a, b) {
			t.Errorf("%s: %s is %q, places %v, want %v", name, key, got[key], b, a)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d texts, want %d", name, len(got), len(want))
	}
}

// The traveller's form is whole in each language beside the officer's, and an Arabic column reads from the right.
func TestRefusalInEachLanguage(t *testing.T) {
	for _, l := range Languages() {
		r := refusal(t)
		r.Travellers = l.Code
		page := refused(t, r)
		for _, code := range []string{"sq", l.Code} {
			for key, text := range refusals[code] {
				if !strings.Contains(text, "{") && !strings.HasPrefix(key, "X") && !strings.HasSuffix(key, ".exit") &&
					!slices.Contains([]string{"language", "H.register"}, key) && !strings.Contains(page, escaped(text)) {
					t.Errorf("%s beside sq: %s of %s is missing", l.Code, key, code)
				}
			}
			if law := Albania()[code]; strings.Count(page, escaped(law.Entry)) < 1 || !strings.Contains(page, escaped(law.EntryAppeal)) {
				t.Errorf("%s: the law is missing", code)
			}
		}
		if strings.Contains(page, `lang="ar" dir="rtl"`) != (l.Code == "ar") {
			t.Errorf("%s: a column from the right where there is none, or none", l.Code)
		}
	}
	one := refusal(t)
	one.Travellers = ""
	same := refusal(t)
	same.Travellers = "sq"
	if a, b := refused(t, one), refused(t, same); a != b || strings.Contains(a, "Surname") {
		t.Error("one language is printed twice")
	}
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "'", "&#39;", "+", "&#43;").Replace(s)
}

func TestRefusalRefuses(t *testing.T) {
	for name, change := range map[string]func(*Refusal){
		"no ground":      func(r *Refusal) { r.Ground = "" },
		"unknown ground": func(r *Refusal) { r.Ground = "K" },
		"no language":    func(r *Refusal) { r.Officers = "" },
		"language":       func(r *Refusal) { r.Travellers = "tlh" },
	} {
		r := refusal(t)
		change(&r)
		var b bytes.Buffer
		if err := WriteRefusal(&b, r, Look{}); !errors.Is(err, ErrForm) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}

func TestLaw(t *testing.T) {
	r := refusal(t)
	r.Law = Law{"en": {"Act 7", "Write to us.", "Act 8", "Write to them."}}
	r.Travellers = "el"
	page := refused(t, r)
	if strings.Count(page, "Act 7") != 2 || strings.Count(page, "Write to us.") != 2 || strings.Contains(page, "79/2021") {
		t.Error("a country's own law is not printed, or ours is")
	}
	r.Ground = border.ExitMinor
	if page := refused(t, r); strings.Count(page, "Act 8") != 2 || strings.Count(page, "Write to them.") != 2 {
		t.Error("the law of exit is not printed")
	}
	for _, s := range []string{``, `{}`, `[]`, `{"en":{"entry":"x"}}`, `{"en":{"entry":"","entry_appeal":"x","exit":"x","exit_appeal":"x"}}`,
		`{"en":"` + strings.Repeat("x", maxLaw) + `"}`} {
		if l, err := ParseLaw([]byte(s)); err == nil {
			t.Errorf("%.40q is %v", s, l)
		}
	}
}

// What somebody typed is shown as he typed it and runs nothing; and however long it is, all of it is there.
func TestValuesAreEscapedAndWhole(t *testing.T) {
	const evil = `<script>alert(1)</script>"'&`
	safe := "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;"
	long := strings.Repeat("LONGNAME ", 200) + "END"
	f, r, h := factSheet(t), refusal(t), handover()
	f.Document.Primary, r.Document.Primary, h.Body.Notes = evil, evil, evil
	f.Document.Secondary, r.Comments, h.Gives = long, long, long
	r.Missing, r.Visa.Grounds, f.Events[0].Post, h.Booths[0].Officer, h.Outages[0].Officers = evil, evil, evil, evil, evil
	for name, c := range map[string]struct {
		page string
		evil int
	}{
		"refusal": {refused(t, r), 4}, // the missing documents stand in both columns
		"fact":    {printed(t, func(b *strings.Builder) error { return WriteFactSheet(b, f, Look{}) }), 2},
		"hand":    {printed(t, func(b *strings.Builder) error { return WriteHandover(b, h, Look{}) }), 3},
	} {
		if strings.Contains(c.page, "<script") || strings.Count(c.page, safe) != c.evil {
			t.Errorf("%s: %d values escaped, want %d", name, strings.Count(c.page, safe), c.evil)
		}
		if !strings.Contains(c.page, long) {
			t.Errorf("%s: a long value is cut", name)
		}
	}
	for _, cut := range []string{"overflow: hidden", "text-overflow", "line-clamp", "overflow:hidden"} {
		if bytes.Contains(style, []byte(cut)) {
			t.Errorf("the style cuts values: %s", cut)
		}
	}
}

func TestRefusalGolden(t *testing.T) {
	page := refused(t, refusal(t))
	for _, want := range []string{
		`<html lang="sq" dir="ltr">`,
		`<span class="l"><bdi lang="sq">Mbiemri</bdi> / <bdi lang="en">Surname</bdi></span><span class="v" dir="auto">ERIKSSON</span>`,
		`<bdi lang="en">Date of birth</bdi></span><span class="v" dir="auto">1974-08-12</span>`,
		`<bdi lang="en">On (date)</bdi></span><span class="v" dir="auto">2026-11-21</span>`,
		`<bdi lang="en">at (time)</bdi></span><span class="v" dir="auto">22:41</span>`,
		`<bdi lang="en">Place of birth</bdi></span><span class="v" dir="auto"></span>`, // to be filled in by hand
		`preceding 180-day period`, `stayed for 90 days`,
		`could not be provided: <span class="v in" dir="auto">hotel booking</span>`,
		`<strong>kakavija 1 70012</strong>`, `Regulation (EU) 2016/399 (Schengen Borders Code), Annex V, Part B`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	r := refusal(t)
	r.Days, r.Window = 30, 60
	if page := refused(t, r); !strings.Contains(page, "stayed for 30 days in the preceding 60-day period") {
		t.Error("the rule's days are not printed")
	}
}

func TestFactSheetStatesAndDoesNotJudge(t *testing.T) {
	f := factSheet(t)
	page := printed(t, func(b *strings.Builder) error { return WriteFactSheet(b, f, Look{}) })
	for _, want := range []string{
		"It is not a verdict, and it accuses nobody.", "2026-11-21 22:41 UTC&#43;01:00", "90 days in any 180", `<span class="v">113</span>`,
		`<tr><td class="n">2026-07-30</td><td class="n">22:41</td><td>refusal of entry, ground G</td><td>rinas</td><td>rinas 2 71</td><td></td></tr>`,
		`<tr><td class="n">2026-05-02</td><td class="n"></td><td>entry</td><td>durres</td><td>durres 1 9</td><td>day in doubt`,
		"under another document; may be the same person", "withdrawn: counts no longer", "rinas is wholly known only to the end of 2026-11-20.",
		"Nothing is known of vlore.", `<tr><td>vlore</td><td class="n">not known at all</td><td class="n"></td></tr>`,
		`<td>kakavija</td><td class="n">2026-11-21 22:41</td><td class="n">2026-01-01</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the sheet lacks %s", want)
		}
	}
	f = FactSheet{Lang: "sq"}
	page = printed(t, func(b *strings.Builder) error { return WriteFactSheet(b, f, Look{}) })
	for _, want := range []string{"Nuk është vendim", "Nuk dihet asnjë.", "Asgjë nuk është në dyshim.", "pa kufi ditësh"} {
		if !strings.Contains(page, want) {
			t.Errorf("an empty sheet lacks %s", want)
		}
	}
	f.Events = make([]Event, maxRows+1)
	if err := WriteFactSheet(new(bytes.Buffer), f, Look{}); !errors.Is(err, ErrForm) {
		t.Errorf("%d rows: %v", len(f.Events), err)
	}
}

// Each doubt of the domain has a sentence in both languages.
func TestEachDoubtHasASentence(t *testing.T) {
	for _, code := range []border.DoubtCode{border.DoubtNoHorizon, border.DoubtSince, border.DoubtKnownTo, border.DoubtDay, border.DoubtExit,
		border.DoubtEntry, border.DoubtOrder, border.DoubtVisaStart, border.DoubtPerson, border.DoubtTooMany, border.DoubtUncounted,
		border.DoubtUnreachable} {
		for _, lang := range []string{"en", "sq"} {
			p := factPage{FactSheet{}, in(lang)}
			if s, err := p.Doubt(border.Doubt{Code: code, Node: "rinas", Day: 20_000}); err != nil || place.MatchString(s) {
				t.Errorf("%s, %s: %q, %v", lang, code, s, err)
			}
		}
	}
}

func TestHandoverGolden(t *testing.T) {
	page := printed(t, func(b *strings.Builder) error { return WriteHandover(b, handover(), Look{}) })
	for _, want := range []string{
		"2026-11-21 14:41 UTC&#43;01:00", "<th>Entries (persons)</th><td>1201</td>", "<th>Open checks (scanned, never decided)</th><td>5</td>",
		`<td>K-17</td><td class="n">2026-11-21 14:41</td><td class="n">still lasts</td><td class="n">700</td><td class="n">500</td>`,
		`<td class="n">0</td><td class="n">–</td></tr>`, "<td>K-17, K-18</td>", `<th>missing</th><td>1</td>`, "Booth 2 is without a reader.\nThe gate",
		"Hands over · date, time, signature",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	empty := Handover{Lang: "sq", Body: record.HandoverBody{}}
	page = printed(t, func(b *strings.Builder) error { return WriteHandover(b, empty, Look{}) })
	if !strings.Contains(page, "Asnjë kabinë nuk ishte e hapur.") || !strings.Contains(page, "Nuk pati ndërprerje.") {
		t.Error("a quiet shift says nothing")
	}
}

// A page in one file brings its style; behind the faces' policy it names it instead.
func TestLook(t *testing.T) {
	alone := refused(t, refusal(t))
	if strings.Count(alone, "<style>") != 1 || !strings.Contains(alone, "@page") || strings.Contains(alone, "<link") {
		t.Error("the page is not whole in one file")
	}
	linked := printed(t, func(b *strings.Builder) error {
		return WriteRefusal(b, refusal(t), Look{Head: `<link rel="stylesheet" href="/assets/x/forms.css">`, Back: "/booth"})
	})
	if strings.Contains(linked, "<style") || strings.Contains(linked, " style=") || strings.Contains(linked, "<script") ||
		!strings.Contains(linked, `<a href="/booth">`) || !strings.Contains(linked, `href="/assets/x/forms.css"`) {
		t.Error("the page would not pass the policy of the faces")
	}
}

func TestPropose(t *testing.T) {
	for nation, want := range map[string]string{"ALB": "sq", "XKX": "sq", "RKS": "sq", "D": "de", "GRC": "el", "MKD": "mk", "SRB": "sr", "MNE": "sr",
		"ITA": "it", "FRA": "fr", "TUR": "tr", "RUS": "ru", "UKR": "uk", "SAU": "ar", "CHN": "zh", "MEX": "es", "GBR": "en", "USA": "en", "": "en",
		"UTO": "en", "XXA": "en", "DEU": "de", "alb": "en"} {
		if got := Propose(nation); got != want {
			t.Errorf("%s: %s, want %s", nation, got, want)
		}
	}
	seen := map[string]bool{}
	for lang, nations := range spoken {
		if refusals[lang] == nil {
			t.Errorf("%s is proposed and cannot be printed", lang)
		}
		for _, n := range strings.Fields(nations) {
			if seen[n] {
				t.Errorf("%s stands twice", n)
			}
			seen[n] = true
		}
	}
}
