package node

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// A Decision is what the officer did with a checked traveller.
type Decision struct {
	Act      record.Act // made by the booth page
	Shift    *Shift
	Check    uint64 // index of the check in this node's log
	Decision border.Decision
	Ground   border.Ground // of a refusal
	Terms    border.Terms  // as chosen; a zero Basis takes the advised ones
	Vehicle  Vehicle
	Details  Details
	Notes    string
	// Referral is the index of the referral whose outcome the decision follows, zero where the check is decided for the first
	// time.
	Referral uint64
}

// Details are what an officer adds about one traveller of a party.
type Details struct {
	Driver bool
	Escort border.Escort // of a minor
	With   string        // who accompanies him, or whose family member he is
}

func (d Details) valid() error {
	if !text(maxWith, d.With) {
		return fmt.Errorf("who accompanies a traveller has at most %d characters", maxWith)
	}
	return nil
}

func (d Decision) head() head { return head{d.Act, d.Shift, roster.CheckTravellers} }

// pending are the checks that were made and the acts that were prepared a short while ago. It only saves reading again what
// the log and the projection hold: a check or act that is not here is looked up there.
type pending struct {
	mu      sync.Mutex
	views   map[uint64]looked // undecided checks, by index
	acts    map[record.Act]prepared
	decided map[uint64]record.Act // which act decided which check
	unknown map[record.Act]Unknown
}

// looked is a check as the officer last saw it, and when (UTC ms).
type looked struct {
	View
	at int64
}

// check keeps a check that is about to be shown.
func (p *pending) check(v View, now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.views == nil {
		p.views = map[uint64]looked{}
	}
	if len(p.views) >= maxPending {
		clear(p.views)
	}
	p.views[v.Ref.Index] = looked{v, now}
}

// view gives a check that was shown a short while ago.
func (p *pending) view(index uint64, now int64) (View, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.views[index]
	return v.View, ok && now-v.at <= pendingFor.Milliseconds()
}

var (
	// ErrGround: a refusal names a ground of its direction, and nothing else does.
	ErrGround = errors.New("a refusal needs a ground of its direction; other decisions have none")
	// ErrDecided: the check has been decided by another act.
	ErrDecided = errors.New("this check is decided already; scan the document again for a new one")
	// ErrPlateHit: the plate that was added is on a list. Nothing was recorded; the check shows the hit when it is looked at
	// again, and the decision can be made then.
	ErrPlateHit = errors.New("the plate is on an alert list; look at the check again before deciding")
	// ErrForgotten: the act was not prepared here, or too long ago. Nothing was recorded; prepare it again.
	ErrForgotten = errors.New("the act must be prepared again; nothing was recorded")
)

// makeRoom forgets what is too old, and of a shift with many acts the oldest: no browser takes the room of the others.
func (p *pending) makeRoom(s *Shift, now time.Time) {
	var oldest record.Act
	var since time.Time
	of := 0
	for act, a := range p.acts {
		switch {
		case now.Sub(a.at) > pendingFor:
			delete(p.acts, act)
		case a.shift.Ref == s.Ref:
			if of++; of == 1 || a.at.Before(since) {
				oldest, since = act, a.at
			}
		}
	}
	if of >= perShift {
		delete(p.acts, oldest)
	}
}

// claimCheck lets one act decide a check, and says whether this call took the claim.
func (n *Node) claimCheck(ctx context.Context, check uint64, act record.Act) (claimed bool, err error) {
	var decided *record.Act
	if _, fresh := n.pending.view(check, n.Now()); !fresh {
		if err := n.caughtUp(ctx); err != nil {
			return false, err
		}
		if decided, err = n.decidingAct(ctx, record.Ref{Origin: n.origin, Index: check}); err != nil {
			return false, err
		}
	}
	n.pending.mu.Lock()
	defer n.pending.mu.Unlock()
	by, held := n.pending.decided[check]
	if held && by != act || decided != nil && *decided != act {
		return false, ErrDecided
	}
	if len(n.pending.decided) > maxPending {
		n.pending.decided, n.pending.views = nil, nil // older ones are in the projection
	}
	if n.pending.decided == nil {
		n.pending.decided = map[uint64]record.Act{}
	}
	n.pending.decided[check] = act
	return !held, nil
}

var kindOf = map[border.Decision]record.Kind{
	border.Admit: record.Crossing, border.Refer: record.Referral, border.Refuse: record.Refusal,
}

