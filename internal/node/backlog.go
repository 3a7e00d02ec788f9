package node

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// openRange opens the records of [from, to), or the first of them that one read gives, on all processors. What a record does to
// this node is not done yet.
func (n *Node) openRange(s foldable, node string, from, to uint64) ([]Opened, error) {
	leaves, err := s.Leaves(from, int(to-from))
	if damaged := new(tlog.DamagedError); errors.As(err, &damaged) && damaged.Index == from {
		leaves, err = [][]byte{nil}, nil // it stands aside until it is mended, and the booths go on
	}
	if err != nil {
		return nil, err
	}
	parts, reached, err := s.Parts(from, from+uint64(len(leaves)), partsToPush...)
	if err != nil {
		return nil, err
	}
	leaves = leaves[:min(uint64(len(leaves)), reached-from)]
	of := make([][]tlog.IndexedPart, len(leaves)) // by record; parts come in its order
	for i, first := 0, 0; i < len(leaves); i++ {
		end := first
		for end < len(parts) && parts[end].Index == from+uint64(i) {
			end++
		}
		of[i], first = parts[first:end], end
	}
	out, errs := make([]Opened, len(leaves)), make([]error, len(leaves))
	each := (len(leaves) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	for at := 0; at < len(leaves); at += each {
		all.Go(func() {
			for i := at; i < min(at+each, len(leaves)); i++ {
				out[i], errs[i] = n.open(leaves[i], s.Origin(), node, from+uint64(i), among(of[i]))
			}
		})
	}
	all.Wait()
	return out, errors.Join(errs...)
}

// among finds a part of one record.
func among(parts []tlog.IndexedPart) func(record.Part) (tlog.Part, error) {
	return func(p record.Part) (tlog.Part, error) {
		for _, held := range parts {
			if held.Number == uint8(p) {
				return held.Part, nil
			}
		}
		return tlog.Part{}, tlog.ErrNotHere
	}
}

// A lookahead opens the next records of one log while those before them are written.
type lookahead struct {
	n      *Node
	s      foldable
	node   string
	size   func() (settled, here uint64)
	sought uint64 // keys were looked for below it

	from    uint64
	opens   int           // keys opened when it began
	pending chan struct{} // closed when batch and err stand; nil where nothing was begun
	batch   []Opened
	err     error
}

// take gives opened records from next on.
func (a *lookahead) take(next uint64) ([]Opened, error) {
	a.seekKeys(next)
	ahead := a.pending != nil && a.from == next && a.opens == a.n.fold.opens // otherwise a key has come since
	a.end()
	if ahead && a.err == nil && !slices.ContainsFunc(a.batch, mayHaveCome) {
		return a.batch, nil
	}
	return a.n.openRange(a.s, a.node, next, a.until(next))
}

// mayHaveCome says of a record that was opened ahead that it was damaged or lacked a part. Both may be over by now, and whoever mended
// it has looked for it among the records that stand aside, where it is not yet: it is read again while the folder is held.
func mayHaveCome(o Opened) bool { return o.Why == projection.WhyBad || o.Why == projection.WhyPart }

// begin opens from next on, beside whatever the caller does: only what is settled, for parts of the rest are still coming.
func (a *lookahead) begin(next uint64) {
	settled, _ := a.size()
	to := min(a.until(next), settled)
	if to <= next {
		return
	}
	a.from, a.opens, a.pending = next, a.n.fold.opens, make(chan struct{})
	go func(done chan struct{}) {
		a.batch, a.err = a.n.openRange(a.s, a.node, next, to)
		close(done)
	}(a.pending)
}

func (a *lookahead) end() {
	if a.pending != nil {
		<-a.pending
		a.pending = nil
	}
}

// until is where a batch ends. Where no booth waits, batches are large.
func (a *lookahead) until(next uint64) uint64 {
	_, here := a.size()
	if a.n.boothless() {
		return min(next+backlogBatch, here)
	}
	return min(next+boothBatch, here)
}

// seekKeys learns the keys that stand at the end of a backlog: what a rebuilt node needs for the first record of a log, its peers
// have written behind the last. Without them all records would stand aside first and be opened twice.
func (a *lookahead) seekKeys(next uint64) {
	settled, _ := a.size()
	if settled < next+backlogFrom || settled == a.sought {
		return
	}
	from := max(next, a.sought, settled-min(settled, backlogBatch))
	a.sought = settled
	leaves, err := a.s.Leaves(from, int(settled-from))
	if err != nil {
		return // the fold tells of it when it comes there
	}
	for i, leaf := range leaves {
		if record.KindOf(leaf) != record.Keys {
			continue
		}
		if o, err := a.n.read(a.s, a.node, from+uint64(i)); err == nil && o.Keys != nil {
			a.n.learnKeys(&o)
		}
	}
}

// takeEffect lets opened records take effect on this node, in their order. It ends before the first one, from settled on, of which
// a part that this node reads is not here; while a backlog comes to an empty projection, a key as well, for what brings the keys
// of a rebuilt node stands behind the last record.
func (n *Node) takeEffect(ahead *lookahead, opened []Opened, settled uint64) []Opened {
	opens := n.fold.opens
	for i := range opened {
		o := &opened[i]
		if o.Why == projection.WhyKey && n.fold.opens > opens { // its key may have come in this very batch
			if again, err := n.read(ahead.s, ahead.node, o.Index); err == nil {
				*o = again
			}
		}
		if o.Index >= settled && (o.Why == projection.WhyPart || o.Why == projection.WhyKey && n.fold.bare.now.Load()) {
			return opened[:i]
		}
		n.effect(o, false)
	}
	return opened
}

// stretch gives the first of the references that follow on each other in one log, at most a batch.
func stretch(refs []record.Ref) []record.Ref {
	i := 1
	for i < min(len(refs), maxBatch) && refs[i].Origin == refs[0].Origin && refs[i].Index == refs[i-1].Index+1 {
		i++
	}
	return refs[:i]
}

// openStretch opens records that follow on each other. Where they lie too far apart in bytes for one read, each is read alone.
func (n *Node) openStretch(run []record.Ref) ([]Opened, error) {
	if h, ok := n.mirrors.get(run[0].Origin); ok && len(run) > 1 {
		if opened, err := n.openRange(h, h.node, run[0].Index, run[len(run)-1].Index+1); err == nil && len(opened) == len(run) {
			return opened, nil
		}
	}
	opened := make([]Opened, 0, len(run))
	for _, ref := range run {
		o, err := n.Read(ref)
		if err != nil {
			return nil, err
		}
		opened = append(opened, o)
	}
	return opened, nil
}

// boothless says that nobody waits at this node for a traveller's check: at a centre never, and nowhere before the node is open.
func (n *Node) boothless() bool { return n.Self().Role == roster.Centre || n.fold.opening.Load() }

// bareness is a projection without its indexes while a backlog is folded into it. The folder alone changes it, under folding.mu.
type bareness struct {
	now   atomic.Bool
	held  uint64 // records held of all copies when they last grew
	since time.Time
}

// lighten takes the indexes off an empty projection before a backlog is folded into it, where nobody waits at a booth.
func (n *Node) lighten(ctx context.Context) error {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	if n.fold.bare.now.Load() || n.beside || !n.boothless() {
		return nil
	}
	backlog := n.log.Size() - n.fold.heads[n.origin]
	for _, h := range n.mirrors.all() {
		_, here := h.foldable()
		backlog += here - min(here, n.fold.heads[h.Origin()])
	}
	if backlog < backlogFrom {
		return nil
	}
	bare, err := n.shadow.Unindex(ctx)
	n.fold.bare.now.Store(bare)
	return err
}

// settleIndexes puts the indexes back once no other backlog is on its way, or none that moves, and before booths open.
func (n *Node) settleIndexes(ctx context.Context) error {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	b := &n.fold.bare
	if !b.now.Load() {
		return nil
	}
	held, coming := uint64(0), false
	for _, h := range n.mirrors.all() {
		_, pending := h.Pending()
		held += h.Next() + h.Cursor()
		coming = coming || pending >= h.Size()+backlogFrom
	}
	if held != b.held {
		b.held, b.since = held, time.Now()
	}
	if coming && n.boothless() && time.Since(b.since) < backlogRests {
		time.AfterFunc(backlogRests, n.fold.nudge)
		return nil
	}
	if err := n.shadow.Index(ctx); err != nil {
		return fmt.Errorf("after a backlog: %w", err)
	}
	b.now.Store(false)
	n.fold.nudge() // what was held back for a key
	return nil
}
