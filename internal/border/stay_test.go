package border

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// noon of a day in Tirana.
func noon(t testing.TB, s string) time.Time {
	y, m, d := day(t, s).Civil()
	return time.Date(y, time.Month(m), d, 12, 0, 0, 0, tirana(t))
}

// knownAll is one post known to the present and recording since long ago.
func knownAll(now time.Time) []Horizon { return []Horizon{{Node: "durres", KnownTo: now.UnixMilli()}} }

// passages reads "+2026-01-01 -2026-01-05": entries and exits of a visa-free Italian. Behind a day, d is doubtful, p joined
// by the person tag, w withdrawn; after a slash the basis, after a second one the authorised day.
func passages(t testing.TB, s string) []Passage {
	t.Helper()
	var ps []Passage
	for i, w := range strings.Fields(s) {
		parts := strings.Split(w[1:], "/")
		p := Passage{
			Ref: Ref{"ALB/durres/1", uint64(i)}, Direction: Exit, Basis: VisaFree, Nation: "ITA", Node: "durres",
			Day: day(t, parts[0][:10]),
		}
		if w[0] == '+' {
			p.Direction = Entry
		}
		flags := parts[0][10:]
		p.Doubtful, p.ByPerson, p.Withdrawn = strings.Contains(flags, "d"), strings.Contains(flags, "p"), strings.Contains(flags, "w")
		if len(parts) > 1 {
			b, err := ParseBasis(parts[1])
			if err != nil {
				t.Fatal(err)
			}
			p.Basis = b
		}
		if len(parts) > 2 {
			p.Until = day(t, parts[2])
		}
		p.Happened = int64(p.Day)*86_400_000 + 10*3_600_000
		ps = append(ps, p)
	}
	return ps
}

// tell writes a stay in one line: in, used, left, last lawful day, days over, proven over, doubts, the proposal.
func tell(s Stay) string {
	var b strings.Builder
	figures := func(f Figures) {
		if f.Inside {
			fmt.Fprintf(&b, "in since %v, ", f.Entered)
		}
		fmt.Fprintf(&b, "used %d left %d", f.Used, f.Left)
		if f.LastDay != 0 {
			fmt.Fprintf(&b, " to %v", f.LastDay)
		}
		if f.Overstay > 0 {
			fmt.Fprintf(&b, " over %d since %v", f.Overstay, f.OverSince)
		}
		if f.NoEntry {
			b.WriteString(" no entry")
		}
	}
	if s.Limit.None() {
		b.WriteString("free, ")
	}
	figures(s.Figures)
	if s.Overstay != s.Proven.Overstay {
		fmt.Fprintf(&b, " proven %d", s.Proven.Overstay)
	}
	for _, d := range s.Doubts {
		b.WriteString("; " + string(d.Code))
		if d.Node != "" {
			b.WriteString(" " + d.Node)
		}
		if d.Day != 0 {
			b.WriteString(" " + d.Day.String())
		}
	}
	if s.Proposed != nil {
		b.WriteString("; perhaps ")
		figures(*s.Proposed)
	}
	return b.String()
}

