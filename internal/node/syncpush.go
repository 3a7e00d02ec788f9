package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// known gives what the peer holds of a log with all the parts that it wants.
func (x *exchange) known(origin string) (size uint64, held bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, l := range x.theirs.Logs {
		if l.Epoch.Epoch.Origin == origin {
			return min(l.Size, l.Whole), true
		}
	}
	return 0, false
}

// remember notes what the peer now holds, so that the next round need not ask.
func (x *exchange) remember(e roster.SignedEpoch, size uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range x.theirs.Logs {
		if x.theirs.Logs[i].Epoch.Epoch.Origin == e.Epoch.Origin {
			x.theirs.Logs[i].Size, x.theirs.Logs[i].Whole, x.theirs.Logs[i].Root = size, size, tlog.Hash{}
			return
		}
	}
	x.theirs.Logs = append(x.theirs.Logs, logHead{Epoch: e, Size: size, Whole: size})
}

// push brings the peer up to the logs it lacks, this node's own first. A centre, which reaches out to no post, is brought every
// copy held here: that is also how a rebuilt one gets everything, for from whom a log comes does not matter. A neighbour pulls
// what it lacks itself and is brought only what this node wrote, now and in its former epochs: it may not be sent parts that a
// follower does not keep.
func (x *exchange) push(ctx context.Context, c *replica.Client) error {
	err := x.pushOwn(ctx, c)
	errs := []error{err}
	centre := x.n.roleOf(x.peer) == roster.Centre
	for _, h := range x.n.mirrors.all() {
		if err != nil && !refused(err) {
			return errors.Join(errs...)
		}
		if h.node == x.peer && !x.n.former(h.Origin()) {
			continue // it knows its own log best
		}
		if !centre && h.node != x.n.Name() {
			continue
		}
		err = x.pushLog(ctx, c, h.epoch, h)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil || !centre {
		return err
	}
	if err := x.bring(ctx, c); err != nil {
		return err
	}
	for _, b := range x.theirs.Missing {
		if err := x.pushBlob(ctx, c.Base, b); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) pushOwn(ctx context.Context, c *replica.Client) error {
	return x.pushLog(ctx, c, x.n.epoch, x.n.log)
}

// pushMeanwhile pushes this node's log whenever it grows until stop is called, which waits for what is under way.
func (x *exchange) pushMeanwhile(ctx context.Context, c *replica.Client) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			grown := x.n.log.Grown()
			if err := x.pushOwn(ctx, c); err != nil {
				return // the next round says so
			}
			select {
			case <-ctx.Done():
				return
			case <-end:
				return
			case <-grown:
			}
		}
	}()
	return func() { close(end); <-ended }
}

func (x *exchange) pushLog(ctx context.Context, c *replica.Client, e roster.SignedEpoch, src replica.Source) error {
	origin := e.Epoch.Origin
	size, held := x.known(origin)
	if src.Size() == 0 || held && size >= src.Size() || size > 0 && x.n.isFrozen(origin) {
		return nil
	}
	if !held {
		if err := x.post(ctx, c.Base+pathEpoch, record.Marshal(e)); err != nil {
			return fmt.Errorf("state the epoch of %s: %w", origin, err)
		}
	}
	try := barren{src.Size(), size, cursorOf(src), 0}
	if origin != x.n.origin && x.wasBarren(origin+pushed, try) {
		return nil
	}
	done, err := c.Push(ctx, src, partsToPush)
	if disputed(err) {
		err = errors.Join(err, x.compare(ctx, c, origin))
	}
	if err != nil {
		return fmt.Errorf("push %s: %w", origin, err)
	}
	if done.Note != nil {
		x.remember(e, done.Size)
		return x.n.keepLines(origin, done.Note)
	}
	if done.Leaves == 0 && done.Parts == 0 {
		x.mark(origin+pushed, try)
	}
	return nil
}

// barren is a state of both sides in which nothing came of asking: a follower lacks parts that a mirror wants. Until one of
// them has moved it is not asked again.
type barren struct{ theirs, theirCursor, ours, ourCursor uint64 }

const pushed = " pushed"

func (x *exchange) wasBarren(what string, now barren) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	was, ok := x.barren[what]
	return ok && was == now
}

func (x *exchange) mark(what string, now barren) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.barren[what] = now
}

// cursorOf is how far a source has the parts it wants.
func cursorOf(src replica.Source) uint64 {
	if h, ok := src.(*held); ok {
		return h.Cursor()
	}
	return src.Size()
}

func (x *exchange) pushBlob(ctx context.Context, base string, b blobRef) error {
	from, err := x.n.blobsOf(b.Origin)
	if err != nil {
		return nil // not held here; another may have it
	}
	body, err := from.Blob(b.Hash)
	if errors.Is(err, tlog.ErrNotHere) {
		return nil
	}
	if err != nil {
		return err
	}
	q := url.Values{"origin": {b.Origin}, "hash": {hex.EncodeToString(b.Hash[:])}}
	return x.post(ctx, base+pathBlob+"?"+q.Encode(), body)
}

func (x *exchange) post(ctx context.Context, address string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := x.client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &replica.StatusError{Status: resp.StatusCode}
	}
	return nil
}
