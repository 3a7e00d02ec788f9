package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

// VoidWithin is how long an officer may take his own decision back alone.
const VoidWithin = 10 * time.Minute

var (
	// ErrWhy: the deed needs a reason in words.
	ErrWhy = fmt.Errorf("a reason in words is needed, at most %d bytes", maxDeedText)
	// ErrVoidLate: only a correction by two officers changes it now.
	ErrVoidLate = errors.New("more than ten minutes have passed; propose a correction")
	// ErrNotYours: somebody else decided.
	ErrNotYours = errors.New("only the officer who decided can take it back; propose a correction")
	// ErrNotStanding: the record was voided or corrected already, or is of a kind that cannot be.
	ErrNotStanding = errors.New("this record was taken back or corrected already, or cannot be")
	// ErrDay: nobody has crossed tomorrow.
	ErrDay = errors.New("the day of a passage is not after today")
	// ErrSameOfficer: an act of two needs two.
	ErrSameOfficer = errors.New("another officer than the one who proposed it has to agree")
	// ErrAssented: the second officer has agreed already.
	ErrAssented = errors.New("a second officer has agreed to this already")
)

// A Void takes back the officer's own decision, within VoidWithin, with a reason. Both records stay visible; the traveller is
// scanned again.
type Void struct {
	Act    record.Act
	Shift  *Shift
	Of     uint64 // index of the crossing, refusal or referral in this node's log
	Reason string
}

func (d Void) head() head { return head{d.Act, d.Shift, roster.CheckTravellers} }

func (d Void) is(n *Node, o *Opened) bool {
	return n.says(o, record.Void, d.Of, record.VoidBody{Reason: strings.TrimSpace(d.Reason)})
}

func (d Void) prepare(ctx context.Context, n *Node) (prepared, error) {
	if err := inWords(&d.Reason); err != nil {
		return prepared{}, err
	}
	of, err := n.ReadOwn(d.Of)
	if err != nil {
		return prepared{}, err
	}
	switch of.Leaf.Kind {
	case record.Crossing, record.Refusal, record.Referral:
	default:
		return prepared{}, ErrNotStanding
	}
	ref := record.Ref{Origin: n.origin, Index: d.Of}
	officer, err := n.officerOf(&of)
	switch {
	case err != nil:
		return prepared{}, err
	case officer != d.Shift.Officer.ID:
		return prepared{}, ErrNotYours
	case n.Now()-of.Leaf.Written > VoidWithin.Milliseconds():
		return prepared{}, ErrVoidLate
	}
	if err := n.stands(ctx, ref); err != nil {
		return prepared{}, err
	}
	if of.Leaf.Kind == record.Referral { // once the second line has spoken, it is no longer one officer's own
		if answer, err := n.outcomeOf(ctx, ref); err != nil || answer != nil {
			return prepared{}, errors.Join(err, ErrAnswered)
		}
	}
	return n.simply(ctx, record.Void, d.head(), []record.Ref{ref}, content{record.Body, record.VoidBody{Reason: d.Reason}})
}

// stands says whether a record of this node counts still.
func (n *Node) stands(ctx context.Context, ref record.Ref) error {
	if err := n.caughtUp(ctx); err != nil {
		return err
	}
	s, err := n.shadow.StandingOf(ctx, ref)
	if err == nil && s != projection.Counts {
		err = ErrNotStanding
	}
	return err
}

// officerOf gives the officer in whose shift a record was made.
func (n *Node) officerOf(o *Opened) (id [16]byte, err error) {
	if o.Leaf.Shift == nil {
		return id, ErrNotYours
	}
	return n.officerIn(*o.Leaf.Shift)
}

// worked keeps the officers of the shifts that were asked for: a shift's record never changes, and a supervisor's page names
// the officer of each of thousands of records.
type worked struct {
	mu       sync.Mutex
	officers map[record.Ref][16]byte
}

