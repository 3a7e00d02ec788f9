package tlog

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// everyBit is which bits of 300 records' artefacts are flipped: all of them where TIMS_ALL_BITS is set, as in `make chaos`,
// which takes minutes, and every 61st, which meets each bit of a byte in its turn, in an ordinary test.
func everyBit() int {
	if os.Getenv("TIMS_ALL_BITS") != "" {
		return 1
	}
	return 61
}

// inParallel calls fn for each bit that is to be flipped in b, with a copy in which it is.
func inParallel(t *testing.T, what string, b []byte, fn func(bent []byte) error) {
	t.Helper()
	step := everyBit()
	var workers sync.WaitGroup
	bits := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			bent := slices.Clone(b)
			for bit := range bits {
				bent[bit/8] ^= 1 << (bit % 8)
				if err := fn(bent); err != nil {
					t.Errorf("%s, bit %d: %v", what, bit, err)
				}
				bent[bit/8] ^= 1 << (bit % 8)
			}
		})
	}
	for bit := 0; bit < 8*len(b); bit += step {
		bits <- bit
	}
	close(bits)
	workers.Wait()
}

// Every single-bit flip of a log of 300 records is refused by whoever reads the artefact: checkpoint, tiles and entry
// bundles as they are served and exported, entry packages and parts as they travel, growths of hashes as a portal takes
// them.
func TestEverySingleBitFlipIsRefused(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300, 1)
	key := l.Key()
	files := map[string][]byte{"checkpoint": l.Checkpoint()}
	for _, tile := range tilesOf(300) {
		paths := []string{tilePath(tile)}
		if tile.L == 0 {
			tile.L = entryLevel
			paths = append(paths, tilePath(tile))
		}
		for _, path := range paths {
			b, err := l.Tile(path)
			must(t, err)
			files[path] = b
		}
	}
	if len(files) != 6 {
		t.Fatalf("%d artefacts", len(files))
	}
	for path, b := range files {
		inParallel(t, path, b, func(bent []byte) error {
			got, err := VerifyTiles(t.Context(), key, TilesOptions{NeedEntries: true}, func(p string) ([]byte, error) {
				if p == path {
					return bent, nil
				}
				if b, ok := files[p]; ok {
					return b, nil
				}
				return nil, fs.ErrNotExist
			})
			if err != nil || len(got.Troubles) == 0 {
				return fmt.Errorf("accepted: %v", err)
			}
			return nil
		})
	}
	root, err := l.vouched(300)
	must(t, err)
	for _, start := range []uint64{0, 256} {
		o, err := l.Offer(start, 300)
		must(t, err)
		body := o.AppendTo((EntriesHeader{Origin: testOrigin, Start: start, End: 300}).AppendTo(nil))
		head := len((EntriesHeader{Origin: testOrigin, Start: start, End: 300}).AppendTo(nil))
		inParallel(t, fmt.Sprint("package ", start), body[head:], func(bent []byte) error {
			d, err := DecodeEntries(bytes.NewReader(slices.Concat(body[:head], bent)))
			if err != nil {
				return err // the header is whole
			}
			o, err := d.Next()
			if err == nil {
				err = o.check(300)
			}
			if err == nil {
				_, err = o.verify(nil, 300, root)
			}
			if _, more := d.Next(); err == nil && more != nil {
				return fmt.Errorf("accepted")
			}
			return nil
		})
	}
}

// A bit flipped in the body of a part, on its way or at rest, is refused by the leaf; a wrap is covered by no hash, and is
// left out here: whoever opens the part finds it.
func TestEverySingleBitFlipOfPartsIsRefused(t *testing.T) {
	l, m := twoCopies(t)
	before := dump(t, m.Reader)
	parts, _, err := l.Parts(0, 300, 1, 2)
	must(t, err)
	for i, p := range parts {
		if i%97 != 0 {
			continue // each part is checked by its own hash: a few of the 600 stand for all
		}
		inParallel(t, fmt.Sprintf("part %d of record %d", p.Number, p.Index), p.Body, func(bent []byte) error {
			bad := IndexedPart{p.Index, Part{p.Number, p.Wrap, bent}}
			if err := m.MendPart(p.Index, bad.Part, testRefs); err == nil {
				return fmt.Errorf("mended with it")
			}
			if _, err := m.AddParts([]IndexedPart{bad}); err == nil {
				return fmt.Errorf("taken")
			}
			return nil
		})
	}
	if dump(t, m.Reader) != before {
		t.Error("something was stored")
	}
}

// Every bit of a growth of hashes as a portal takes it.
func TestEverySingleBitFlipOfAGrowthIsRefused(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300)
	hashes, err := l.leafHashes(0, 300)
	must(t, err)
	_, vkey := testKeys(t, testOrigin)
	h, err := OpenHashes(t.TempDir()+"/hashes.db", HashesOptions{Key: vkey})
	must(t, err)
	defer h.Close()
	good := Growth{Note: l.Checkpoint(), Base: emptyRoot(), Hashes: hashes}
	inParallel(t, "hashes", joinHashes(hashes), func(bent []byte) error {
		g := good
		g.Hashes, _ = splitHashes(bent)
		if err := h.Extend(g); err == nil {
			return fmt.Errorf("taken")
		}
		return nil
	})
	inParallel(t, "note", good.Note, func(bent []byte) error {
		g := good
		g.Note = slices.Clone(bent)
		if err := h.Extend(g); err == nil {
			return fmt.Errorf("taken")
		}
		return nil
	})
	if h.Next() != 0 {
		t.Fatal("something was stored")
	}
	must(t, h.Extend(good))
}
