package node

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"sync"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
)

// A Shift binds an officer, a booth and the booth's key. It is open until the officer leaves or is dropped from the roster.
type Shift struct {
	Ref     record.Ref
	Officer roster.Officer
	Booth   string
	Began   int64 // UTC ms

	boothKey []byte
}

// shifts are the one-time links handed out at this node and the shifts opened here.
type shifts struct {
	mu      sync.Mutex
	invites map[[32]byte]invite // by SHA-256 of the code
	used    map[[16]byte]bool   // officers who have had a shift here: the enrolment code of the roster is for the first
}

type invite struct {
	officer [16]byte
	until   time.Time
}

var (
	// ErrInvite: the link is unknown, used or too old.
	ErrInvite = errors.New("this one-time link is not valid, was used already, or is too old")
	// ErrOfficer: the officer is not in the roster, or was dropped from it.
	ErrOfficer = errors.New("this officer is not in the roster")
	// ErrBoothKey: what the browser sent is no P-256 public key.
	ErrBoothKey = errors.New("the booth key is not a P-256 public key")
	// ErrDuty: the officer's duties in the roster do not cover the act.
	ErrDuty = errors.New("the officer's duties do not cover this")
)

// Invite makes a one-time code that opens one shift of the officer at this node, good for twelve hours.
func (n *Node) Invite(officer [16]byte) (code string, err error) {
	if _, ok := n.State().Roster.Officer(officer); !ok {
		return "", ErrOfficer
	}
	var b [20]byte
	rand.Read(b[:])
	code = base32.StdEncoding.EncodeToString(b[:])
	n.shifts.mu.Lock()
	defer n.shifts.mu.Unlock()
	now := n.opt.Now()
	for k, i := range n.shifts.invites {
		if now.After(i.until) {
			delete(n.shifts.invites, k)
		}
	}
	if len(n.shifts.invites) >= maxInvites {
		return "", errors.New("too many one-time links are unused; wait until some have run out")
	}
	if n.shifts.invites == nil {
		n.shifts.invites = map[[32]byte]invite{}
	}
	n.shifts.invites[sha256.Sum256([]byte(code))] = invite{officer, now.Add(inviteFor)}
	return code, nil
}

// redeem takes a code once: one of Invite, or the enrolment code that the roster has for an officer.
func (n *Node) redeem(code string) (roster.Officer, error) {
	h := sha256.Sum256([]byte(code))
	r := n.State().Roster
	n.shifts.mu.Lock()
	defer n.shifts.mu.Unlock()
	if i, ok := n.shifts.invites[h]; ok {
		delete(n.shifts.invites, h)
		if o, ok := r.Officer(i.officer); ok && n.opt.Now().Before(i.until) {
			return o, nil
		}
		return roster.Officer{}, ErrInvite
	}
	for _, o := range r.Officers {
		if !o.Dropped && len(o.Enrol) > 0 && string(o.Enrol) == string(h[:]) && !n.shifts.used[o.ID] {
			n.shifts.mark(o.ID)
			return o, nil
		}
	}
	return roster.Officer{}, ErrInvite
}

// enrolled notes that an officer has had a shift at this node: his enrolment code opens no other here, also after a restart.
func (s *shifts) enrolled(officer [16]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark(officer)
}

func (s *shifts) mark(officer [16]byte) {
	if s.used == nil {
		s.used = map[[16]byte]bool{}
	}
	s.used[officer] = true
}

// OpenShift redeems a one-time code and records the shift with the booth key that the browser made.
func (n *Node) OpenShift(ctx context.Context, code, booth string, boothKey []byte) (*Shift, error) {
	if _, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), boothKey); err != nil {
		return nil, ErrBoothKey
	}
	o, err := n.redeem(code)
	if err != nil {
		return nil, err
	}
	return n.StartShift(ctx, o, booth, boothKey)
}

// StartShift records a shift of an officer whose sign-in was checked already.
func (n *Node) StartShift(ctx context.Context, o roster.Officer, booth string, boothKey []byte) (*Shift, error) {
	if booth == "" || len(booth) > maxPlate {
		return nil, fmt.Errorf("a booth's name has 1 to %d characters", maxPlate)
	}
	body := record.ShiftBody{Officer: o.ID, Booth: booth, BoothKey: boothKey}
	a, err := n.append(ctx, draft{kind: record.Shift, act: newAct(), contents: []content{{record.Body, body}}})
	if err != nil {
		return nil, fmt.Errorf("record the shift: %w", err)
	}
	return &Shift{Ref: record.Ref{Origin: n.origin, Index: a.Index}, Officer: o, Booth: booth, Began: n.Now(), boothKey: boothKey}, nil
}

// ResumeShift opens a shift of this node again after the node or the session ended: whoever signs the challenge with the
// booth key, which cannot leave its browser, is at that booth. The challenge is made by the caller and used once.
func (n *Node) ResumeShift(index uint64, challenge, signature []byte) (*Shift, error) {
	o, err := n.ReadOwn(index)
	if err != nil || o.Shift == nil {
		return nil, ErrInvite
	}
	began := time.UnixMilli(o.Leaf.Written)
	if n.opt.Now().Sub(began) > inviteFor {
		return nil, ErrInvite
	}
	if !verifyBooth(o.Shift.BoothKey, append([]byte("tims/resume/1\n"), challenge...), signature) {
		return nil, ErrBoothSignature
	}
	officer, ok := n.State().Roster.Officer(o.Shift.Officer)
	if !ok {
		return nil, ErrOfficer
	}
	return &Shift{Ref: record.Ref{Origin: n.origin, Index: index}, Officer: officer, Booth: o.Shift.Booth,
		Began: o.Leaf.Written, boothKey: o.Shift.BoothKey}, nil
}

// may says whether the shift's officer has the duty by the roster as it is now: an officer who was dropped is out at once.
func (n *Node) may(s *Shift, d roster.Duty) error {
	if s == nil {
		return ErrOfficer
	}
	o, ok := n.State().Roster.Officer(s.Officer.ID)
	if !ok {
		return ErrOfficer
	}
	if !o.May(d) {
		return ErrDuty
	}
	return nil
}
