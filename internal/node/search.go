package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
)

// ErrReason: a search needs a reason.
var ErrReason = errors.New("a search needs a reason of 5 to 200 characters, such as a case number")

// Search finds a person's crossings for an analyst. The search is a record, sealed to the auditor, that is durable before
// the answer is looked up.
func (n *Node) Search(ctx context.Context, s *Shift, reason string, q projection.Query) ([]projection.Found, error) {
	if err := n.may(s, roster.SearchCountry); err != nil {
		return nil, err
	}
	what, asked := "document", q.Number
	if q.Number == "" {
		what, asked = "name", q.Surname+"<<"+q.Given
	}
	if err := n.recordSearch(ctx, s, reason, what, asked); err != nil {
		return nil, err
	}
	found, err := n.shadow.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].ByNode = !n.signedByBooth(record.RefOf(found[i].Ref))
	}
	return found, nil
}

// recordSearch makes a search durable before anything is looked up.
func (n *Node) recordSearch(ctx context.Context, s *Shift, reason, what, asked string) error {
	reason = strings.TrimSpace(reason)
	if len(reason) < 5 || len(reason) > maxReason {
		return ErrReason
	}
	body := record.SearchBody{By: hex.EncodeToString(s.Officer.ID[:]), Reason: reason, What: what, Asked: asked}
	if _, err := n.append(ctx, draft{kind: record.Search, act: newAct(), shift: &s.Ref,
		contents: []content{{record.Body, body}}}); err != nil {
		return fmt.Errorf("record the search: %w", err)
	}
	return nil
}

// signedByBooth checks the signature of a record's booth key, and the officer's passkey that put this key in charge: without it
// the node could have made the booth key itself. Where the shift cannot be read here, nothing is claimed.
func (n *Node) signedByBooth(ref record.Ref) bool {
	o, err := n.Read(ref)
	if err != nil || o.Leaf.Shift == nil || len(o.Leaf.Booth) == 0 {
		return false
	}
	shift, err := n.Read(*o.Leaf.Shift)
	return err == nil && shift.Shift != nil && shift.Node == o.Node && n.VerifyShift(*shift.Shift) == nil &&
		verifyBooth(shift.Shift.BoothKey, boothMessage(o.Leaf), o.Leaf.Booth)
}
