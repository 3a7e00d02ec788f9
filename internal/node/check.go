package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
	"tims/internal/watchlist"
)

// A Scan is a document read at a booth.
type Scan struct {
	Act       record.Act // made where the act begins
	Shift     *Shift
	Direction border.Direction
	Document  border.Document
	Vehicle   Vehicle
	// Party joins those who cross together; zero for one alone. A document that the party has already gives its first check,
	// unless it was misread there and nobody has decided: then this reading replaces that one, and both stay records.
	Party record.Act
}

// A Vehicle is what the officer adds about it; zero where there is none.
type Vehicle struct {
	Plate, Country string
	Kind           border.VehicleKind
	Occupants      int
}

// A View is all that the booth shows of one check.
type View struct {
	Ref      record.Ref // of the check's record
	At       int64      // UTC ms at which the document was read
	Check    border.Check
	Advice   border.Advice
	Hits     []border.Hit          // those that may be shown at the booth
	Last     *projection.Sighting  // last crossing, refusal or referral of this traveller, nil where none is known
	Seen     []projection.Sighting // all that is known of him, in order
	Horizons []border.Horizon
	Lists    []ListInForce
	Vehicle  Vehicle
	Party    record.Act
	Again    bool        // the party had this document already: this is its first check
	Decided  *record.Ref // the record that decided this check, nil while it is open
	Misread  bool        // Decided is a check: the document was read again, and that reading replaces this one
	Replaces *record.Ref // the misread check that this one has just replaced
}

var errField = fmt.Errorf("a field of a document has at most %d bytes of text", maxField)

// ErrNumber: a document without a readable number or issuing state joins nothing; the officer enters it by hand.
var ErrNumber = errors.New("the document's number or issuing state cannot be read; scan it again or enter it by hand")

// Scan gathers what is known, advises, and writes the check durably before anybody decides. The same act again gives the
// first check; with another document, direction or vehicle it is refused with ErrOtherContent.
func (n *Node) Scan(ctx context.Context, s Scan) (View, error) {
	if err := n.may(s.Shift, roster.CheckTravellers); err != nil {
		return View{}, err
	}
	if err := s.valid(); err != nil {
		return View{}, err
	}
	tags, err := n.tags(s.Document)
	if err != nil {
		return View{}, err
	}
	first, misread, err := n.inParty(ctx, s)
	if err != nil || first != nil {
		return deref(first), err
	}
	v, err := n.gather(ctx, s.Document, s.Direction, border.Terms{}, s.Vehicle, tags, misread)
	if err != nil {
		return View{}, n.reserve.blame(err)
	}
	v.Party = s.Party
	slip := n.slip(v, tags[len(tags)-1])
	person := n.person(v, s.Shift.Booth)
	police := policePart(v, "")
	former, err := n.formerCheck(s.Act, person)
	if err != nil {
		return View{}, err
	}
	about := former
	if former == nil && misread != nil {
		about = []record.Ref{*misread}
		if first, err := n.replaces(ctx, *misread, s.Act); err != nil || first != nil {
			return deref(first), err
		}
	}
	a, err := n.append(ctx, draft{kind: record.Check, act: s.Act, about: about, shift: &s.Shift.Ref,
		contents: []content{{record.Slip, slip}, {record.Person, person}, {record.Police, police}}})
	if err != nil && misread != nil && nothingWritten(err) {
		n.pending.release(misread.Index, s.Act)
	}
	var known *tlog.KnownActError
	if errors.As(err, &known) {
		return n.scanned(ctx, known.Index, person)
	}
	if err != nil {
		return View{}, err
	}
	if former != nil {
		return n.View(ctx, a.Index, border.Terms{}, nil)
	}
	v.Ref, v.Replaces = record.Ref{Origin: n.origin, Index: a.Index}, misread
	n.pending.check(v, n.Now())
	return v, nil
}

// scanned answers a scan whose act the log has.
func (n *Node) scanned(ctx context.Context, index uint64, again record.PersonPart) (View, error) {
	o, err := n.ReadOwn(index)
	if err != nil {
		return View{}, fmt.Errorf("compare a repeated scan: %w", err)
	}
	if o.Leaf.Kind != record.Check || o.Person == nil || reading(*o.Person) != reading(again) {
		return View{}, ErrOtherContent
	}
	return n.View(ctx, index, border.Terms{}, nil)
}

func (s Scan) valid() error {
	if s.Direction != border.Entry && s.Direction != border.Exit {
		return errors.New("the direction is entry or exit")
	}
	return s.Vehicle.valid()
}

