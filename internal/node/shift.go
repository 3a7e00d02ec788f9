package node

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/roster"
)

// A Shift binds an officer, a booth and the booth's key. It is open until the officer ends it or is dropped from the roster.
type Shift struct {
	Ref     record.Ref
	Officer roster.Officer
	Booth   string
	Began   int64 // UTC ms

	boothKey []byte
}

// shifts are what this node needs to open shifts and to know which of its own are over.
type shifts struct {
	nonces     passkey.Nonces
	enrolments enrolments

	mu    sync.Mutex
	ended map[uint64]bool // indices of this node's shifts that their officers ended
}

var (
	// ErrNonce: the sign-in is too old, or was answered already.
	ErrNonce = errors.New("this sign-in is too old or was used already")
	// ErrShift: no shift of this node that can be opened again stands at this index.
	ErrShift = errors.New("this shift is over, or none")
	// ErrOfficer: the officer is not in the roster, or was dropped from it.
	ErrOfficer = errors.New("this officer is not in the roster")
	// ErrBoothKey: what the browser sent is no P-256 public key.
	ErrBoothKey = errors.New("the booth key is not a P-256 public key")
	// ErrDuty: the officer's duties in the roster do not cover the act.
	ErrDuty = errors.New("the officer's duties do not cover this")
)

// Nonce begins a sign-in, an enrolment or the resumption of a shift at this node. It is good for one, within passkey.NonceFor.
func (n *Node) Nonce() []byte { return n.shifts.nonces.Issue(n.opt.Now()) }

// OpenShift records a shift that the officer's passkey has signed (passkey.ShiftChallenge, with a nonce of Nonce). It needs the
// roster and the enrolments that have reached this node, and nobody else.
func (n *Node) OpenShift(ctx context.Context, b record.ShiftBody) (*Shift, error) {
	o, ok := n.State().Roster.Officer(b.Officer)
	switch {
	case !ok:
		return nil, ErrOfficer
	case b.Passkey == nil:
		return nil, passkey.ErrFormat
	case !n.shifts.nonces.Fresh(b.Passkey.Nonce, n.opt.Now()):
		return nil, ErrNonce
	}
	e, ok := n.passkeyOf(o)
	if !ok || !slices.Equal(e.Credential, b.Passkey.Credential) {
		return nil, ErrPasskey
	}
	if err := n.RelyingParty().VerifyShift(b, e.Key); err != nil {
		return nil, err
	}
	if len(n.opt.Hosts) > 0 && !passkey.UsedAt(*b.Passkey, n.opt.Hosts) {
		return nil, passkey.ErrOrigin // a captured node gave him this node's nonce, and its own booth key
	}
	if !n.shifts.nonces.Take(b.Passkey.Nonce, n.opt.Now()) {
		return nil, ErrNonce
	}
	return n.startShift(ctx, o, b)
}

// StartShift records a shift without a passkey, for tests: what is signed in it is shown as "by the node".
func (n *Node) StartShift(ctx context.Context, o roster.Officer, booth string, boothKey []byte) (*Shift, error) {
	return n.startShift(ctx, o, record.ShiftBody{Officer: o.ID, Booth: booth, BoothKey: boothKey})
}

func (n *Node) startShift(ctx context.Context, o roster.Officer, b record.ShiftBody) (*Shift, error) {
	if b.Booth == "" || len(b.Booth) > maxPlate {
		return nil, fmt.Errorf("a booth's name has 1 to %d characters", maxPlate)
	}
	if _, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b.BoothKey); err != nil {
		return nil, ErrBoothKey
	}
	a, err := n.append(ctx, draft{kind: record.Shift, act: newAct(), contents: []content{{record.Body, b}}})
	if err != nil {
		return nil, fmt.Errorf("record the shift: %w", err)
	}
	return &Shift{Ref: record.Ref{Origin: n.origin, Index: a.Index}, Officer: o, Booth: b.Booth, Began: n.Now(), boothKey: b.BoothKey}, nil
}

// VerifyShift checks that a passkey of the officer signed the shift's booth key, by the rosters and enrolments that have
// reached this node: the booth key then speaks for the officer, whoever wrote the log. A passkey that a later enrolment
// replaced still stands behind the shifts that it opened. ErrPasskey where the shift has none, or one that is not known here.
func (n *Node) VerifyShift(b record.ShiftBody) error {
	if b.Passkey == nil {
		return ErrPasskey
	}
	for _, e := range n.passkeys(b.Officer) {
		if slices.Equal(e.Credential, b.Passkey.Credential) {
			return n.RelyingParty().VerifyShift(b, e.Key)
		}
	}
	return ErrPasskey
}

