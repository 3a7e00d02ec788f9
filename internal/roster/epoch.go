package roster

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tims/internal/record"
)

// Origin is the name of a log: <country>/<node>/<epoch>.
func Origin(country, node string, epoch uint32) string {
	return country + "/" + node + "/" + strconv.FormatUint(uint64(epoch), 10)
}

// ParseOrigin takes an origin apart and refuses any other spelling of it.
func ParseOrigin(origin string) (country, node string, epoch uint32, err error) {
	f := strings.Split(origin, "/")
	if len(f) == 3 {
		n, perr := strconv.ParseUint(f[2], 10, 32)
		if perr == nil && n > 0 && Origin(f[0], f[1], uint32(n)) == origin && nodeName.MatchString(f[1]) && countryName.MatchString(f[0]) {
			return f[0], f[1], uint32(n), nil
		}
	}
	return "", "", 0, errors.New("an origin reads country/node/epoch")
}

// A Head is a size and root of a log, as one epoch statement names another log's end.
type Head struct {
	_      struct{} `cbor:",toarray"`
	Origin string
	Size   uint64
	Root   [32]byte
}

// MirrorSuffix behind an origin is the name under which its node cosigns what it mirrors.
const MirrorSuffix = "/mirror"

// An Epoch is one life of a node's log: which keys sign it and which log it follows. The identity key signs it.
type Epoch struct {
	Number      uint32 `cbor:"1,keyasint"`
	Origin      string `cbor:"2,keyasint"`
	LogKey      string `cbor:"3,keyasint"`           // verifier key (C2SP signed-note), its name is the origin
	MirrorKey   string `cbor:"4,keyasint"`           // verifier key of cosignatures (C2SP tlog-cosignature), named origin/mirror
	Predecessor *Head  `cbor:"5,keyasint,omitempty"` // highest checkpoint still held of the log before
	Cosigned    *Head  `cbor:"6,keyasint,omitempty"` // last cosigned one of the log before
}

// SignedEpoch is an epoch statement as it travels.
type SignedEpoch struct {
	Epoch     Epoch  `cbor:"1,keyasint"`
	Signature []byte `cbor:"2,keyasint"`
}

func (e Epoch) message() []byte { return append([]byte("tims/epoch/1\n"), record.Marshal(e)...) }

// SignEpoch signs a statement with the node's identity key.
func SignEpoch(e Epoch, identity ed25519.PrivateKey) SignedEpoch {
	return SignedEpoch{e, ed25519.Sign(identity, e.message())}
}

// SignedBy says whether an identity key signed the statement, and nothing of whose key that is.
func (e SignedEpoch) SignedBy(key ed25519.PublicKey) bool {
	return ed25519.Verify(key, e.Epoch.message(), e.Signature)
}

// VerifyEpoch accepts a statement of a node of the roster, on the identity key alone, and names the node. Dropped nodes
// are named too, for their old logs stay verifiable: whoever takes new growth asks Node.Dropped.
func (s *State) VerifyEpoch(e SignedEpoch) (Node, error) {
	country, name, number, err := ParseOrigin(e.Epoch.Origin)
	if err != nil {
		return Node{}, err
	}
	if country != s.Founding.Country || number != e.Epoch.Number {
		return Node{}, fmt.Errorf("epoch statement of %s: wrong country or number", e.Epoch.Origin)
	}
	node, ok := s.Roster.Node(name)
	if !ok {
		return Node{}, fmt.Errorf("epoch statement of %s: no such node in the roster", e.Epoch.Origin)
	}
	key, ok := node.identityAt(number)
	if !ok || !e.SignedBy(key) {
		return Node{}, fmt.Errorf("epoch statement of %s is not signed by the identity key of that epoch", e.Epoch.Origin)
	}
	if logName, _, _ := strings.Cut(e.Epoch.LogKey, "+"); logName != e.Epoch.Origin {
		return Node{}, fmt.Errorf("epoch statement of %s: the log key bears another name", e.Epoch.Origin)
	}
	if mirrorName, _, _ := strings.Cut(e.Epoch.MirrorKey, "+"); mirrorName != e.Epoch.Origin+MirrorSuffix {
		// Who cosigned a record is told by the name of his key: under another's name a node would vouch as that one.
		return Node{}, fmt.Errorf("epoch statement of %s: the mirror key bears another name", e.Epoch.Origin)
	}
	return node, nil
}

// TwoEpochs are two statements for one number of a node. Whoever knows the roster is convinced by them alone: an honest node makes
// one log key for an epoch, and states it once.
type TwoEpochs struct {
	_             struct{} `cbor:",toarray"`
	First, Second SignedEpoch
}

// VerifyTwo gives no error where both statements are signed by the identity key of the same epoch and say different things.
func (s *State) VerifyTwo(t TwoEpochs) error {
	for _, e := range []SignedEpoch{t.First, t.Second} {
		if _, err := s.VerifyEpoch(e); err != nil {
			return err
		}
	}
	return t.contradict()
}

// Convicts gives no error where an identity key, known from elsewhere, signed both statements and they say different things of one
// epoch. It asks no roster: a court has the key from the authority.
func (t TwoEpochs) Convicts(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || !t.First.SignedBy(key) || !t.Second.SignedBy(key) {
		return errors.New("a statement is not signed by this identity key")
	}
	return t.contradict()
}

func (t TwoEpochs) contradict() error {
	if t.First.Epoch.Origin != t.Second.Epoch.Origin || t.First.Epoch.Number != t.Second.Epoch.Number ||
		bytes.Equal(record.Marshal(t.First.Epoch), record.Marshal(t.Second.Epoch)) {
		return errors.New("the two epoch statements do not contradict each other")
	}
	return nil
}
