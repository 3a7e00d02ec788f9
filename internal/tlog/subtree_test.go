package tlog

import (
	"fmt"
	"slices"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A naiveTree computes everything from the definitions, by leaves.
type naiveTree struct {
	leaves []Hash
	memo   map[[2]int]Hash
}

func newNaiveTree(n int) *naiveTree {
	t := &naiveTree{memo: map[[2]int]Hash{}}
	for i := range n {
		t.leaves = append(t.leaves, sumdb.RecordHash(fmt.Appendf(nil, "leaf %d", i)))
	}
	return t
}

// mth is MTH(D[lo:hi]) of RFC 6962 section 2.1.
func (t *naiveTree) mth(lo, hi int) Hash {
	if hi-lo == 1 {
		return t.leaves[lo]
	}
	if h, ok := t.memo[[2]int{lo, hi}]; ok {
		return h
	}
	k := 1
	for 2*k < hi-lo {
		k *= 2
	}
	h := sumdb.NodeHash(t.mth(lo, lo+k), t.mth(lo+k, hi))
	t.memo[[2]int{lo, hi}] = h
	return h
}

// subproof is SUBTREE_SUBPROOF(start, end, D[base:base+n], b) of the draft's
// section 4.4.1, with start and end counted from base as the draft has them.
func (t *naiveTree) subproof(start, end, base, n int, b bool) []Hash {
	if start == 0 && end == n {
		if b {
			return nil
		}
		return []Hash{t.mth(base, base+n)}
	}
	k := 1
	for 2*k < n {
		k *= 2
	}
	if end <= k {
		return append(t.subproof(start, end, base, k, b), t.mth(base+k, base+n))
	}
	if k <= start {
		return append(t.subproof(start-k, end-k, base+k, n-k, b), t.mth(base, base+k))
	}
	return append(t.subproof(0, end-k, base+k, n-k, false), t.mth(base, base+k))
}

// stored is the tree in the layout of sumdb.
func (t *naiveTree) stored() sumdb.HashReader {
	var all []Hash
	r := sumdb.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, x := range indexes {
			out[i] = all[x]
		}
		return out, nil
	})
	for i, h := range t.leaves {
		hs, err := sumdb.StoredHashesForRecordHash(int64(i), h, r)
		if err != nil {
			panic(err)
		}
		all = append(all, hs...)
	}
	return r
}

// isSubtree is section 4.1, spelled out.
func isSubtree(start, end int) bool {
	width := 1
	for width < end-start {
		width *= 2
	}
	return start < end && start%width == 0
}

func TestSubtreeProofsBruteForce(t *testing.T) {
	const limit = 600
	tree := newNaiveTree(limit)
	r := tree.stored()
	for n := 1; n <= limit; n++ {
		for start := 0; start < n; start++ {
			for end := start + 1; end <= n; end++ {
				if !isSubtree(start, end) {
					// nor is any wider range from this start
					if validSubtree(uint64(start), uint64(end)) {
						t.Fatalf("[%d, %d) taken for a subtree", start, end)
					}
					break
				}
				checkSubtreeProof(t, tree, r, start, end, n)
			}
		}
	}
}

func checkSubtreeProof(t *testing.T, tree *naiveTree, r sumdb.HashReader, start, end, n int) {
	t.Helper()
	proof, err := proveSubtree(uint64(start), uint64(end), uint64(n), r)
	must(t, err)
	if want := tree.subproof(start, end, 0, n, true); !slices.Equal(proof, want) {
		t.Fatalf("proof of [%d, %d) in %d is not the draft's", start, end, n)
	}
	err = checkSubtree(proof, uint64(start), uint64(end), tree.mth(start, end), uint64(n), tree.mth(0, n))
	if err != nil {
		t.Fatalf("proof of [%d, %d) in %d: %v", start, end, n, err)
	}
}

