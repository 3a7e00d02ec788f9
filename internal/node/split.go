package node

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/tlog"
)

// splits is what a node knows of logs whose key has signed two histories. What counts lies on the disk: the evidence in each
// frozen copy, and the alarms in the logs, from which this is filled again at each start.
type splits struct {
	mu      sync.Mutex
	known   map[string]conviction // by origin: an alarm with evidence that holds is in some log
	waiting map[writer]*Opened    // alarms about logs that are not held here yet
	epochs  map[string]twoEpochs  // by origin: two statements for one epoch
	ahead   uint64                // how far another log of this node's own key was seen to reach
	telling sync.Mutex            // one alarm at a time
}

// A conviction is evidence that was found in an alarm, and where the alarm stands.
type conviction struct {
	evidence *tlog.Evidence
	alarm    record.Ref
	by       string
	since    int64 // UTC ms, by the clock of who found it
}

// A writer is who wrote an alarm and about which log: one captured node must not crowd out what others found.
type writer struct{ node, origin string }

// comparable finds a log of which another copy may be compared with what is here.
func (n *Node) comparable(origin string) (replica.Comparable, bool) {
	if origin == n.origin {
		return n.log, true
	}
	h, ok := n.mirrors.get(origin)
	if !ok {
		return nil, false
	}
	return h.Mirror, true
}

// heardAlarm takes an alarm from a log. Nothing of it is believed but evidence that convicts the accused log's own key.
func (n *Node) heardAlarm(o *Opened) {
	a := o.Alarm
	if a.What == record.RolledBack {
		n.heardRestored(o)
	}
	if a.What == record.Damaged || a.What == record.Repaired {
		n.heardDamage(o)
	}
	if a.What != record.SplitView && a.What != record.TwoEpochs || len(a.Evidence) == 0 {
		return
	}
	n.split.mu.Lock()
	defer n.split.mu.Unlock()
	l, held := n.comparable(a.Origin)
	if !held {
		n.split.wait(o)
		return
	}
	if a.What == record.TwoEpochs {
		n.heardTwo(o)
		return
	}
	e, err := tlog.DecodeEvidence(a.Evidence)
	if err == nil {
		err = e.Check(l.Key())
	}
	if err != nil {
		n.opt.Journal.Warn("an alarm that convicts nobody is passed over", "node", n.Name(), "log", o.Origin, "record", o.Index, "error", err)
		return
	}
	if n.split.known == nil {
		n.split.known = map[string]conviction{}
	}
	if before, ok := n.split.known[a.Origin]; !ok || a.From < before.since {
		n.split.known[a.Origin] = conviction{e, record.Ref{Origin: o.Origin, Index: o.Index}, o.Node, a.From}
	}
	n.freezeOn(l, e)
}

// wait keeps an alarm about a log that nobody has brought yet.
func (s *splits) wait(o *Opened) {
	if s.waiting == nil {
		s.waiting = map[writer]*Opened{}
	}
	of := 0
	for w := range s.waiting {
		if w.node == o.Node {
			of++
		}
	}
	if of < maxEpochs {
		s.waiting[writer{o.Node, o.Alarm.Origin}] = o
	}
}

// freezeOn freezes what is held of a convicted log. A copy that holds nothing yet waits until it has taken what its first
// giver holds: the prefix stays in force, also at a node that was rebuilt after the fork was found.
func (n *Node) freezeOn(l replica.Comparable, e *tlog.Evidence) {
	h, isCopy := n.mirrors.get(l.Origin())
	if n.beside || l.Evidence() != nil || isCopy && h.Size() == 0 {
		return
	}
	if err := l.Freeze(e); err != nil {
		n.opt.Journal.Error("a convicted log is not frozen yet", "node", n.Name(), "log", l.Origin(), "error", err)
		return
	}
	n.opt.Journal.Error("a log is frozen: "+e.What, "node", n.Name(), "log", l.Origin())
}

// sayConvictions does what a conviction asks for, wherever it came from: every copy of a log that is known to be convicted is
// frozen, and of every frozen log there is an alarm in some log that is folded here, or else this node writes one. It is asked
// at each round, so that a crash between any two of these steps is made good after it.
func (n *Node) sayConvictions(ctx context.Context) {
	n.split.telling.Lock()
	defer n.split.telling.Unlock()
	n.split.mu.Lock()
	ready := n.split.ready(n)
	n.split.mu.Unlock()
	for _, o := range ready {
		n.heardAlarm(o)
	}
	n.sayTwo(ctx)
	logs := []replica.Comparable{n.log}
	for _, h := range n.mirrors.all() {
		logs = append(logs, h)
	}
	for _, l := range logs {
		n.split.mu.Lock()
		known, told := n.split.known[l.Origin()]
		if told {
			n.freezeOn(l, known.evidence)
		}
		n.split.mu.Unlock()
		if e := l.Evidence(); e != nil && !told {
			n.sayConviction(ctx, e)
		}
	}
}

