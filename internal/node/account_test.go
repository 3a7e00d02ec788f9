package node

import (
	"context"
	"encoding/hex"
)

// StateForTest gives root and projection of the first records of a log that is held.
func (n *Node) StateForTest(origin string, below uint64) (root, digest string, err error) {
	h, ok := n.mirrors.get(origin)
	if !ok || below == 0 {
		return "", "", nil
	}
	r, err := h.RootAt(below)
	if err != nil {
		return "", "", err
	}
	sum, err := n.shadow.DigestOf(context.Background(), origin, below)
	return r.String(), hex.EncodeToString(sum[:]), err
}