func (d Decision) prepare(ctx context.Context, n *Node) (prepared, error) {
	kind, ok := kindOf[d.Decision]
	if !ok {
		return prepared{}, errors.New("the decision is admit, refer or refuse")
	}
	d.Notes = strings.ToValidUTF8(d.Notes, "?") // what cannot be read back is not written
	if len(d.Notes) > maxNotes {
		return prepared{}, fmt.Errorf("notes have at most %d characters", maxNotes)
	}
	if err := errors.Join(d.Vehicle.valid(), d.Details.valid(), validTerms(d.Terms)); err != nil {
		return prepared{}, err
	}
	v, err := n.checked(ctx, d)
	if err != nil {
		return prepared{}, err
	}
	if (d.Decision == border.Refuse) != (d.Ground != "") || d.Ground != "" && !d.Ground.Fits(v.Check.Direction) {
		return prepared{}, ErrGround
	}
	tags, err := n.tags(v.Check.Document)
	if err != nil {
		return prepared{}, err
	}
	about, err := n.follows(ctx, d, v)
	if err != nil {
		return prepared{}, err
	}
	p := prepared{claim: &about[0].Index, check: d.Check}
	if p.opening, err = seal.NewOpening(rand.Reader); err != nil {
		return prepared{}, err
	}
	v.At, v.Vehicle = n.Now(), d.Vehicle
	person := n.person(v, d.Shift.Booth)
	person.Decision, person.Ground, person.Opening = d.Decision, d.Ground, p.opening[:]
	person.Driver, person.Escort, person.With = d.Details.Driver, d.Details.Escort, d.Details.With
	claim := p.opening.Claim()
	p.sealed, err = n.seal(ctx, draft{kind: kind, act: d.Act, about: about, shift: &d.Shift.Ref, claim: claim[:],
		contents: []content{{record.Slip, n.slip(v, tags[len(tags)-1])}, {record.Person, person},
			{record.Police, policePart(v, d.Notes)}}})
	return p, err
}

// is compares what the officer meant. Beyond the check, what the record is about is the node's own finding: once an exit is
// folded, its entry is no longer open.
func (d Decision) is(n *Node, o *Opened) bool {
	if len(o.Leaf.About) == 0 {
		return false
	}
	of := record.Ref{Origin: o.Origin, Index: cmp.Or(d.Referral, d.Check)}
	check, err := n.Read(record.Ref{Origin: o.Origin, Index: d.Check})
	if o.Origin != n.origin && (err != nil || o.Leaf.About[0] != of) {
		of = o.Leaf.About[0]
		check, err = n.readAgain(d.Check, of)
	}
	if err != nil || check.Person == nil || o.Person == nil || o.Leaf.Kind != kindOf[d.Decision] ||
		o.Leaf.About[0] != of || o.Police != nil && o.Police.Notes != strings.ToValidUTF8(d.Notes, "?") {
		return false
	}
	meant := *check.Person
	meant.Decision, meant.Ground, meant.Booth = d.Decision, d.Ground, d.Shift.Booth
	meant.Vehicle, meant.Plate, meant.PlateCountry, meant.Occupants = d.Vehicle.Kind, d.Vehicle.Plate, d.Vehicle.Country, d.Vehicle.Occupants
	meant.Driver, meant.Escort, meant.With = d.Details.Driver, d.Details.Escort, d.Details.With
	return said(d.Terms, *o.Person) && intent(*o.Person) == intent(meant)
}

// ErrReferral: the referral is not of this check, or the second line has not answered it.
var ErrReferral = errors.New("the second line has not answered this referral yet")

// follows gives what the decision is about: the check, or the answered referral of it; for an exit also the entry that it
// closes.
func (n *Node) follows(ctx context.Context, d Decision, v View) ([]record.Ref, error) {
	about := v.about()
	if d.Referral == 0 {
		return about, nil
	}
	o, err := n.ReadOwn(d.Referral)
	if err != nil {
		return nil, err
	}
	if o.Leaf.Kind != record.Referral || len(o.Leaf.About) == 0 || o.Leaf.About[0] != v.Ref {
		return nil, ErrReferral
	}
	about[0] = record.Ref{Origin: n.origin, Index: d.Referral}
	if err := n.stands(ctx, about[0]); err != nil {
		return nil, err
	}
	answer, err := n.outcomeOf(ctx, about[0])
	if err == nil && (answer == nil || !answer.InForce) {
		err = ErrReferral
	}
	return about, err
}

func validTerms(t border.Terms) error {
	if !text(maxPaper, t.Paper) {
		return fmt.Errorf("the number of a visa or permit has at most %d characters", maxPaper)
	}
	return nil
}

