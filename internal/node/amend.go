package node

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// proposedFor is how long a correction waits for its second officer before it is listed no more: what nobody agreed to in a
// month, nobody remembers.
const proposedFor = 30 * 24 * time.Hour

// ErrNotShown: the record is not the officer's, and he has not given the code that stands on its receipt.
var ErrNotShown = errors.New("this record is another officer's; the code on the traveller's receipt opens it")

// An Amendable is a decision or passage of this node's log that may be taken back or corrected.
type Amendable struct {
	Ref      record.Ref
	Kind     record.Kind
	Written  int64 // UTC ms
	Person   record.PersonPart
	Standing projection.Standing
	Officer  string
	Mine     bool // the asking officer decided it
	Passed   bool // a completed passage, which a correction can change
}

// Amendable shows a record to whoever decided it, to the supervisor of the post, and to whoever has the traveller's receipt
// before him: no booth leafs through what others did. Code is that of the receipt as typed, "" for none. Whatever else is
// wrong, the answer is ErrNotShown: it does not tell a record that is not there from one that is not shown. Whoever asks for
// strangers bounds how often a code may be tried.
func (n *Node) Amendable(ctx context.Context, s *Shift, index uint64, code string) (Amendable, error) {
	all := n.Can(s, roster.RunPost)
	if err := n.may(s, roster.CheckTravellers); err != nil && !all {
		return Amendable{}, err
	}
	o, err := n.ReadOwn(index)
	switch {
	case errors.Is(err, tlog.ErrNotHere):
		return Amendable{}, ErrNotShown
	case err != nil:
		return Amendable{}, err
	case !decided(&o):
		return Amendable{}, ErrNotShown
	}
	officer, err := n.officerOf(&o)
	if err != nil && !errors.Is(err, ErrNotYours) {
		return Amendable{}, err
	}
	mine := err == nil && officer == s.Officer.ID
	ref := record.Ref{Origin: n.origin, Index: index}
	if !mine && !opens(&o, code) {
		if !all {
			return Amendable{}, ErrNotShown
		}
		if err := n.looked(ctx, s, ref); err != nil {
			return Amendable{}, err
		}
	}
	standing, err := n.standing(ctx, ref, o.Leaf.Kind)
	return Amendable{Ref: ref, Kind: o.Leaf.Kind, Written: o.Leaf.Written, Person: *o.Person, Standing: standing,
		Officer: n.label(officer), Mine: mine,
		Passed: o.Slip != nil && o.Leaf.Kind != record.Refusal && o.Leaf.Kind != record.Referral}, err
}

// decided tells a decision or passage that this node may read from all else.
func decided(o *Opened) bool {
	switch o.Leaf.Kind {
	case record.Crossing, record.Refusal, record.Referral, record.Late, record.Correction:
		return o.Person != nil
	}
	return false
}

// looked records, for the auditor, that a supervisor opens a record by its number alone, before it is shown: each look is a
// search for one.
func (n *Node) looked(ctx context.Context, s *Shift, ref record.Ref) error {
	body := record.SearchBody{By: hex.EncodeToString(s.Officer.ID[:]), Reason: "supervisor", What: "record",
		Asked: ref.Origin + "/" + strconv.FormatUint(ref.Index, 10)}
	if _, err := n.append(ctx, draft{kind: record.Search, act: newAct(), shift: &s.Ref, contents: []content{{record.Body, body}}}); err != nil {
		return fmt.Errorf("record the look: %w", err)
	}
	return nil
}

// opens compares a code as typed with that of the record's receipt. Nothing fits a record without a receipt, such as a
// correction.
func opens(o *Opened, typed string) bool {
	code, err := seal.ParseCode(typed)
	if err != nil || len(o.Person.Opening) != len(seal.Opening{}) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(code), []byte(seal.Opening(o.Person.Opening).Code())) == 1
}

func (n *Node) standing(ctx context.Context, ref record.Ref, kind record.Kind) (projection.Standing, error) {
	if err := n.caughtUp(ctx); err != nil {
		return 0, err
	}
	standing, err := n.shadow.StandingOf(ctx, ref)
	if err != nil || kind != record.Correction || standing != projection.Counts {
		return standing, err
	}
	agreed, err := n.shadow.Assented(ctx, ref)
	if !agreed {
		standing = projection.Proposed
	}
	return standing, err
}

// A Proposal is a correction that waits for its second officer.
type Proposal struct {
	Changed
	By     [16]byte // the officer who proposed it: another has to agree
	Was    record.PersonPart
	Should *record.PersonPart // nil where the passage is to be withdrawn
}

// Proposals lists the corrections of this node that wait for a second officer, oldest first. What was agreed to costs one
// look-up each; only what waits is opened.
func (n *Node) Proposals(ctx context.Context, s *Shift) ([]Proposal, error) {
	if err := n.may(s, roster.AssentToActs); err != nil {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	deeds, err := n.shadow.Deeds(ctx, n.Name(), n.Now()-proposedFor.Milliseconds(), n.Now()+1, record.Correction)
	if err != nil {
		return nil, err
	}
	var out []Proposal
	for _, d := range deeds {
		if waits, err := n.waits(ctx, d); err != nil {
			return nil, err
		} else if !waits {
			continue
		}
		p, err := n.proposal(ctx, d)
		if err != nil {
			return nil, err
		}
		if p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

// waits says whether a deed is a proposal without its second officer, about a record that still counts.
func (n *Node) waits(ctx context.Context, d projection.Deed) (bool, error) {
	if d.Ref.Origin != n.origin || d.About == nil || d.Shift < 0 {
		return false, nil
	}
	if b, err := bodyOf[record.CorrectionBody](d); errors.Is(err, errUnread) {
		return false, nil // who cannot read it cannot agree to it
	} else if err != nil || b.Assent {
		return false, err
	}
	if agreed, err := n.shadow.Assented(ctx, d.Ref); err != nil || agreed {
		return false, err
	}
	standing, err := n.shadow.StandingOf(ctx, *d.About)
	return standing == projection.Counts, err
}

// proposal reads one; nil where a part is erased, or sealed for a key that is not here.
func (n *Node) proposal(ctx context.Context, d projection.Deed) (*Proposal, error) {
	x, err := n.changedBy(ctx, d)
	if err != nil || x == nil {
		return nil, err
	}
	was, err := n.Read(*d.About)
	if err != nil || was.Person == nil {
		return nil, err
	}
	p := &Proposal{Changed: *x, Was: *was.Person}
	if p.By, err = n.officerIn(record.Ref{Origin: d.Ref.Origin, Index: uint64(d.Shift)}); err != nil || x.Withdraw {
		return p, err
	}
	should, err := n.Read(d.Ref)
	if err != nil || should.Person == nil {
		return nil, err
	}
	p.Should = should.Person
	return p, nil
}
