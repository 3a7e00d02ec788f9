package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// pull brings the copies of this node up to what the peer holds: first the centres' logs, which carry roster and alerts, and the
// chunks of lists that they name; then the others, nearest first. What a peer cannot give leaves the copy as it is, and a log
// that was refused does not hold up the others.
func (x *exchange) pull(ctx context.Context, c *replica.Client) error {
	x.mu.Lock()
	theirs := slices.Clone(x.theirs.Logs)
	x.mu.Unlock()
	near := nearness(x.n.State().Roster, x.n.Name())
	slices.SortStableFunc(theirs, func(a, b logHead) int { return cmp.Compare(near(nodeOf(a)), near(nodeOf(b))) })
	first := slices.IndexFunc(theirs, func(l logHead) bool { return near(nodeOf(l)) > 0 })
	if first < 0 {
		first = len(theirs)
	}
	err := x.pullLogs(ctx, c, theirs[:first])
	if err == nil || refused(err) {
		err = errors.Join(err, x.pullLists(ctx, c))
	}
	if err == nil || refused(err) {
		err = errors.Join(err, x.pullLogs(ctx, c, theirs[first:]))
	}
	return err
}

func nodeOf(l logHead) string { return nodeOfOrigin(l.Epoch.Epoch.Origin) }

func nodeOfOrigin(origin string) string {
	_, node, _, _ := roster.ParseOrigin(origin)
	return node
}

// nearness ranks the writers of logs as seen from a node: 0 a centre, then by the number of neighbours on the way.
func nearness(r roster.Roster, self string) func(node string) int {
	rank := map[string]int{self: 1}
	for edge := []string{self}; len(edge) > 0; edge = edge[1:] {
		for _, o := range r.NeighboursOf(edge[0]) {
			if rank[o.Name] == 0 {
				rank[o.Name] = rank[edge[0]] + 1
				edge = append(edge, o.Name)
			}
		}
	}
	for _, o := range r.Nodes {
		switch {
		case o.Role == roster.Centre:
			rank[o.Name] = 0
		case rank[o.Name] == 0:
			rank[o.Name] = len(r.Nodes) + 1 // no way but through a centre
		}
	}
	return func(node string) int { return rank[node] }
}

func (x *exchange) pullLogs(ctx context.Context, c *replica.Client, theirs []logHead) error {
	var errs []error
	for _, l := range theirs {
		if l.Epoch.Epoch.Origin == x.n.origin || x.n.isLaterSelf(l.Epoch) || x.n.shuns(nodeOf(l)) {
			continue
		}
		h, err := x.n.Admit(l.Epoch)
		if err != nil {
			x.n.opt.Journal.Warn("log not followed", "node", x.n.Name(), "peer", x.peer, "error", err)
			continue
		}
		if err := x.pullLog(ctx, c, h, l); err != nil {
			errs = append(errs, fmt.Errorf("pull %s: %w", h.Origin(), err))
			if !refused(err) {
				break
			}
		}
	}
	return errors.Join(errs...)
}

func (x *exchange) pullLog(ctx context.Context, c *replica.Client, h *held, l logHead) error {
	try := barren{l.Size, l.Whole, h.Next(), h.Cursor()}
	if h.complete() >= l.Size || x.n.isFrozen(h.Origin()) || x.wasBarren(h.Origin(), try) {
		return nil
	}
	grown, err := c.Pull(ctx, h.Mirror, partsToPull(h.full.Load()))
	if grown {
		x.n.fold.nudge()
	}
	if disputed(err) {
		err = errors.Join(err, x.compare(ctx, c, h.Origin()))
	}
	if err == nil && h.full.Load() && h.Cursor() < h.Next() {
		err = x.pullReadable(ctx, c, h)
	}
	if err != nil {
		return err
	}
	if now := (barren{l.Size, l.Whole, h.Next(), h.Cursor()}); now == try {
		x.mark(h.Origin(), now)
	}
	if grown && h.full.Load() && h.node == x.peer {
		return x.post(ctx, c.Base+pathCosign, h.Checkpoint()) // its writer learns that it is held here
	}
	return nil
}

// pullReadable fetches what this node reads of leaves whose other parts the peer, a follower, does not hold: stays then count
// them, and nothing is cosigned before the rest has come.
func (x *exchange) pullReadable(ctx context.Context, c *replica.Client, h *held) error {
	x.n.fold.mu.Lock()
	from := max(x.n.fold.heads[h.Origin()], h.Cursor()) // what is folded is here
	x.n.fold.mu.Unlock()
	err := c.PullParts(ctx, h.Mirror, from, partsToPull(false))
	x.n.fold.nudge()
	return err
}

// refused says that one log was not taken, here or by the peer, while the line to the peer is as good as before.
func refused(err error) bool {
	var status *replica.StatusError
	var proof *tlog.Evidence
	var part *tlog.PartError
	var stale *tlog.ConflictError // exchanges with other peers move the same copy
	return errors.As(err, &stale) || errors.As(err, &status) || errors.As(err, &proof) || errors.As(err, &part) || errors.Is(err, tlog.ErrProof) || errors.Is(err, tlog.ErrHalted) ||
		errors.Is(err, tlog.ErrSignature) || errors.Is(err, tlog.ErrMalformed) || errors.Is(err, replica.ErrRounds)
}

// pullLists fetches missing chunks of lists, from any peer that has them. What was pulled just now is folded first, or its
// releases would not be known.
func (x *exchange) pullLists(ctx context.Context, c *replica.Client) error {
	if err := x.n.Fold(ctx); err != nil && ctx.Err() == nil {
		x.n.opt.Journal.Error("folding stopped and will be tried again", "node", x.n.Name(), "error", err)
	}
	lacks := map[blobRef]bool{}
	for _, b := range x.theirs.Missing {
		lacks[b] = true
	}
	for _, h := range x.n.mirrors.all() {
		if x.n.shuns(h.node) {
			continue
		}
		unheard := 0
		for _, hash := range x.n.missingBlobs(h.Origin()) {
			if lacks[blobRef{Origin: h.Origin(), Hash: hash}] {
				continue
			}
			err := c.PullBlob(ctx, h.Mirror, hash)
			if errors.Is(err, tlog.ErrNotHere) {
				if unheard++; unheard == maxUnheard {
					break // it has not heard of that release
				}
				continue
			}
			if err != nil {
				return fmt.Errorf("pull a chunk of a list: %w", err)
			}
			x.n.watch.nudge()
		}
	}
	return nil
}

// partsToPush are the parts that a mirror takes; partsToPull those that a copy here wants. Images are counted apart.
var partsToPush = []uint8{uint8(record.Slip), uint8(record.Person), uint8(record.Police), uint8(record.Body), uint8(record.Open)}

func partsToPull(full bool) []uint8 {
	if full {
		return partsToPush
	}
	return []uint8{uint8(record.Slip), uint8(record.Body), uint8(record.Open)}
}
