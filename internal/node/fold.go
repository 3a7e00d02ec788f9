package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// folding is the state of the one folder. Log first, shadow after: the projection lags the logs and catches up by itself.
type folding struct {
	mu    sync.Mutex
	heads map[string]uint64 // index of the first record not folded, by origin
	wake  chan struct{}
	wraps wrapping
	opens int // keys opened since records that wait for keys were last tried
	bare  bareness

	unreplayed []record.Ref // records that could not be read again at start
	opening    atomic.Bool  // the node is not open yet: no booth waits

	timesMu sync.Mutex
	times   map[string]int64 // written of the newest record seen, UTC ms, by origin
}

// nudge wakes the folder; it never blocks.
func (f *folding) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// heard keeps the newest signed time of a log.
func (f *folding) heard(origin string, written int64) {
	f.timesMu.Lock()
	defer f.timesMu.Unlock()
	if f.times == nil {
		f.times = map[string]int64{}
	}
	f.times[origin] = max(f.times[origin], written)
}

// foldLoop folds whenever a log has grown.
func (n *Node) foldLoop(ctx context.Context) {
	for {
		if err := n.Fold(ctx); err != nil && ctx.Err() == nil {
			n.opt.Journal.Error("folding stopped and will be tried again", "node", n.Name(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.fold.wake:
		}
		select { // a busy moment is folded at once; whoever cannot wait folds himself (caughtUp)
		case <-ctx.Done():
			return
		case <-time.After(foldPause):
		}
	}
}

// Fold brings the projection up to every log held here.
func (n *Node) Fold(ctx context.Context) error {
	return errors.Join(n.caughtUp(ctx), n.foldCopies(ctx))
}

// foldCopies folds what is held of others. One damaged copy does not hold up the rest.
func (n *Node) foldCopies(ctx context.Context) error {
	errs := []error{n.lighten(ctx)}
	for _, h := range n.mirrors.all() {
		errs = append(errs, n.foldLog(ctx, h, h.node, h.foldable))
	}
	return errors.Join(append(errs, n.refold(ctx), n.settleIndexes(ctx))...)
}

// caughtUp folds this node's own log before a question about a traveller is answered.
func (n *Node) caughtUp(ctx context.Context) error {
	return n.foldLog(ctx, n.log, n.Name(), upTo(n.log.Size))
}

// A foldable log gives leaves and parts in batches.
type foldable interface {
	source
	Leaves(from uint64, limit int) ([][]byte, error)
	Parts(from, to uint64, numbers ...uint8) ([]tlog.IndexedPart, uint64, error)
}

// foldLog folds a log as far as size says: below settled whatever is here counts, and from there to here only what is here with
// all parts that this node reads. It goes a batch at a time: who waits for another log to be folded waits for one batch.
func (n *Node) foldLog(ctx context.Context, s foldable, node string, size func() (settled, here uint64)) error {
	ahead := &lookahead{n: n, s: s, node: node, size: size}
	defer ahead.end()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = n.foldBatch(ctx, ahead); err != nil {
			return fmt.Errorf("fold %s: %w", s.Origin(), err)
		}
	}
	return nil
}

// foldBatch lets a batch take effect and folds it. The projection of it is written while the next is opened.
func (n *Node) foldBatch(ctx context.Context, ahead *lookahead) (more bool, err error) {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	next := n.fold.heads[ahead.s.Origin()]
	settled, here := ahead.size()
	if next >= here {
		return false, nil
	}
	opened, err := ahead.take(next)
	if err != nil {
		return false, fmt.Errorf("from %d: %w", next, err)
	}
	batch := n.takeEffect(ahead, opened, settled)
	if len(batch) == 0 && next >= settled {
		return false, nil // its parts have not come yet
	}
	if len(batch) == 0 {
		return false, fmt.Errorf("record %d cannot be read", next)
	}
	head := next + uint64(len(batch))
	ahead.begin(head)
	if err := n.shadow.Fold(ctx, records(batch), head); err != nil {
		return false, fmt.Errorf("from %d: %w", next, err)
	}
	n.fold.heads[ahead.s.Origin()] = head
	return true, nil
}

// upTo folds a log to a size at which all is here that will be.
func upTo(size func() uint64) func() (settled, here uint64) {
	return func() (uint64, uint64) {
		s := size()
		return s, s
	}
}

// foldable bounds what of a copy is folded. Leaves that are stored are proven under a checkpoint of the log, also above the
// settled one, which waits for parts that this node may not be able to read: what it reads counts as soon as it is here. Of a
// frozen log nothing above counts.
func (h *held) foldable() (settled, here uint64) {
	if settled = h.Size(); h.Evidence() != nil {
		return settled, settled
	}
	return settled, h.Next()
}

func records(batch []Opened) []projection.Record {
	out := make([]projection.Record, len(batch))
	for i := range batch {
		out[i] = batch[i].Record
	}
	return out
}

// effect is what a record does to the node beyond the projection. replayed says that it had its effect before a restart.
func (n *Node) effect(o *Opened, replayed bool) {
	// A peer's time counts as far as this node's own clock lets it: nobody makes a list look fresh, or this node's clock look
	// late, by writing the year 9999.
	believed := min(o.Leaf.Written, n.Now()+clockTolerance.Milliseconds())
	n.clock.signed(believed)
	n.fold.heard(o.Origin, believed)
	n.noted(o)
	switch {
	case o.Keys != nil:
		n.learnKeys(o)
	case o.Change != nil:
		n.changed(*o.Change, replayed)
	case o.Shift != nil:
		n.shiftRecorded(o)
	case o.Enrolment != nil:
		n.enrolled(o)
	case o.Alarm != nil:
		n.heardAlarm(o)
	case o.Isolation != nil:
		n.heardIsolation(o)
	case o.Single != nil || o.Withdrawn != nil:
		if n.singles.note(o, n.roleOf(o.Node)) {
			n.watch.nudge()
		}
	case o.List != nil && n.roleOf(o.Node) == roster.Centre:
		n.watch.announce(o) // a captured post releases nothing
	}
}

// roleOf is the role of a node by the roster, dropped ones too.
func (n *Node) roleOf(name string) roster.Role {
	node, _ := n.State().Roster.Node(name)
	return node.Role
}

// learnKeys opens what is wrapped to this node and notes which wraps of its own keys exist.
func (n *Node) learnKeys(o *Opened) {
	for _, k := range o.Keys.Keys {
		name, err := seal.ParseKeyName(k.Name)
		if err != nil {
			continue
		}
		var accept func(seal.Key) bool
		if _, number, ok := name.Stay(); ok {
			if number != 1 {
				continue // a further number needs a state approved by the authority, which no version has yet
			}
			accept = n.isStayKey
		}
		b, isBucket := name.Bucket()
		if isBucket && nodeOfOrigin(b.Origin) != o.Node && !n.superseded(b.Origin) {
			continue // only a log's own writer speaks for its buckets, in whatever epoch, as long as it has its keys
		}
		if _, known := n.ring.Key(name); !known && n.ring.Open(name, k.Wraps, accept) {
			n.fold.opens++
		}
		if isBucket && b.Origin == n.origin {
			n.vault.mu.Lock()
			n.vault.noted(b)
			n.vault.mu.Unlock()
		}
	}
	if o.Node == n.Name() {
		n.fold.wraps.mu.Lock()
		n.markWraps(*o.Keys)
		n.fold.wraps.mu.Unlock()
	}
}

// isStayKey says whether a key is the stay key that the founding names by its hash.
func (n *Node) isStayKey(k seal.Key) bool { return stayKeyHash(k) == n.State().Founding.StayKeyHash }

func stayKeyHash(k seal.Key) [32]byte {
	return sha256.Sum256(append([]byte("tims/stay-key/1\n"), k[:]...))
}

// changed puts an approved change from a log in force. Its not-after was judged by the node that took it first.
func (n *Node) changed(c roster.Approved, replayed bool) {
	applied, err := n.apply(c, 0)
	var proof *roster.Evidence
	switch {
	case errors.As(err, &proof):
		n.opt.Journal.Error("evidence against approvers", "node", n.Name(), "evidence", proof.Error())
	case err != nil && !errors.Is(err, roster.ErrKnown):
		n.opt.Journal.Warn("change refused", "node", n.Name(), "chain", c.Change.Chain, "number", c.Change.Number, "error", err)
	}
	if applied && !replayed && !n.beside {
		n.done.Go(func() { n.wrapForNew(context.Background()) }) // it appends, which must not wait for the folder
	}
}

// refold offers records that waited for a key to the projection again, once keys have come.
func (n *Node) refold(ctx context.Context) error {
	n.fold.mu.Lock()
	defer n.fold.mu.Unlock()
	n.replayLate()
	for n.fold.opens > 0 {
		n.fold.opens = 0
		if err := n.refoldWaiting(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) refoldWaiting(ctx context.Context) error {
	waiting, err := n.shadow.Waiting(ctx, projection.WhyKey)
	if err != nil {
		return err
	}
	for len(waiting) > 0 {
		run := stretch(waiting)
		waiting = waiting[len(run):]
		opened, err := n.openStretch(run)
		if err != nil {
			return fmt.Errorf("fold again: %w", err)
		}
		var batch []Opened
		for i := range opened {
			if opened[i].Why != projection.WhyKey {
				n.effect(&opened[i], false)
				batch = append(batch, opened[i])
			}
		}
		if err := n.shadow.Fold(ctx, records(batch), 0); err != nil {
			return err
		}
	}
	return nil
}

// foldAtStart folds what is new before a booth can ask. Records that waited when the node ended are offered again: the keys may have
// come just before.
func (n *Node) foldAtStart(ctx context.Context) error {
	n.fold.opening.Store(true)
	defer n.fold.opening.Store(false)
	if err := n.lighten(ctx); err != nil {
		return err
	}
	if err := n.caughtUp(ctx); err != nil {
		return err
	}
	if err := n.refoldUnread(ctx, "", unreadAtStart...); err != nil {
		return err
	}
	if err := n.foldCopies(ctx); err != nil { // a bad copy stops no booth
		n.opt.Journal.Error("a copy cannot be folded", "node", n.Name(), "error", err)
	}
	n.fold.opening.Store(false)
	return n.settleIndexes(ctx)
}

// replay lets the records that matter beyond the projection take effect again after a start, then folds what is new.
func (n *Node) replay(ctx context.Context) error {
	heads, err := n.shadow.Folded(ctx)
	if err != nil {
		return err
	}
	n.fold.heads = map[string]uint64{}
	for origin, h := range heads {
		n.fold.heads[origin] = h.Next
		believed := min(h.Written, n.Now()+clockTolerance.Milliseconds())
		n.fold.heard(origin, believed)
		n.clock.signed(believed)
	}
	n.markWraps(record.KeysOpen{Keys: n.State().Founding.StayKeys})
	for _, kind := range []record.Kind{record.Roster, record.Rulebook, record.Keys, record.List, record.Alert, record.AlertChange,
		record.Alarm, record.Isolation} {
		refs, err := n.shadow.Notable(ctx, kind)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if o, ok := n.readAtStart(ref); ok {
				n.effect(&o, true)
			}
		}
	}
	if err := errors.Join(n.replayEnrolments(ctx), n.replayShifts(ctx)); err != nil {
		return err
	}
	if err := n.foldAtStart(ctx); err != nil {
		return err
	}
	n.clock.up(heads[n.origin].Written)
	n.wrapForNew(ctx)
	if !n.beside {
		n.reached.centre = n.Now()
		n.sayDown(ctx, heads[n.origin].Written)
	}
	return nil
}
