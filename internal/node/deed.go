package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// A Deed is an act of an officer that becomes one record: a Decision, Void, Correction, Late, Outcome, Regime, Count, Message,
// Acknowledge, Sheets, Handover or Assent.
type Deed interface {
	head() head
	// is reports whether a recorded act is this deed. It is asked of a repeat, which gets the first receipt whatever became
	// possible or impossible since: what was taken back once cannot be taken back again.
	is(n *Node, o *Opened) bool
	// prepare checks the deed against what the node knows and seals it. Nothing is recorded.
	prepare(ctx context.Context, n *Node) (prepared, error)
}

// A head is what every deed has: its act, whose it is, and the power that it takes.
type head struct {
	act   record.Act
	shift *Shift
	power roster.Power
}

// A prepared act is sealed and waits for the booth's signature.
type prepared struct {
	sealed
	head
	deed    Deed
	claim   *uint64           // the record of this log that only one act may decide, nil for none
	check   uint64            // index of the check that is decided
	numbers record.SheetsBody // of paper forms: which it takes
	opening seal.Opening      // of a decision: stands on the traveller's receipt
	at      time.Time
}

// A Prepared act tells the booth what to sign. Receipt is set where the act had been recorded before.
type Prepared struct {
	Act     record.Act
	Message []byte // for the booth key: ECDSA P-256 with SHA-256
	Receipt *Receipt
}

// Prepare seals a deed. Nothing is recorded yet; the same act may be prepared again.
func (n *Node) Prepare(ctx context.Context, d Deed) (Prepared, error) {
	h := d.head()
	if err := n.may(h.shift, h.power); err != nil {
		return Prepared{}, err
	}
	at, found, err := n.byAct(h.act)
	if err != nil {
		return Prepared{}, fmt.Errorf("look for the act: %w", err)
	}
	if found {
		r, err := n.repeated(at, d)
		return Prepared{Act: h.act, Receipt: &r}, err
	}
	p, err := d.prepare(ctx, n)
	if err != nil {
		return Prepared{}, err
	}
	p.head, p.deed, p.at = h, d, n.opt.Now()
	n.pending.mu.Lock()
	defer n.pending.mu.Unlock()
	n.pending.makeRoom(p.shift, n.opt.Now())
	if len(n.pending.acts) >= maxPending {
		return Prepared{}, errors.New("too many acts wait for their signature")
	}
	if n.pending.acts == nil {
		n.pending.acts = map[record.Act]prepared{}
	}
	n.pending.acts[h.act] = p
	return Prepared{Act: h.act, Message: boothMessage(p.leaf)}, nil
}

// Commit records a prepared act durably under the booth's signature and gives the receipt. An error of tlog tells whether
// it is certain that nothing was recorded (tlog.ErrNotRecorded, ErrStopped) or not (tlog.ErrNotKnown): then the same act is
// prepared and committed again until it is one of the two.
func (n *Node) Commit(ctx context.Context, act record.Act, signature []byte) (Receipt, error) {
	n.pending.mu.Lock()
	p, ok := n.pending.acts[act]
	n.pending.mu.Unlock()
	if !ok || n.opt.Now().Sub(p.at) > pendingFor {
		if at, found, err := n.byAct(act); err == nil && found {
			return n.receipt(at, true)
		}
		return Receipt{}, ErrForgotten
	}
	if err := n.may(p.shift, p.power); err != nil {
		return Receipt{}, err
	}
	if !p.alone() {
		n.deeds.Lock()
		defer n.deeds.Unlock()
		if r, err := n.still(ctx, p); r != nil || err != nil {
			return deref(r), err
		}
	}
	claimed := false
	if p.claim != nil {
		var err error
		if claimed, err = n.claimCheck(ctx, *p.claim, act); err != nil {
			return Receipt{}, err
		}
	}
	r, err := n.finish(ctx, p, signature)
	n.pending.mu.Lock()
	defer n.pending.mu.Unlock()
	n.pending.outcome(p, err, n.Now())
	if err == nil {
		delete(n.pending.acts, act)
	} else if claimed && nothingWritten(err) {
		// Only who took the claim gives it back, and only where the act is certainly not in the log: another call for the same
		// act may be under way, or an earlier one's outcome unknown.
		delete(n.pending.decided, *p.claim)
	}
	return r, err
}

// alone reports whether nothing but the claim of a check stands between the deed and other deeds.
func (p *prepared) alone() bool {
	d, ok := p.deed.(Decision)
	return ok && d.Referral == 0
}

// still prepares a deed once more while no other is recorded: since it was prepared first, somebody may have taken back,
// answered, agreed to or numbered the same. It gives the receipt where the act itself was recorded meanwhile.
func (n *Node) still(ctx context.Context, p prepared) (*Receipt, error) {
	at, found, err := n.byAct(p.act)
	if err != nil {
		return nil, fmt.Errorf("look for the act: %w", err)
	}
	if found {
		r, err := n.repeated(at, p.deed)
		return &r, err
	}
	again, err := p.deed.prepare(ctx, n)
	if err == nil && again.numbers != p.numbers {
		err = ErrForgotten
	}
	return nil, err
}

// Do prepares and commits without a booth signature: the record is shown as "by the node".
func (n *Node) Do(ctx context.Context, d Deed) (Receipt, error) {
	p, err := n.Prepare(ctx, d)
	if err != nil {
		return Receipt{}, err
	}
	if p.Receipt != nil {
		return *p.Receipt, nil
	}
	return n.Commit(ctx, p.Act, nil)
}

// simply seals a deed without a claim.
func (n *Node) simply(ctx context.Context, kind record.Kind, h head, about []record.Ref, contents ...content) (prepared, error) {
	s, err := n.seal(ctx, draft{kind: kind, act: h.act, about: about, shift: &h.shift.Ref, contents: contents})
	return prepared{sealed: s}, err
}

// says reports whether a record is of a kind, about a record of its log, with a body. Of a deed of a former epoch the officer's
// page numbered the record by that epoch's log.
func (n *Node) says(o *Opened, kind record.Kind, of uint64, body any) bool {
	return o.Leaf.Kind == kind && len(o.Leaf.About) > 0 && o.Leaf.About[0] == record.Ref{Origin: o.Origin, Index: of} &&
		bytes.Equal(o.Deed, record.Marshal(body))
}

// text reports whether words from outside have at most so many bytes and can be read back from a record.
func text(most int, words ...string) bool {
	for _, w := range words {
		if len(w) > most || !utf8.ValidString(w) {
			return false
		}
	}
	return true
}

// deref gives the value of what may be absent, or a zero one.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
