package tlog

import (
	"encoding/binary"
	"fmt"
	"strings"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of tlog-tiles: 256 hashes to a full tile.
const tileHeight = 8

// entryLevel is the level that sumdb gives to tiles of records.
const entryLevel = -1

// tilePath returns the tlog-tiles path of a hash tile, or of an entry bundle
// for level entryLevel.
func tilePath(t sumdb.Tile) string {
	p := strings.TrimPrefix(t.Path(), "tile/8/")
	if rest, ok := strings.CutPrefix(p, "data/"); ok {
		p = "entries/" + rest
	}
	return "tile/" + p
}

func parseTilePath(path string) (sumdb.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if bundle, isBundle := strings.CutPrefix(rest, "entries/"); isBundle {
		rest = "data/" + bundle
	} else if strings.HasPrefix(rest, "data/") {
		ok = false
	}
	t, err := sumdb.ParseTilePath("tile/8/" + rest)
	if !ok || err != nil {
		return sumdb.Tile{}, fmt.Errorf("tile %q: %w", path, ErrNotHere)
	}
	return t, nil
}

// Tile returns the hash tile or entry bundle at a path of tlog-tiles, such as
// tile/0/x001/234, tile/1/000.p/17 or tile/entries/000. It has what the tree of
// Size has: partial tiles of every width up to there.
func (r *Reader) Tile(path string) ([]byte, error) {
	t, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	return r.tile(t, r.Size())
}

func (r *Reader) tile(t sumdb.Tile, size uint64) ([]byte, error) {
	level := max(t.L, 0) * tileHeight
	if level >= 64 || t.N >= maxSize>>tileHeight || uint64(t.N<<tileHeight+int64(t.W)) > size>>level {
		return nil, fmt.Errorf("%s in a tree of size %d: %w", tilePath(t), size, ErrNotHere)
	}
	first := uint64(t.N) << tileHeight
	switch t.L {
	case entryLevel:
		return r.bundle(first, first+uint64(t.W))
	case 0:
		hs, err := r.leafHashes(first, first+uint64(t.W))
		return joinHashes(hs), err
	default:
		return sumdb.ReadTileData(t, r)
	}
}

// bundle returns leaves as an entry bundle: each with its length before it.
func (r *Reader) bundle(from, end uint64) ([]byte, error) {
	var out []byte
	for from < end {
		had := from
		err := r.eachLeaf(from, end, func(_, leaf []byte) error {
			out = binary.BigEndian.AppendUint16(out, uint16(len(leaf)))
			out = append(out, leaf...)
			from++
			return nil
		})
		if err != nil {
			return nil, err
		}
		if from == had {
			return nil, fmt.Errorf("leaf %d: %w", from, ErrNotHere)
		}
	}
	return out, nil
}

// tilesOf lists the tiles that a tree of the given size consists of: full ones
// and the partial ones of exactly this size, at all levels, then the bundles.
func tilesOf(size uint64) []sumdb.Tile {
	if size == 0 {
		return nil
	}
	tiles := sumdb.NewTiles(tileHeight, 0, int64(size))
	for _, t := range tiles {
		if t.L == 0 {
			t.L = entryLevel
			tiles = append(tiles, t)
		}
	}
	return tiles
}
