package border

import (
	"slices"
	"strconv"
)

// Advise weighs a check. It proposes a basis where the officer chose none, counts the stay and explains every finding; the
// same check has always the same advice.
//
// The strictest finding decides, with three exceptions of law and sense: who is to be held or protected is referred, not
// sent away; citizens are never refused entry; at exit an overstay is a fact for the record, not a reason to keep anybody.
func (rb *Rulebook) Advise(c Check) Advice {
	a := adviser{rb: rb, c: &c, today: dayOf(c.Now)}
	a.citizen = rb.IsCitizen(c.Document.Nationality)
	a.Terms = a.terms()
	a.Stay = rb.StayOf(a.Terms, c.Direction, c.History, c.Now)
	a.Terms = a.Stay.Terms

	a.document()
	a.expiry()
	a.basis()
	a.days()
	if c.Direction == Entry {
		a.entryStay()
	} else {
		a.exitStay()
	}
	a.passages()
	for i := range c.Hits {
		a.hit(&c.Hits[i])
	}
	if c.MoreHits > 0 {
		a.find(Finding{Code: HitsMany, Level: Warn, Asks: Refer, Rests: FromAlert, Params: []Param{count("alerts", c.MoreHits)}})
	}
	a.lists()
	a.posts()
	a.conclude()
	return a.Advice
}

type adviser struct {
	Advice
	rb      *Rulebook
	c       *Check
	today   Date
	citizen bool
	hold    bool // somebody wants him held or protected: he is not to be sent away
}

func (a *adviser) find(f Finding) { a.Findings = append(a.Findings, f) }

func date(name string, d Date) Param      { return Param{name, d.String()} }
func count(name string, n int) Param      { return Param{name, strconv.Itoa(n)} }
func instant(name string, ms int64) Param { return Param{name, strconv.FormatInt(ms, 10)} }

// terms takes the officer's choice; else, at exit, what he was let in on; else what the document proposes.
func (a *adviser) terms() Terms {
	t, d := a.c.Terms, a.c.Document
	if t.Nation == "" {
		t.Nation = d.Nationality
	}
	if t.Basis != 0 {
		return t
	}
	proposed := a.rb.BasisFor(d)
	open, inside := openEntry(a.c.History.Passages)
	if inside && a.c.Direction == Exit && proposed != Citizen {
		t.Basis = open.Basis
		return t
	}
	t.Basis = proposed
	if until, ok := d.Expiry.Date(); ok && t.Until == 0 && (proposed == ResidencePermit || d.isVisa()) {
		t.Until = until
	}
	return t
}

// conclude puts the findings in order and draws the decision from them.
func (a *adviser) conclude() {
	slices.SortStableFunc(a.Findings, func(x, y Finding) int {
		if x.Level != y.Level {
			return int(y.Level) - int(x.Level)
		}
		return int(y.Asks) - int(x.Asks)
	})
	a.Decision = Admit
	for _, f := range a.Findings {
		a.Decision = max(a.Decision, f.Asks)
	}
	if a.Decision == Refuse && (a.hold || a.citizen || a.c.Direction == Exit) {
		a.Decision = Refer
	}
	if a.Decision == Admit || a.citizen && a.c.Direction == Entry {
		return
	}
	for _, f := range a.Findings {
		if f.Ground != "" && f.Ground.Fits(a.c.Direction) && f.Asks >= Refer {
			a.Ground = f.Ground
			return
		}
	}
}

// at gives the ground that fits the direction.
func (a *adviser) at(entry, exit Ground) Ground {
	if a.c.Direction == Exit {
		return exit
	}
	return entry
}

func (a *adviser) document() {
	d := &a.c.Document
	for _, f := range d.Faults {
		finding := Finding{
			Code: ZoneFault, Level: Grave, Asks: Refer, Field: string(f.Field), Rests: FromZone,
			Params: []Param{{"code", f.Code}, count("line", f.Line), count("position", f.Position)},
		}
		if f.Warning {
			finding.Code, finding.Level, finding.Asks = ZoneWarning, Note, Admit
		}
		a.find(finding)
	}
	if d.ByHand {
		a.find(Finding{Code: EnteredByHand, Level: Warn, Asks: Admit, Field: "zone", Rests: FromOfficer})
	}
	if d.Code == NoDocumentCode {
		f := Finding{Code: NoTravelDocument, Level: Grave, Asks: Refuse, Ground: a.at(NoDocument, ExitBadDocument), Field: "document_code",
			Rests: FromOfficer}
		if a.citizen || a.c.Direction == Exit {
			f.Level, f.Asks, f.Ground = Warn, Refer, "" // a citizen is let in once it is known who he is
		}
		a.find(f)
	}
	if d.Number == "" {
		a.find(Finding{Code: NumberMissing, Level: Warn, Asks: Refer, Field: "document_number", Rests: a.source()})
	}
	if d.Nationality == "" || d.Nationality == "XXX" { // unspecified, Doc 9303 part 3, section 5
		a.find(Finding{
			Code: NationalityUnknown, Level: Warn, Asks: Refer, Field: "nationality", Rests: a.source(),
			Params: []Param{{"nationality", d.Nationality}},
		})
	}
	if d.isVisa() {
		a.find(Finding{Code: VisaZoneOnly, Level: Warn, Asks: Admit, Field: "document_code", Rests: a.source()})
	}
	if d.younger(a.rb.MinorAge, a.today) {
		a.find(Finding{
			Code: HolderMinor, Level: Note, Asks: Admit, Field: "birth_date", Rests: a.source(),
			Params: []Param{count("age", a.rb.MinorAge)},
		})
	}
}

func (a *adviser) source() Source {
	if a.c.Document.ByHand {
		return FromOfficer
	}
	return FromZone
}

// expiry judges the document's last day. The days that it must outlast the departure are asked of foreigners at entry.
func (a *adviser) expiry() {
	d := &a.c.Document
	last, known := d.Expiry.latest()
	f := Finding{Level: Grave, Asks: Refuse, Field: "expiry_date", Rests: a.source(), Params: []Param{{"expiry", d.Expiry.String()}}}
	switch {
	case !known:
		a.find(Finding{Code: ExpiryUnknown, Level: Note, Asks: Admit, Field: "expiry_date", Rests: a.source()})
	case d.isVisa():
		// A visa's last day is the authorised one, and judged there.
	case d.Expired(a.today):
		f.Code, f.Ground = DocumentExpired, a.at(NoDocument, ExitBadDocument)
		if a.citizen || a.c.Direction == Exit {
			f.Level, f.Asks = Warn, Refer
		}
		a.find(f)
	case a.c.Direction == Entry && !a.citizen:
		until := max(a.today, a.c.Departure)
		if last < until.AddDays(a.rb.DocumentDays) {
			f.Code, f.Level, f.Asks, f.Ground = ShortValidity, Warn, Refer, NoDocument
			f.Params = append(f.Params, date("until", until), count("days", a.rb.DocumentDays))
			a.find(f)
		}
	}
}
