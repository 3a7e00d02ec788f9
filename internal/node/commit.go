package node

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// A draft is a record before it is sealed.
type draft struct {
	kind     record.Kind
	act      record.Act
	about    []record.Ref
	shift    *record.Ref
	contents []content // in ascending order of parts
	claim    []byte
}

// A sealed record waits for its booth's signature, or for nothing.
type sealed struct {
	leaf  record.Leaf
	parts []tlog.Part
}

func newAct() (a record.Act) {
	rand.Read(a[:])
	return a
}

func (n *Node) seal(ctx context.Context, d draft) (sealed, error) {
	refs, parts, err := n.vault.seal(ctx, d.kind, d.act, d.contents)
	if err != nil {
		return sealed{}, fmt.Errorf("seal a %v: %w", d.kind, err)
	}
	return sealed{record.Leaf{Kind: d.kind, Act: d.act, About: d.about, Shift: d.shift, Parts: refs, Claim: d.claim}, parts}, nil
}

// append seals a draft that no booth signs, and commits it.
func (n *Node) append(ctx context.Context, d draft) (tlog.Appended, error) {
	s, err := n.seal(ctx, d)
	if err != nil {
		return tlog.Appended{}, fmt.Errorf("%w: %w", tlog.ErrNotRecorded, err)
	}
	return n.commit(ctx, s)
}

// commit stamps the time and writes the record durably. The errors are those of tlog.Log.Append.
func (n *Node) commit(ctx context.Context, s sealed) (tlog.Appended, error) {
	s.leaf.Written, s.leaf.Clock, s.leaf.Floor = n.clock.read()
	leaf, err := s.leaf.Encode()
	if err != nil {
		return tlog.Appended{}, fmt.Errorf("%w: %w", tlog.ErrNotRecorded, err)
	}
	a, err := n.reserve.append(mustBeRecorded(s.leaf), func() (tlog.Appended, error) {
		return n.log.Append(ctx, tlog.Entry{Act: s.leaf.Act, Leaf: leaf, Parts: s.parts})
	})
	if errors.Is(err, errReserved) { // nobody has looked whether it stands there already
		if index, known, look := n.log.ByAct(s.leaf.Act); look != nil || known {
			err = cmp.Or(look, error(&tlog.KnownActError{Index: index}))
		}
	}
	if err != nil {
		return a, err
	}
	n.clock.signed(s.leaf.Written)
	n.fold.nudge()
	return a, nil
}

// A Receipt is what the booth gets for a committed act. The number of a record is node, epoch and index.
type Receipt struct {
	Ref      record.Ref
	Node     string
	Epoch    uint32
	Kind     record.Kind
	LeafHash [32]byte
	Written  int64  // UTC ms
	Opening  []byte // opens the claim; stands on the traveller's receipt
	Code     string // 10 characters that people read out
	Flags    Flags
	Repeated bool   // the act had been recorded before
	Check    uint64 // index of the check that it decided
}

// receipt reads back what this node wrote, now or in a former epoch.
func (n *Node) receipt(at record.Ref, repeated bool) (Receipt, error) {
	o, err := n.Read(at)
	if err != nil {
		return Receipt{}, fmt.Errorf("read a receipt: %w", err)
	}
	_, _, epoch, err := roster.ParseOrigin(at.Origin)
	if err != nil {
		return Receipt{}, fmt.Errorf("read a receipt: %w", err)
	}
	r := Receipt{Ref: at, Node: n.Name(), Epoch: epoch, Kind: o.Leaf.Kind, LeafHash: o.LeafHash, Written: o.Leaf.Written,
		Repeated: repeated, Flags: n.flagsAt(at)}
	if len(o.Leaf.About) > 0 && o.Leaf.About[0].Origin == at.Origin {
		if r.Check, err = n.checkOf(o.Leaf.About[0]); err != nil {
			return Receipt{}, err
		}
	}
	if o.Person != nil && len(o.Person.Opening) == len(seal.Opening{}) {
		r.Opening = o.Person.Opening
		r.Code = seal.Opening(o.Person.Opening).Code()
	}
	return r, nil
}

// checkOf follows a referral to its check; anything else is its own.
func (n *Node) checkOf(at record.Ref) (uint64, error) {
	o, err := n.Read(at)
	if err != nil {
		return 0, fmt.Errorf("read a receipt: %w", err)
	}
	if o.Leaf.Kind == record.Referral && len(o.Leaf.About) > 0 {
		return o.Leaf.About[0].Index, nil
	}
	return at.Index, nil
}