func (n *Node) officerIn(shift record.Ref) (id [16]byte, err error) {
	n.worked.mu.Lock()
	defer n.worked.mu.Unlock()
	if id, ok := n.worked.officers[shift]; ok {
		return id, nil
	}
	o, err := n.Read(shift)
	if err != nil {
		return id, fmt.Errorf("read the shift of a record: %w", err)
	}
	if o.Shift == nil {
		return id, ErrNotYours
	}
	if n.worked.officers == nil || len(n.worked.officers) >= maxPending {
		n.worked.officers = map[record.Ref][16]byte{}
	}
	n.worked.officers[shift] = o.Shift.Officer
	return o.Shift.Officer, nil
}

// inWords trims a text that must be there.
func inWords(s *string) error {
	*s = strings.TrimSpace(*s)
	if len(*s) < 3 || !text(maxDeedText, *s) {
		return ErrWhy
	}
	return nil
}

// A Correction proposes what a completed passage should have been. It is in force once another officer assents.
type Correction struct {
	Act    record.Act
	Shift  *Shift
	Of     uint64 // index of a crossing, late record or correction in force, in this node's log
	Reason string
	// Withdraw says that the passage never was; the rest is then left alone.
	Withdraw  bool
	Direction border.Direction
	Day       border.Date // civil date of the passage; zero keeps it
	Document  border.Document
	Terms     border.Terms // a zero Basis keeps them
	Vehicle   Vehicle
}

func (d Correction) head() head { return head{d.Act, d.Shift, roster.CheckTravellers} }

func (d Correction) is(n *Node, o *Opened) bool {
	if !n.says(o, record.Correction, d.Of, record.CorrectionBody{Reason: strings.TrimSpace(d.Reason), Withdraw: d.Withdraw}) {
		return false
	}
	if d.Withdraw {
		return true
	}
	of, err := n.ReadOwn(d.Of)
	if err != nil || of.Slip == nil || of.Person == nil || o.Person == nil {
		return false
	}
	_, person, err := d.parts(n, of)
	return err == nil && bytes.Equal(record.Marshal(person), record.Marshal(*o.Person))
}

func (d Correction) prepare(ctx context.Context, n *Node) (prepared, error) {
	if err := errors.Join(inWords(&d.Reason), d.Vehicle.valid(), validTerms(d.Terms)); err != nil {
		return prepared{}, err
	}
	if d.Day > n.Today() {
		return prepared{}, ErrDay
	}
	of, err := n.ReadOwn(d.Of)
	if err != nil {
		return prepared{}, err
	}
	ref := record.Ref{Origin: n.origin, Index: d.Of}
	if k := of.Leaf.Kind; k != record.Crossing && k != record.Late && k != record.Correction || of.Slip == nil || of.Person == nil {
		return prepared{}, ErrNotStanding
	}
	if err := n.stands(ctx, ref); err != nil {
		return prepared{}, err
	}
	if of.Leaf.Kind == record.Correction {
		if inForce, err := n.shadow.Assented(ctx, ref); err != nil || !inForce {
			return prepared{}, errors.Join(err, ErrNotStanding)
		}
	}
	body := content{record.Body, record.CorrectionBody{Reason: d.Reason, Withdraw: d.Withdraw}}
	if d.Withdraw {
		return n.simply(ctx, record.Correction, d.head(), []record.Ref{ref}, body)
	}
	slip, person, err := d.parts(n, of)
	if err != nil {
		return prepared{}, err
	}
	return n.simply(ctx, record.Correction, d.head(), []record.Ref{ref}, content{record.Slip, slip}, content{record.Person, person}, body)
}

