package border

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"tims/internal/mrz"
)

// ordinary is an Italian at Durrës with nothing against her.
func ordinary(t testing.TB) Check {
	now := noon(t, "2026-06-01")
	return Check{
		Direction: Entry,
		Now:       now,
		Node:      "durres",
		Document: Document{
			Code: "P", Issuer: "ITA", Number: "YA1234567", Nationality: "ITA", Primary: "ROSSI", Secondary: "ANNA",
			Birth: PartialDate{1974, 8, 12}, Sex: "F", Expiry: PartialDate{2030, 1, 31}, Zone: []string{"", ""},
		},
		History: History{Horizons: knownAll(now)},
		Lists:   []ListState{{"ofac-sdn", now.UnixMilli()}},
	}
}

// say writes advice in one line: decision, ground, then each finding with its level, what it asks and its values.
func say(a Advice) string {
	b := a.Decision.String()
	if a.Ground != "" {
		b += " " + string(a.Ground)
	}
	for _, f := range a.Findings {
		b += "; " + f.Level.String() + " " + string(f.Code)
		if f.Asks != Admit {
			b += ">" + f.Asks.String()
		}
		for _, p := range f.Params {
			b += " " + p.Name + "=" + p.Value
		}
	}
	return b
}

func TestAdvise(t *testing.T) {
	albanian := func(c *Check) {
		c.Document.Issuer, c.Document.Nationality = "ALB", "ALB"
	}
	indian := func(c *Check) {
		c.Document.Issuer, c.Document.Nationality = "IND", "IND"
	}
	leaves := func(c *Check) { c.Direction = Exit }
	past := func(s string) func(*Check) {
		return func(c *Check) { c.History.Passages = passages(t, s) }
	}
	hit := func(kind AlertKind, action Action, score float64) func(*Check) {
		return func(c *Check) {
			c.Hits = append(c.Hits, Hit{AlertID: "un:1", List: "un", Kind: kind, Action: action, Score: score})
		}
	}
	grey := func(action Action, score float64) func(*Check) {
		return func(c *Check) {
			c.Hits = append(c.Hits, Hit{AlertID: "un:1", List: "un", Kind: PersonAlert, Action: action, Score: score, Grey: true})
		}
	}
	noDocument := func(c *Check) {
		c.Document.Code, c.Document.ByHand, c.Document.Zone = NoDocumentCode, true, nil
	}
	visa := func(c *Check) {
		indian(c)
		c.Terms = Terms{Basis: Visa, Visa: VisaTerms{Days: 30, Entries: 1, From: day(t, "2026-05-01")}, Until: day(t, "2026-12-31")}
	}
	for _, c := range []struct {
		name string
		with []func(*Check)
		want string
	}{
		{"nothing", nil, "admit"},
		{"citizen", []func(*Check){albanian}, "admit"},
		{"exit", []func(*Check){leaves, past("+2026-05-01")}, "admit"},

		{"check digit", []func(*Check){func(c *Check) {
			c.Document.Faults = []mrz.Fault{
				{Field: "name", Code: "name_possibly_truncated", Line: 1, Warning: true},
				{Field: "birth_date", Code: "check_birth_date", Line: 2, Position: 20},
			}
		}}, "refer; grave zone-fault>refer code=check_birth_date line=2 position=20; " +
			"note zone-warning code=name_possibly_truncated line=1 position=0"},
		{"by hand", []func(*Check){func(c *Check) { c.Document.ByHand = true }}, "admit; warn by-hand"},
		{"no number", []func(*Check){func(c *Check) { c.Document.Number = "" }}, "refer; warn number-missing>refer"},
		{"nationality not read", []func(*Check){func(c *Check) { c.Document.Nationality = "" }},
			"refer C; grave visa-required>refer nationality=; warn nationality-unknown>refer nationality="},
		{"expired", []func(*Check){func(c *Check) { c.Document.Expiry = PartialDate{2026, 5, 31} }},
			"refuse A; grave document-expired>refuse expiry=2026-05-31"},
		{"expired, leaving", []func(*Check){leaves, past("+2026-05-01"), func(c *Check) { c.Document.Expiry = PartialDate{2026, 5, 31} }},
			"refer X3; warn document-expired>refer expiry=2026-05-31"},
		{"expired, citizen", []func(*Check){albanian, func(c *Check) { c.Document.Expiry = PartialDate{2026, 5, 31} }},
			"refer; warn document-expired>refer expiry=2026-05-31"},
		{"no expiry", []func(*Check){func(c *Check) { c.Document.Expiry = PartialDate{} }}, "admit; note expiry-unknown"},
		{"expires soon", []func(*Check){func(c *Check) { c.Document.Expiry = PartialDate{2026, 8, 29} }},
			"refer A; warn short-validity>refer expiry=2026-08-29 until=2026-06-01 days=90"},
		{"expires just late enough", []func(*Check){func(c *Check) { c.Document.Expiry = PartialDate{2026, 8, 30} }}, "admit"},
		{"expires too soon after the departure", []func(*Check){func(c *Check) {
			c.Document.Expiry, c.Departure = PartialDate{2026, 8, 30}, day(t, "2026-06-02")
		}}, "refer A; warn short-validity>refer expiry=2026-08-30 until=2026-06-02 days=90"},
		{"minor", []func(*Check){func(c *Check) { c.Document.Birth = PartialDate{2010, 0, 0} }}, "admit; note minor age=18"},

		{"visa required", []func(*Check){indian}, "refer C; grave visa-required>refer nationality=IND"},
		{"visa required, whatever was chosen", []func(*Check){indian, func(c *Check) { c.Terms.Basis = VisaFree }},
			"refer C; grave visa-required>refer nationality=IND"},
		{"no citizen", []func(*Check){indian, func(c *Check) { c.Terms.Basis = Citizen }},
			"refer; grave basis-unfounded>refer basis=citizen nationality=IND"},
		{"nobody needs a visa to leave", []func(*Check){indian, leaves, past("+2026-05-01/visa/2026-12-31")}, "admit"},
		{"visa", []func(*Check){visa}, "admit"},
		{"visa's zone alone", []func(*Check){indian, func(c *Check) { c.Document.Code = "V" }}, "admit; warn visa-zone-only"},
		{"visa without an end", []func(*Check){visa, func(c *Check) { c.Terms.Until = 0 }}, "refer; warn until-missing>refer basis=visa"},
		{"visa ran out", []func(*Check){visa, func(c *Check) { c.Terms.Until = day(t, "2026-05-31") }},
			"refuse C; grave permit-expired>refuse basis=visa until=2026-05-31"},
		{"visa of tomorrow", []func(*Check){visa, func(c *Check) { c.Terms.Visa.From = day(t, "2026-06-02") }},
			"refuse C; grave visa-not-yet>refuse from=2026-06-02"},
		{"visa's entry used", []func(*Check){visa, past("+2026-05-01/visa -2026-05-02/visa")},
			"refuse C; grave visa-entries-used>refuse entries=1 used=1"},
		{"visa's days used", []func(*Check){visa, func(c *Check) { c.Terms.Visa.Entries = 0 }, past("+2026-05-01/visa -2026-05-30/visa")},
			"refuse F; grave no-days-left>refuse used=30 days=30 window=0"},

		{"days used", []func(*Check){past("+2026-01-01 -2026-03-31")}, "refuse F; grave no-days-left>refuse used=90 days=90 window=180"},
		{"days used, in doubt", []func(*Check){past("+2026-01-01 -2026-03-31d")},
			"refer F; grave no-days-left>refer used=90 days=90 window=180; note stay-uncertain doubts=1"},
		{"days used, perhaps", []func(*Check){past("+2026-01-01p -2026-03-31p")},
			"admit; warn other-document used=90 left=0 over=0; note stay-uncertain doubts=1"},
		{"few days", []func(*Check){past("+2026-02-01 -2026-04-24")}, "admit; warn few-days-left left=7 last=2026-06-07"},
		{"departs late", []func(*Check){past("+2026-02-01 -2026-04-24"), func(c *Check) { c.Departure = day(t, "2026-06-08") }},
			"refer E; warn departs-late>refer departure=2026-06-08 last=2026-06-07"},
		{"overstayer leaves", []func(*Check){leaves, past("+2026-01-01")},
			"admit; warn stay-exceeded over=62 proven=62 since=2026-04-01 entered=2026-01-01"},
		{"doubtful overstayer leaves", []func(*Check){leaves, past("+2026-01-01d")},
			"admit; note stay-uncertain doubts=1; note stay-exceeded over=62 proven=0 since=2026-04-01 entered=2026-01-01"},
		{"leaves, never came", []func(*Check){leaves}, "admit; note no-entry-known"},
		{"citizen leaves, never came", []func(*Check){albanian, leaves}, "admit"},
		{"comes again without having left", []func(*Check){past("+2026-05-01")},
			"admit; warn already-inside entered=2026-05-01 node=durres; note stay-uncertain doubts=1"},
		{"citizen comes again", []func(*Check){albanian, past("+2026-05-01")}, "admit; note already-inside entered=2026-05-01 node=durres"},

		{"minutes ago elsewhere", []func(*Check){past("+2026-06-01"), func(c *Check) {
			c.History.Passages[0].Node, c.History.Passages[0].Happened = "rinas", c.Now.Add(-59*time.Minute).UnixMilli()
		}}, "refer; grave used-elsewhere>refer node=rinas direction=entry at=1780304460000; note stay-uncertain doubts=1"},
		{"minutes ago here", []func(*Check){past("+2026-06-01"), func(c *Check) {
			c.History.Passages[0].Happened = c.Now.Add(-time.Minute).UnixMilli()
		}}, "admit; warn used-elsewhere node=durres direction=entry at=1780307940000; note stay-uncertain doubts=1"},
		{"through the country within the hour", []func(*Check){leaves, past("+2026-06-01"), func(c *Check) {
			c.History.Passages[0].Node, c.History.Passages[0].Happened = "rinas", c.Now.Add(-59*time.Minute).UnixMilli()
		}}, "admit; warn used-elsewhere node=rinas direction=entry at=1780304460000"},
		{"in and out again", []func(*Check){leaves, past("+2026-06-01"), func(c *Check) {
			c.History.Passages[0].Happened = c.Now.Add(-time.Minute).UnixMilli()
		}}, "admit"},
		{"an hour ago elsewhere", []func(*Check){past("+2026-05-30 -2026-06-01"), func(c *Check) {
			c.History.Passages[1].Node, c.History.Passages[1].Happened = "rinas", c.Now.Add(-time.Hour).UnixMilli()
		}}, "admit"},
		{"open check", []func(*Check){func(c *Check) { c.Open = &OpenCheck{Node: "rinas", Booth: "3", At: 5} }},
			"admit; warn check-undecided node=rinas booth=3 at=5"},

		{"no document", []func(*Check){noDocument}, "refuse A; grave no-document>refuse; warn by-hand"},
		{"no document, leaving", []func(*Check){noDocument, leaves, past("+2026-05-01")}, "refer; warn no-document>refer; warn by-hand"},
		{"no document, citizen", []func(*Check){noDocument, albanian}, "refer; warn no-document>refer; warn by-hand"},
		{"no document and wanted is not sent away", []func(*Check){noDocument, hit(PersonAlert, ActArrest, 12)},
			"refer A; grave no-document>refuse; grave hit>refer alert=un:1 list=un kind=person action=arrest score=12.0; warn by-hand"},
		{"refused before", []func(*Check){func(c *Check) {
			c.Refused = &Passage{Node: "rinas", Direction: Entry, Day: day(t, "2026-05-30"), Happened: 5}
		}}, "admit; note refused-before node=rinas direction=entry day=2026-05-30"},
		{"refused before, leaving", []func(*Check){leaves, past("+2026-05-01"), func(c *Check) {
			c.Refused = &Passage{Node: "rinas", Direction: Exit, Day: day(t, "2026-05-30")}
		}}, "admit; note refused-before node=rinas direction=exit day=2026-05-30"},
		{"diplomat", []func(*Check){indian, func(c *Check) { c.Terms.Basis = Diplomat }}, "admit"},
		{"diplomat of many days", []func(*Check){func(c *Check) { c.Terms.Basis = Diplomat }, past("+2026-01-01/diplomat -2026-05-31/diplomat")}, "admit"},
		{"diplomat leaves after half a year", []func(*Check){leaves, past("+2026-01-01/diplomat")}, "admit"},
		{"permit with its number", []func(*Check){indian, func(c *Check) {
			c.Terms = Terms{Basis: ResidencePermit, Until: day(t, "2026-12-31"), Paper: "RP123"}
		}}, "admit"},

		{"another person", []func(*Check){grey(ActRefuse, 12)},
			"admit; note hit-grey alert=un:1 list=un kind=person action=refuse score=12.0"},
		{"another document than the stolen one", []func(*Check){grey(ActSeize, 12)},
			"admit; note hit-grey alert=un:1 list=un kind=person action=seize score=12.0"},
		{"another person, weakly", []func(*Check){grey(ActRefuse, 9)},
			"admit; note hit-grey alert=un:1 list=un kind=person action=refuse score=9.0"},
		{"another person than the wanted one is looked at each time", []func(*Check){grey(ActArrest, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=arrest score=12.0"},
		{"another person than the missing one is looked at each time", []func(*Check){grey(ActProtect, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=protect score=12.0"},
		{"another person, and a hit", []func(*Check){grey(ActRefuse, 12), hit(PersonAlert, ActRefuse, 11)},
			"refer H; grave hit>refer alert=un:1 list=un kind=person action=refuse score=11.0; " +
				"note hit-grey alert=un:1 list=un kind=person action=refuse score=12.0"},
		{"more alerts than are shown", []func(*Check){func(c *Check) { c.MoreHits = 151 }}, "refer; warn hits-many>refer alerts=151"},
		{"another person, discreetly", []func(*Check){grey(ActDiscreet, 12)}, "admit"},

		{"wanted", []func(*Check){hit(PersonAlert, ActArrest, 10)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=arrest score=10.0"},
		{"wanted, leaving", []func(*Check){leaves, past("+2026-05-01"), hit(PersonAlert, ActArrest, 10)},
			"refer X1; grave hit>refer alert=un:1 list=un kind=person action=arrest score=10.0"},
		{"not to be let in", []func(*Check){hit(PersonAlert, ActRefuse, 12.34)},
			"refer H; grave hit>refer alert=un:1 list=un kind=person action=refuse score=12.3"},
		{"a citizen is let in", []func(*Check){albanian, hit(PersonAlert, ActRefuse, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=refuse score=12.0"},
		{"not to be let in, leaving", []func(*Check){leaves, past("+2026-05-01"), hit(PersonAlert, ActRefuse, 12)},
			"admit; note hit alert=un:1 list=un kind=person action=refuse score=12.0"},
		{"stolen document", []func(*Check){hit(DocumentAlert, ActSeize, 12)},
			"refer A; grave hit>refer alert=un:1 list=un kind=document action=seize score=12.0"},
		{"stolen vehicle", []func(*Check){leaves, past("+2026-05-01"), hit(VehicleAlert, ActSeize, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=vehicle action=seize score=12.0"},
		{"missing", []func(*Check){hit(PersonAlert, ActProtect, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=protect score=12.0"},
		{"to be told of", []func(*Check){hit(PersonAlert, ActInform, 12)},
			"admit; warn hit alert=un:1 list=un kind=person action=inform score=12.0"},
		{"an action of tomorrow", []func(*Check){hit(PersonAlert, 77, 12)},
			"refer; grave hit>refer alert=un:1 list=un kind=person action=action 77 score=12.0"},
		{"weak", []func(*Check){hit(PersonAlert, ActArrest, 9.9)},
			"admit; note hit-weak alert=un:1 list=un kind=person action=arrest score=9.9"},
		{"wanted and without days is not sent away", []func(*Check){past("+2026-01-01 -2026-03-31"), hit(PersonAlert, ActArrest, 12)},
			"refer F; grave no-days-left>refuse used=90 days=90 window=180; " +
				"grave hit>refer alert=un:1 list=un kind=person action=arrest score=12.0"},
		{"discreet", []func(*Check){hit(PersonAlert, ActDiscreet, 99)}, "admit"},

		{"no list", []func(*Check){func(c *Check) { c.Lists = nil }}, "admit; warn lists-unknown"},
		{"list without a release", []func(*Check){func(c *Check) { c.Lists[0].KnownTo = 0 }}, "admit; warn list-old list=ofac-sdn to=0"},
		{"list of yesterday", []func(*Check){func(c *Check) { c.Lists[0].KnownTo -= 24 * 3_600_000 }},
			"admit; note list-old list=ofac-sdn to=1780221600000"},
		{"list nearly a day old", []func(*Check){func(c *Check) { c.Lists[0].KnownTo -= 24*3_600_000 - 1 }}, "admit"},
		{"list of three days", []func(*Check){func(c *Check) { c.Lists[0].KnownTo -= 72 * 3_600_000 }},
			"admit; warn list-old list=ofac-sdn to=1780048800000"},
		{"cut off", []func(*Check){func(c *Check) {
			c.History.Horizons = []Horizon{
				{Node: "durres", KnownTo: c.Now.UnixMilli()},
				{Node: "rinas", KnownTo: c.Now.Add(-3 * time.Hour).UnixMilli()},
				{Node: "morina", KnownTo: c.Now.Add(-4 * time.Hour).UnixMilli()},
			}
		}}, "admit; note stay-uncertain doubts=2; note posts-old posts=2 node=morina to=1780293600000"},
		{"a post never heard of", []func(*Check){func(c *Check) {
			c.History.Horizons = append(c.History.Horizons, Horizon{Node: "rinas"})
		}}, "admit; warn posts-old posts=1 node=rinas to=0; note stay-uncertain doubts=1"},
		{"no posts", []func(*Check){func(c *Check) { c.History.Horizons = nil }},
			"admit; warn posts-unknown; note stay-uncertain doubts=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := ordinary(t)
			for _, w := range c.with {
				w(&check)
			}
			a := DefaultRulebook().Advise(check)
			if got := say(a); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if again := DefaultRulebook().Advise(check); !reflect.DeepEqual(again, a) {
				t.Error("the same check has other advice")
			}
		})
	}
}

// A booth with a discreet hit and one without it see and advise the same.
func TestDiscreetIsSilent(t *testing.T) {
	rb := DefaultRulebook()
	c := ordinary(t)
	plain := rb.Advise(c)
	c.Hits = []Hit{{AlertID: "nat:7", List: "nat", Kind: PersonAlert, Action: ActDiscreet, Score: 50}}
	a := rb.Advise(c)
	if len(a.Silent) != 1 || a.Silent[0].Param("alert") != "nat:7" {
		t.Errorf("%+v", a.Silent)
	}
	if a.Silent = nil; !reflect.DeepEqual(a, plain) {
		t.Errorf("a trace is left: %s", say(a))
	}
}

func TestProposedTerms(t *testing.T) {
	rb := DefaultRulebook()
	c := ordinary(t)
	c.Document.Issuer, c.Document.Nationality = "IND", "IND"
	c.Direction = Exit
	c.History.Passages = passages(t, "+2026-05-01/residence-permit/2026-12-31")
	if got, want := rb.Advise(c).Terms, (Terms{Basis: ResidencePermit, Nation: "IND", Until: day(t, "2026-12-31")}); got != want {
		t.Errorf("leaving on what he came in on: %+v", got)
	}
	c = ordinary(t)
	c.Document.Code, c.Document.Issuer, c.Document.Nationality, c.Document.Expiry = "V", "ALB", "IND", PartialDate{2026, 9, 30}
	if got, want := rb.Advise(c).Terms, (Terms{Basis: Visa, Nation: "IND", Until: day(t, "2026-09-30")}); got != want {
		t.Errorf("a visa's zone: %+v", got)
	}
	c.Terms.Basis, c.Terms.Until = FamilyMember, day(t, "2026-07-01")
	if got := rb.Advise(c).Terms; got.Basis != FamilyMember || got.Until != day(t, "2026-07-01") {
		t.Errorf("the officer's choice: %+v", got)
	}
}

// What an officer writes down of a visa or permit stays with the terms, and a proposal invents none.
func TestTermsKeepTheirPaper(t *testing.T) {
	rb := DefaultRulebook()
	c := ordinary(t)
	c.Terms = Terms{Basis: ResidencePermit, Until: day(t, "2026-12-31"), Paper: "RP123"}
	if got := rb.Advise(c).Terms; got.Paper != "RP123" || got.Basis != ResidencePermit {
		t.Errorf("%+v", got)
	}
	c.Terms = Terms{}
	c.Direction, c.History.Passages = Exit, passages(t, "+2026-05-01/residence-permit/2026-12-31")
	if got := rb.Advise(c).Terms; got.Paper != "" {
		t.Errorf("proposed: %+v", got)
	}
}

func TestOldListsRefer(t *testing.T) {
	rb := DefaultRulebook()
	rb.OldListsRefer = true
	c := ordinary(t)
	c.Lists[0].KnownTo -= 72 * 3_600_000
	if a := rb.Advise(c); a.Decision != Refer {
		t.Error(say(a))
	}
	c.Lists[0].KnownTo += 3_600_000
	if a := rb.Advise(c); a.Decision != Admit {
		t.Error(say(a))
	}
}

// Findings carry no names, numbers of documents or birth dates: their codes and values go into records and pages' logs.
func TestFindingsNameNobody(t *testing.T) {
	c := ordinary(t)
	c.Document.ByHand, c.Document.Birth = true, PartialDate{2010, 8, 12}
	c.Document.Faults = []mrz.Fault{{Field: "document_number", Code: "check_document_number", Line: 2, Position: 10}}
	c.Hits = []Hit{{AlertID: "un:1", Kind: PersonAlert, Action: ActArrest, Score: 20, Name: "ROSSI, ANNA"}}
	got := say(DefaultRulebook().Advise(c))
	for _, secret := range []string{"ROSSI", "ANNA", "YA1234567", "2010"} {
		if strings.Contains(got, secret) {
			t.Errorf("%s in %s", secret, got)
		}
	}
}
