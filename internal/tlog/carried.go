package tlog

import (
	"fmt"
	"maps"

	"github.com/ncruces/go-sqlite3"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// maxCarried bounds the hash tiles that a Carried keeps: 2 MiB, the path to the
// root and the neighbours of a tree of millions.
const maxCarried = 256

// A Carried is a log that somebody brings as tlog-tiles, under a checkpoint
// that its key signed. Hash tiles are proven against that checkpoint as they
// are read. Entries are not believed: Offer packs them for Mirror.Extend, which
// proves them. It is for one goroutine.
type Carried struct {
	key   logKey
	cp    checkpoint
	fetch func(path string) ([]byte, error)
	tiles map[sumdb.Tile][]byte // proven
	tree  sumdb.HashReader

	mended   map[sumdb.Tile][]byte // proven, in the place of bad ones
	damaged  []string              // paths of bad hash tiles
	mending  *mending              // while it is tried, with what it computed
	computed map[sumdb.Tile][]byte
	hopeless bool // it was tried in vain
}

// OpenCarried opens a carried log by its verifier key and a signed checkpoint.
// fetch gives the content at a path such as tile/0/000, and an error that is
// fs.ErrNotExist or ErrNotHere where there is none.
func OpenCarried(key string, note []byte, fetch func(path string) ([]byte, error)) (*Carried, error) {
	k, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	cp, err := k.openCheckpoint(note)
	if err != nil {
		return nil, err
	}
	c := &Carried{key: k, cp: cp, fetch: fetch, tiles: map[sumdb.Tile][]byte{}, mended: map[sumdb.Tile][]byte{}}
	c.tree = menderTree{c, sumdb.TileHashReader(sumdb.Tree{N: int64(cp.size), Hash: cp.root}, c)}
	return c, nil
}

// Size is that of the checkpoint.
func (c *Carried) Size() uint64 { return c.cp.size }

// Checkpoint returns the checkpoint with the log's signature alone.
func (c *Carried) Checkpoint() []byte { return c.cp.note }

// RootAt returns the root of the tree of the first size leaves, proven under
// the checkpoint.
func (c *Carried) RootAt(size uint64) (Hash, error) {
	if size > c.cp.size {
		return Hash{}, fmt.Errorf("tree of size %d: %w", size, ErrNotHere)
	}
	return sumdb.TreeHash(int64(size), c.tree)
}

// ConsistencyProof proves that the checkpoint's tree continues that of size
// older, as a Reader's does.
func (c *Carried) ConsistencyProof(older uint64) ([]Hash, error) {
	if older == 0 || older == c.cp.size {
		return nil, nil
	}
	if older > c.cp.size {
		return nil, fmt.Errorf("consistency from %d to %d: %w", older, c.cp.size, ErrNotHere)
	}
	return sumdb.ProveTree(int64(c.cp.size), int64(older), c.tree)
}

// Offer packs the canonical entry package that begins at start in an upload to
// the checkpoint's size.
func (c *Carried) Offer(start uint64) (Offer, error) {
	if start >= c.cp.size {
		return Offer{}, fmt.Errorf("package from %d: %w", start, ErrNotHere)
	}
	first, stop := packageStart(start), packageEnd(start, c.cp.size)
	t := sumdb.Tile{H: tileHeight, L: entryLevel, N: int64(first >> tileHeight), W: int(stop - first)}
	data, err := c.get(t)
	if err != nil {
		return Offer{}, err
	}
	entries, ok := splitBundle(data)
	if !ok || len(entries) < t.W {
		return Offer{}, fmt.Errorf("%w: the bundle %s does not hold %d entries", ErrMalformed, tilePath(t), t.W)
	}
	o := Offer{start: start, entries: entries[start-first : t.W]}
	o.proof, err = proveSubtree(first, stop, c.cp.size, c.tree)
	return o, err
}

// get fetches a tile or bundle. A partial one may have given way to the full
// one (tlog-tiles, partial tiles).
func (c *Carried) get(t sumdb.Tile) ([]byte, error) {
	data, err := c.fetch(tilePath(t))
	if isMissing(err) && t.W < 1<<tileHeight {
		t.W = 1 << tileHeight
		if full, ferr := c.fetch(tilePath(t)); ferr == nil {
			return full, nil
		}
	}
	return data, err
}

// Height, ReadTiles and SaveTiles are the tile reader of
// golang.org/x/mod/sumdb/tlog, which proves what it is given.
func (c *Carried) Height() int { return tileHeight }

// ReadTiles reads tiles that are not proven yet.
func (c *Carried) ReadTiles(tiles []sumdb.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		if have, ok := c.tiles[t]; ok {
			out[i] = have
			continue
		}
		if have, ok := c.mended[t]; ok {
			out[i] = have
			continue
		}
		var err error
		if out[i], err = c.readOrCompute(t); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Carried) readOrCompute(t sumdb.Tile) ([]byte, error) {
	if c.mending == nil {
		return c.readTile(t)
	}
	from, computed := c.mending.of(t.L)
	if !computed {
		return c.readTile(t)
	}
	data, err := c.compute(t, from)
	if err == nil {
		c.computed[t] = data
	}
	return data, err
}

// readTile gives a hash tile as it lies there.
func (c *Carried) readTile(t sumdb.Tile) ([]byte, error) {
	data, err := c.get(t)
	if err != nil {
		return nil, err
	}
	want := t.W * sumdb.HashSize
	if len(data) < want {
		return nil, fmt.Errorf("%w: the tile %s has %d bytes", ErrMalformed, tilePath(t), len(data))
	}
	return data[:want], nil
}

// SaveTiles keeps tiles that were proven.
func (c *Carried) SaveTiles(tiles []sumdb.Tile, data [][]byte) {
	if len(c.tiles)+len(tiles) > maxCarried {
		maps.DeleteFunc(c.tiles, func(t sumdb.Tile, _ []byte) bool { return t.L == 0 }) // the others lead to many
	}
	if len(c.tiles)+len(tiles) > maxCarried {
		clear(c.tiles)
	}
	for i, t := range tiles {
		c.tiles[t] = data[i]
	}
}

// Accuse turns two signed checkpoints of one log into Evidence: the carried
// one, and a smaller or equal one whose tree it does not continue. It gives nil
// where they agree.
func (c *Carried) Accuse(note []byte) (*Evidence, error) {
	theirs, err := c.key.openCheckpoint(note)
	if err != nil {
		return nil, err
	}
	root, err := c.RootAt(theirs.size)
	if err != nil || root == theirs.root || theirs.size == 0 {
		return nil, err
	}
	e := &Evidence{Origin: c.key.origin(), Ours: c.cp.note, Theirs: theirs.note, OurRoot: root, What: twoTrees(theirs.size)}
	if e.Proof, err = c.ConsistencyProof(theirs.size); err != nil {
		return nil, err
	}
	return e, e.Check(c.key.text)
}

// TilePaths lists the tiles and entry bundles that a log of the given size has
// beyond those of an earlier size, as their paths and the leaves that each
// bundle covers. Bundles come last and in order.
func TilePaths(older, size uint64) (tiles []string, bundles []Bundle) {
	if size == 0 {
		return nil, nil
	}
	for _, t := range sumdb.NewTiles(tileHeight, int64(older), int64(size)) {
		tiles = append(tiles, tilePath(t))
		if t.L == 0 {
			first := uint64(t.N) << tileHeight
			t.L = entryLevel
			bundles = append(bundles, Bundle{tilePath(t), first, first + uint64(t.W)})
		}
	}
	return tiles, bundles
}

// PartialPaths lists the partial tiles and the partial bundle of a tree: those
// at its right edge, which a larger tree does without.
func PartialPaths(size uint64) (out []string) {
	for level := 0; size>>(level*tileHeight) > 0; level++ {
		n := int64(size >> (level * tileHeight))
		t := sumdb.Tile{H: tileHeight, L: level, N: n >> tileHeight, W: int(n & (1<<tileHeight - 1))}
		if t.W == 0 {
			continue
		}
		if out = append(out, tilePath(t)); level == 0 {
			t.L = entryLevel
			out = append(out, tilePath(t))
		}
	}
	return out
}

// A Bundle is an entry bundle: its path and the interval of its leaves.
type Bundle struct {
	Path      string
	From, End uint64
}

// BundleAt gives the bundle in which a leaf stands in a tree of the given size.
func BundleAt(index, size uint64) Bundle {
	first := packageStart(index)
	end := packageEnd(index, size)
	t := sumdb.Tile{H: tileHeight, L: entryLevel, N: int64(first >> tileHeight), W: int(end - first)}
	return Bundle{tilePath(t), first, end}
}

// Blobs lists the blobs held, by hash.
func (r *Reader) Blobs() ([][32]byte, error) {
	var out [][32]byte
	err := r.db.read(func(c *conn) error {
		return c.query("SELECT hash FROM blob ORDER BY hash", func(s *sqlite3.Stmt) error {
			if b := s.ColumnRawBlob(0); len(b) == 32 {
				out = append(out, [32]byte(b))
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing blobs: %w", err)
	}
	return out, nil
}