func (v Vehicle) valid() error {
	if !text(maxPlate, v.Plate) || !text(3, v.Country) || v.Occupants < 0 || v.Occupants > maxOccupants {
		return fmt.Errorf("a plate has at most %d characters, its country 3, a vehicle at most %d occupants", maxPlate, maxOccupants)
	}
	return nil
}

// View gives a check of this node again, as things stand now: after a reload, or with other terms or another vehicle than
// the check was made with (nil takes its own).
func (n *Node) View(ctx context.Context, index uint64, terms border.Terms, vehicle *Vehicle) (View, error) {
	o, err := n.ReadOwn(index)
	if err != nil {
		return View{}, err
	}
	if o.Leaf.Kind != record.Check || o.Person == nil {
		return View{}, fmt.Errorf("record %d is no check that can be shown", index)
	}
	doc, err := borderDocument(o.Person.Document, o.Person.Day)
	if err != nil {
		return View{}, err
	}
	tags, err := n.tags(doc)
	if err != nil {
		return View{}, err
	}
	ref := record.Ref{Origin: n.origin, Index: index}
	if vehicle == nil {
		vehicle = &Vehicle{o.Person.Plate, o.Person.PlateCountry, o.Person.Vehicle, o.Person.Occupants}
	}
	if err := vehicle.valid(); err != nil {
		return View{}, err
	}
	v, err := n.gather(ctx, doc, o.Person.Direction, terms, *vehicle, tags, &ref)
	if err != nil {
		return View{}, err
	}
	if v.Decided, err = n.decidedBy(ctx, ref); err != nil {
		return View{}, err
	}
	if v.Decided != nil && v.Decided.Origin == n.origin {
		by, err := n.ReadOwn(v.Decided.Index)
		v.Misread = err == nil && by.Leaf.Kind == record.Check
	}
	v.Ref, v.At = ref, o.Person.Happened
	copy(v.Party[:], o.Person.Party)
	if v.Decided == nil {
		n.pending.check(v, n.Now())
	}
	return v, nil
}

// A tagged traveller is known by the tags under one stay key.
type tagged struct {
	key      uint16
	document [32]byte
	person   []byte // nil where the birth date has unknown parts
}

