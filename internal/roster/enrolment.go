package roster

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"

	"tims/internal/record"
)

// An Enrolment states which passkey is an officer's. The enrolment key that the approved roster names for him signs it, so
// the roster's approval covers the passkey too: no approver is present when it is made, and every node judges the statement
// alone, from whatever log it comes.
type Enrolment struct {
	Officer    [16]byte `cbor:"1,keyasint"`
	Credential []byte   `cbor:"2,keyasint"`           // credential id of WebAuthn
	Key        []byte   `cbor:"3,keyasint"`           // its public key, a COSE_Key (RFC 9052) as the authenticator gave it
	Signature  []byte   `cbor:"4,keyasint,omitempty"` // Ed25519 by the enrolment key
}

// EnrolKey is the key of a one-time enrolment code: its seed is SHA-256("tims/enrol/1\n" ‖ code). The public half stands in
// the roster; whoever has the code can sign one enrolment, and nothing else.
func EnrolKey(code string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("tims/enrol/1\n" + code))
	return ed25519.NewKeyFromSeed(seed[:])
}

// EnrolPublic is the public half of EnrolKey, as Officer.Enrol has it.
func EnrolPublic(code string) []byte { return EnrolKey(code).Public().(ed25519.PublicKey) }

func (e Enrolment) message() []byte {
	e.Signature = nil
	return append([]byte("tims/enrolment/1\n"), record.Marshal(e)...)
}

// Sign gives the statement signed by an enrolment key. The same statement always gets the same signature.
func (e Enrolment) Sign(key ed25519.PrivateKey) Enrolment {
	e.Signature = ed25519.Sign(key, e.message())
	return e
}

// ErrEnrolment says that no enrolment key that this state knows for the officer has signed the statement.
var ErrEnrolment = errors.New("the enrolment is not signed by the officer's enrolment key of the roster")

// VerifyEnrolment says which enrolment key signed a statement: the officer's present one, or one that an earlier roster named,
// for what he signed with that passkey then stays his. Whether it lets him in now is for the caller: the key must be that of
// the living officer.
func (s *State) VerifyEnrolment(e Enrolment) (key [32]byte, err error) {
	if len(e.Credential) == 0 || len(e.Credential) > maxCredential || len(e.Key) == 0 || len(e.Key) > maxPasskey {
		return key, ErrEnrolment
	}
	message := e.message()
	for _, k := range s.enrolKeys(e.Officer) {
		if len(k) == ed25519.PublicKeySize && ed25519.Verify(k, message, e.Signature) {
			return [32]byte(k), nil
		}
	}
	return key, ErrEnrolment
}

// enrolKeys are all enrolment keys that a roster has named for an officer, the present one first. A dropped officer's past
// stays verifiable.
func (s *State) enrolKeys(officer [16]byte) [][]byte {
	for _, o := range s.Roster.Officers {
		if o.ID == officer {
			return append([][]byte{o.Enrol}, s.former[officer]...)
		}
	}
	return s.former[officer]
}

// formerEnrols adds the enrolment keys that the new roster no longer names.
func formerEnrols(former map[[16]byte][][]byte, old, new Roster) map[[16]byte][][]byte {
	now := make(map[[16]byte][]byte, len(new.Officers))
	for _, o := range new.Officers {
		now[o.ID] = o.Enrol
	}
	out := maps.Clone(former)
	if out == nil {
		out = map[[16]byte][][]byte{}
	}
	for _, o := range old.Officers {
		if len(o.Enrol) > 0 && !slices.Equal(now[o.ID], o.Enrol) {
			out[o.ID] = append(slices.Clip(out[o.ID]), o.Enrol)
		}
	}
	return out
}
