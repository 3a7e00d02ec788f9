package node

import (
	"context"
	"errors"
	"slices"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
)

// inParty looks for a document in the party. It gives the check of one that the party has already, as it stands now; or the
// open check that this reading replaces, because it read the same document worse or otherwise; or neither, where it is new.
func (n *Node) inParty(ctx context.Context, s Scan) (first *View, misread *record.Ref, err error) {
	if s.Party == (record.Act{}) {
		return nil, nil, nil
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, nil, err
	}
	members, err := n.shadow.Party(ctx, s.Party[:])
	if err != nil {
		return nil, nil, err
	}
	gone := spentChecks(members)
	for ref := range replacedChecks(members) {
		gone[ref] = true
	}
	for _, m := range members {
		if m.Kind != record.Check || gone[record.RefOf(m.Ref)] || m.Act == s.Act || m.Ref.Origin != n.origin || m.Direction != s.Direction {
			continue
		}
		before, err := borderDocument(m.Document, m.Day)
		switch {
		case err != nil || !sameDocument(before, s.Document):
		case !m.Decided && better(before, s.Document):
			ref := record.RefOf(m.Ref)
			return nil, &ref, nil
		default:
			first, err = n.again(ctx, m.Ref.Index)
			return first, nil, err
		}
	}
	return nil, nil, nil
}

func (n *Node) again(ctx context.Context, index uint64) (*View, error) {
	v, err := n.View(ctx, index, border.Terms{}, nil)
	v.Again = true
	return &v, err
}

// sameDocument tells two readings of one document from two documents. The number names it; where the check digits of the first
// reading failed, the number itself may be what was misread, and all else names it. Twins differ in their given names.
func sameDocument(before, now border.Document) bool {
	if before.Issuer != now.Issuer {
		return false
	}
	return before.Number == now.Number || faulty(before) && !before.Birth.IsZero() && before.Code == now.Code &&
		before.Nationality == now.Nationality && before.Primary == now.Primary && before.Secondary == now.Secondary &&
		before.Birth == now.Birth && before.Sex == now.Sex && before.Expiry == now.Expiry
}

// better reports whether a reading says something else than the one before, and is trusted no less: a zone whose check digits
// hold before what was typed, and that before a zone with faults.
func better(before, now border.Document) bool {
	differs := !slices.Equal(before.Zone, now.Zone) || before.ByHand && now.ByHand && (before.Code != now.Code ||
		before.Number != now.Number || before.Nationality != now.Nationality || before.Primary != now.Primary ||
		before.Secondary != now.Secondary || before.Birth != now.Birth || before.Sex != now.Sex || before.Expiry != now.Expiry)
	return differs && trust(now) >= trust(before)
}

func trust(d border.Document) int {
	switch {
	case faulty(d):
		return 0
	case d.ByHand:
		return 1
	}
	return 2
}

func faulty(d border.Document) bool {
	for _, f := range d.Faults {
		if !f.Warning {
			return true
		}
	}
	return false
}

// replaces lets a new reading take the place of a check that nobody has decided. Where a decision was faster, it gives that
// check, as for any document read twice.
func (n *Node) replaces(ctx context.Context, check record.Ref, act record.Act) (*View, error) {
	_, err := n.claimCheck(ctx, check.Index, act)
	if errors.Is(err, ErrDecided) {
		return n.again(ctx, check.Index)
	}
	return nil, err
}

// release gives a claim back of an act that is certainly not in the log.
func (p *pending) release(check uint64, act record.Act) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.decided[check] == act {
		delete(p.decided, check)
	}
}

// replacedChecks are those whose document was read again, each with the check that took its place.
func replacedChecks(members []projection.Found) map[record.Ref]record.Ref {
	by := map[record.Ref]record.Ref{}
	for _, m := range members {
		if m.Kind == record.Check && m.About >= 0 {
			by[record.Ref{Origin: m.Ref.Origin, Index: uint64(m.About)}] = record.RefOf(m.Ref)
		}
	}
	return by
}

// spentChecks are those whose decision was taken back: the traveller is scanned again, and the check is decided still.
func spentChecks(members []projection.Found) map[record.Ref]bool {
	about, spent := map[record.Ref]record.Ref{}, map[record.Ref]bool{}
	for _, m := range members { // in the order of the log: a referral stands before the decision that follows it
		if m.Kind == record.Check || m.About < 0 {
			continue
		}
		of := record.Ref{Origin: m.Ref.Origin, Index: uint64(m.About)}
		about[record.RefOf(m.Ref)] = of
		if check, ok := about[of]; ok && m.Kind != record.Correction {
			of = check
		}
		if m.Standing == projection.Voided {
			spent[of] = true
		}
	}
	return spent
}
