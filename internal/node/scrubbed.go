package node

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/tlog"
)

// A harm is one finding at one node, by which its alarms are told apart.
type harm struct {
	node, origin string
	index        uint64
	what         string
}

// A Damage is something that a node found on its disk and that nobody has repaired yet.
type Damage struct {
	Node   string // whose disk
	Origin string
	Index  uint64
	What   string
	Since  int64 // UTC ms, by that node's clock
}

// heardDamage takes what a node says of its own disk.
func (n *Node) heardDamage(o *Opened) {
	a := o.Alarm
	h := harm{o.Node, a.Origin, a.Index, a.Detail}
	n.scrubs.mu.Lock()
	defer n.scrubs.mu.Unlock()
	if a.What == record.Repaired {
		delete(n.scrubs.damage, h)
		return
	}
	if n.scrubs.damage == nil {
		n.scrubs.damage = map[harm]int64{}
	}
	of := 0
	for d := range n.scrubs.damage {
		if d.node == o.Node {
			of++
		}
	}
	if _, known := n.scrubs.damage[h]; !known && of < maxStanding {
		n.scrubs.damage[h] = a.From
	}
}

// Damaged lists what is damaged and not repaired, at this node first.
func (n *Node) Damaged() []Damage {
	n.scrubs.mu.Lock()
	defer n.scrubs.mu.Unlock()
	var out []Damage
	for h, since := range n.scrubs.damage {
		out = append(out, Damage{h.node, h.origin, h.index, h.what, since})
	}
	slices.SortFunc(out, func(a, b Damage) int {
		if own := a.Node == n.Name(); own != (b.Node == n.Name()) {
			if own {
				return -1
			}
			return 1
		}
		return strings.Compare(fmt.Sprintf("%s %s %020d %s", a.Node, a.Origin, a.Index, a.What), fmt.Sprintf("%s %s %020d %s", b.Node, b.Origin, b.Index, b.What))
	})
	return out
}

// sayDamaged names findings in the journal, and in one alarm record each unless an earlier one stands.
func (n *Node) sayDamaged(ctx context.Context, origin string, found []tlog.Trouble) {
	for i, t := range found {
		if i == maxDamage {
			n.opt.Journal.Error("more is damaged than is told one by one", "node", n.Name(), "log", origin, "found", len(found))
			return
		}
		n.scrubs.mu.Lock()
		_, known := n.scrubs.damage[harm{n.Name(), origin, t.Index, t.What}]
		n.scrubs.mu.Unlock()
		if !known {
			n.opt.Journal.Error("damaged: "+t.What, "node", n.Name(), "log", origin, "record", t.Index)
			n.sayHarm(ctx, record.AlarmOpen{What: record.Damaged, Origin: origin, Index: t.Index, From: n.Now(), Detail: t.What})
		}
	}
}

// sayRepaired says of each standing alarm about one log on this node's disk, or about the projection of it, that it is over,
// unless it is among what is left.
func (n *Node) sayRepaired(ctx context.Context, origin string, shadow bool, left []tlog.Trouble) {
	for _, d := range n.Damaged() {
		if d.Node != n.Name() || d.Origin != origin || shadow != (d.What == whatProjection || d.What == whatWrap) ||
			slices.ContainsFunc(left, func(t tlog.Trouble) bool { return t.Index == d.Index && t.What == d.What }) {
			continue
		}
		n.opt.Journal.Warn("repaired: "+d.What, "node", n.Name(), "log", origin, "record", d.Index)
		n.sayHarm(ctx, record.AlarmOpen{What: record.Repaired, Origin: origin, Index: d.Index, From: d.Since, Detail: d.What})
	}
}

func (n *Node) sayHarm(ctx context.Context, a record.AlarmOpen) {
	at, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Open, a}}})
	if err != nil {
		n.opt.Journal.Error("an alarm is not recorded and comes with the next scrub", "node", n.Name(), "log", a.Origin, "error", err)
		return
	}
	o := &Opened{Alarm: &a} // the folder finds it again and changes nothing
	o.Origin, o.Node, o.Index = n.origin, n.Name(), at.Index
	n.heardDamage(o)
}

