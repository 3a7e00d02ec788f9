package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// links are the exchanges under way, one goroutine a peer.
type links struct {
	mu      sync.Mutex
	started map[string]context.CancelFunc
}

// syncLoop keeps an exchange with every peer that this node reaches out to, as the roster names them by now, and the copies and
// the policy what the roster says they are.
func (n *Node) syncLoop(ctx context.Context) {
	var peers sync.WaitGroup
	defer peers.Wait()
	for {
		if err := errors.Join(n.review(), n.writePolicies()); err != nil {
			n.opt.Journal.Error("the roster is not wholly in effect and will be tried again", "node", n.Name(), "error", err)
		}
		n.sayConvictions(ctx)
		n.link(ctx, &peers)
		select {
		case <-ctx.Done():
			return
		case <-time.After(n.opt.SyncEvery):
		}
	}
}

// link starts the exchanges that are not there yet and ends those with nodes that are peers no more.
func (n *Node) link(ctx context.Context, peers *sync.WaitGroup) {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	if n.links.started == nil {
		n.links.started = map[string]context.CancelFunc{}
	}
	reach := map[string]bool{}
	for _, p := range n.reachesOut() {
		reach[p.Name] = true
		if n.links.started[p.Name] == nil {
			own, cancel := context.WithCancel(ctx)
			n.links.started[p.Name] = cancel
			peers.Go(func() { n.exchangeLoop(own, p.Name) })
		}
	}
	for name, cancel := range n.links.started {
		if !reach[name] {
			cancel()
			delete(n.links.started, name)
		}
	}
}

// reachesOut lists whom this node exchanges with now.
func (n *Node) reachesOut() (out []roster.Node) {
	for _, p := range n.dials() {
		if !n.shuns(p.Name) {
			out = append(out, p)
		}
	}
	return out
}

// dials lists whom this node may dial: every living centre, and a post its neighbours too. A post reaches out and is never
// reached by a centre; of two neighbours each dials the other, so that one open road is enough.
func (n *Node) dials() []roster.Node {
	r := n.State().Roster
	var out []roster.Node
	for _, p := range append(r.Living(roster.Centre), r.NeighboursOf(n.Name())...) {
		if p.Name != n.Name() && p.Address != "" {
			out = append(out, p)
		}
	}
	return out
}

// exchangeLoop exchanges with one peer at every SyncEvery, pushes this node's log whenever it grows, and backs off while the
// peer is away.
func (n *Node) exchangeLoop(ctx context.Context, name string) {
	x := &exchange{n: n, peer: name}
	defer x.close()
	next := time.Now()
	for wait := n.opt.SyncEvery; ctx.Err() == nil; {
		grown := n.log.Grown()
		whole := x.client == nil || !time.Now().Before(next)
		var err error
		if whole {
			err = x.run(ctx)
		} else {
			err = x.pushOwn(ctx, x.replica())
		}
		switch {
		case err != nil && refused(err): // the peer answers; what it says of one log holds up no other
			x.tag, wait = "", n.opt.SyncEvery
			n.reached.update(name, func(p *Peer) { p.Error = briefly(err) })
			if status := new(replica.StatusError); !errors.As(err, &status) { // one that turns this node away is not reached
				n.peerReached(ctx, name)
			}
		case err != nil:
			x.close()
			n.reached.update(name, func(p *Peer) { p.Error = briefly(err) })
			grown, wait = nil, min(2*wait, 5*n.opt.SyncEvery)
		default:
			now := n.Now()
			n.reached.update(name, func(p *Peer) { p.LastSeen, p.Error = now, "" })
			n.peerReached(ctx, name)
			wait = n.opt.SyncEvery
		}
		if whole || err != nil {
			next = time.Now().Add(wait)
		}
		select {
		case <-ctx.Done():
		case <-grown:
		case <-time.After(time.Until(next)):
		}
	}
}

func (n *Node) peerReached(ctx context.Context, name string) {
	if n.roleOf(name) == roster.Centre {
		n.centreReached(ctx)
	}
}

