package node

import (
	"fmt"

	"tims/internal/seal"
)

// ReceiptText is what stands in the QR code of a receipt: a text by which a portal, `tims verify-receipt` or anybody else sees that
// the record with the claim of this traveller stands in the log, or that the log promised it and it is gone
// (docs/design/receipt.md). It fails for a record that gives no receipt.
func (n *Node) ReceiptText(index uint64) (string, error) {
	receipt, err := n.ReceiptOf(index)
	if err != nil {
		return "", err
	}
	leaf, err := n.log.Leaf(index)
	if err != nil {
		return "", fmt.Errorf("read a receipt: %w", err)
	}
	if len(receipt.Opening) != len(seal.Opening{}) {
		return "", fmt.Errorf("record %d gives no receipt", index)
	}
	r, err := seal.NewReceipt(n.origin, index, leaf, seal.Opening(receipt.Opening))
	if err != nil {
		return "", err
	}
	signer, _, err := n.ring.Log(n.origin)
	if err != nil {
		return "", fmt.Errorf("sign a receipt: %w", err)
	}
	if r, err = r.Promised(signer.Sign); err != nil {
		return "", err
	}
	return r.Text(), nil
}