// ready gives the waiting alarms whose log is here now.
func (s *splits) ready(n *Node) (out []*Opened) {
	for w, o := range s.waiting {
		if _, held := n.comparable(w.origin); held {
			out = append(out, o)
			delete(s.waiting, w)
		}
	}
	return out
}

// sayConviction writes the alarm with its evidence into this node's own log, from which every other node takes it.
func (n *Node) sayConviction(ctx context.Context, e *tlog.Evidence) {
	smaller, _ := e.Sizes()
	a := record.AlarmOpen{What: record.SplitView, Origin: e.Origin, Index: smaller, From: n.Now(), Evidence: e.Encode(), Detail: e.What}
	at, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Open, a}}})
	if err != nil {
		n.opt.Journal.Error("an alarm is not recorded and is tried again", "node", n.Name(), "log", e.Origin, "error", err)
		return
	}
	n.opt.Journal.Error("alarm: "+e.What, "node", n.Name(), "log", e.Origin)
	o := &Opened{Alarm: &a} // the folder finds it again and changes nothing
	o.Origin, o.Node, o.Index = n.origin, n.Name(), at.Index
	n.heardAlarm(o)
}

// outgrown is what a node does when a peer shows a checkpoint of this node's own key that reaches beyond its log: somebody
// else signs with the key. It writes one record more. Then the two histories part where they may have been one, and whoever
// holds the longer one convicts the key at the next comparison.
func (n *Node) outgrown(ctx context.Context, ahead uint64) {
	n.split.mu.Lock()
	size := n.log.Size()
	seen := ahead <= size || ahead <= n.split.ahead || n.log.Evidence() != nil
	n.split.ahead = max(n.split.ahead, ahead)
	n.split.mu.Unlock()
	if seen || n.isSetBack(ahead) {
		return
	}
	a := record.AlarmOpen{What: record.SplitView, Origin: n.origin, Index: size, From: n.Now(),
		Detail: "a longer log signed with this node's key was shown, which this node did not write"}
	n.opt.Journal.Error("alarm: "+a.Detail, "node", n.Name())
	if _, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Open, a}}}); err != nil {
		n.opt.Journal.Error("an alarm is not recorded", "node", n.Name(), "log", n.origin, "error", err)
	}
}

// A judged head needs no second look: neither side has grown since.
type judged struct {
	theirs, ours uint64
	root         tlog.Hash
}

// compareHeads compares the trees of the logs that both sides hold, as far as this node's reaches: one hash each, without
// asking the peer anything. Where a root is not ours the signed checkpoints are compared, for a peer's bare word accuses
// nobody. A log of which the peer has more is judged when its growth is verified; of this node's own there is no such growth.
func (x *exchange) compareHeads(ctx context.Context, c *replica.Client) error {
	if x.judged == nil {
		x.judged = map[string]judged{}
	}
	x.mu.Lock()
	theirs := slices.Clone(x.theirs.Logs)
	x.mu.Unlock()
	for _, h := range theirs {
		origin := h.Epoch.Epoch.Origin
		l, held := x.n.comparable(origin)
		if !held || l.Evidence() != nil || h.Root == (tlog.Hash{}) {
			continue // an empty log, or a size that this side has brought there itself, has no root
		}
		now := judged{h.Size, l.Size(), h.Root}
		if before := x.judged[origin]; before == now || before.theirs == now.theirs && before.root == now.root && before.ours >= now.theirs {
			continue
		}
		doubtful, err := replica.Doubtful(l, h.Size, h.Root)
		if err != nil {
			return err
		}
		if doubtful || h.Size > now.ours && origin == x.n.origin {
			if err := x.compare(ctx, c, origin); err != nil {
				return err
			}
		}
		x.judged[origin] = now
	}
	return nil
}

// compare shows the peer what is here of a log and judges what it shows.
func (x *exchange) compare(ctx context.Context, c *replica.Client, origin string) error {
	l, held := x.n.comparable(origin)
	if !held {
		return nil
	}
	got, err := c.Compare(ctx, l)
	if err != nil && !refused(err) {
		return err
	}
	switch {
	case err != nil:
		x.n.opt.Journal.Warn("a peer's checkpoints cannot be judged", "node", x.n.Name(), "peer", x.peer, "log", origin, "error", err)
	case got.Evidence != nil:
		x.n.sayConvictions(ctx)
	case origin == x.n.origin && got.Ahead > 0:
		x.n.outgrown(ctx, got.Ahead)
	}
	return nil
}

// disputed says that one side refused growth because it does not continue what it has.
func disputed(err error) bool {
	var status *replica.StatusError
	var proof *tlog.Evidence
	return errors.As(err, &status) && status.Status == http.StatusUnprocessableEntity || errors.Is(err, tlog.ErrProof) || errors.As(err, &proof)
}

func (n *Node) isFrozen(origin string) bool {
	l, held := n.comparable(origin)
	return held && l.Evidence() != nil || n.isContested(origin)
}
