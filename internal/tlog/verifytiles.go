package tlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// A TilesReport is what a verification of tlog-tiles found.
type TilesReport struct {
	Origin   string
	Size     uint64
	Entries  bool // the entries were there and have been compared
	Troubles []Trouble
}

// TilesOptions say what is expected of tiles. The zero value takes a log that
// serves no entries, as our public listeners do.
type TilesOptions struct {
	// NeedEntries makes absent entry bundles a trouble.
	NeedEntries bool
	// Progress, if set, hears now and then how many leaves are done.
	Progress func(done, total uint64)
}

// VerifyTiles checks a log served as tlog-tiles against its verifier key: the
// signed checkpoint, every hash tile at every level, the root, and the entries
// if they are served. fetch returns the content at a path such as checkpoint or
// tile/0/000, and an error that is fs.ErrNotExist or ErrNotHere where there is
// none. An error of VerifyTiles means that it could not finish.
func VerifyTiles(ctx context.Context, key string, o TilesOptions, fetch func(path string) ([]byte, error)) (TilesReport, error) {
	k, err := parseKey(key)
	if err != nil {
		return TilesReport{}, err
	}
	v := &tilesVerifier{fetch: fetch, o: o, edge: &edge{hashes: map[int64]Hash{}}}
	v.out.Origin = k.origin()
	err = v.run(ctx, k)
	if err != nil && !errors.Is(err, errEnough) {
		return v.out, fmt.Errorf("verifying %s: %w", k.origin(), err)
	}
	return v.out, nil
}

type tilesVerifier struct {
	fetch func(string) ([]byte, error)
	o     TilesOptions
	out   TilesReport
	edge  *edge
	// tiles holds, per level, the hashes since the last full tile.
	tiles [][]Hash
}

func (v *tilesVerifier) report(index uint64, format string, args ...any) {
	if len(v.out.Troubles) < maxTroubles {
		v.out.Troubles = append(v.out.Troubles, Trouble{Index: index, What: fmt.Sprintf(format, args...)})
	}
}

func (v *tilesVerifier) run(ctx context.Context, key logKey) error {
	note, err := v.fetch(checkpointFile)
	if isMissing(err) {
		v.report(0, "there is no checkpoint")
		return errEnough
	}
	if err != nil {
		return err
	}
	cp, err := key.openCheckpoint(note)
	if err != nil {
		v.report(0, "the checkpoint: %v", err)
		return errEnough
	}
	v.out.Size, v.out.Entries = cp.size, true
	for _, t := range tilesOf(cp.size) {
		if t.L != 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.take(t); err != nil {
			return err
		}
		if v.o.Progress != nil {
			v.o.Progress(uint64(v.edge.size), cp.size)
		}
	}
	if root, err := v.edge.root(); err != nil || root != cp.root {
		v.report(cp.size, "the tree of these %d records is not the one that was signed", cp.size)
	}
	return v.partialTiles()
}

// get fetches a tile or bundle. A partial one may have given way to the full
// one (tlog-tiles, partial tiles), of which the caller cuts its share.
func (v *tilesVerifier) get(t sumdb.Tile) (data []byte, full bool, err error) {
	data, err = v.fetch(tilePath(t))
	if !isMissing(err) || t.W == 1<<tileHeight {
		return data, false, err
	}
	missing := err
	t.W = 1 << tileHeight
	if data, err = v.fetch(tilePath(t)); isMissing(err) {
		return nil, false, missing
	}
	return data, true, err
}

// take reads a tile of leaf hashes, compares it with its entry bundle, and
// carries it up the tree.
func (v *tilesVerifier) take(t sumdb.Tile) error {
	first := uint64(t.N) << tileHeight
	data, full, err := v.get(t)
	if err != nil && !isMissing(err) {
		return err
	}
	hashes, ok := splitHashes(data)
	if full && len(hashes) > t.W {
		hashes = hashes[:t.W]
	}
	if err != nil || !ok || len(hashes) != t.W {
		v.report(first, "the tile %s is missing or has the wrong length", tilePath(t))
		return errEnough
	}
	if err := v.entries(t, hashes); err != nil {
		return err
	}
	for _, h := range hashes {
		stored, err := v.edge.add(h)
		if err != nil {
			return err
		}
		if err := v.collect(stored); err != nil {
			return err
		}
	}
	return nil
}

