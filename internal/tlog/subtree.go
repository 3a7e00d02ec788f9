package tlog

import (
	"errors"
	"fmt"
	"math/bits"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Subtree consistency proofs, as tlog-mirror takes them from
// draft-ietf-plants-merkle-tree-certs-02 section 4. They are the one piece of
// Merkle arithmetic here that golang.org/x/mod/sumdb/tlog does not have.

// validSubtree: [start, end) is a subtree if start is a multiple of the
// smallest power of two that is not below its width (section 4.1).
func validSubtree(start, end uint64) bool {
	if start >= end || end >= maxSize {
		return false
	}
	return start&(1<<bits.Len64(end-start-1)-1) == 0
}

// split returns the largest power of two smaller than n, for n > 1.
func split(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

// A span is a range of leaves whose Merkle tree hash is wanted.
type span struct{ lo, hi uint64 }

// proveSubtree returns the proof that the subtree [start, end) stands in the
// tree of size n, of which r holds the stored hashes (section 4.4.1).
func proveSubtree(start, end, n uint64, r sumdb.HashReader) ([]Hash, error) {
	if !validSubtree(start, end) || end > n {
		return nil, fmt.Errorf("[%d, %d) is no subtree of a tree of size %d", start, end, n)
	}
	return hashSpans(subtreeSpans(nil, start, end, span{0, n}, true), r)
}

// subtreeSpans appends the ranges whose hashes make up the proof for [start,
// end) within the node that covers in. The node's own hash is left out while
// known: the verifier computes it from the subtree's leaves.
func subtreeSpans(out []span, start, end uint64, in span, known bool) []span {
	if start == in.lo && end == in.hi {
		if known {
			return out
		}
		return append(out, in)
	}
	mid := in.lo + split(in.hi-in.lo)
	left, right := span{in.lo, mid}, span{mid, in.hi}
	switch {
	case end <= mid:
		return append(subtreeSpans(out, start, end, left, known), right)
	case mid <= start:
		return append(subtreeSpans(out, start, end, right, known), left)
	default: // the subtree begins with this node and ends within its right half
		return append(subtreeSpans(out, mid, end, right, false), left)
	}
}

// hashSpans computes the Merkle tree hash of each span from stored hashes, in
// one read.
func hashSpans(spans []span, r sumdb.HashReader) ([]Hash, error) {
	var indexes []int64
	counts := make([]int, len(spans))
	for i, s := range spans {
		for lo := s.lo; lo < s.hi; counts[i]++ {
			level := bits.Len64(s.hi-lo) - 1
			indexes = append(indexes, sumdb.StoredHashIndex(level, int64(lo>>level)))
			lo += 1 << level
		}
	}
	if len(indexes) == 0 {
		return nil, nil
	}
	hs, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	out := make([]Hash, len(spans))
	for i, n := range counts {
		h := hs[n-1]
		for j := n - 2; j >= 0; j-- {
			h = sumdb.NodeHash(hs[j], h)
		}
		out[i], hs = h, hs[n:]
	}
	return out, nil
}

var errSubtreeProof = errors.New("subtree consistency proof does not verify")

// checkSubtree verifies that the subtree [start, end) with the given hash
// stands in the tree of size n with the given root (section 4.4.3).
func checkSubtree(proof []Hash, start, end uint64, hash Hash, n uint64, root Hash) error {
	if !validSubtree(start, end) || end > n {
		return errSubtreeProof
	}
	sub, tree, err := runSubtree(proof, start, end, span{0, n}, &hash)
	if err != nil || sub != hash || tree != root {
		return errSubtreeProof
	}
	return nil
}

// runSubtree recomputes from a proof the hash of the part of the subtree within
// the node that covers in, and the hash of that node. known is the subtree's
// hash while it is a node of the tree, and nil once it had to be split.
func runSubtree(proof []Hash, start, end uint64, in span, known *Hash) (sub, node Hash, err error) {
	whole := start == in.lo && end == in.hi
	switch {
	case whole && known != nil && len(proof) == 0:
		return *known, *known, nil
	case whole && known == nil && len(proof) == 1:
		return proof[0], proof[0], nil
	case whole || len(proof) == 0:
		return sub, node, errSubtreeProof
	}
	last, rest := proof[len(proof)-1], proof[:len(proof)-1]
	mid := in.lo + split(in.hi-in.lo)
	switch {
	case end <= mid:
		sub, node, err = runSubtree(rest, start, end, span{in.lo, mid}, known)
		return sub, sumdb.NodeHash(node, last), err
	case mid <= start:
		sub, node, err = runSubtree(rest, start, end, span{mid, in.hi}, known)
		return sub, sumdb.NodeHash(last, node), err
	default:
		sub, node, err = runSubtree(rest, mid, end, span{mid, in.hi}, nil)
		return sumdb.NodeHash(last, sub), sumdb.NodeHash(last, node), err
	}
}

// treeHash returns the Merkle tree hash over leaf hashes (RFC 6962 section
// 2.1); there is at least one.
func treeHash(leaves []Hash) Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(uint64(len(leaves)))
	return sumdb.NodeHash(treeHash(leaves[:k]), treeHash(leaves[k:]))
}
