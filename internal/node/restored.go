package node

import (
	"context"
	"crypto/sha256"
	"errors"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Restored says how the log ended that a node wrote before its living one: it came back older than it had been, or its keys
// were lost. What was taken back and what is missing is counted from what is held here by now.
type Restored struct {
	Origin    string // of the log that ended
	At        int64  // when the node found it, UTC ms; 0 where it says nothing, as a node that lost all
	Kept      uint64 // records that had come back with the node, as its alarm says
	Held      uint64 // records held here now
	TakenBack uint64 // of these, those that came from peers since
	Known     uint64 // records that the log is known to have had, by any signature or second device
	Missing   uint64 // of these, those that are not here
	Unproven  bool   // nothing had proven that the log was whole: its second device was missing or left behind
}

// A Fence is the state of the second device.
type Fence struct {
	Path string // "" where none is configured: then only peers notice a restored backup
	Lost string // why it is not there now, "" while it is
}

func (n *Node) fence() Fence {
	path, lost := n.log.Fence()
	f := Fence{Path: path}
	if lost != nil {
		f.Lost = lost.Error()
	}
	return f
}

func (n *Node) whyStopped() string {
	_, why := n.stopped()
	return why
}

func (n *Node) stopped() (code, why string) {
	n.fencing.mu.Lock()
	defer n.fencing.mu.Unlock()
	return n.fencing.code, n.fencing.why
}

// restored tells how the log ended that a node wrote before that of the statement; nil where there is none here.
func (n *Node) restored(node string, living roster.SignedEpoch) *Restored {
	var before *held
	for _, h := range n.mirrors.all() {
		e := h.epoch.Epoch.Number
		if h.node == node && e < living.Epoch.Number && (before == nil || e > before.epoch.Epoch.Number) {
			before = h
		}
	}
	if before == nil {
		return nil
	}
	r := &Restored{Origin: before.Origin(), Held: before.complete()}
	_, pending := before.Pending()
	r.Known = max(r.Held, pending, before.Size())
	for _, h := range []*roster.Head{living.Epoch.Predecessor, living.Epoch.Cosigned} {
		if h != nil && h.Origin == r.Origin {
			r.Known = max(r.Known, h.Size)
		}
	}
	n.fencing.mu.Lock()
	a, told := n.fencing.restored[r.Origin]
	n.fencing.mu.Unlock()
	if told {
		r.At, r.Unproven, r.Known = a.From, a.Detail == whyMissing, max(r.Known, a.Index)
		r.Kept = a.Kept
		r.TakenBack = r.Held - min(r.Held, r.Kept)
	}
	r.Missing = r.Known - r.Held
	return r
}

// heardRestored takes what a node says of its own former log. Of another's it is passed over.
func (n *Node) heardRestored(o *Opened) {
	a := *o.Alarm
	if nodeOfOrigin(a.Origin) != o.Node || a.Origin == o.Origin {
		return
	}
	n.fencing.mu.Lock()
	defer n.fencing.mu.Unlock()
	if n.fencing.restored == nil {
		n.fencing.restored = map[string]record.AlarmOpen{}
	}
	if _, told := n.fencing.restored[a.Origin]; !told && len(n.fencing.restored) < maxMirrors {
		n.fencing.restored[a.Origin] = a
	}
}

// sayRestored writes the alarm of a log that was set back into the log of the epoch that followed, once: its act follows from
// the two origins, and a crash before it leaves it to the next start.
func (n *Node) sayRestored(ctx context.Context) {
	s, err := n.readSetBack()
	if err != nil || s.Origin == "" || s.Origin == n.origin {
		return
	}
	sum := sha256.Sum256([]byte("tims/set-back/1\n" + s.Origin + "\n" + n.origin))
	act := record.Act(sum[:16])
	if _, known, err := n.log.ByAct(act); err != nil || known {
		return
	}
	a := record.AlarmOpen{What: record.RolledBack, Origin: s.Origin, Index: max(s.Known, s.Held), From: s.At, Detail: s.Why,
		Kept: s.Held}
	_, err = n.append(ctx, draft{kind: record.Alarm, act: act, contents: []content{{record.Open, a}}})
	if known := new(tlog.KnownActError); err != nil && !errors.As(err, &known) {
		n.opt.Journal.Error("it is not recorded that the log was set back", "node", n.Name(), "log", s.Origin, "error", err)
		return
	}
	o := &Opened{Alarm: &a} // the folder finds it again and changes nothing
	o.Origin, o.Node = n.origin, n.Name()
	n.heardRestored(o)
	n.opt.Journal.Warn("alarm: this node's log was set back", "node", n.Name(), "log", s.Origin, "held", s.Held, "known", s.Known)
}