// parts are those of the corrected record with what the officer changed; the moment stays, for nobody knows it better.
func (d Correction) parts(n *Node, of Opened) (record.SlipPart, record.PersonPart, error) {
	if d.Direction != border.Entry && d.Direction != border.Exit {
		return record.SlipPart{}, record.PersonPart{}, errors.New("the direction is entry or exit")
	}
	tags, err := n.tags(d.Document)
	if err != nil {
		return record.SlipPart{}, record.PersonPart{}, err
	}
	v := View{At: of.Person.Happened, Check: border.Check{Direction: d.Direction, Document: d.Document}, Vehicle: d.Vehicle}
	v.Advice.Terms = d.Terms
	copy(v.Party[:], of.Person.Party)
	slip, person := n.slip(v, tags[len(tags)-1]), n.person(v, of.Person.Booth)
	if was := of.Slip; d.Terms.Basis == 0 {
		slip.Basis, slip.Until, slip.VisaDays, slip.VisaEntries, slip.VisaFrom = was.Basis, was.Until, was.VisaDays, was.VisaEntries, was.VisaFrom
		person.Basis, person.Until, person.Paper, person.Visa = of.Person.Basis, of.Person.Until, of.Person.Paper, of.Person.Visa
	}
	if d.Terms.Until == 0 && d.Terms.Basis == of.Slip.Basis && d.Direction == of.Slip.Direction {
		slip.Until = of.Slip.Until // as it was counted when he crossed
	}
	slip.Day, person.Day = of.Slip.Day, of.Person.Day
	if d.Day != 0 {
		slip.Day, person.Day = d.Day, d.Day
	}
	person.Decision, person.Driver, person.Escort, person.With = border.Admit, of.Person.Driver, of.Person.Escort, of.Person.With
	return slip, person, nil
}

// An Assent is the second officer's agreement to a proposal: a correction, an outcome "other person" or a hand-over.
type Assent struct {
	Act   record.Act
	Shift *Shift
	Kind  record.Kind // of the proposal
	Of    uint64      // index of the proposal in this node's log
}

func (d Assent) head() head {
	p := roster.AssentToActs
	if d.Kind == record.Handover {
		p = roster.RunPost
	}
	return head{d.Act, d.Shift, p}
}

func (d Assent) is(n *Node, o *Opened) bool { return n.says(o, d.Kind, d.Of, assents[d.Kind].value) }

// assents are the bodies of an assent, by the kind of its proposal.
var assents = map[record.Kind]content{
	record.Correction:      {record.Body, record.CorrectionBody{Assent: true}},
	record.ReferralOutcome: {record.Police, record.OutcomePart{Assent: true}},
	record.Handover:        {record.Body, record.HandoverBody{Assent: true}},
}

func (d Assent) prepare(ctx context.Context, n *Node) (prepared, error) {
	of, err := n.ReadOwn(d.Of)
	if err != nil {
		return prepared{}, err
	}
	body, ofTwo := assents[d.Kind]
	if !ofTwo || of.Leaf.Kind != d.Kind || !isProposal(&of) {
		return prepared{}, ErrNotStanding
	}
	officer, err := n.officerOf(&of)
	if err != nil {
		return prepared{}, err
	}
	if officer == d.Shift.Officer.ID {
		return prepared{}, ErrSameOfficer
	}
	ref := record.Ref{Origin: n.origin, Index: d.Of}
	if err := n.caughtUp(ctx); err != nil {
		return prepared{}, err
	}
	if done, err := n.assentedTo(ctx, ref, d.Kind); err != nil || done {
		return prepared{}, errors.Join(err, ErrAssented)
	}
	if d.Kind == record.Correction {
		if err := n.stands(ctx, of.Leaf.About[0]); err != nil {
			return prepared{}, err
		}
	}
	return n.simply(ctx, d.Kind, d.head(), append([]record.Ref{ref}, of.Leaf.About...), body)
}

// isProposal tells a proposal of two officers from an assent, and from an outcome that one officer gives alone.
func isProposal(o *Opened) bool {
	switch o.Leaf.Kind {
	case record.Correction:
		return len(o.Leaf.About) == 1
	case record.ReferralOutcome:
		return len(o.Leaf.About) == 1 && o.Grey != nil
	}
	return o.Leaf.Kind == record.Handover && len(o.Leaf.About) == 0
}

func (n *Node) assentedTo(ctx context.Context, ref record.Ref, kind record.Kind) (bool, error) {
	if kind != record.Handover {
		return n.shadow.Assented(ctx, ref)
	}
	about, err := n.shadow.DeedsAbout(ctx, ref)
	return slices.ContainsFunc(about, func(d projection.Deed) bool { return d.Kind == kind }), err
}
