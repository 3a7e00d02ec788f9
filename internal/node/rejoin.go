package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// pathAgree takes from a peer the checkpoint of this node's log that the peer holds, while this node proves itself.
const pathAgree = "/agree"

// ErrNotProven wraps why a node may not serve again yet.
var ErrNotProven = errors.New("the log is not proven against any mirror, so the node stays isolated")

// proving collects, while a node wants to end its isolation, which peers' copies of its log agree with it and which do not.
type proving struct {
	mu     sync.Mutex
	agree  []string
	differ map[string]string // peer: how
}

func (p *proving) note(peer string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.differ[peer] = err.Error()
	} else if !slices.Contains(p.agree, peer) {
		p.agree = append(p.agree, peer)
	}
}

func (p *proving) proven() (agree []string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for peer, how := range p.differ {
		return nil, fmt.Errorf("%w: the copy at %s %s (recovery.md)", ErrNotProven, peer, how)
	}
	slices.Sort(p.agree)
	return slices.Clone(p.agree), nil
}

// Rejoin ends an isolation. First the node proves its log: it asks whom it reaches out to what they hold of it, and lets those
// who come to it say so, for at most wait. Each must hold a prefix of this very log; one at least must, as
// far as it has signed. A copy that reaches further, or differs, keeps the node isolated: then the attacker was here, and the way out is a rebuild. The names of those
// who agreed stand in the record.
//
// Trust: a peer is believed about a checkpoint that this node's own log key signed, and about nothing else; one that says
// nothing proves nothing.
func (n *Node) Rejoin(ctx context.Context, by, reason string, wait time.Duration) (proven []string, err error) {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	i := n.alone.now.Load()
	switch {
	case i == nil:
		return nil, ErrNotIsolated
	case by == "" || reason == "" || !text(maxDeedText, by) || !text(maxDeedText, reason) || wait <= 0 || wait > maxProving:
		return nil, ErrIsolation
	}
	p := &proving{differ: map[string]string{}}
	if !n.alone.proving.CompareAndSwap(nil, p) {
		return nil, fmt.Errorf("%w: it is being proven just now", ErrNotProven)
	}
	defer n.alone.proving.Store(nil)
	if proven, err = n.prove(ctx, p, wait); err == nil {
		n.deeds.Lock()
		defer n.deeds.Unlock()
		err = n.sayRejoined(ctx, i, by, reason, proven)
	}
	if err != nil {
		why := err.Error()
		n.alone.trouble.Store(&why)
		n.opt.Journal.Error("the node stays isolated", "node", n.Name(), "error", err)
	}
	return proven, err
}

// RejoinSoon is Rejoin for a page, which shows by Isolated how it goes on.
func (n *Node) RejoinSoon(by, reason string) error {
	if i := n.Isolated(); i == nil {
		return ErrNotIsolated
	} else if strings.TrimSpace(by) == "" || strings.TrimSpace(reason) == "" {
		return ErrIsolation
	}
	n.done.Go(func() {
		_, _ = n.Rejoin(n.life, by, reason, rejoinWait) // what it came to stands in Isolated and in the journal
	})
	return nil
}

// prove waits until every mirror that can be expected has spoken, or the time is over.
func (n *Node) prove(ctx context.Context, p *proving, wait time.Duration) ([]string, error) {
	if e := n.log.Evidence(); e != nil {
		return nil, fmt.Errorf("%w: %s", ErrNotProven, e.What)
	}
	if why := n.whyStopped(); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrNotProven, why)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	expected := n.mirroring()
	for {
		n.askMirrors(ctx, p)
		agree, err := p.proven()
		if err != nil || len(agree) >= len(expected) && len(agree) > 0 {
			return agree, err
		}
		select {
		case <-ctx.Done():
			if len(agree) == 0 {
				return nil, fmt.Errorf("%w: none of %d answered in %v", ErrNotProven, len(expected), wait)
			}
			return agree, nil
		case <-time.After(min(wait/4, n.opt.SyncEvery)):
		}
	}
}

