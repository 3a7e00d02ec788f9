package node

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// An Unknown is an act of which the disk did not say whether it stands. The booth holds its traveller and asks again. Such acts
// are remembered until the node restarts, which settles each: it stands in the log then, or it does not.
type Unknown struct {
	Kind    record.Kind
	Booth   string
	Officer string
	At      int64 // UTC ms of the last try
}

// outcome keeps an act whose outcome is not known, until it is. The caller holds the lock.
func (p *pending) outcome(of prepared, err error, now int64) {
	if !errors.Is(err, tlog.ErrNotKnown) {
		delete(p.unknown, of.act)
		return
	}
	if p.unknown == nil {
		p.unknown = map[record.Act]Unknown{}
	}
	if len(p.unknown) < maxPending {
		p.unknown[of.act] = Unknown{Kind: of.leaf.Kind, Booth: of.shift.Booth, Officer: of.shift.Officer.Label, At: now}
	}
}

// Unknown lists the acts whose outcome is not known, oldest first. One that has come to stand meanwhile is no longer there.
func (n *Node) Unknown(_ context.Context, s *Shift) ([]Unknown, error) {
	if err := n.may(s, roster.ReadPost); err != nil {
		return nil, err
	}
	n.pending.mu.Lock()
	defer n.pending.mu.Unlock()
	var out []Unknown
	for act, u := range n.pending.unknown {
		if _, found, err := n.byAct(act); err == nil && found {
			delete(n.pending.unknown, act)
			continue
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Unknown) int { return cmp.Compare(a.At, b.At) })
	return out, nil
}
