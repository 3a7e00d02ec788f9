package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
)

// An Outcome is what the second line found about a referral.
type Outcome struct {
	Act      record.Act
	Shift    *Shift
	Referral uint64 // index in this node's log
	Outcome  record.Outcome
	Alert    string // id of the hit that it is about; needed for SamePerson, OtherPerson and Unsure
	Notes    string
}

var (
	// ErrOutcome: the outcome is none of the six, or lacks its hit.
	ErrOutcome = errors.New("the outcome is same, other, unsure, cleared, refused or handed; the first three are about one hit of this traveller")
	// ErrAnswered: the second line answered already.
	ErrAnswered = errors.New("this referral was answered already")
	errNotes    = fmt.Errorf("notes have at most %d bytes", maxNotes)
	// ErrAlertGone: what is not in force cannot be remembered.
	ErrAlertGone = errors.New("the alert is no longer in force here; clear the referral instead")
	// ErrRemember: whoever is to be arrested or protected is looked at each time anew.
	ErrRemember = errors.New("for an alert to arrest or protect, that it is another person is not remembered; clear the referral instead")
)

func (d Outcome) head() head { return head{d.Act, d.Shift, roster.DecideReferrals} }

func (d Outcome) is(n *Node, o *Opened) bool {
	return n.says(o, record.ReferralOutcome, d.Referral, record.OutcomePart{Outcome: d.Outcome, Alert: d.Alert, Notes: d.Notes})
}

func (d Outcome) prepare(ctx context.Context, n *Node) (prepared, error) {
	if !text(maxNotes, d.Notes) {
		return prepared{}, errNotes
	}
	of, err := n.ReadOwn(d.Referral)
	if err != nil {
		return prepared{}, err
	}
	ref := record.Ref{Origin: n.origin, Index: d.Referral}
	if of.Leaf.Kind != record.Referral || of.Person == nil || of.Police == nil {
		return prepared{}, ErrNotStanding
	}
	if err := n.stands(ctx, ref); err != nil {
		return prepared{}, err
	}
	if answer, err := n.outcomeOf(ctx, ref); err != nil || answer != nil && answer.Final() {
		return prepared{}, errors.Join(err, ErrAnswered)
	}
	hit := slices.ContainsFunc(of.Police.Hits, func(h record.PoliceHit) bool {
		return h.Alert == d.Alert && border.Action(h.Action) != border.ActDiscreet
	})
	body := content{record.Police, record.OutcomePart{Outcome: d.Outcome, Alert: d.Alert, Notes: d.Notes}}
	switch d.Outcome {
	case record.Cleared, record.Refused, record.HandedOver:
	case record.SamePerson, record.Unsure:
		if !hit {
			return prepared{}, ErrOutcome
		}
	case record.OtherPerson:
		if !hit {
			return prepared{}, ErrOutcome
		}
		grey, err := n.greyOf(of, d.Alert)
		if err != nil {
			return prepared{}, err
		}
		return n.simply(ctx, record.ReferralOutcome, d.head(), []record.Ref{ref}, body, content{record.Body, grey})
	default:
		return prepared{}, ErrOutcome
	}
	return n.simply(ctx, record.ReferralOutcome, d.head(), []record.Ref{ref}, body)
}

// greyOf binds the present version of an alert to a traveller's document for twelve months.
func (n *Node) greyOf(of Opened, alert string) (record.GreyBody, error) {
	doc, err := borderDocument(of.Person.Document, of.Person.Day)
	if err != nil {
		return record.GreyBody{}, err
	}
	tags, err := n.tags(doc)
	if err != nil {
		return record.GreyBody{}, err
	}
	a := n.watch.alert(alert)
	if a == nil {
		return record.GreyBody{}, ErrAlertGone
	}
	if a.Action == border.ActArrest || a.Action == border.ActProtect {
		return record.GreyBody{}, ErrRemember
	}
	newest := tags[len(tags)-1]
	return record.GreyBody{Alert: alertHash(a), StayKey: newest.key, DocumentTag: newest.document,
		Until: n.Today().AddDays(365)}, nil
}

// alert gives an alert in force by its id.
func (w *watching) alert(id string) *border.Alert {
	in := w.now.Load()
	if in == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(in.lists)) {
		if a := in.index.Alert(watchlist.Key{List: name, ID: id}); a != nil {
			return a
		}
	}
	return nil
}

// An Answer is the newest outcome of a referral.
type Answer struct {
	Ref     record.Ref
	Outcome record.Outcome
	Alert   string
	Notes   string
	At      int64 // UTC ms
	Officer string
	ByNode  bool // no booth signature stands behind it
	InForce bool // false: "other person" that waits for its second officer
}