func TestStayOf(t *testing.T) {
	for _, c := range []struct {
		name    string
		today   string
		dir     Direction
		history string
		want    string
		terms   Terms // visa-free Italian where Basis is zero
	}{
		{name: "first entry", today: "2026-01-01", dir: Entry, want: "used 0 left 90 to 2026-03-31"},
		{name: "first entry in a leap year", today: "2028-01-01", dir: Entry, want: "used 0 left 90 to 2028-03-30"},
		{name: "over the year's end", today: "2026-11-15", dir: Entry, want: "used 0 left 90 to 2027-02-12"},
		{name: "day of entry counts", today: "2026-01-01", dir: Exit, history: "+2026-01-01",
			want: "in since 2026-01-01, used 1 left 89 to 2026-03-31"},
		{name: "ninetieth day", today: "2026-03-31", dir: Exit, history: "+2026-01-01",
			want: "in since 2026-01-01, used 90 left 0 to 2026-03-31"},
		{name: "ninety-first day", today: "2026-04-01", dir: Exit, history: "+2026-01-01",
			want: "in since 2026-01-01, used 91 left 0 over 1 since 2026-04-01"},
		{name: "leap year gives no day more", today: "2028-03-31", dir: Exit, history: "+2028-01-01",
			want: "in since 2028-01-01, used 91 left 0 over 1 since 2028-03-31"},
		{name: "used up", today: "2026-06-29", dir: Entry, history: "+2026-01-01 -2026-03-31", want: "used 90 left 0"},
		{name: "first day falls out", today: "2026-06-30", dir: Entry, history: "+2026-01-01 -2026-03-31",
			want: "used 89 left 90 to 2026-09-27"},
		{name: "half used", today: "2026-05-01", dir: Entry, history: "+2026-01-01 -2026-02-14",
			want: "used 45 left 45 to 2026-06-14"},
		{name: "the window slides while he stays", today: "2026-06-15", dir: Entry, history: "+2026-01-01 -2026-02-14",
			want: "used 45 left 90 to 2026-09-12"},
		{name: "out and in on one day", today: "2026-01-20", dir: Exit, history: "+2026-01-01 -2026-01-10 +2026-01-10",
			want: "in since 2026-01-10, used 20 left 70 to 2026-03-31"},
		{name: "in again on the day of exit", today: "2026-03-31", dir: Entry, history: "+2026-01-01 -2026-03-31",
			want: "used 90 left 0 to 2026-03-31"},
		{name: "in and out many times a day", today: "2026-01-02", dir: Entry,
			history: "+2026-01-01 -2026-01-01 +2026-01-01 -2026-01-01 +2026-01-02 -2026-01-02", want: "used 2 left 88 to 2026-03-31"},
		{name: "a search", today: "2026-01-05", history: "+2026-01-01", want: "in since 2026-01-01, used 5 left 85 to 2026-03-31"},
		{name: "void", today: "2026-01-05", dir: Entry, history: "+2026-01-01w", want: "used 0 left 90 to 2026-04-04"},
		{name: "exit without entry", today: "2026-02-01", dir: Exit, want: "used 0 left 90 to 2026-05-01"},
		{name: "earlier exit without entry", today: "2026-02-01", dir: Entry, history: "-2026-01-20",
			want: "used 1 left 89 to 2026-04-30; entry-missing durres 2026-01-20"},
		{name: "exit twice", today: "2026-02-01", dir: Entry, history: "+2026-01-01 -2026-01-02 -2026-01-20",
			want: "used 3 left 87 to 2026-04-28; entry-missing durres 2026-01-20"},
		{name: "entry while inside", today: "2026-08-01", dir: Entry, history: "+2026-03-01",
			want: "in since 2026-03-01, used 1 left 90 to 2026-10-29; exit-missing durres 2026-03-01"},
		{name: "a missed exit of long ago is no overstay", today: "2026-08-01", dir: Exit, history: "+2026-03-01 +2026-07-31",
			want: "in since 2026-07-31, used 3 left 88 to 2026-10-28; exit-missing durres 2026-03-01"},
		{name: "a missed exit outside of the window does not matter", today: "2026-12-01", dir: Entry, history: "+2026-03-01 -2026-03-01",
			want: "used 0 left 90 to 2027-02-28"},
		{name: "disordered days", today: "2026-08-01", dir: Entry, history: "+2026-07-20 -2026-07-10",
			want: "used 2 left 88 to 2026-10-27; days-disordered durres 2026-07-20"},
		{name: "a day to come", today: "2026-08-01", dir: Exit, history: "+2027-01-01",
			want: "in since 2027-01-01, used 1 left 89 to 2026-10-29; days-disordered durres 2027-01-01"},

		{name: "doubtful entry", today: "2026-06-01", dir: Exit, history: "+2026-01-01d",
			want: "in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 0; doubtful-day durres 2026-01-01"},
		{name: "doubt that changes nothing", today: "2026-04-30", dir: Exit, history: "+2025-12-01d -2025-12-02 +2026-01-01",
			want: "in since 2026-01-01, used 122 left 0 over 32 since 2026-03-30 proven 31; doubtful-day durres 2025-12-01"},
		{name: "doubtful exit of an earlier stay", today: "2026-04-01", dir: Exit, history: "+2026-01-01 -2026-03-29d +2026-03-31",
			want: "in since 2026-03-31, used 90 left 0 to 2026-04-01; doubtful-day durres 2026-03-29"},

		{name: "person tag adds days", today: "2026-05-01", dir: Entry, history: "+2026-01-01p -2026-02-14p",
			want: "used 0 left 90 to 2026-07-29; by-person; perhaps used 45 left 45 to 2026-06-14"},
		{name: "person tag names no overstayer", today: "2026-04-10", dir: Exit, history: "+2026-01-01p -2026-02-14p +2026-02-20",
			want: "in since 2026-02-20, used 50 left 40 to 2026-05-20; by-person; " +
				"perhaps in since 2026-02-20, used 95 left 0 over 5 since 2026-04-06"},
		{name: "person tag may clear one", today: "2026-04-10", dir: Exit, history: "+2026-01-01 -2026-02-01p",
			want: "in since 2026-01-01, used 100 left 0 over 10 since 2026-04-01 proven 0; by-person; perhaps used 32 left 58 to 2026-06-06"},

		{name: "citizen", today: "2026-08-01", dir: Exit, history: "+2026-01-01d", terms: Terms{Basis: Citizen, Nation: "ALB"},
			want: "free, in since 2026-01-01, used 0 left 0"},
		{name: "citizen, whatever the basis", today: "2026-08-01", dir: Exit, history: "+2026-01-01",
			terms: Terms{Basis: VisaFree, Nation: "ALB"}, want: "free, in since 2026-01-01, used 0 left 0"},
		{name: "American", today: "2026-12-31", dir: Exit, history: "+2026-01-01", terms: Terms{Basis: VisaFree, Nation: "USA"},
			want: "in since 2026-01-01, used 365 left 0 to 2026-12-31"},
		{name: "American over a year", today: "2027-01-01", dir: Exit, history: "+2026-01-01", terms: Terms{Basis: VisaFree, Nation: "USA"},
			want: "in since 2026-01-01, used 366 left 0 over 1 since 2027-01-01"},
		{name: "crew", today: "2026-12-31", dir: Exit, history: "+2026-01-01/crew", terms: Terms{Basis: Crew, Nation: "PHL"},
			want: "free, in since 2026-01-01, used 0 left 0"},
		{name: "family", today: "2026-12-31", dir: Exit, history: "+2026-01-01/family-member", terms: Terms{Basis: FamilyMember, Nation: "IND"},
			want: "free, in since 2026-01-01, used 0 left 0"},
		{name: "other", today: "2026-12-31", dir: Exit, history: "+2026-01-01/other", terms: Terms{Basis: OtherBasis, Nation: "IND"},
			want: "free, in since 2026-01-01, used 0 left 0"},
		{name: "residence permit", today: "2026-12-30", dir: Exit, history: "+2026-01-01/residence-permit/2026-12-31",
			terms: Terms{Basis: ResidencePermit, Nation: "IND"}, want: "in since 2026-01-01, used 0 left 1 to 2026-12-31"},
		{name: "residence permit ran out", today: "2027-01-02", dir: Exit, history: "+2026-01-01/residence-permit/2026-12-31",
			terms: Terms{Basis: ResidencePermit, Nation: "IND"}, want: "in since 2026-01-01, used 0 left 0 over 2 since 2027-01-01"},
		{name: "permit renewed", today: "2027-01-02", dir: Exit, history: "+2026-01-01/residence-permit/2026-12-31",
			terms: Terms{Basis: ResidencePermit, Nation: "IND", Until: day(t, "2027-12-31")},
			want:  "in since 2026-01-01, used 0 left 363 to 2027-12-31"},
		{name: "permit at entry", today: "2026-05-01", dir: Entry, terms: Terms{Basis: LongStayVisa, Nation: "IND", Until: day(t, "2026-05-01")},
			want: "used 0 left 1 to 2026-05-01"},
		{name: "days on a permit do not count", today: "2026-06-30", dir: Entry, history: "+2026-01-01/residence-permit/2026-06-10 -2026-06-10/residence-permit",
			want: "used 0 left 90 to 2026-09-27"},
		{name: "days after a permit count", today: "2026-06-30", dir: Entry, history: "+2026-01-01/long-stay-visa/2026-06-10 -2026-06-20/long-stay-visa",
			want: "used 10 left 80 to 2026-09-17"},
		{name: "visa-free days after a permit, still inside", today: "2026-06-30", dir: Exit, history: "+2026-01-01/residence-permit/2026-06-10",
			want: "in since 2026-01-01, used 20 left 70 to 2026-09-08"},
		{name: "local permit counts its own", today: "2026-04-01", dir: Exit,
			history: "+2026-01-01 -2026-02-01 +2026-02-02/local-permit/2026-12-31", terms: Terms{Basis: LocalPermit, Nation: "MKD"},
			want: "in since 2026-02-02, used 59 left 31 to 2026-05-02"},
		{name: "authorised day of a visa-free entry is not taken over", today: "2026-02-01", dir: Exit, history: "+2026-01-01/visa-free/2026-01-20",
			want: "in since 2026-01-01, used 32 left 58 to 2026-03-31"},
		{name: "authorised day set by the officer", today: "2026-02-01", dir: Exit, history: "+2026-01-01",
			terms: Terms{Basis: VisaFree, Nation: "ITA", Until: day(t, "2026-01-20")},
			want:  "in since 2026-01-01, used 32 left 0 over 12 since 2026-01-21"},
		{name: "no basis", today: "2026-01-01", dir: Entry, terms: Terms{Nation: "IND"}, want: "used 0 left 90 to 2026-03-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := noon(t, c.today)
			if c.terms == (Terms{}) {
				c.terms = Terms{Basis: VisaFree, Nation: "ITA"}
			}
			s := DefaultRulebook().StayOf(c.terms, c.dir, History{passages(t, c.history), knownAll(now)}, now)
			if got := tell(s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestStayOnVisa(t *testing.T) {
	from := day(t, "2026-01-01")
	until := day(t, "2026-12-31")
	thirty := VisaTerms{Days: 30, Entries: 2, From: from}
	for _, c := range []struct {
		name    string
		today   string
		dir     Direction
		history string
		visa    VisaTerms
		want    string
	}{
		{"first entry", "2026-02-01", Entry, "", thirty, "used 0 left 30 to 2026-03-02"},
		{"own days, however long ago", "2026-11-01", Entry, "+2026-02-01/visa -2026-02-20/visa", thirty, "used 20 left 10 to 2026-11-10"},
		{"days of an earlier visa", "2026-02-01", Entry, "+2025-12-01/visa -2025-12-20/visa", thirty, "used 0 left 30 to 2026-03-02"},
		{"visa-free days fill the window but not the visa", "2026-06-01", Entry, "+2026-02-01 -2026-04-30", VisaTerms{Days: 60, From: from},
			"used 0 left 1 to 2026-06-01"},
		{"entries used", "2026-03-20", Entry, "+2026-02-01/visa -2026-02-01/visa +2026-03-01/visa -2026-03-01/visa", thirty,
			"used 2 left 0 no entry"},
		{"the last entry may stay", "2026-03-20", Exit, "+2026-02-01/visa -2026-02-01/visa +2026-03-01/visa", thirty,
			"in since 2026-03-01, used 21 left 9 to 2026-03-29"},
		{"overstayed", "2026-03-05", Exit, "+2026-02-01/visa", thirty, "in since 2026-02-01, used 33 left 0 over 3 since 2026-03-03"},
		{"the visa ends before its days", "2026-12-20", Entry, "", thirty, "used 0 left 12 to 2026-12-31"},
		{"not yet valid", "2025-12-31", Entry, "", thirty, "used 0 left 0"},
		{"days not stated", "2026-06-01", Exit, "+2026-03-01/visa", VisaTerms{From: from},
			"in since 2026-03-01, used 93 left 0 over 3 since 2026-05-30"},
		{"unknown start", "2026-02-10", Exit, "+2025-12-01/visa -2025-12-28/visa +2026-02-01/visa", VisaTerms{Days: 30},
			"in since 2026-02-01, used 38 left 0 over 8 since 2026-02-03 proven 0; visa-start-unknown"},
		{"unknown start, entries", "2026-02-10", Entry, "+2025-12-01/visa -2025-12-28/visa", VisaTerms{Entries: 1},
			"used 28 left 0 no entry; visa-start-unknown"},
		{"absurd days", "2026-02-10", Entry, "", VisaTerms{Days: 1 << 40, Entries: -1, From: from}, "used 0 left 90 to 2026-05-10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := noon(t, c.today)
			terms := Terms{Basis: Visa, Nation: "IND", Visa: c.visa, Until: until}
			s := DefaultRulebook().StayOf(terms, c.dir, History{passages(t, c.history), knownAll(now)}, now)
			if got := tell(s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if c.name == "unknown start, entries" && s.Proven.NoEntry {
				t.Error("a refusal is proven by a visa that may be another")
			}
		})
	}
}

// What a node does not know makes nobody an overstayer.
func TestStayBehindHorizons(t *testing.T) {
	now := noon(t, "2026-06-01")
	at := func(s string) int64 { return noon(t, s).UnixMilli() }
	here := Horizon{Node: "durres", KnownTo: now.UnixMilli()}
	for _, c := range []struct {
		name     string
		history  string
		horizons []Horizon
		want     string
	}{
		{"all known", "+2026-01-01", []Horizon{here}, "in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01"},
		{"nothing known of what is known", "+2026-01-01", nil,
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 0; no-horizon"},
		{"a post unknown since before the end of his days", "+2026-01-01", []Horizon{here, {"rinas", at("2026-03-20"), 0}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 0; known-to rinas 2026-03-19"},
		{"a post unknown since ten days over", "+2026-01-01", []Horizon{here, {"rinas", at("2026-04-11"), 0}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 10; known-to rinas 2026-04-10"},
		{"a post never heard of", "+2026-01-01", []Horizon{here, {"rinas", 0, 0}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 0; known-to rinas"},
		{"a post that began after he came", "+2026-01-01", []Horizon{here, {"rinas", now.UnixMilli(), day(t, "2026-02-01")}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01 proven 0; not-recording rinas 2026-02-01"},
		{"a post that began before he came, within the window", "+2026-01-01", []Horizon{here, {"rinas", now.UnixMilli(), day(t, "2025-12-01")}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01; not-recording rinas 2025-12-01"},
		{"a post that began long before", "+2026-01-01", []Horizon{here, {"rinas", now.UnixMilli(), day(t, "2025-07-05")}},
			"in since 2026-01-01, used 152 left 0 over 62 since 2026-04-01"},
		{"a closed stay is known from its exit back", "+2026-01-01 -2026-03-20 +2026-05-15", []Horizon{here, {"rinas", now.UnixMilli(), day(t, "2026-02-01")}},
			"in since 2026-05-15, used 97 left 0 over 7 since 2026-05-26 proven 0; not-recording rinas 2026-02-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := DefaultRulebook().StayOf(Terms{Basis: VisaFree, Nation: "ITA"}, Exit, History{passages(t, c.history), c.horizons}, now)
			if got := tell(s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	permit := Terms{Basis: ResidencePermit, Nation: "IND", Until: day(t, "2026-12-31")}
	if s := DefaultRulebook().StayOf(permit, Exit, History{}, now); !s.Certain() {
		t.Errorf("a permit in force is in doubt: %s", tell(s))
	}
}

func TestStayIsBounded(t *testing.T) {
	now := noon(t, "2026-06-01")
	terms := Terms{Basis: VisaFree, Nation: "ITA"}
	many := slices.Repeat(passages(t, "+2026-01-01 -2026-01-02"), maxPassages)
	s := DefaultRulebook().StayOf(terms, Entry, History{many, knownAll(now)}, now)
	if got := tell(s); got != "used 2 left 90 to 2026-08-29; too-many-passages" {
		t.Error(got)
	}
	lost := slices.Repeat(passages(t, "-2026-01-02"), maxPassages)
	s = DefaultRulebook().StayOf(terms, Entry, History{lost, knownAll(now)}, now)
	if n := len(s.Doubts); n != maxDoubts || s.Doubts[n-1].Code != DoubtUncounted {
		t.Errorf("%d doubts, the last %v", n, s.Doubts[n-1])
	}
	s = DefaultRulebook().StayOf(terms, Exit, History{passages(t, "+0001-01-01"), knownAll(now)}, now)
	if s.Overstay > maxLookback+1 || s.Overstay < maxLookback-180 || s.Doubts[0].Code != DoubtUnreachable {
		t.Error(tell(s))
	}
}
