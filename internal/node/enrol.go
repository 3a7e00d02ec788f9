package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/roster"
)

var (
	// ErrCode: no enrolment key of the roster belongs to the one-time code, or its officer was dropped.
	ErrCode = errors.New("this one-time code is of no officer in the roster")
	// ErrEnrolled: the enrolment key has enrolled a passkey already. A lost passkey needs a new enrolment key in the roster.
	ErrEnrolled = errors.New("this one-time code has made a passkey already")
	// ErrPasskey: this node knows no enrolment of the passkey that is in force.
	ErrPasskey = errors.New("this passkey is not enrolled, or its enrolment has not reached this node yet")
)

// enrolments are the officers' passkeys as the logs state them. The statements are judged by the roster as it is now: one that
// came before the roster that names its key waits for it.
type enrolments struct {
	mu      sync.Mutex
	making  sync.Mutex // one passkey is made at a time: two answers to one code must not both be written
	of      map[[16]byte][]enrolment
	waiting map[string][]roster.Enrolment // by the node that wrote them
	judged  *roster.State                 // the state by which the waiting ones were judged last
}

// An enrolment is a statement that counts, and the enrolment key that signed it.
type enrolment struct {
	roster.Enrolment
	key [32]byte
}

// enrolled takes a statement from a log. The first that an enrolment key has signed stays in force; another one is evidence
// that somebody else had the officer's code, and changes nothing.
func (n *Node) enrolled(o *Opened) {
	e := &n.shifts.enrolments
	e.mu.Lock()
	defer e.mu.Unlock()
	e.judge(n.State())
	switch err := e.take(n.State(), *o.Enrolment); {
	case errors.Is(err, ErrEnrolled):
		n.opt.Journal.Error("evidence: one enrolment key has enrolled two passkeys; the first stays in force", "node", n.Name(),
			"log", o.Origin, "record", o.Index)
	case err != nil && len(e.waiting[o.Node]) < maxWaiting:
		if e.waiting == nil {
			e.waiting = map[string][]roster.Enrolment{}
		}
		e.waiting[o.Node] = append(e.waiting[o.Node], *o.Enrolment)
	}
}

// replayEnrolments takes the statements of all logs again after a start, in the order in which they were written: of two under
// one key the officer's own, which his country had known before the paper with the code was found, comes first again.
func (n *Node) replayEnrolments(ctx context.Context) error {
	refs, err := n.shadow.Notable(ctx, record.Enrolment)
	if err != nil {
		return err
	}
	var all []Opened
	for _, ref := range refs {
		if o, ok := n.readAtStart(ref); ok {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b Opened) int { return cmp.Compare(a.Leaf.Written, b.Leaf.Written) })
	for i := range all {
		n.effect(&all[i], true)
	}
	return nil
}

// take holds a statement that the roster stands behind.
func (e *enrolments) take(s *roster.State, one roster.Enrolment) error {
	key, err := s.VerifyEnrolment(one)
	if err != nil {
		return err
	}
	for _, held := range e.of[one.Officer] {
		if held.key == key {
			if slices.Equal(held.Signature, one.Signature) {
				return nil
			}
			return ErrEnrolled
		}
	}
	if e.of == nil {
		e.of = map[[16]byte][]enrolment{}
	}
	e.of[one.Officer] = append(e.of[one.Officer], enrolment{one, key})
	return nil
}

// judge offers what waits to a state that it was not offered to yet.
func (e *enrolments) judge(s *roster.State) {
	if e.judged == s {
		return
	}
	e.judged = s
	for node, all := range e.waiting {
		e.waiting[node] = slices.DeleteFunc(all, func(one roster.Enrolment) bool {
			return !errors.Is(e.take(s, one), roster.ErrEnrolment)
		})
	}
}

// passkeys are all statements that count or ever counted for an officer.
func (n *Node) passkeys(officer [16]byte) []enrolment {
	e := &n.shifts.enrolments
	e.mu.Lock()
	defer e.mu.Unlock()
	e.judge(n.State())
	return slices.Clone(e.of[officer])
}

// passkeyOf is the statement in force for a living officer.
func (n *Node) passkeyOf(o roster.Officer) (roster.Enrolment, bool) {
	for _, one := range n.passkeys(o.ID) {
		if slices.Equal(one.key[:], o.Enrol) {
			return one.Enrolment, true
		}
	}
	return roster.Enrolment{}, false
}

// HasPasskey says whether this node knows a passkey with which the officer can sign in.
func (n *Node) HasPasskey(o roster.Officer) bool {
	_, ok := n.passkeyOf(o)
	return ok
}

// RelyingParty is that of the country's passkeys.
func (n *Node) RelyingParty() passkey.Party { return passkey.Party{Parent: n.State().Founding.Parent} }

// OfficerOf says whose one-time code it is. The errors are ErrCode and ErrEnrolled.
func (n *Node) OfficerOf(code string) (roster.Officer, error) {
	o, err := n.ofCode(code)
	if err == nil && n.HasPasskey(o) {
		return roster.Officer{}, ErrEnrolled
	}
	return o, err
}

func (n *Node) ofCode(code string) (roster.Officer, error) {
	key := roster.EnrolPublic(code)
	for _, o := range n.State().Roster.Officers {
		if !o.Dropped && slices.Equal(o.Enrol, key) {
			return o, nil
		}
	}
	return roster.Officer{}, ErrCode
}

// Enrol records that a new passkey is of the officer whose one-time code this is. The browser was given a nonce of Nonce, and
// the passkey signed EnrolChallenge of it. The same passkey again is harmless and writes nothing.
//
// Trust: this node sees the code. A captured node could enrol another passkey with it; the officer notices, for his own is
// refused, and a new enrolment key in the roster voids what the old one did.
func (n *Node) Enrol(ctx context.Context, code string, nonce []byte, made passkey.Made) (roster.Officer, error) {
	o, err := n.ofCode(code)
	if err != nil {
		return o, err
	}
	e := &n.shifts.enrolments
	e.making.Lock()
	defer e.making.Unlock()
	if !n.shifts.nonces.Fresh(nonce, n.opt.Now()) {
		return o, ErrNonce
	}
	key, err := n.RelyingParty().Register(passkey.EnrolChallenge(nonce, o.ID), made)
	if err != nil {
		return o, err
	}
	if !n.shifts.nonces.Take(nonce, n.opt.Now()) {
		return o, ErrNonce
	}
	one := roster.Enrolment{Officer: o.ID, Credential: made.Credential, Key: key}.Sign(roster.EnrolKey(code))
	if held, ok := n.passkeyOf(o); ok {
		if slices.Equal(held.Signature, one.Signature) {
			return o, nil
		}
		return o, ErrEnrolled
	}
	if _, err := n.append(ctx, draft{kind: record.Enrolment, act: newAct(), contents: []content{{record.Open, one}}}); err != nil {
		return o, fmt.Errorf("record the enrolment: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return o, e.take(n.State(), one) // the folder finds it again and changes nothing
}
