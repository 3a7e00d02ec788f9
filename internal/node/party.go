package node

import (
	"context"
	"fmt"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

// A Member is one traveller of a party: his check, and what was done with him last.
type Member struct {
	projection.Found
	// Done is the crossing, refusal or referral of him that counts; nil while nobody decided.
	Done *projection.Found
	// Spent: the decision was taken back. He is in the party no longer, unless his document is read again.
	Spent bool
}

// Open reports whether the member waits for a decision.
func (m *Member) Open() bool { return m.Done == nil && !m.Spent }

// Members lists those of a party in the order in which their documents were first read, as the log has them now: whatever a booth
// forgot is here. A shift sees its own, and of others those that nobody decided, as on the list of open checks.
func (n *Node) Members(ctx context.Context, s *Shift, party record.Act) ([]Member, error) {
	if err := n.may(s, roster.CheckTravellers); err != nil {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	found, err := n.shadow.Party(ctx, party[:])
	if err != nil {
		return nil, err
	}
	spent := spentChecks(found)
	var out []Member
	at := map[uint64]int{} // place in out by index of the check, and of what is about it
	for _, f := range found {
		switch {
		case f.Ref.Origin != n.origin:
		case f.Kind == record.Check:
			m := Member{Found: f, Spent: spent[record.RefOf(f.Ref)]}
			if i, ok := at[uint64(f.About)]; ok && f.About >= 0 { // the document was read again
				delete(at, uint64(f.About))
				at[f.Ref.Index], out[i] = i, m
			} else if f.Shift == int64(s.Ref.Index) || !f.Decided {
				at[f.Ref.Index] = len(out)
				out = append(out, m)
			}
		case f.About >= 0:
			i, ok := at[uint64(f.About)]
			if !ok {
				continue
			}
			at[f.Ref.Index] = i
			if f.Standing == projection.Counts {
				out[i].Done = &f
			}
		}
	}
	return out, nil
}

// Gathered is the party that a booth has before it.
type Gathered struct {
	Party     record.Act
	Direction border.Direction
	Vehicle   Vehicle // as it was when the newest document was read
}

// Gathered finds the party of a shift again after a restart: that of the newest check of the shift which nobody decided.
// The zero value says that there is none, and that the next document begins a party.
func (n *Node) Gathered(ctx context.Context, s *Shift) (Gathered, error) {
	if err := n.may(s, roster.CheckTravellers); err != nil {
		return Gathered{}, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return Gathered{}, err
	}
	open, err := n.OpenChecks(ctx)
	if err != nil {
		return Gathered{}, err
	}
	for _, c := range open {
		if c.Shift != int64(s.Ref.Index) || c.Ref.Origin != n.origin {
			continue
		}
		return n.GatheredBy(s, c.Ref.Index)
	}
	return Gathered{}, nil
}

// GatheredBy gives the party to which a check or decision of the shift belongs; the zero value where it has none.
func (n *Node) GatheredBy(s *Shift, index uint64) (Gathered, error) {
	if err := n.may(s, roster.CheckTravellers); err != nil {
		return Gathered{}, err
	}
	o, err := n.ReadOwn(index)
	if err != nil {
		return Gathered{}, fmt.Errorf("find a party again: %w", err)
	}
	p := o.Person
	if p == nil || len(p.Party) != len(record.Act{}) || o.Leaf.Shift == nil || *o.Leaf.Shift != s.Ref {
		return Gathered{}, nil
	}
	return Gathered{record.Act(p.Party), p.Direction, Vehicle{p.Plate, p.PlateCountry, p.Vehicle, p.Occupants}}, nil
}

// PassedBy lists the passages that a shift let through from a moment (UTC ms) on and that count, oldest first.
func (n *Node) PassedBy(ctx context.Context, s *Shift, from int64) ([]projection.Found, error) {
	if err := n.may(s, roster.CheckTravellers); err != nil {
		return nil, err
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	found, err := n.shadow.WrittenOf(ctx, n.Name(), from, n.Now()+1, record.Crossing)
	if err != nil {
		return nil, err
	}
	var out []projection.Found
	for _, f := range found {
		if f.Ref.Origin == n.origin && f.Shift == int64(s.Ref.Index) && f.Standing == projection.Counts {
			out = append(out, f)
		}
	}
	return out, nil
}