func (v *tilesVerifier) entries(t sumdb.Tile, hashes []Hash) error {
	t.L = entryLevel
	first := uint64(t.N) << tileHeight
	data, full, err := v.get(t)
	if isMissing(err) {
		v.out.Entries = false
		if v.o.NeedEntries {
			v.report(first, "the entry bundle %s is missing", tilePath(t))
		}
		return nil
	}
	if err != nil {
		return err
	}
	entries, ok := splitBundle(data)
	if full && len(entries) > t.W {
		entries = entries[:t.W]
	}
	if !ok || len(entries) != t.W {
		v.report(first, "the entry bundle %s does not hold %d entries", tilePath(t), t.W)
		return nil
	}
	for i, e := range entries {
		if sumdb.RecordHash(e) != hashes[i] {
			v.report(first+uint64(i), "its bytes in %s do not hash to what the tree holds", tilePath(t))
		}
	}
	return nil
}

func splitBundle(b []byte) (entries [][]byte, ok bool) {
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, false
		}
		n := 2 + int(binary.BigEndian.Uint16(b))
		if n > len(b) {
			return nil, false
		}
		entries, b = append(entries, b[2:n]), b[n:]
	}
	return entries, true
}

// collect sorts the hashes that one more leaf completed into tiles, and
// compares the tiles above the leaves that are now full.
func (v *tilesVerifier) collect(stored []Hash) error {
	for level := tileHeight; level < len(stored); level += tileHeight {
		i := level/tileHeight - 1
		if i == len(v.tiles) {
			v.tiles = append(v.tiles, nil)
		}
		v.tiles[i] = append(v.tiles[i], stored[level])
		if len(v.tiles[i]) < 1<<tileHeight {
			continue
		}
		n := v.edge.size>>(level+tileHeight) - 1
		if err := v.compare(sumdb.Tile{H: tileHeight, L: i + 1, N: n, W: 1 << tileHeight}, v.tiles[i]); err != nil {
			return err
		}
		v.tiles[i] = nil
	}
	return nil
}

// partialTiles compares the tiles above the leaves that are not full.
func (v *tilesVerifier) partialTiles() error {
	for i, hashes := range v.tiles {
		if len(hashes) == 0 {
			continue
		}
		n := v.edge.size >> ((i + 2) * tileHeight)
		if err := v.compare(sumdb.Tile{H: tileHeight, L: i + 1, N: n, W: len(hashes)}, hashes); err != nil {
			return err
		}
	}
	return nil
}

func (v *tilesVerifier) compare(t sumdb.Tile, want []Hash) error {
	data, full, err := v.get(t)
	if err != nil && !isMissing(err) {
		return err
	}
	if full {
		data = data[:min(len(data), t.W*sumdb.HashSize)]
	}
	if err != nil || !bytes.Equal(data, joinHashes(want)) {
		first := uint64(t.N) << ((t.L + 1) * tileHeight)
		v.report(first, "the tile %s is missing or is not that of the records", tilePath(t))
	}
	return nil
}

// VerifyDir checks a directory written by Export: all that VerifyTiles checks,
// that entries are there, and that no file is there which the checkpoint's size
// does not call for. key is the log's verifier key; when it is empty the key in
// the directory is taken, and the result says only that the directory agrees
// with itself.
func VerifyDir(ctx context.Context, dir, key string, o TilesOptions) (TilesReport, error) {
	vkey, err := os.ReadFile(filepath.Join(dir, vkeyFile))
	if err != nil {
		return TilesReport{}, err
	}
	own, ok := strings.CutSuffix(string(vkey), "\n")
	if key == "" {
		key = own
	}
	o.NeedEntries = true
	out, err := VerifyTiles(ctx, key, o, func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	})
	if err != nil {
		return out, err
	}
	if !ok || own != key {
		out.Troubles = append(out.Troubles, Trouble{What: "the vkey in the directory is not the log's"})
	}
	stray, err := strayFiles(dir, out.Size)
	for _, path := range stray {
		out.Troubles = append(out.Troubles, Trouble{Index: out.Size, What: "there is a file " + path + ", which belongs to no tree of this size"})
	}
	return out, err
}

// carriedDir is what package parcel puts beside the tiles of a log.
const carriedDir = "tims"

func strayFiles(dir string, size uint64) (stray []string, err error) {
	belongs := []string{checkpointFile, vkeyFile}
	for _, t := range tilesOf(size) {
		belongs = append(belongs, tilePath(t))
	}
	slices.Sort(belongs)
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && path == carriedDir {
			return fs.SkipDir // of a stick: what lies there is no part of the tiles
		}
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := slices.BinarySearch(belongs, path); !ok {
			stray = append(stray, path)
		}
		return nil
	})
	return stray, err
}