// Final reports whether the referral is done with: the person is not this one does not say whether he may pass.
func (a *Answer) Final() bool {
	return a.Outcome == record.Cleared || a.Outcome == record.Refused || a.Outcome == record.HandedOver
}

// outcomeOf gives the newest outcome of a referral, nil where there is none.
func (n *Node) outcomeOf(ctx context.Context, referral record.Ref) (*Answer, error) {
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	all, err := n.outcomes(ctx, referral)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[len(all)-1], nil
}

func (n *Node) outcomes(ctx context.Context, referral record.Ref) ([]Answer, error) {
	deeds, err := n.shadow.DeedsAbout(ctx, referral)
	if err != nil {
		return nil, err
	}
	var out []Answer
	for _, d := range deeds {
		if d.Kind != record.ReferralOutcome {
			continue
		}
		b, err := bodyOf[record.OutcomePart](d)
		if errors.Is(err, errUnread) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a := Answer{Ref: d.Ref, Outcome: b.Outcome, Alert: b.Alert, Notes: b.Notes, At: d.Written, InForce: true, Officer: n.labelOf(d), ByNode: d.ByNode}
		if b.Outcome == record.OtherPerson {
			if a.InForce, err = n.shadow.Assented(ctx, d.Ref); err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// labelOf gives the label of the officer of a deed, "" where its shift cannot be read.
func (n *Node) labelOf(d projection.Deed) string {
	if d.Shift < 0 {
		return ""
	}
	id, err := n.officerIn(record.Ref{Origin: d.Ref.Origin, Index: uint64(d.Shift)})
	if err != nil {
		return ""
	}
	return n.label(id)
}

// label is an officer's label, of dropped ones too.
func (n *Node) label(id [16]byte) string {
	for _, o := range n.State().Roster.Officers {
		if o.ID == id {
			return o.Label
		}
	}
	return ""
}

// A Referred traveller waits for the second line, or was answered.
type Referred struct {
	projection.Found
	Check   uint64   // index of the check
	Answers []Answer // oldest first
}

// Answer is the newest one, nil while the traveller waits.
func (r *Referred) Answer() *Answer {
	if len(r.Answers) == 0 {
		return nil
	}
	return &r.Answers[len(r.Answers)-1]
}

// Referrals lists this node's referrals of the last day that stand, oldest first. The booth sees those of its own shift, the
// second line and the supervisor all.
func (n *Node) Referrals(ctx context.Context, s *Shift) ([]Referred, error) {
	all := n.Can(s, roster.DecideReferrals) || n.Can(s, roster.ReadPost)
	if err := n.may(s, roster.CheckTravellers); err != nil && !all {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	found, err := n.shadow.WrittenOf(ctx, n.Name(), n.Now()-24*60*60*1000, n.Now()+1, record.Referral)
	if err != nil {
		return nil, err
	}
	var out []Referred
	for _, f := range found {
		if f.Standing != projection.Counts || f.Ref.Origin != n.origin || !all && f.Shift != int64(s.Ref.Index) {
			continue
		}
		r := Referred{Found: f, Check: uint64(max(f.About, 0))}
		if r.Answers, err = n.outcomes(ctx, record.RefOf(f.Ref)); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// A Dossier is all that the second line sees of one referred traveller.
type Dossier struct {
	View
	Referred
	History []Known // oldest first
}

// Known is one sighting with what this node may read of it, and why it may be about the traveller.
type Known struct {
	projection.Sighting
	Details *projection.Found // nil where another post wrote it
	Why     string            // "document", or "person": same nationality, birth date and beginning of the names
}

// Dossier gathers all that is known of a referred traveller.
func (n *Node) Dossier(ctx context.Context, s *Shift, referral uint64) (Dossier, error) {
	if err := n.may(s, roster.DecideReferrals); err != nil {
		return Dossier{}, err
	}
	list, err := n.Referrals(ctx, s)
	if err != nil {
		return Dossier{}, err
	}
	i := slices.IndexFunc(list, func(r Referred) bool { return r.Ref.Index == referral })
	if i < 0 {
		return Dossier{}, ErrNotStanding
	}
	d := Dossier{Referred: list[i]}
	if d.View, err = n.View(ctx, d.Referred.Check, border.Terms{}, nil); err != nil {
		return d, err
	}
	refs := make([]record.Ref, len(d.Seen))
	for i, s := range d.Seen {
		refs[i] = record.RefOf(s.Ref)
	}
	details, err := n.shadow.Details(ctx, refs)
	if err != nil {
		return d, err
	}
	for i, s := range d.Seen {
		k := Known{Sighting: s, Why: "document"}
		if s.ByPerson {
			k.Why = "person"
		}
		if f, ok := details[refs[i]]; ok {
			k.Details = &f
		}
		d.History = append(d.History, k)
	}
	return d, nil
}
