// Package roster says who and which keys stand: the authority and its approvals, the chains of governed states, the nodes
// with their identity keys and epochs, the officers and their duties. It is pure: every node folds the same changes and
// counts the approvals itself, from whatever log or parcel they came.
package roster

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"tims/internal/record"
)

// An Authority is the approvers' keys and how many of them a change needs. It is fixed at founding and changed only by itself.
type Authority struct {
	Approvers []Approver `cbor:"1,keyasint"`
	Threshold int        `cbor:"2,keyasint"` // more than half
}

// An Approver is one person of the authority and the Ed25519 key used for approvals and nothing else.
type Approver struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Key  []byte
}

// Valid says what is wrong with the authority, if anything.
func (a Authority) Valid() error {
	n := len(a.Approvers)
	if n == 0 || n > maxApprovers {
		return fmt.Errorf("authority of %d approvers: 1 to %d", n, maxApprovers)
	}
	if a.Threshold <= n/2 || a.Threshold > n {
		return fmt.Errorf("threshold %d of %d: more than half are needed", a.Threshold, n)
	}
	seen := map[string]bool{}
	for _, p := range a.Approvers {
		if len(p.Key) != ed25519.PublicKeySize || p.Name == "" || len(p.Name) > maxText {
			return errors.New("an approver needs a name and an Ed25519 key of 32 bytes")
		}
		if seen["n"+p.Name] || seen["k"+string(p.Key)] {
			return errors.New("two approvers share a name or a key")
		}
		seen["n"+p.Name], seen["k"+string(p.Key)] = true, true
	}
	return nil
}

func (a Authority) key(name string) (ed25519.PublicKey, bool) {
	for _, p := range a.Approvers {
		if p.Name == name {
			return p.Key, true
		}
	}
	return nil, false
}

// A Chain is a governed state. The numbers stand in approvals and never change.
type Chain uint8

const (
	ChainRoster      Chain = 1
	ChainRulebook    Chain = 2
	ChainAlertLosses Chain = 3
	ChainExport      Chain = 4
	ChainErasure     Chain = 5
	ChainAuthority   Chain = 6
)

// A Change replaces one governed state by another. It is valid from whatever log or parcel brings it if its base is this
// node's state.
type Change struct {
	Chain    Chain    `cbor:"1,keyasint"`
	Number   uint64   `cbor:"2,keyasint"` // of the new state; the founding state is 0
	Base     [32]byte `cbor:"3,keyasint"` // StateHash of the state it replaces
	NotAfter int64    `cbor:"4,keyasint"` // UTC ms
	State    []byte   `cbor:"5,keyasint"` // canonical bytes of the whole new state
}

// Challenge is what an approver signs: SHA-256("tims/approval/v1\n" ‖ canonical change).
func (c Change) Challenge() [32]byte {
	return sha256.Sum256(append([]byte("tims/approval/v1\n"), record.Marshal(c)...))
}

// StateHash is the hash by which a change names the state it replaces. It binds chain, number, content and all states
// before, down to the founding, whose hash is the base of number 0: what was approved in an exercise, by the same persons
// with the same keys, is void in the country.
func StateHash(chain Chain, number uint64, base [32]byte, state []byte) [32]byte {
	return sha256.Sum256(append([]byte("tims/state/1\n"), record.Marshal(struct {
		_      struct{} `cbor:",toarray"`
		Chain  Chain
		Number uint64
		Base   [32]byte
		State  []byte
	}{Chain: chain, Number: number, Base: base, State: state})...))
}

// An Approval is one approver's signature on a change.
type Approval struct {
	_         struct{} `cbor:",toarray"`
	Approver  string
	Signature []byte
}

// Approved is a change with its approvals, as records of kind roster and rulebook carry it.
type Approved struct {
	Change    Change     `cbor:"1,keyasint"`
	Approvals []Approval `cbor:"2,keyasint"`
}

// Approve signs a change with an approver's key.
func Approve(c Change, name string, key ed25519.PrivateKey) Approval {
	h := c.Challenge()
	return Approval{Approver: name, Signature: ed25519.Sign(key, h[:])}
}

// ErrApprovals says that a change lacks the approvals it needs. It is counted and shown, never retried.
var ErrApprovals = errors.New("not enough valid approvals of the authority")

// counted returns the distinct approvers whose signatures hold.
func (a Authority) counted(c Change, approvals []Approval) []string {
	if len(approvals) > maxApprovers {
		return nil
	}
	h := c.Challenge()
	var names []string
	seen := map[string]bool{}
	for _, s := range approvals {
		key, ok := a.key(s.Approver)
		if ok && !seen[s.Approver] && ed25519.Verify(key, h[:], s.Signature) {
			seen[s.Approver] = true
			names = append(names, s.Approver)
		}
	}
	return names
}