// mirroring lists the living nodes that are to hold this node's log whole.
func (n *Node) mirroring() (out []string) {
	r := n.State().Roster
	for _, o := range r.Nodes {
		if o.Dropped || o.Name == n.Name() || o.Role == roster.Portal {
			continue
		}
		if n.Self().Role == roster.Centre || o.Role == roster.Centre || isNeighbour(r, n.Name(), o.Name) {
			out = append(out, o.Name)
		}
	}
	return out
}

// askMirrors dials whom this node may dial, isolated or not, and compares what they hold of its log. It pulls and pushes nothing.
func (n *Node) askMirrors(ctx context.Context, p *proving) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	var all sync.WaitGroup
	for _, peer := range n.dials() {
		all.Go(func() {
			x := &exchange{n: n, peer: peer.Name, client: n.clientFor(peer.Name, true), base: "https://" + peer.Address}
			defer x.close()
			if x.fetchHeads(ctx, x.base) != nil {
				return // who does not answer proves nothing
			}
			for _, l := range x.theirs.Logs {
				if l.Epoch.Epoch.Origin == n.origin && l.Size > 0 {
					n.judge(ctx, p, peer.Name, x.replica(), l)
				}
			}
		})
	}
	all.Wait()
}

// judge notes whether a peer's copy is a prefix of this log. A bare root that is not ours proves nothing, either way: the signed
// checkpoints are compared then.
func (n *Node) judge(ctx context.Context, p *proving, peer string, c *replica.Client, l logHead) {
	if l.Size <= n.log.Size() && rootIs(n.log, l) {
		n.vouched(p, peer, l.Size)
		return
	}
	got, err := c.Compare(ctx, n.log)
	switch {
	case err != nil:
		p.note(peer, fmt.Errorf("could not be compared: %s", briefly(err)))
	case got.Ahead > n.log.Size():
		p.note(peer, fmt.Errorf("reaches to %d, this log to %d", got.Ahead, n.log.Size()))
	case n.log.Evidence() != nil:
		p.note(peer, errors.New("is another history"))
	}
}

// vouched notes a peer whose copy is a prefix of this log. It counts if the peer is to hold the log whole, and its copy reaches as
// far as it is known here to have signed: one that holds a first record agrees with every later history.
func (n *Node) vouched(p *proving, peer string, size uint64) {
	if size >= n.cosigned()[peer] && slices.Contains(n.mirroring(), peer) {
		p.note(peer, nil)
	}
}

// serveAgree takes the checkpoint of this node's log that a peer holds. It is asked for only while the node proves itself.
func (n *Node) serveAgree(w http.ResponseWriter, r *http.Request) {
	p := n.alone.proving.Load()
	msg, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if p == nil || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	head, err := tlog.OpenCheckpoint(n.log.Key(), msg)
	if err != nil {
		w.WriteHeader(http.StatusForbidden) // not by this log's key: it says nothing about it
		return
	}
	peer := r.Context().Value(peerKey{}).(string)
	switch root, err := n.log.RootAt(head.Size); {
	case head.Size > n.log.Size():
		p.note(peer, fmt.Errorf("reaches to %d, this log to %d", head.Size, n.log.Size()))
	case err != nil || root != head.Root:
		p.note(peer, errors.New("is another history"))
	case head.Size > 0:
		n.vouched(p, peer, head.Size)
	}
}

// agree tells a peer that proves itself what is held here of its log.
func (x *exchange) agree(ctx context.Context) error {
	for _, h := range x.n.mirrors.all() {
		if h.node != x.peer || h.Size() == 0 || x.n.superseded(h.Origin()) {
			continue
		}
		if err := x.post(ctx, x.base+pathAgree, h.Checkpoint()); err != nil {
			return fmt.Errorf("tell a peer what is held of its log: %w", err)
		}
	}
	return nil
}
