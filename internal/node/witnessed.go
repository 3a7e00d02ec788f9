package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
)

// A Witness is somebody outside who is asked to cosign, by the operator's policy.
type Witness struct {
	Name     string
	Asked    bool   // the policy gives an address; one without is asked by others
	Size     uint64 // of this node's own log that it has signed
	LastSeen int64  // UTC ms of its last answer that signed, 0 where there was none
	Error    string // what the last asking ended with, empty after a success
}

// asked remembers how the witnesses answered.
type asked struct {
	mu   sync.Mutex
	last map[string]Witness
}

// witnessLoop asks each witness of the policy that has an address. Nothing anywhere waits for it: what they have signed is a
// flag that comes later, or never.
func (n *Node) witnessLoop(ctx context.Context) {
	if n.policies.witnessed == nil {
		return
	}
	var all sync.WaitGroup
	defer all.Wait()
	for _, w := range n.policies.witnessed.Named() {
		if w.URL != "" {
			all.Go(func() { n.askLoop(ctx, w) })
		}
	}
}

// An asker submits logs to one witness.
type asker struct {
	n      *Node
	w      proof.Witness
	client *replica.Client
	late   map[string]lateness // by origin: how long somebody else has not brought it
	rest   map[string]int      // by origin: rounds that a log which it refused is left alone
}

func (n *Node) askLoop(ctx context.Context, w proof.Witness) {
	transport := &http.Transport{DialContext: n.opt.Dial, MaxConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true,
		ResponseHeaderTimeout: witnessAnswers, TLSHandshakeTimeout: witnessAnswers}
	defer transport.CloseIdleConnections()
	a := &asker{n: n, w: w, late: map[string]lateness{}, rest: map[string]int{}, client: &replica.Client{
		HTTP: &http.Client{Timeout: 2 * witnessAnswers, Transport: transport}, Base: strings.TrimRight(w.URL, "/")}}
	every := witnessEach * n.opt.SyncEvery
	for wait := every; ; {
		err := a.round(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !refused(err) {
			wait = min(2*wait, 12*every)
		} else {
			wait = every
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// round submits this node's own log, and at a centre also copies whose writers do not seem to reach the witness. One log that it
// does not take holds up no other.
func (a *asker) round(ctx context.Context) error {
	if a.n.silent() {
		return errAlone
	}
	err := a.submit(ctx, a.n.epoch, a.n.log)
	a.n.asked.mu.Lock()
	if a.n.asked.last == nil {
		a.n.asked.last = map[string]Witness{}
	}
	at := a.n.asked.last[a.w.Name]
	if at.Error = ""; err != nil {
		at.Error = briefly(err)
	} else {
		at.LastSeen = a.n.Now()
	}
	a.n.asked.last[a.w.Name] = at
	a.n.asked.mu.Unlock()
	if err != nil {
		a.n.opt.Journal.Warn("a witness did not sign", "node", a.n.Name(), "witness", a.w.Name, "error", briefly(err))
	}
	if a.n.Self().Role != roster.Centre {
		return err
	}
	errs := []error{err}
	for _, h := range a.n.mirrors.all() {
		if err := errs[len(errs)-1]; err != nil && !refused(err) {
			break
		}
		if a.overdue(h) {
			errs = append(errs, a.submit(ctx, h.epoch, h))
		}
	}
	return errors.Join(errs...)
}

// signed is how much of a log the witness is known to have signed.
func (a *asker) signed(l cosigned) (size uint64) {
	for _, c := range l.Cosigned() {
		if c.Name == a.w.Key.Name() && c.KeyHash == a.w.Key.KeyHash() {
			size = max(size, c.Size)
		}
	}
	return size
}

// overdue says that the witness's signature below a copy has stood still for some rounds.
func (a *asker) overdue(h *held) bool {
	at := lateness{size: a.signed(h)}
	if was := a.late[h.Origin()]; was.size == at.size && at.size < h.Size() {
		at.rounds = was.rounds + 1
	}
	a.late[h.Origin()] = at
	return at.rounds >= publishOthers
}

// witnessable is a log that can be submitted and keeps what is answered.
type witnessable interface {
	replica.Source
	cosigned
}

func (a *asker) submit(ctx context.Context, e roster.SignedEpoch, src witnessable) error {
	origin, old := src.Origin(), a.signed(src)
	if src.Size() == 0 || old >= src.Size() || a.n.isFrozen(origin) {
		return nil
	}
	if a.rest[origin] > 0 {
		a.rest[origin]--
		return nil
	}
	changes := a.n.Changes()
	note, _, err := a.client.Witness(ctx, replica.Submission{Source: src, Old: old, Epoch: record.Marshal(e), Count: len(changes),
		Changes: func() []byte { return roster.EncodeChanges(changes) }})
	if status := new(replica.StatusError); errors.As(err, &status) {
		a.rest[origin] = witnessRests
	}
	if note != nil {
		err = errors.Join(err, a.n.keepLines(origin, note))
	}
	if err != nil {
		return fmt.Errorf("ask witness %s: %w", a.w.Name, err)
	}
	return nil
}

// witnesses tells of the witnesses of the policy, nil where there is none.
func (n *Node) witnesses() []Witness {
	if n.policies.witnessed == nil {
		return nil
	}
	n.asked.mu.Lock()
	defer n.asked.mu.Unlock()
	var out []Witness
	for _, named := range n.policies.witnessed.Named() {
		w := n.asked.last[named.Name]
		w.Name, w.Asked = named.Name, named.URL != ""
		w.Size = (&asker{w: named}).signed(n.log)
		out = append(out, w)
	}
	return out
}