// scrubProjection folds the logs anew beside the projection and compares: first at leisure, while the booths go on, then
// what differed once more with the folder held still for a moment, and mends just that.
func (n *Node) scrubProjection(ctx context.Context, all *Scrubbed, o ScrubOptions, pause func(context.Context)) error {
	tmp, err := os.MkdirTemp(n.opt.Dir, "scrub-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	b := n.besides()
	if b.shadow, err = projection.Open(filepath.Join(tmp, shadowFile), n.ring.Shadow()); err != nil {
		return err
	}
	defer b.shadow.Close()
	if err := n.Fold(ctx); err != nil {
		return err
	}
	n.fold.mu.Lock()
	heads := maps.Clone(n.fold.heads)
	n.fold.mu.Unlock()
	if err := b.foldTo(ctx, heads, pause); err != nil {
		return err
	}
	refs, err := n.shadow.Differences(ctx, b.shadow, heads, maxMisfolds, pause)
	if err != nil {
		return err
	}
	found, err := n.judgeProjection(ctx, b, refs, o.Repair)
	if err != nil {
		return err
	}
	n.sayProjection(ctx, all, found)
	return nil
}

// besides is a node that folds the same logs into another projection and has no effect on anything else.
func (n *Node) besides() *Node {
	b := newNode(Options{Dir: n.opt.Dir, Now: n.opt.Now})
	b.beside, b.ring, b.origin, b.epoch, b.zone, b.log, b.vault = true, n.ring, n.origin, n.epoch, n.zone, n.log, n.vault
	b.state.Store(n.state.Load())
	b.mirrors.held = map[string]*held{}
	for _, h := range n.mirrors.all() {
		b.mirrors.held[h.Origin()] = h
	}
	b.fold.heads = map[string]uint64{}
	return b
}

// foldTo folds each log up to where another folder is, in short pieces.
func (n *Node) foldTo(ctx context.Context, heads map[string]uint64, pause func(context.Context)) error {
	one := func(s foldable, node string) error {
		for to := heads[s.Origin()]; n.fold.heads[s.Origin()] < to; pause(ctx) {
			piece := min(n.fold.heads[s.Origin()]+foldPiece, to)
			if err := n.foldLog(ctx, s, node, upTo(func() uint64 { return piece })); err != nil {
				return err
			}
		}
		return nil
	}
	if err := one(n.log, n.Name()); err != nil {
		return err
	}
	for _, h := range n.mirrors.all() {
		if err := one(h, h.node); err != nil {
			return err
		}
	}
	return n.refold(ctx)
}

// judgeProjection looks once more at records that differed, with both folders at the same place. A record that is whole
// here and cannot be opened any more is no fault of the projection: the part's wrap is, which no hash covers.
func (n *Node) judgeProjection(ctx context.Context, b *Node, refs []record.Ref, repair bool) ([]misfold, error) {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	if err := b.foldTo(ctx, n.fold.heads, unpaced); err != nil {
		return nil, err
	}
	bad, err := b.shadow.Waiting(ctx, projection.WhyBad)
	if err != nil {
		return nil, err
	}
	waits, err := n.shadow.Waiting(ctx, projection.WhyKey)
	if err != nil {
		return nil, err
	}
	var out []misfold
	var mend []record.Ref
	for _, ref := range refs {
		switch {
		case slices.Contains(bad, ref):
			out = append(out, misfold{ref, whatWrap, true})
		default:
			mend = append(mend, ref)
		}
	}
	mend, err = n.shadow.Mend(ctx, b.shadow, mend, !repair)
	for _, ref := range mend {
		if !slices.Contains(waits, ref) { // whose keys have come meanwhile
			out = append(out, misfold{ref, whatProjection, !repair})
		}
	}
	return out, err
}

// A misfold is a record of which the projection says something else than the log.
type misfold struct {
	record.Ref
	what string
	left bool
}

const (
	whatProjection = "the projection says something else of it than the log"
	whatWrap       = "a part that this node may read does not open any more"
)

func (n *Node) sayProjection(ctx context.Context, all *Scrubbed, found []misfold) {
	by, left := map[string][]tlog.Trouble{}, map[string][]tlog.Trouble{}
	for _, f := range found {
		t := tlog.Trouble{Index: f.Index, What: f.what}
		by[f.Origin] = append(by[f.Origin], t)
		if f.left {
			left[f.Origin] = append(left[f.Origin], t)
		}
	}
	origins := []string{n.origin}
	for _, h := range n.mirrors.all() {
		origins = append(origins, h.Origin())
	}
	for _, origin := range origins {
		n.sayDamaged(ctx, origin, by[origin])
		n.sayRepaired(ctx, origin, true, left[origin])
		all.Found = append(all.Found, findings(origin, by[origin])...)
		all.Left = append(all.Left, findings(origin, left[origin])...)
	}
}
