package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

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

// syncLoop keeps an exchange with every living centre of the roster. A post reaches out and is never reached by a centre.
func (n *Node) syncLoop(ctx context.Context) {
	var peers sync.WaitGroup
	defer peers.Wait()
	for {
		for _, c := range n.State().Roster.Living(roster.Centre) {
			if c.Name == n.Name() || c.Address == "" {
				continue
			}
			n.links.mu.Lock()
			if n.links.started == nil {
				n.links.started = map[string]context.CancelFunc{}
			}
			if n.links.started[c.Name] == nil {
				own, cancel := context.WithCancel(ctx)
				n.links.started[c.Name] = cancel
				peers.Go(func() { n.exchangeLoop(own, c.Name) })
			}
			n.links.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(n.opt.SyncEvery):
		}
	}
}

// exchangeLoop exchanges with one peer whenever this node's log grows and at every SyncEvery, and backs off while the peer
// is away.
func (n *Node) exchangeLoop(ctx context.Context, name string) {
	x := &exchange{n: n, peer: name}
	defer x.close()
	for wait := n.opt.SyncEvery; ctx.Err() == nil; {
		grown := n.log.Grown()
		err := x.run(ctx)
		switch {
		case err != nil && refused(err): // the peer answers; what it says of one log holds up no other
			x.tag, wait = "", n.opt.SyncEvery
			n.reached.update(name, func(p *Peer) { p.Error = briefly(err) })
			if status := new(replica.StatusError); !errors.As(err, &status) { // one that turns this node away is not reached
				n.centreReached(ctx)
			}
		case err != nil:
			x.close()
			n.reached.update(name, func(p *Peer) { p.Error = briefly(err) })
			grown, wait = nil, min(2*wait, 5*n.opt.SyncEvery)
		default:
			now := n.Now()
			n.reached.update(name, func(p *Peer) { p.LastSeen, p.Error = now, "" })
			n.centreReached(ctx)
			wait = n.opt.SyncEvery
		}
		select {
		case <-ctx.Done():
		case <-grown:
		case <-time.After(wait):
		}
	}
}

