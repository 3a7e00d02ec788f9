package node

import (
	"context"
	"time"

	"tims/internal/record"
)

// statusLoop writes a status record at each full stretch of the configured length: counts that the public may see, and a
// signed sign of life from which others know up to when this post is known.
func (n *Node) statusLoop(ctx context.Context) {
	from := n.Now()
	for {
		wait := n.opt.StatusEvery - time.Duration(n.Now())*time.Millisecond%n.opt.StatusEvery
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		to := n.Now()
		if err := n.writeStatus(ctx, from, to); err != nil && ctx.Err() == nil {
			n.opt.Journal.Error("status not recorded", "node", n.Name(), "error", err)
			continue
		}
		from = to
	}
}

func (n *Node) writeStatus(ctx context.Context, from, to int64) error {
	if err := n.caughtUp(ctx); err != nil {
		return err
	}
	c, err := n.shadow.Counts(ctx, n.Name(), from, to)
	if err != nil {
		return err
	}
	_, err = n.append(ctx, draft{kind: record.Status, act: newAct(), contents: []content{{record.Open, record.StatusOpen{
		From: from, To: to, Entries: c.Entries, Exits: c.Exits, Refusals: c.Refusals, Vehicles: c.Vehicles,
		Version: n.opt.Version}}}})
	return err
}