// ReceiptOf gives the receipt of a record of this node's own log again, with its flags as they are now.
func (n *Node) ReceiptOf(index uint64) (Receipt, error) {
	return n.receipt(record.Ref{Origin: n.origin, Index: index}, false)
}

var (
	// ErrOtherContent: the act is recorded with other content. What is recorded stays; the new content needs an act of its own.
	ErrOtherContent = errors.New("this act is already recorded with other content")
	// ErrBoothSignature: the signature is not of the booth key of the shift. Nothing was recorded.
	ErrBoothSignature = errors.New("the booth's signature does not fit the act")
)

// finish commits a prepared act under the booth's signature; without one it is recorded "by the node". Asking again for the
// same act gives the first receipt.
func (n *Node) finish(ctx context.Context, p prepared, signature []byte) (Receipt, error) {
	if len(signature) > 0 {
		if p.shift == nil || !verifyBooth(p.shift.boothKey, boothMessage(p.leaf), signature) {
			return Receipt{}, ErrBoothSignature
		}
		p.leaf.Booth = signature
	}
	a, err := n.commit(ctx, p.sealed)
	var known *tlog.KnownActError
	switch {
	case errors.As(err, &known):
		return n.repeated(record.Ref{Origin: n.origin, Index: known.Index}, p.deed)
	case err != nil:
		return Receipt{}, err
	}
	r := Receipt{Ref: record.Ref{Origin: n.origin, Index: a.Index}, Node: n.Name(), Epoch: n.ring.Epoch(), Kind: p.leaf.Kind,
		LeafHash: a.LeafHash, Written: n.Now(), Flags: n.flags(a.Index), Check: p.check}
	if len(p.leaf.Claim) > 0 {
		r.Opening, r.Code = p.opening[:], p.opening.Code()
	}
	return r, nil
}

// repeated answers an act that a log of this node has: with the first receipt if the content is the same.
func (n *Node) repeated(at record.Ref, d Deed) (Receipt, error) {
	o, err := n.Read(at)
	if err != nil {
		return Receipt{}, fmt.Errorf("compare a repeated act: %w", err)
	}
	if !d.is(n, &o) {
		return Receipt{}, ErrOtherContent
	}
	return n.receipt(at, true)
}

// intent is what an officer meant, without what differs between two tries: times, what was known meanwhile, the opening, and
// the terms, of which the node may have completed or advised a part (said).
func intent(p record.PersonPart) [32]byte {
	p.Happened, p.Day, p.Known, p.Lists, p.Opening = 0, 0, nil, nil, nil
	p.Basis, p.Until, p.Paper, p.Visa = 0, 0, "", nil
	return sha256.Sum256(record.Marshal(p))
}

// reading is what a scan read: the document, and the way its bearer goes. Whom the booth has before it besides, and in which
// vehicle, changes once a decision is made, and a form that the browser sends again is the same scan all the same.
func reading(p record.PersonPart) [32]byte {
	p.Party, p.Vehicle, p.Plate, p.PlateCountry, p.Occupants, p.Driver = nil, 0, "", "", 0, false
	return intent(p)
}

// said reports whether the terms that an officer chose stand in a record. What he left to the node is not compared.
func said(t border.Terms, p record.PersonPart) bool {
	return (t.Basis == 0 || t.Basis == p.Basis) && (t.Until == 0 || t.Until == p.Until) && (t.Basis == 0 || t.Paper == p.Paper) &&
		(t.Visa == border.VisaTerms{} || p.Visa != nil && *p.Visa == t.Visa)
}

func boothMessage(l record.Leaf) []byte { return l.BoothMessage() }

// verifyBooth checks an ECDSA P-256 signature with SHA-256 in the form of Web Cryptography, r ‖ s.
func verifyBooth(point, message, signature []byte) bool {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil || len(signature) != record.BoothSignatureSize {
		return false
	}
	h := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, h[:], r, s)
}

// nothingWritten says that an error leaves it certain that the act is not in the log.
func nothingWritten(err error) bool {
	return errors.Is(err, tlog.ErrNotRecorded) || errors.Is(err, tlog.ErrStopped) || errors.Is(err, tlog.ErrClosed) ||
		errors.Is(err, ErrBoothSignature)
}
