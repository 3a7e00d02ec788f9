package node

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
)

// postDay is how far back a post's regime and outages are told: the longest regime, and the shifts of a day.
const postDay = maxRegime

// A PostDay is what a post's own records tell a centre beside the count of persons. It says nothing of a traveller.
type PostDay struct {
	VehiclesIn, VehiclesOut int       // of today, each party's vehicle once in its direction
	Regime                  *RegimeOf // in force; nil where every passage is checked and recorded
	Outages                 []Outage  // that ended within the last day, the newest first; who worked is not told
	Waiting                 int       // s in the queue as last measured, within the last waitingFor; 0 where nobody measured
	WaitingAt               int64     // UTC ms, end of the stretch that was measured
	WaitingBooth            string    // "" for the whole post
	WaitingBy               string    // device; "" where an officer typed it
	Canaries                int       // that the node must find, by its newest status
	CanariesMissed          int
	CanariesAt              int64 // UTC ms at which it looked, 0 where it has not said
}

// PostDays tells of each node, this one too, what its records of the last day say as far as they are folded here. A node
// without any has no entry. An outage that is not over stands in no record: Peer.LastSeen tells that one.
func (n *Node) PostDays(ctx context.Context) (map[string]*PostDay, error) {
	days := map[string]*PostDay{}
	of := func(node string) *PostDay {
		if days[node] == nil {
			days[node] = new(PostDay)
		}
		return days[node]
	}
	vehicles, err := n.shadow.Vehicles(ctx, n.Today())
	if err != nil {
		return nil, err
	}
	for _, v := range vehicles {
		if v.Direction == border.Entry {
			of(v.Node).VehiclesIn = v.Count
		} else {
			of(v.Node).VehiclesOut = v.Count
		}
	}
	now := n.Now()
	// Another node's clock may be ahead of this one's; a day forward leaves out nothing that it signed.
	deeds, err := n.shadow.Deeds(ctx, "", now-postDay.Milliseconds(), now+postDay.Milliseconds(), record.Alarm, record.Count, record.Regime)
	if err != nil {
		return nil, err
	}
	statuses, err := n.shadow.Newest(ctx, record.Status, now-postDay.Milliseconds(), now+postDay.Milliseconds(), 1)
	if err != nil {
		return nil, err
	}
	begun := map[record.Ref]*RegimeOf{}
	for _, d := range append(deeds, statuses...) {
		if err := of(d.Node).take(d, now, begun); err != nil && !errors.Is(err, errUnread) {
			return nil, err
		}
	}
	for _, day := range days {
		if day.Regime != nil && !day.Regime.InForce(now) {
			day.Regime = nil
		}
		slices.SortFunc(day.Outages, func(a, b Outage) int { return cmp.Compare(b.To, a.To) })
	}
	return days, nil
}

// take reads one deed. They come in the order in which they were written, so the end of a regime comes after its beginning.
func (p *PostDay) take(d projection.Deed, now int64, begun map[record.Ref]*RegimeOf) error {
	switch d.Kind {
	case record.Alarm:
		b, err := bodyOf[record.AlarmBody](d)
		if err != nil {
			return err
		}
		if b.What == wasDown || b.What == wasCutOff {
			p.Outages = append(p.Outages, Outage{From: b.From, To: b.To, Down: b.What == wasDown})
		}
	case record.Count:
		b, err := bodyOf[record.CountBody](d)
		if err != nil {
			return err
		}
		if b.Waiting > 0 && b.To >= p.WaitingAt && b.To > now-waitingFor.Milliseconds() {
			p.Waiting, p.WaitingAt, p.WaitingBooth, p.WaitingBy = b.Waiting, b.To, b.Booth, b.Device
		}
	case record.Status:
		b, err := bodyOf[record.StatusOpen](d)
		if err != nil {
			return err
		}
		p.Canaries, p.CanariesMissed, p.CanariesAt = b.Canaries, b.CanariesMissed, b.CanariesAt
	case record.Regime:
		b, err := bodyOf[record.RegimeBody](d)
		if err != nil {
			return err
		}
		if d.About != nil {
			if r := begun[*d.About]; r != nil && r.Ended == 0 {
				r.Ended, r.Passed = d.Written, b.Passed
			}
			return nil
		}
		r := &RegimeOf{RegimeBody: b, Ref: d.Ref}
		begun[d.Ref], p.Regime = r, r
	}
	return nil
}
