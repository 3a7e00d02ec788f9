package tlog

import (
	"bytes"
	"fmt"
	"slices"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// fromEntries is the level below the lowest hash tiles: the entry bundles.
const fromEntries = -1

// A mending says which hash tiles are not taken as they lie there but computed
// from those of a lower level: those of one level, or, where only is absent,
// all above a level.
type mending struct{ only, base int }

const absent = -2

// of says whether a tile of a level is computed, and from which level.
func (m mending) of(level int) (from int, computed bool) {
	if m.only != absent {
		return level - 1, level == m.only
	}
	return m.base, level > m.base
}

// mendings lists what is tried, the cheapest first: one bad level, then all
// above each level, at last all from the entries. The last one bears any damage
// of hash tiles, if the entries are whole.
func mendings(size uint64) (out []mending) {
	top := 0
	for size>>((top+1)*tileHeight) > 0 {
		top++
	}
	for level := range top + 1 {
		out = append(out, mending{level, absent})
	}
	for base := top - 2; base >= fromEntries; base-- {
		out = append(out, mending{absent, base})
	}
	return out
}

// A menderTree is the proven tree of a Carried. Where a hash tile is missing or
// spoilt it is computed from what stands below it: hash tiles are a
// convenience, the entries alone make the tree. What was computed is believed
// no more than what was read: all is proven against the checkpoint.
type menderTree struct {
	c      *Carried
	proven sumdb.HashReader
}

func (t menderTree) ReadHashes(indexes []int64) ([]Hash, error) {
	hashes, err := t.proven.ReadHashes(indexes)
	if err == nil || t.c.hopeless {
		return hashes, err
	}
	for _, m := range mendings(t.c.cp.size) {
		t.c.mending, t.c.computed = &m, map[sumdb.Tile][]byte{}
		hashes, merr := t.proven.ReadHashes(indexes)
		computed := t.c.computed
		t.c.mending, t.c.computed = nil, nil
		if merr == nil {
			t.c.noteMended(computed)
			return hashes, nil
		}
	}
	t.c.hopeless = true // each try may read the whole medium: there is one round of them
	return nil, err
}

// compute gives a tile from those of a lower level, which are not proven yet.
// It ends at the first one that is not there, so that it reads no more than
// lies on the medium, whatever size was signed.
func (c *Carried) compute(t sumdb.Tile, from int) ([]byte, error) {
	if t.L == 0 {
		t.L = entryLevel
		data, err := c.get(t)
		if err != nil {
			return nil, err
		}
		entries, ok := splitBundle(data)
		if !ok || len(entries) < t.W {
			return nil, fmt.Errorf("%w: the bundle %s does not hold %d entries", ErrMalformed, tilePath(t), t.W)
		}
		out := make([]byte, 0, t.W*sumdb.HashSize)
		for _, e := range entries[:t.W] {
			h := sumdb.RecordHash(e)
			out = append(out, h[:]...)
		}
		return out, nil
	}
	out := make([]byte, 0, t.W*sumdb.HashSize)
	for i := range t.W {
		child := sumdb.Tile{H: tileHeight, L: t.L - 1, N: t.N<<tileHeight + int64(i), W: 1 << tileHeight}
		var data []byte
		var err error
		if child.L > from {
			data, err = c.compute(child, from)
		} else {
			data, err = c.readTile(child)
		}
		if err != nil {
			return nil, err
		}
		h := tileRoot(data)
		out = append(out, h[:]...)
	}
	return out, nil
}

// tileRoot is the hash that stands for a full tile one level above it.
func tileRoot(data []byte) Hash {
	hashes := make([]Hash, len(data)/sumdb.HashSize)
	for i := range hashes {
		hashes[i] = Hash(data[i*sumdb.HashSize:])
	}
	for len(hashes) > 1 {
		for i := range len(hashes) / 2 {
			hashes[i] = sumdb.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = hashes[:len(hashes)/2]
	}
	return hashes[0]
}

// noteMended names what lies there otherwise than it was computed and proven.
// Upper tiles are kept: each took up to 256 others to compute.
func (c *Carried) noteMended(computed map[sumdb.Tile][]byte) {
	for t, data := range computed {
		if have, err := c.readTile(t); err == nil && bytes.Equal(have, data) {
			continue
		}
		if path := tilePath(t); !slices.Contains(c.damaged, path) {
			c.damaged = append(c.damaged, path)
		}
		if t.L > 0 {
			c.mended[t] = data
		}
	}
	slices.Sort(c.damaged)
}

// Damaged lists the hash tiles that were missing or spoilt where they lie and
// were computed from what stands below them.
func (c *Carried) Damaged() []string { return c.damaged }
