package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"tims/internal/border"
	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/record"
)

// A booth of the demonstration is an officer in software: it reads zones, follows the advice and signs as a browser does.
type booth struct {
	post  string
	key   *ecdsa.PrivateKey
	shift *node.Shift
}

// openBooth signs in at a post as an officer does: with his passkey, here one in software.
func (c *Country) openBooth(ctx context.Context, n *node.Node) (*booth, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a booth key: %w", err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("make a booth key: %w", err)
	}
	signed, err := c.signShift(ctx, n, robotLabel, n.Nonce(), record.ShiftBody{Booth: robotBooth, BoothKey: public})
	if err != nil {
		return nil, err
	}
	shift, err := n.OpenShift(ctx, signed)
	if err != nil {
		return nil, err
	}
	return &booth{post: n.Name(), key: key, shift: shift}, nil
}

// A passed traveller is what one act at a booth came to.
type passed struct {
	act    record.Act
	kind   record.Kind
	check  time.Duration // from the zone to the advice, the check's record durable
	commit time.Duration // from the decision to the receipt
}

// pass reads one traveller's zone, decides and commits.
func (b *booth) pass(ctx context.Context, n *node.Node, t traveller.Traveller, dir border.Direction, v node.Vehicle) (passed, error) {
	began := time.Now()
	doc := border.ReadZone(t.Zone, n.Today())
	view, err := n.Scan(ctx, node.Scan{Act: newAct(), Shift: b.shift, Direction: dir, Document: doc, Vehicle: v})
	if errors.Is(err, node.ErrNumber) { // an officer types what a damaged zone does not give
		doc = t.Document
		doc.ByHand = true
		view, err = n.Scan(ctx, node.Scan{Act: newAct(), Shift: b.shift, Direction: dir, Document: doc, Vehicle: v})
	}
	if err != nil {
		return passed{}, err
	}
	p := passed{act: newAct(), check: time.Since(began)}
	d := node.Decision{Act: p.act, Shift: b.shift, Check: view.Ref.Index, Decision: view.Advice.Decision, Vehicle: v}
	d.Terms = border.Terms{Basis: t.Basis, Nation: doc.Nationality, Visa: t.Visa, Until: t.Until}
	if d.Terms.Basis != view.Advice.Terms.Basis { // the officer chose another basis: what do the rules say of that?
		if view, err = n.View(ctx, view.Ref.Index, d.Terms, &v); err != nil {
			return passed{}, err
		}
		d.Decision = view.Advice.Decision
	}
	if d.Decision == border.Refuse {
		if d.Ground = view.Advice.Ground; d.Ground == "" {
			d.Decision = border.Refer
		}
	}
	decided := time.Now()
	prepared, err := n.Prepare(ctx, d)
	if err != nil {
		return passed{}, err
	}
	signature, err := b.sign(prepared.Message)
	if err != nil {
		return passed{}, err
	}
	r, err := n.Commit(ctx, d.Act, signature)
	if err != nil {
		return passed{}, err
	}
	p.commit, p.kind = time.Since(decided), r.Kind
	return p, nil
}

// sign makes a signature in the form of Web Cryptography: r ‖ s.
func (b *booth) sign(message []byte) ([]byte, error) {
	h := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		return nil, fmt.Errorf("sign an act: %w", err)
	}
	out := make([]byte, record.BoothSignatureSize)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out, nil
}

func newAct() (a record.Act) {
	rand.Read(a[:])
	return a
}
