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
		from = min(from, to) // a clock that was set back: what it shows twice is counted twice, and nothing is left out
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
	body := record.StatusOpen{From: from, To: to, Entries: c.Entries, Exits: c.Exits, Refusals: c.Refusals,
		Vehicles: c.VehiclesIn + c.VehiclesOut, VehiclesIn: c.VehiclesIn, VehiclesOut: c.VehiclesOut, Version: n.opt.Version}
	if body.Waiting, body.WaitingAt, err = n.waitingTime(ctx); err != nil {
		return err
	}
	regime, err := n.RegimeInForce(ctx)
	if err != nil {
		return err
	}
	if regime != nil {
		body.Regime = regime.Regime
	}
	canaries := n.Canaries()
	if body.Canaries, body.CanariesMissed = canaries.Count, len(canaries.Missed); canaries.Count > 0 {
		body.CanariesAt = canaries.At
	}
	_, err = n.append(ctx, draft{kind: record.Status, act: newAct(), contents: []content{{record.Open, body}}})
	return err
}

// waitingTime is the time in the queue, seconds, as last measured by a device or an officer within waitingFor, and when; zeros
// where nobody measured it. It is never computed from what the booths do: who waits has not been scanned yet.
func (n *Node) waitingTime(ctx context.Context) (seconds int, at int64, err error) {
	deeds, err := n.shadow.Deeds(ctx, n.Name(), n.Now()-waitingFor.Milliseconds(), n.Now()+1, record.Count)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range deeds {
		body, err := bodyOf[record.CountBody](d)
		if err == nil && body.Waiting > 0 && body.To >= at { // one of a later form says nothing here
			seconds, at = body.Waiting, body.To
		}
	}
	return seconds, at, nil
}