func TestSubtreeProofOfPrefixIsConsistencyProof(t *testing.T) {
	tree := newNaiveTree(130)
	r := tree.stored()
	for n := 2; n <= 130; n++ {
		for end := 1; end < n; end++ {
			got, err := proveSubtree(0, uint64(end), uint64(n), r)
			must(t, err)
			want, err := sumdb.ProveTree(int64(n), int64(end), r)
			must(t, err)
			if !slices.Equal(got, want) {
				t.Fatalf("[0, %d) in %d differs from RFC 6962", end, n)
			}
		}
	}
}

// Every proof of a small tree, bent in every hash and in its length, and every
// other subtree, tree or hash under a good proof, is refused.
func TestSubtreeProofRefused(t *testing.T) {
	const limit = 20
	tree := newNaiveTree(limit)
	r := tree.stored()
	for n := 1; n <= limit; n++ {
		for start := 0; start < n; start++ {
			for end := start + 1; end <= n && isSubtree(start, end); end++ {
				proof, err := proveSubtree(uint64(start), uint64(end), uint64(n), r)
				must(t, err)
				hash, root := tree.mth(start, end), tree.mth(0, n)
				refuse := func(what string, p []Hash, start, end int, h Hash, n int, root Hash) {
					if checkSubtree(p, uint64(start), uint64(end), h, uint64(n), root) == nil {
						t.Errorf("[%d, %d) in %d: %s was taken", start, end, n, what)
					}
				}
				for i := range proof {
					bent := slices.Clone(proof)
					bent[i][7] ^= 1
					refuse("a bent hash", bent, start, end, hash, n, root)
				}
				if len(proof) > 0 {
					refuse("a short proof", proof[1:], start, end, hash, n, root)
				}
				refuse("a long proof", append(slices.Clone(proof), hash), start, end, hash, n, root)
				refuse("a long proof", append([]Hash{hash}, proof...), start, end, hash, n, root)
				bent := hash
				bent[0] ^= 1
				refuse("another subtree hash", proof, start, end, bent, n, root)
				bent = root
				bent[31] ^= 1
				refuse("another root", proof, start, end, hash, n, bent)
			}
		}
	}
	for _, c := range [][3]uint64{{1, 3, 4}, {2, 2, 4}, {3, 2, 4}, {0, 5, 4}, {4, 6, 5}, {0, 1 << 63, 1 << 63}} {
		if _, err := proveSubtree(c[0], c[1], c[2], r); err == nil {
			t.Errorf("proved [%d, %d) in %d", c[0], c[1], c[2])
		}
		if checkSubtree(nil, c[0], c[1], Hash{}, c[2], Hash{}) == nil {
			t.Errorf("took [%d, %d) in %d", c[0], c[1], c[2])
		}
	}
}

func TestTreeHashOfLeaves(t *testing.T) {
	tree := newNaiveTree(300)
	for n := 1; n <= 300; n++ {
		if treeHash(tree.leaves[:n]) != tree.mth(0, n) {
			t.Fatalf("hash over %d leaves", n)
		}
	}
}

func TestEdge(t *testing.T) {
	const limit = 600
	tree := newNaiveTree(limit)
	r := tree.stored()
	e := &edge{hashes: map[int64]Hash{}}
	for n := range limit {
		stored, err := e.add(tree.leaves[n])
		must(t, err)
		for level, h := range stored {
			if want := tree.mth((n+1)-1<<level, n+1); h != want {
				t.Fatalf("leaf %d stores a wrong hash at level %d", n, level)
			}
		}
		root, err := e.root()
		must(t, err)
		loaded, again, err := loadEdge(uint64(n+1), r)
		must(t, err)
		if root != tree.mth(0, n+1) || again != root || len(loaded.hashes) != len(e.hashes) {
			t.Fatalf("edge of size %d", n+1)
		}
	}
	if want := sumEmpty; emptyRoot() != want {
		t.Errorf("root of the empty tree is %x", emptyRoot())
	}
}

// sumEmpty is SHA-256 of nothing (RFC 6962 section 2.1).
var sumEmpty = Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}
