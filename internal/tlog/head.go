package tlog

import "strings"

// A Checkpoint is a tree head of some log, ours or not, as its key has signed
// it. The zero value is the empty tree, of which nothing was signed yet.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   Hash
	// Note is the text and the log's signature: other signatures are dropped,
	// extension lines stay.
	Note []byte
}

// OpenCheckpoint opens a signed note of the log with the given verifier key,
// for whoever keeps checkpoints alone. It fails with ErrMalformed,
// ErrUnknownOrigin or ErrSignature.
func OpenCheckpoint(key string, msg []byte) (Checkpoint, error) {
	k, err := parseKey(key)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := k.openExtended(msg)
	if err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{k.origin(), c.size, c.root, c.note}, nil
}

// CheckConsistency verifies that the tree of newer continues that of older, by
// the rules of tlog-witness add-checkpoint. Any failure is ErrProof.
func CheckConsistency(proof []Hash, older, newer Checkpoint) error {
	return checkConsistency(proof, checkpoint{size: older.Size, root: older.Root}, checkpoint{size: newer.Size, root: newer.Root})
}

// ParseHead reads the text of a checkpoint, of which the caller knows who
// signed it. Note stays empty.
func ParseHead(text string) (Checkpoint, error) {
	c, err := parseHead(text)
	if err != nil {
		return Checkpoint{}, err
	}
	origin, _, _ := strings.Cut(text, "\n")
	return Checkpoint{Origin: origin, Size: c.size, Root: c.root}, nil
}
