package tlog

import (
	"fmt"

	"github.com/ncruces/go-sqlite3"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// ReadHashes implements sumdb's HashReader for trees up to Next: a leaf's row
// holds the hash of every subtree that the leaf completes, so the stored hash
// of node n at a level is found in row (n+1)<<level - 1.
func (r *Reader) ReadHashes(indexes []int64) ([]Hash, error) {
	var hs []Hash
	err := r.db.read(func(c *conn) (err error) {
		hs, err = readHashes(c, indexes)
		return err
	})
	return hs, err
}

func readHashes(c *conn, indexes []int64) ([]Hash, error) {
	hs := make([]Hash, len(indexes))
	for i, x := range indexes {
		level, n := sumdb.SplitStoredHashIndex(x)
		row, found := (n+1)<<level-1, false
		err := c.query("SELECT substr(hashes, ?, 32) FROM leaf WHERE idx = ?", func(s *sqlite3.Stmt) error {
			found = copy(hs[i][:], s.ColumnRawBlob(0)) == sumdb.HashSize
			return nil
		}, int64(level*sumdb.HashSize+1), row)
		if err == nil && !found {
			err = ErrNotHere
		}
		if err != nil {
			return nil, fmt.Errorf("tree hash of level %d at leaf %d: %w", level, row, err)
		}
	}
	return hs, nil
}

// RootAt returns the root of the tree of the first size leaves, up to Next.
func (r *Reader) RootAt(size uint64) (Hash, error) {
	if next := r.Next(); size > next {
		return Hash{}, fmt.Errorf("tree of size %d: %w", size, ErrNotHere)
	}
	return sumdb.TreeHash(int64(size), r)
}

// ConsistencyProof proves that the tree of size newer continues that of size
// older (RFC 6962 section 2.1.2). It is empty for an empty older tree and for
// equal sizes, whose trees may lie beyond Next.
func (r *Reader) ConsistencyProof(older, newer uint64) ([]Hash, error) {
	if older == 0 || older == newer {
		return nil, nil
	}
	if older > newer || newer > r.Next() {
		return nil, fmt.Errorf("consistency from %d to %d: %w", older, newer, ErrNotHere)
	}
	return sumdb.ProveTree(int64(newer), int64(older), r)
}

// InclusionProof proves that leaf index stands in the tree of the given size
// (RFC 6962 section 2.1.1).
func (r *Reader) InclusionProof(index, size uint64) ([]Hash, error) {
	if index >= size || size > r.Next() {
		return nil, fmt.Errorf("inclusion of %d in %d: %w", index, size, ErrNotHere)
	}
	return sumdb.ProveRecord(int64(size), int64(index), r)
}

// Offer packs the canonical entry package that begins at start in an upload to
// size end (tlog-mirror, add-entries), with its subtree consistency proof. It
// reaches to the next multiple of PackageSize, or to end.
func (r *Reader) Offer(start, end uint64) (Offer, error) {
	if start >= end || end > r.Next() {
		return Offer{}, fmt.Errorf("package of [%d, %d): %w", start, end, ErrNotHere)
	}
	o := Offer{start: start}
	stop := packageEnd(start, end)
	for have := start; have < stop; have = start + uint64(len(o.entries)) {
		more, err := r.Leaves(have, int(stop-have))
		if err != nil {
			return Offer{}, err
		}
		o.entries = append(o.entries, more...)
	}
	var err error
	o.proof, err = proveSubtree(packageStart(start), stop, end, r)
	return o, err
}

// packageStart and packageEnd give the interval of the canonical package that
// begins at start: its subtree and its last entry.
func packageStart(start uint64) uint64 { return start / PackageSize * PackageSize }

func packageEnd(start, end uint64) uint64 { return min(end, packageStart(start)+PackageSize) }
