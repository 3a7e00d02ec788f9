package node

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tims/internal/record"
	"tims/internal/roster"
)

// Learn takes approved changes from anybody: a peer, a file, a parcel. Those that build on this node's state are checked,
// put in force and written to this node's log, from which every other node learns them. It gives how many came into force.
//
// A change that comes after its not-after is not taken by itself: an approval that was withheld must not be played when it suits
// somebody. It is taken with a further approved change of its chain that is in time and builds on it, for by that the authority
// says that it was in force. So a node that was cut off for a month follows again.
func (n *Node) Learn(ctx context.Context, changes []roster.Approved) (int, error) {
	l := learner{n: n, late: map[roster.Chain][]roster.Approved{}}
	for _, c := range changes {
		if err := l.take(ctx, c); err != nil {
			return l.count, err
		}
	}
	return l.count, l.end()
}

// learnAll learns changes from a stream, each before the next is read: an impostor makes this node hold one at a time, and of
// late ones only what the authority approved.
func (n *Node) learnAll(ctx context.Context, r io.Reader) (int, error) {
	l := learner{n: n, late: map[roster.Chain][]roster.Approved{}}
	for {
		c, err := roster.ReadChange(r)
		if errors.Is(err, io.EOF) {
			return l.count, l.end()
		}
		if err == nil {
			err = l.take(ctx, c)
		}
		if err != nil {
			return l.count, err
		}
	}
}

// A learner takes changes in their order.
type learner struct {
	n     *Node
	count int
	late  map[roster.Chain][]roster.Approved // approved, each on the one before, all after their not-after
}

func (l *learner) take(ctx context.Context, c roster.Approved) error {
	chain := c.Change.Chain
	if len(l.late[chain]) == 0 {
		err := l.inForce(ctx, c, l.n.Now())
		if !errors.Is(err, roster.ErrExpired) {
			return err
		}
	}
	s := l.n.State()
	for _, before := range l.late[chain] {
		next, err := s.Apply(before, 0)
		if err != nil {
			return err // the state has moved meanwhile; the next round asks again
		}
		s = next
	}
	_, err := s.Apply(c, l.n.Now())
	if errors.Is(err, roster.ErrExpired) && len(l.late[chain]) < maxLate {
		if _, err := s.Apply(c, 0); err != nil {
			return err
		}
		l.late[chain] = append(l.late[chain], c)
		return nil
	}
	if err != nil {
		return err
	}
	for _, before := range append(l.late[chain], c) {
		if err := l.inForce(ctx, before, 0); err != nil {
			return err
		}
	}
	delete(l.late, chain)
	return nil
}

// inForce puts a change in force and into the log. now is 0 for one that a later change vouches for.
func (l *learner) inForce(ctx context.Context, c roster.Approved, now int64) error {
	applied, err := l.n.apply(c, now)
	if errors.Is(err, roster.ErrKnown) {
		return nil
	}
	if err != nil || !applied {
		return err
	}
	l.count++
	kind := record.Roster
	if c.Change.Chain == roster.ChainRulebook {
		kind = record.Rulebook
	}
	if _, err := l.n.append(ctx, draft{kind: kind, act: newAct(), contents: []content{{record.Open, c}}}); err != nil {
		return fmt.Errorf("log an approved change: %w", err)
	}
	l.n.wrapForNew(ctx)
	return nil
}

// end says that changes are left for which nothing vouches.
func (l *learner) end() error {
	for _, late := range l.late {
		if len(late) > 0 {
			return fmt.Errorf("%w, and no later change builds on it: `tims roster confirm` makes one", roster.ErrExpired)
		}
	}
	return nil
}