// briefly says what failed without addresses or contents.
func briefly(err error) string {
	var status *replica.StatusError
	var proof *tlog.Evidence
	switch {
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
	key    ed25519.PublicKey // that the client is pinned to
	tag    string            // of the peer's heads as last seen
	theirs heads
}

func (x *exchange) close() {
	if x.client != nil {
		x.client.CloseIdleConnections()
		x.client = nil
	}
	x.tag = ""
}

// run is one round: learn what the peer has, push what it lacks, pull what this node lacks.
func (x *exchange) run(ctx context.Context) error {
	node, ok := x.n.State().Roster.Node(x.peer)
	if !ok || node.Dropped {
		return errors.New("peer is no longer in the roster")
	}
	if !x.key.Equal(node.Identity()) {
		x.close() // connections that the peer's former key had opened end
	}
	if x.client == nil {
		x.client, x.key = x.n.clientFor(x.peer, true), node.Identity()
	}
	base := "https://" + node.Address
	err := x.fetchHeads(ctx, base)
	if errors.Is(err, keyring.ErrPin) {
		if learned, lerr := x.n.learnFrom(ctx, x.peer, base); learned == 0 || lerr != nil {
			return errors.Join(err, lerr)
		}
		err = x.fetchHeads(ctx, base)
	}
	var status *replica.StatusError
	if errors.As(err, &status) && status.Status == http.StatusForbidden && len(x.n.Changes()) > 0 {
		// The peer does not know this node's key: perhaps the change that names it has not reached the peer.
		if perr := x.post(ctx, base+pathChanges, roster.EncodeChanges(x.n.Changes())); perr != nil {
			return errors.Join(err, perr)
		}
		err = x.fetchHeads(ctx, base)
	}
	if err != nil {
		return err
	}
	c := &replica.Client{HTTP: x.client, Base: base}
	err = x.push(ctx, c)
	if err != nil && !refused(err) {
		return err
	}
	return errors.Join(err, x.pull(ctx, c))
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
	x.theirs, x.tag = h, resp.Header.Get("ETag")
	return nil
}

// known gives what the peer holds of a log.
func (x *exchange) known(origin string) (size uint64, held bool) {
	for _, l := range x.theirs.Logs {
		if l.Epoch.Epoch.Origin == origin {
			return l.Size, true
		}
	}
	return 0, false
}

// push brings the peer up to every log it lacks: this node's own first, then the copies held here. That is also how a
// rebuilt centre gets everything: from whom a log comes does not matter.
func (x *exchange) push(ctx context.Context, c *replica.Client) error {
	err := x.pushLog(ctx, c, x.n.epoch, x.n.log)
	errs := []error{err}
	for _, h := range x.n.mirrors.all() {
		if err != nil && !refused(err) {
			return errors.Join(errs...)
		}
		if h.node == x.peer && !x.n.superseded(h.Origin()) {
			continue // it knows its own log best
		}
		err = x.pushLog(ctx, c, h.epoch, h)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, b := range x.theirs.Missing {
		if err := x.pushBlob(ctx, c.Base, b); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) pushLog(ctx context.Context, c *replica.Client, e roster.SignedEpoch, src replica.Source) error {
	size, held := x.known(e.Epoch.Origin)
	if src.Size() == 0 || held && size >= src.Size() {
		return nil
	}
	if !held {
		if err := x.post(ctx, c.Base+pathEpoch, record.Marshal(e)); err != nil {
			return fmt.Errorf("state the epoch of %s: %w", e.Epoch.Origin, err)
		}
	}
	pushed, err := c.Push(ctx, src, partsToPush)
	if err != nil {
		return fmt.Errorf("push %s: %w", e.Epoch.Origin, err)
	}
	if pushed.Note != nil {
		x.remember(e, pushed.Size)
		if e.Epoch.Origin == x.n.origin {
			return x.n.keepCosignature(x.peer, pushed.Note)
		}
	}
	return nil
}

// remember notes what the peer now holds, so that the next round need not ask.
func (x *exchange) remember(e roster.SignedEpoch, size uint64) {
	for i := range x.theirs.Logs {
		if x.theirs.Logs[i].Epoch.Epoch.Origin == e.Epoch.Origin {
			x.theirs.Logs[i].Size = size
			return
		}
	}
	x.theirs.Logs = append(x.theirs.Logs, logHead{Epoch: e, Size: size})
}

// keepCosignature stores the peer's cosignature on this node's checkpoint, under the mirror key of its epoch statement.
func (n *Node) keepCosignature(peer string, msg []byte) error {
	var known []note.Verifier
	for _, h := range n.mirrors.all() {
		if h.node != peer {
			continue
		}
		v, err := cosign.NewVerifierForCosignatureV1(h.epoch.Epoch.MirrorKey)
		if err != nil {
			return fmt.Errorf("mirror key of %s: %w", peer, err)
		}
		known = append(known, v)
	}
	if len(known) == 0 {
		return nil // its epoch statement has not arrived; the next round asks again
	}
	if _, err := n.log.AddCosignatures(msg, note.VerifierList(known...)); err != nil {
		return fmt.Errorf("cosignature of %s: %w", peer, err)
	}
	return nil
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

// pull brings the copies of this node up to what the peer holds. What a peer cannot give leaves the copy as it is, and a log
// that was refused does not hold up the others.
func (x *exchange) pull(ctx context.Context, c *replica.Client) error {
	var errs []error
	for _, l := range x.theirs.Logs {
		if l.Epoch.Epoch.Origin == x.n.origin {
			continue
		}
		h, err := x.n.Admit(l.Epoch)
		if err != nil {
			x.n.opt.Journal.Warn("log not followed", "node", x.n.Name(), "peer", x.peer, "error", err)
			continue
		}
		if h.Size() >= l.Size {
			continue
		}
		grown, err := c.Pull(ctx, h.Mirror, partsToPull(h.full))
		if grown {
			x.n.fold.nudge()
		}
		if err == nil && grown && h.full && h.node == x.peer {
			err = x.post(ctx, c.Base+pathCosign, h.Checkpoint()) // its writer learns that it is held here
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("pull %s: %w", h.Origin(), err))
			if !refused(err) {
				return errors.Join(errs...)
			}
		}
	}
	return errors.Join(append(errs, x.pullBlobs(ctx, c))...)
}

// refused says that one log was not taken, here or by the peer, while the line to the peer is as good as before.
func refused(err error) bool {
	var status *replica.StatusError
	var proof *tlog.Evidence
	var part *tlog.PartError
	return errors.As(err, &status) || errors.As(err, &proof) || errors.As(err, &part) || errors.Is(err, tlog.ErrProof) ||
		errors.Is(err, tlog.ErrSignature) || errors.Is(err, tlog.ErrMalformed)
}

func (x *exchange) pullBlobs(ctx context.Context, c *replica.Client) error {
	for _, h := range x.n.mirrors.all() {
		for _, hash := range x.n.missingBlobs(h.Origin()) {
			err := c.PullBlob(ctx, h.Mirror, hash)
			if err != nil && !errors.Is(err, tlog.ErrNotHere) {
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

// clientFor makes a client for one peer. pinned accepts only the identity key that the roster has for it.
func (n *Node) clientFor(peer string, pinned bool) *http.Client {
	return &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{
		ResponseHeaderTimeout: 30 * time.Second, MaxConnsPerHost: 2, IdleConnTimeout: time.Minute, DisableCompression: true,
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := n.opt.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			cert, err := n.ring.Certificate(n.opt.Now())
			if err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			secure := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
				InsecureSkipVerify: true, // the identity key is pinned below; no authority stands between nodes
				VerifyConnection: func(s tls.ConnectionState) error {
					name, err := n.peerOf(s)
					if pinned && (err != nil || name != peer) {
						return keyring.ErrPin
					}
					return nil
				}})
			ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
			defer cancel()
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			return secure, nil
		}}}
}

// learnFrom asks a peer that the roster does not know by its present key for approved changes. Nothing else is believed of
// it: a change counts by its approvals alone. That is how posts come to know a rebuilt centre.
func (n *Node) learnFrom(ctx context.Context, peer, base string) (int, error) {
	client := n.clientFor(peer, false)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+pathChanges, nil)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return n.learnAll(ctx, io.LimitReader(resp.Body, roster.MaxChanges))
}