// tags makes the traveller's tags under every living stay key, the newest last.
func (n *Node) tags(d border.Document) ([]tagged, error) {
	if !text(maxField, append([]string{d.Code, d.Issuer, d.Number, d.Nationality, d.Primary, d.Secondary, d.Sex}, d.Zone...)...) {
		return nil, errField
	}
	var out []tagged
	for _, name := range n.ring.Stays() {
		_, number, ok := name.Stay()
		if !ok {
			continue
		}
		key, _ := n.ring.Key(name)
		doc, err := seal.DocumentTag(key, strings.TrimRight(d.Issuer, "<"), d.Number)
		if err != nil {
			return nil, ErrNumber
		}
		t := tagged{key: number, document: doc}
		if p, ok := seal.PersonTag(key, d.Nationality, zoneDate(d.Birth), d.Primary, d.Secondary); ok {
			t.person = p[:]
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, errors.New("no stay key has reached this node yet")
	}
	slices.SortFunc(out, func(a, b tagged) int { return int(a.key) - int(b.key) })
	return out, nil
}

// gather reads the projection once, matches once and advises. self is the check's own record, nil before it is written.
func (n *Node) gather(ctx context.Context, d border.Document, dir border.Direction, terms border.Terms, vehicle Vehicle,
	tags []tagged, self *record.Ref) (View, error) {
	if err := n.caughtUp(ctx); err != nil {
		return View{}, err
	}
	documents, persons := make([][]byte, 0, len(tags)), make([][]byte, 0, len(tags))
	for _, t := range tags {
		documents = append(documents, t.document[:])
		if t.person != nil {
			persons = append(persons, t.person)
		}
	}
	seen, err := n.shadow.Known(ctx, documents, persons)
	if err != nil {
		return View{}, err
	}
	horizons, err := n.horizons(ctx)
	if err != nil {
		return View{}, err
	}
	now, rules := n.opt.Now().In(n.zone), n.Rules()
	v := View{At: now.UnixMilli(), Horizons: horizons, Lists: n.watch.lists(), Vehicle: vehicle}
	v.Check = border.Check{Direction: dir, Now: now, Node: n.Name(), Document: d, Terms: terms,
		History: border.History{Horizons: horizons}}
	v.sort(seen, self)
	if w := n.watch.now.Load(); w != nil {
		q := watchlist.QueryOf(d)
		q.Plate, q.Country, q.On, q.Least = vehicle.Plate, vehicle.Country, border.DayAt(v.At, n.zone), n.Thresholds().Least()
		q.Most = maxMatched
		v.Check.Hits, v.Check.MoreHits = n.fewest(w.match(q))
		v.Check.Least = q.Least
		if err := n.markGrey(ctx, v.Check.Hits, documents, q.On); err != nil {
			return View{}, err
		}
	}
	for _, l := range v.Lists {
		if !isSingle(l.List) { // the horizon of its post says how old a list of single alerts is
			v.Check.Lists = append(v.Check.Lists, border.ListState{List: l.List, KnownTo: l.KnownTo})
		}
	}
	v.Advice = rules.Advise(v.Check)
	v.Hits = shown(v.Check.Hits)
	n.retold(v.Hits)
	return v, nil
}

// sort divides what is known of a traveller into passages, the last thing done with him, and an open check.
func (v *View) sort(seen []projection.Sighting, self *record.Ref) {
	counted := map[record.Act]bool{}
	for i := range seen {
		s := &seen[i]
		switch {
		case self != nil && s.Ref == self.Border():
			continue
		case s.Kind == record.Check:
			if !s.Decided && !s.ByPerson {
				v.Check.Open = &border.OpenCheck{Ref: s.Ref, Node: s.Node, At: s.Happened}
			}
			continue
		case s.Passed() && !counted[s.Act]:
			counted[s.Act] = true // the same act on another node is shown, not counted
			v.Check.History.Passages = append(v.Check.History.Passages, s.Passage)
		case s.Kind == record.Refusal && s.Standing == projection.Counts && !s.ByPerson:
			v.Check.Refused = &s.Passage
		}
		if !s.ByPerson && s.Standing == projection.Counts {
			v.Last = s
		}
		v.Seen = append(v.Seen, *s)
	}
}

// decidedBy gives the record that decided a check, nil while it is open.
func (n *Node) decidedBy(ctx context.Context, check record.Ref) (*record.Ref, error) {
	act, err := n.decidingAct(ctx, check)
	if err != nil || act == nil {
		return nil, err
	}
	at, found, err := n.byAct(*act)
	if err != nil || !found {
		return &record.Ref{Origin: check.Origin}, err
	}
	return &at, nil
}

// horizons says up to when this node knows each post. It knows itself up to now.
func (n *Node) horizons(ctx context.Context) ([]border.Horizon, error) {
	known, err := n.shadow.Horizons(ctx)
	if err != nil {
		return nil, err
	}
	posts := map[string]int64{}
	for _, p := range n.State().Roster.Living(roster.Post) {
		posts[p.Name] = min(known[p.Name], n.Now())
	}
	if n.Self().Role == roster.Post {
		posts[n.Name()] = n.Now()
	}
	rules := n.Rules()
	return rules.Horizons(posts), nil
}

// markGrey marks the hits that two officers found to be about another person, within twelve months, for this version of the
// alert and this document. Officers of posts find that: a captured centre silences nothing, and a post that was dropped from
// the roster silences nothing any more.
func (n *Node) markGrey(ctx context.Context, hits []border.Hit, documents [][]byte, on border.Date) error {
	if len(hits) == 0 {
		return nil
	}
	grey, err := n.shadow.Grey(ctx, documents, on)
	if err != nil || len(grey) == 0 {
		return err
	}
	for i := range hits {
		by := grey[alertHash(hits[i].Alert)]
		hits[i].Grey = slices.ContainsFunc(by, func(name string) bool {
			node, ok := n.State().Roster.Node(name)
			return ok && node.Role == roster.Post && !node.Dropped
		})
	}
	return nil
}

// alertHash names a version of an alert: whatever its issuer changes makes another.
func alertHash(a *border.Alert) [32]byte { return sha256.Sum256(record.Marshal(a)) }

// shown leaves out what nobody at the booth may see.
func shown(hits []border.Hit) []border.Hit {
	return slices.DeleteFunc(slices.Clone(hits), func(h border.Hit) bool { return h.Action == border.ActDiscreet })
}

// zoneDate is a birth date as the six digits of a zone, "" where a part is unknown: the digits never depend on a century
// that somebody guessed.
func zoneDate(p border.PartialDate) string {
	if _, ok := p.Date(); !ok {
		return ""
	}
	return fmt.Sprintf("%02d%02d%02d", p.Year%100, p.Month, p.Day)
}
