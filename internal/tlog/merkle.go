package tlog

import (
	"fmt"
	"maps"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// An edge is the right edge of a tree: the roots of its complete subtrees, by
// stored hash index. It is all that appending and computing the root need, so
// that a writer never reads hashes back from the disk.
type edge struct {
	size   int64
	hashes map[int64]Hash
}

// loadEdge reads the edge of the tree of the given size.
func loadEdge(size uint64, r sumdb.HashReader) (*edge, Hash, error) {
	e := &edge{size: int64(size), hashes: map[int64]Hash{}}
	root, err := sumdb.TreeHash(e.size, sumdb.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		hs, err := r.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, x := range indexes {
			e.hashes[x] = hs[i]
		}
		return hs, nil
	}))
	return e, root, err
}

func (e *edge) clone() *edge {
	return &edge{size: e.size, hashes: maps.Clone(e.hashes)}
}

// add appends a leaf hash and returns the hashes to store with that leaf: its
// own and that of each subtree it completes, lowest first.
func (e *edge) add(leaf Hash) ([]Hash, error) {
	n := e.size
	stored, err := sumdb.StoredHashesForRecordHash(n, leaf, e)
	if err != nil {
		return nil, err
	}
	top := len(stored) - 1
	for level := range top {
		delete(e.hashes, sumdb.StoredHashIndex(level, n>>level-1))
	}
	e.hashes[sumdb.StoredHashIndex(top, n>>top)] = stored[top]
	e.size++
	return stored, nil
}

func (e *edge) root() (Hash, error) { return sumdb.TreeHash(e.size, e) }

// ReadHashes implements the reader of golang.org/x/mod/sumdb/tlog.
func (e *edge) ReadHashes(indexes []int64) ([]Hash, error) {
	hs := make([]Hash, len(indexes))
	for i, x := range indexes {
		h, ok := e.hashes[x]
		if !ok {
			return nil, fmt.Errorf("hash %d is not on the edge of a tree of size %d", x, e.size)
		}
		hs[i] = h
	}
	return hs, nil
}

// joinHashes lays hashes one behind the other, as they stand in the leaf table
// and in tiles.
func joinHashes(hs []Hash) []byte {
	b := make([]byte, 0, len(hs)*sumdb.HashSize)
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

// splitHashes is the inverse of joinHashes; ok is false for a ragged length.
func splitHashes(b []byte) (hs []Hash, ok bool) {
	if len(b)%sumdb.HashSize != 0 {
		return nil, false
	}
	for ; len(b) > 0; b = b[sumdb.HashSize:] {
		hs = append(hs, Hash(b))
	}
	return hs, true
}
