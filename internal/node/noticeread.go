package node

import (
	"cmp"
	"context"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// A Notice is a hit that another node tells this one of, with the newest outcome that it told.
type Notice struct {
	record.HitLetter
	From string        // the node that wrote it
	Name string        // of the alert as it is in force here, empty where it is not
	Info *border.Alert // the alert, nil where it is not in force here
}

// Notices lists the hits of the last MessageFor that this node was told of, newest first. They are for those who work on alerts, lead
// the post or take referrals; no strip shows them.
func (n *Node) Notices(ctx context.Context, s *Shift) ([]Notice, error) {
	if !n.Can(s, roster.ReadHits) && !n.Can(s, roster.DecideReferrals) {
		if err := n.may(s, roster.RunPost); err != nil {
			return nil, err
		}
	}
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	deeds, err := n.shadow.Newest(ctx, record.Message, n.Now()-MessageFor.Milliseconds(), n.Now()+clockTolerance.Milliseconds(), maxLetters+maxNotices)
	if err != nil {
		return nil, err
	}
	type of struct {
		ref   record.Ref
		alert [2]string
	}
	at, out := map[of]int{}, []Notice(nil)
	for _, d := range deeds {
		b, err := bodyOf[record.MessageBody](d)
		if err != nil || !n.addressed(d.Node, b) && d.Node != n.Name() || len(b.To) > maxMirrors {
			continue
		}
		l := n.letterOf(d.Ref, b)
		if l == nil || l.Hit == nil || !n.maySay(d.Node, l.Hit) {
			continue
		}
		key := of{l.Hit.Of, [2]string{l.Hit.List, l.Hit.Alert}}
		i, known := at[key]
		if !known {
			i, at[key], out = len(out), len(out), append(out, Notice{HitLetter: *l.Hit, From: d.Node})
		}
		if x := &out[i]; l.Hit.Said >= x.Said {
			x.HitLetter = *l.Hit
		}
		if out[i].Info = n.alertInForce(l.Hit.List, l.Hit.Alert); out[i].Info != nil && len(out[i].Info.Names) > 0 {
			out[i].Name = out[i].Info.Names[0].Primary + " " + out[i].Info.Names[0].Secondary
		}
	}
	slices.SortStableFunc(out, func(a, b Notice) int { return cmp.Compare(b.At, a.At) })
	return out, nil
}

// maySay: a node speaks of its own records. Of what this node told others it shows what is about its own officers' alerts.
func (n *Node) maySay(from string, l *record.HitLetter) bool {
	_, by, _, err := roster.ParseOrigin(l.Of.Origin)
	return err == nil && by == from && (from != n.Name() || l.List == SingleList(n.Name()))
}

// letterOf opens a message once; what is opened is kept, for HPKE costs a millisecond and pages are drawn often. Nil where it is not
// for this node's keys or cannot be shown.
func (n *Node) letterOf(ref record.Ref, b record.MessageBody) *record.Letter {
	n.letters.Lock()
	defer n.letters.Unlock()
	l, known := n.opened[ref]
	if known {
		return l
	}
	o, err := n.Read(ref)
	if err != nil {
		return nil
	}
	l = n.openLetter(b, o.Leaf.Act)
	switch {
	case l == nil:
	case l.Hit != nil && text(maxField, l.Hit.Alert, l.Hit.List, string(l.Hit.Outcome)) && b.Letter == nil:
	case l.Hit == nil && l.Text != "" && text(maxLetter, l.Text, l.From):
	default:
		l = nil
	}
	if n.opened == nil || len(n.opened) > maxPending {
		n.opened = map[record.Ref]*record.Letter{}
	}
	n.opened[ref] = l
	return l
}
