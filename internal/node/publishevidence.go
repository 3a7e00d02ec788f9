package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
)

// evidence shows the portal what convicts the keys of logs that are frozen here: each once, until the connection ends. The portal
// reaches into nobody and would else learn of a split view only where somebody pushes it the other history.
func (p *publisher) evidence(ctx context.Context, c *replica.Client, held replica.Published) error {
	var errs []error
	for _, f := range p.n.Frozen() {
		if p.told[f.Origin] {
			continue
		}
		if err := p.convict(ctx, c, held, f); err != nil {
			err = fmt.Errorf("show evidence against %s: %w", f.Origin, err)
			if !refused(err) {
				return err
			}
			errs = append(errs, err)
			continue
		}
		p.told[f.Origin] = true
	}
	return errors.Join(errs...)
}

// convict brings a portal that knows nothing of a log what is in force of it, and then the evidence.
func (p *publisher) convict(ctx context.Context, c *replica.Client, held replica.Published, f FrozenLog) error {
	e, src, ok := p.n.publishable(f.Origin)
	if !ok {
		return nil
	}
	if !slices.ContainsFunc(held.Logs, func(l replica.PublishedLog) bool { return l.Origin == f.Origin }) {
		if err := p.bring(ctx, c, replica.PublishedLog{Origin: f.Origin}, e, src, false); err != nil {
			return err
		}
	}
	if l, ok := p.n.comparable(f.Origin); ok && l.Evidence() != nil {
		_, err := c.Compare(ctx, l)
		return err
	}
	two, _ := p.n.StatementsOf(f.Origin)
	if two == nil {
		return nil
	}
	for _, s := range []roster.SignedEpoch{two.First, two.Second} {
		err := c.Post(ctx, replica.PathEpoch, record.Marshal(s))
		var status *replica.StatusError
		if err != nil && (!errors.As(err, &status) || status.Status != http.StatusUnprocessableEntity) {
			return err // 422 is what the portal says to the one that is not the first there
		}
	}
	return nil
}

// publishable finds a log with the statement of its epoch.
func (n *Node) publishable(origin string) (roster.SignedEpoch, publishable, bool) {
	if origin == n.origin {
		return n.epoch, n.log, true
	}
	h, ok := n.mirrors.get(origin)
	if !ok {
		return roster.SignedEpoch{}, nil, false
	}
	return h.epoch, h, true
}

// contradicted asks a portal that refuses growth whether it has evidence that is not known here.
func (p *publisher) contradicted(ctx context.Context, c *replica.Client, origin string) error {
	l, ok := p.n.comparable(origin)
	if !ok {
		return nil
	}
	got, err := c.Compare(ctx, l)
	if err == nil && got.Evidence != nil {
		p.n.sayConvictions(ctx)
	}
	return err
}
