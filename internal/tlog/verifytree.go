package tlog

import (
	"bytes"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A growth of the tree by one block, from one of the two things that say what
// its leaves are: their bytes, or the leaf hashes stored with them.
type grown struct {
	edge   *edge
	stored [][]Hash
	roots  map[int64]Hash // at the sizes of checkpoints
	fits   int            // of these roots and the hash of a whole block, those that are as signed or stored
}

// tree compares the leaves of one block with their rows, and the rows with the
// tree. Where bytes and stored leaf hash differ, the hash of the whole block, which
// stands with its last leaf, and the checkpoints tell which of the two is bad:
// so a leaf that was changed alone is blamed alone, and a leaf hash too.
func (v *verifier) tree(rows []leafRow) error {
	if v.broken {
		v.rowsAlone(rows)
		return nil
	}
	g, err := v.grow(rows, func(row leafRow) Hash { return sumdb.RecordHash(row.bytes) })
	if err != nil {
		return err
	}
	differ := func(row leafRow) bool {
		return len(row.hashes) >= sumdb.HashSize && sumdb.RecordHash(row.bytes) != Hash(row.hashes)
	}
	stored := false
	for _, row := range rows {
		stored = stored || differ(row)
	}
	if stored {
		other, err := v.grow(rows, func(row leafRow) Hash {
			if len(row.hashes) < sumdb.HashSize {
				return sumdb.RecordHash(row.bytes)
			}
			return Hash(row.hashes)
		})
		if err != nil {
			return err
		}
		if stored = other.fits >= g.fits; stored {
			g = other
		}
	}
	v.edge = g.edge
	for i, row := range rows {
		t := Trouble{Index: uint64(row.idx)}
		if stored && differ(row) {
			v.add(HarmLeaf, t, "its bytes have been changed: they do not hash to what the tree holds")
		}
		switch {
		case len(row.hashes) < sumdb.HashSize:
			v.add(HarmHashes, t, "its tree hashes are cut off")
		case !bytes.Equal(joinHashes(g.stored[i]), row.hashes):
			v.add(HarmHashes, t, "the tree hashes stored with it are not those of the records up to it")
		}
		if root, ok := g.roots[row.idx+1]; ok {
			v.compareRoot(row.idx+1, root, true)
		}
	}
	return nil
}

// rowsAlone is all that can be said behind a leaf that is missing.
func (v *verifier) rowsAlone(rows []leafRow) {
	for _, row := range rows {
		t := Trouble{Index: uint64(row.idx)}
		switch {
		case len(row.hashes) < sumdb.HashSize:
			v.add(HarmHashes, t, "its tree hashes are cut off")
		case sumdb.RecordHash(row.bytes) != Hash(row.hashes):
			v.add(HarmLeaf, t, "its bytes have been changed: they do not hash to what the tree holds")
		}
	}
	v.edge.size = rows[len(rows)-1].idx + 1
}

func (v *verifier) grow(rows []leafRow, leaf func(leafRow) Hash) (grown, error) {
	g := grown{edge: v.edge.clone(), roots: map[int64]Hash{}}
	for _, row := range rows {
		stored, err := g.edge.add(leaf(row))
		if err != nil {
			return g, err
		}
		g.stored = append(g.stored, stored)
		for _, c := range v.heads {
			if c.size != uint64(g.edge.size) {
				continue
			}
			root, err := g.edge.root()
			if err != nil {
				return g, err
			}
			g.roots[g.edge.size] = root
			if root == c.root {
				g.fits++
			}
		}
	}
	last, end := g.stored[len(rows)-1], rows[len(rows)-1].hashes
	if at := tileHeight * sumdb.HashSize; len(last) > tileHeight && len(end) >= at+sumdb.HashSize && Hash(end[at:]) == last[tileHeight] {
		g.fits++
	}
	return g, nil
}