// checked gives the check that is being decided, with the terms that the officer chose. A plate that was not matched when the page was made is matched now; what it hits is shown before anything is decided.
func (n *Node) checked(ctx context.Context, d Decision) (View, error) {
	v, ok := n.pending.view(d.Check, n.Now())
	var err error
	if !ok {
		if v, err = n.View(ctx, d.Check, d.Terms, nil); err != nil {
			return v, err
		}
	}
	if v.Vehicle.Plate != d.Vehicle.Plate || v.Vehicle.Country != d.Vehicle.Country {
		before := len(v.Hits)
		if v, err = n.View(ctx, d.Check, d.Terms, &d.Vehicle); err != nil {
			return v, err
		}
		if len(v.Hits) > before {
			return v, ErrPlateHit
		}
	}
	if d.Terms != v.Check.Terms {
		rules := n.Rules()
		v.Check.Terms = d.Terms
		v.Advice = rules.Advise(v.Check)
	}
	return v, nil
}

// about names the check, and for an exit the entry that it closes.
func (v *View) about() []record.Ref {
	refs := []record.Ref{v.Ref}
	if v.Check.Direction == border.Exit && v.Advice.Stay.Inside {
		refs = append(refs, record.RefOf(v.Advice.Stay.Last.Ref))
	}
	return refs
}

func (n *Node) slip(v View, t tagged) record.SlipPart {
	terms := v.Advice.Terms
	until := terms.Until
	if until == 0 && v.Check.Direction == border.Entry {
		until = v.Advice.Stay.LastDay
	}
	return record.SlipPart{Direction: v.Check.Direction, Happened: v.At, Day: border.DayAt(v.At, n.zone), Basis: terms.Basis,
		Nationality: v.Check.Document.Nationality, Until: until, StayKey: t.key, DocumentTag: t.document, PersonTag: t.person,
		VisaDays: terms.Visa.Days, VisaEntries: terms.Visa.Entries, VisaFrom: terms.Visa.From}
}

func (n *Node) person(v View, booth string) record.PersonPart {
	d := v.Check.Document
	p := record.PersonPart{Direction: v.Check.Direction, Happened: v.At, Day: border.DayAt(v.At, n.zone),
		Document: record.Document{Code: d.Code, Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality,
			Primary: d.Primary, Secondary: d.Secondary, Birth: dateText(d.Birth), Sex: d.Sex, Expiry: dateText(d.Expiry), Zone: d.Zone},
		Basis: v.Advice.Terms.Basis, Until: v.Advice.Terms.Until, Paper: v.Advice.Terms.Paper, Vehicle: v.Vehicle.Kind, Plate: v.Vehicle.Plate, PlateCountry: v.Vehicle.Country,
		Occupants: v.Vehicle.Occupants, Booth: booth}
	if v.Party != (record.Act{}) {
		p.Party = v.Party[:]
	}
	if visa := v.Advice.Terms.Visa; visa != (border.VisaTerms{}) {
		p.Visa = &visa
	}
	for _, h := range v.Horizons {
		p.Known = append(p.Known, record.Known{Node: h.Node, To: h.KnownTo})
	}
	for _, l := range v.Lists {
		p.Lists = append(p.Lists, record.ListAge{List: l.List, Release: l.Release, Released: l.Released})
	}
	return p
}

func policePart(v View, notes string) record.PolicePart {
	p := record.PolicePart{Notes: notes}
	for _, h := range v.Check.Hits {
		hit := record.PoliceHit{Alert: h.AlertID, List: h.List, Action: uint8(h.Action), Score: h.Score}
		for _, r := range h.Reasons {
			hit.Reasons = append(hit.Reasons, r.Part)
		}
		p.Hits = append(p.Hits, hit)
	}
	for _, f := range v.Advice.Findings {
		p.Findings = append(p.Findings, string(f.Code))
	}
	return p
}

func dateText(p border.PartialDate) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

// borderDocument reads a stored document back, with the faults that its zone has.
func borderDocument(d record.Document, day border.Date) (border.Document, error) {
	out := border.Document{Code: d.Code, Issuer: d.Issuer, Number: d.Number, Nationality: d.Nationality, Primary: d.Primary,
		Secondary: d.Secondary, Sex: d.Sex, Zone: d.Zone, ByHand: len(d.Zone) == 0}
	if !out.ByHand {
		out.Faults = border.ReadZone(d.Zone, day).Faults
	}
	for _, f := range []struct {
		text string
		into *border.PartialDate
	}{{d.Birth, &out.Birth}, {d.Expiry, &out.Expiry}} {
		if f.text == "" {
			continue
		}
		var err error
		if *f.into, err = border.ParsePartialDate(f.text); err != nil {
			return out, fmt.Errorf("a stored document has a date that cannot be read: %w", err)
		}
	}
	return out, nil
}