// EndShift ends a shift for good: nothing more is done in it from this moment, and none of its sessions comes back, also after
// a restart once the record is durable. An error says that the record is not certain; at this node's process the shift is over
// all the same.
func (n *Node) EndShift(ctx context.Context, s *Shift) error {
	n.shifts.end(s.Ref.Index)
	body := record.ShiftBody{Officer: s.Officer.ID, Booth: s.Booth}
	if _, err := n.append(ctx, draft{kind: record.Shift, act: newAct(), about: []record.Ref{s.Ref}, shift: &s.Ref,
		contents: []content{{record.Body, body}}}); err != nil {
		return fmt.Errorf("record the end of the shift: %w", err)
	}
	return nil
}

func (s *shifts) end(index uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = map[uint64]bool{}
	}
	s.ended[index] = true
}

func (s *shifts) over(index uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[index]
}

// shiftRecorded lets a shift's record of this node's own log take effect: one that is about an earlier shift ends it.
func (n *Node) shiftRecorded(o *Opened) {
	if o.Origin == n.origin && len(o.Leaf.About) > 0 && o.Leaf.About[0].Origin == n.origin {
		n.shifts.end(o.Leaf.About[0].Index)
	}
}

// replayShifts notes which of the shifts that could be opened again are over. It reads back from the newest: what is older than
// shiftFor is never opened again.
func (n *Node) replayShifts(ctx context.Context) error {
	refs, err := n.shadow.Notable(ctx, record.Shift)
	if err != nil {
		return err
	}
	for _, ref := range slices.Backward(refs) {
		if ref.Origin != n.origin {
			continue
		}
		o, err := n.ReadOwn(ref.Index)
		if err != nil {
			n.opt.Journal.Error("a record cannot be read again at start", "node", n.Name(), "error", err)
			continue
		}
		if n.opt.Now().Sub(time.UnixMilli(o.Leaf.Written)) > shiftFor {
			return nil
		}
		n.shiftRecorded(&o)
	}
	return nil
}

// ResumeShift opens a shift of this node again after the node or the session ended: whoever signs "tims/resume/1\n" ‖ nonce
// with the booth key, which cannot leave its browser, is at that booth. The nonce is of Nonce and serves once.
func (n *Node) ResumeShift(index uint64, nonce, signature []byte) (*Shift, error) {
	if !n.shifts.nonces.Fresh(nonce, n.opt.Now()) {
		return nil, ErrNonce
	}
	o, err := n.ReadOwn(index)
	if err != nil || o.Shift == nil || len(o.Shift.BoothKey) == 0 {
		return nil, ErrShift
	}
	if n.opt.Now().Sub(time.UnixMilli(o.Leaf.Written)) > shiftFor || n.shifts.over(index) {
		return nil, ErrShift
	}
	if !verifyBooth(o.Shift.BoothKey, append([]byte("tims/resume/1\n"), nonce...), signature) {
		return nil, ErrBoothSignature
	}
	officer, ok := n.State().Roster.Officer(o.Shift.Officer)
	if !ok {
		return nil, ErrOfficer
	}
	if p := o.Shift.Passkey; p != nil {
		if e, ok := n.passkeyOf(officer); !ok || !slices.Equal(e.Credential, p.Credential) {
			return nil, ErrPasskey // it was lost, and the roster has named another enrolment key
		}
	}
	if !n.shifts.nonces.Take(nonce, n.opt.Now()) {
		return nil, ErrNonce
	}
	return &Shift{Ref: record.Ref{Origin: n.origin, Index: index}, Officer: officer, Booth: o.Shift.Booth,
		Began: o.Leaf.Written, boothKey: o.Shift.BoothKey}, nil
}

// may is the one gate: whether the shift is open and its officer has the power by the roster as it is now. An officer who was
// dropped is out at once, and so is whoever works under a passkey that the roster has replaced by another enrolment key.
func (n *Node) may(s *Shift, p roster.Power) error {
	if s == nil {
		return ErrOfficer
	}
	o, ok := n.State().Roster.Officer(s.Officer.ID)
	switch {
	case !ok:
		return ErrOfficer
	case n.shifts.over(s.Ref.Index), !slices.Equal(o.Enrol, s.Officer.Enrol):
		return ErrShift
	case !o.Can(p):
		return ErrDuty
	}
	return nil
}

// Can is the same question for a face that offers only what it would let through.
func (n *Node) Can(s *Shift, p roster.Power) bool { return n.may(s, p) == nil }