// briefly says what failed without addresses or contents.
func briefly(err error) string {
	var status *replica.StatusError
	var proof *tlog.Evidence
	var stale *tlog.ConflictError
	switch {
	case errors.As(err, &stale):
		return "another exchange was faster"
	case errors.Is(err, keyring.ErrPin):
		return keyring.ErrPin.Error()
	case errors.As(err, &proof), errors.Is(err, tlog.ErrProof):
		return "a log does not continue what was signed before"
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return "not reachable"
}

// An exchange is this node's side of one peering.
type exchange struct {
	n      *Node
	peer   string
	client *http.Client
	base   string
	key    ed25519.PublicKey // that the client is pinned to
	tag    string            // of the peer's heads as last seen

	mu      sync.Mutex // guards theirs: this node's log is pushed while others' are pulled
	theirs  heads
	barren  map[string]barren // by origin: what brought nothing
	told    map[string]string // by origin: the cosignatures of both sides when they were last exchanged
	relayed map[string]int64  // by origin: when those of a log of neither side were, UTC ms
	judged  map[string]judged // by origin: what compareHeads has settled
}

func (x *exchange) close() {
	if x.client != nil {
		x.client.CloseIdleConnections()
		x.client = nil
	}
	x.tag, x.barren, x.told, x.relayed = "", map[string]barren{}, map[string]string{}, map[string]int64{}
}

func (x *exchange) replica() *replica.Client { return &replica.Client{HTTP: x.client, Base: x.base} }

// run is one round: learn what the peer has, push what it lacks, pull what this node lacks, nearest first. On a thin line that
// order is what counts: own log, then roster and alerts, then others' logs, and cosignatures at the end. Meanwhile what this
// node's booths do goes up.
func (x *exchange) run(ctx context.Context) error {
	if err := x.meet(ctx); err != nil {
		return err
	}
	if x.theirs.Proving {
		return x.agree(ctx)
	}
	c := x.replica()
	if err := x.compareHeads(ctx, c); err != nil {
		return err
	}
	err := x.push(ctx, c)
	if err != nil && !refused(err) {
		return err
	}
	stop := x.pushMeanwhile(ctx, c)
	defer stop()
	perr := x.pull(ctx, c)
	if perr == nil || refused(perr) {
		perr = errors.Join(perr, x.cosignatures(ctx))
	}
	return errors.Join(err, perr)
}

// meet opens the line and learns what the peer has. Either side may have a newer roster than the other.
func (x *exchange) meet(ctx context.Context) error {
	node, ok := x.n.State().Roster.Node(x.peer)
	if !ok || node.Dropped {
		return errors.New("peer is no longer in the roster")
	}
	if !x.key.Equal(node.Identity()) {
		x.close() // connections that the peer's former key had opened end
	}
	x.base = "https://" + node.Address
	if x.client == nil {
		x.close()
		x.client, x.key = x.n.clientFor(x.peer, true), node.Identity()
	}
	err := x.fetchHeads(ctx, x.base)
	if errors.Is(err, keyring.ErrPin) {
		if learned, lerr := x.n.learnFrom(ctx, x.peer, x.base); learned == 0 || lerr != nil {
			return errors.Join(err, lerr)
		}
		err = x.fetchHeads(ctx, x.base)
	}
	var status *replica.StatusError
	if errors.As(err, &status) && status.Status == http.StatusForbidden && len(x.n.Changes()) > 0 {
		// The peer does not know this node, or not as its neighbour: perhaps the change that says so has not reached it.
		if perr := x.post(ctx, x.base+pathChanges, roster.EncodeChanges(x.n.Changes())); perr != nil {
			return errors.Join(err, perr)
		}
		err = x.fetchHeads(ctx, x.base)
	}
	return err
}

func (x *exchange) fetchHeads(ctx context.Context, base string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+pathHeads, nil)
	if err != nil {
		return err
	}
	req.Header.Set("If-None-Match", x.tag)
	resp, err := x.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil
	case http.StatusOK:
	default:
		return &replica.StatusError{Status: resp.StatusCode}
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxFileSize))
	if err != nil {
		return err
	}
	var h heads
	if err := record.Unmarshal(b, &h); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.theirs, x.tag = h, resp.Header.Get("ETag")
	return nil
}
