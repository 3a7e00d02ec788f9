package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

func export(t testing.TB, r *Reader) string {
	t.Helper()
	dir, err := r.Export(context.Background(), t.TempDir())
	must(t, err)
	return dir
}

func filesOf(t testing.TB, dir string) (out []string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// outsider runs another project's checker over an exported directory.
func outsider(t testing.TB, dir, origin string) error {
	t.Helper()
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	must(t, err)
	key, err := parseKey(strings.TrimSuffix(string(vkey), "\n"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	f := fsck.New(origin, key, client.FileFetcher{Root: dir}, hashBundle, fsck.Opts{N: 16})
	ended := make(chan error, 1)
	go func() { ended <- f.Check(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func hashBundle(data []byte) (hs [][]byte, err error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(data); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		h := sumdb.RecordHash(e)
		hs = append(hs, h[:])
	}
	return hs, nil
}

func TestExportHasExactlyItsFiles(t *testing.T) {
	l := newLog(t)
	for _, c := range []struct {
		size  int
		files []string
	}{
		{0, []string{"checkpoint", "vkey"}},
		{5, []string{"checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5", "vkey"}},
		{256, []string{"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000", "vkey"}},
		{600, []string{"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
			"tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "vkey"}},
	} {
		fill(t, l, c.size, 1)
		dir := export(t, l.Reader)
		if got := filesOf(t, dir); !slices.Equal(got, c.files) {
			t.Errorf("size %d: files %v", c.size, got)
		}
		if filepath.Base(dir) != DirName(testOrigin) {
			t.Errorf("exported to %s", dir)
		}
		checkDir(t, dir, uint64(c.size))
		if c.size > 0 { // fsck has no opinion on an empty log
			must(t, outsider(t, dir, testOrigin))
		}
	}
	if got, want := DirName(testOrigin), "6f24c1a5701882e25b962627792f95a0f6e70557b9c6f73a0adf42997578d229"; got != want {
		t.Errorf("directory %s, want %s", got, want)
	}
}

func checkDir(t testing.TB, dir string, size uint64) {
	t.Helper()
	out, err := VerifyDir(context.Background(), dir, "", TilesOptions{})
	if err != nil || len(out.Troubles) > 0 || out.Size != size || !out.Entries || out.Origin != testOrigin {
		t.Fatalf("%s: %+v, %v", dir, out, err)
	}
}

func TestExportHoldsNoPart(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300, 1, 2)
	dir := export(t, l.Reader)
	for _, f := range filesOf(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, f))
		must(t, err)
		if bytes.Contains(data, []byte("body 3/1")) || bytes.Contains(data, []byte("wrap 1")) {
			t.Errorf("%s holds a part", f)
		}
	}
}

func TestExportReplacesAnEarlierOne(t *testing.T) {
	l := newLog(t)
	dst := t.TempDir()
	for _, n := range []int{5, 300} {
		fill(t, l, n)
		dir, err := l.Export(context.Background(), dst)
		must(t, err)
		checkDir(t, dir, uint64(n))
	}
	if left, err := os.ReadDir(dst); err != nil || len(left) != 1 {
		t.Errorf("%d entries left beside the export: %v", len(left), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Export(ctx, dst); !errors.Is(err, context.Canceled) {
		t.Errorf("export after its context ended: %v", err)
	}
	checkDir(t, filepath.Join(dst, DirName(testOrigin)), 300)
	if left, _ := os.ReadDir(dst); len(left) != 1 {
		t.Errorf("%d entries left after a failed export", len(left))
	}
	if _, err := newMirror(t, nil).Export(context.Background(), dst); err == nil {
		t.Error("exported a mirror without a checkpoint")
	}
}

func TestExportOfAMirror(t *testing.T) {
	l := newLog(t)
	fill(t, l, 400, 1)
	m := newMirror(t, testRefs)
	feed(t, l, m.Mirror, 300)
	dir := export(t, m.Reader)
	checkDir(t, dir, 300)
	must(t, outsider(t, dir, testOrigin))
}

// Two levels of full tiles above the leaves, without a database.
func TestVerifyTilesOfALargeTree(t *testing.T) {
	const size = 70_000
	tree := newNaiveTree(size)
	r := tree.stored()
	s, vkey := testSigner(t, testOrigin)
	key, err := parseKey(vkey)
	must(t, err)
	root, err := sumdb.TreeHash(size, r)
	must(t, err)
	cp, err := key.signCheckpoint(s, size, root)
	must(t, err)
	files := map[string][]byte{"checkpoint": cp.note}
	for _, tile := range tilesOf(size) {
		if tile.L >= 0 {
			files[tilePath(tile)], err = sumdb.ReadTileData(tile, r)
			must(t, err)
		}
	}
	fetch := func(path string) ([]byte, error) {
		data, ok := files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	}
	for _, path := range []string{"tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} {
		if files[path] == nil {
			t.Fatalf("no %s in a tree of %d", path, size)
		}
	}
	out, err := VerifyTiles(context.Background(), vkey, TilesOptions{}, fetch)
	if err != nil || len(out.Troubles) > 0 || out.Entries || out.Size != size {
		t.Fatalf("%+v, %v", out, err)
	}
	for path, data := range files {
		if path == "checkpoint" || strings.HasPrefix(path, "tile/0/") && path != "tile/0/273.p/112" {
			continue
		}
		data[len(data)-1] ^= 1
		out, err := VerifyTiles(context.Background(), vkey, TilesOptions{}, fetch)
		if err != nil || len(out.Troubles) == 0 {
			t.Errorf("a changed %s passed: %v", path, err)
		}
		data[len(data)-1] ^= 1
	}
}

func TestVerifyTilesTakesFullForPartial(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300)
	fetch := func(path string) ([]byte, error) {
		if path == "checkpoint" {
			return checkpointAt(t, l, 100), nil
		}
		if strings.Contains(path, ".p/") {
			return nil, fs.ErrNotExist
		}
		return l.Tile(path)
	}
	out, err := VerifyTiles(context.Background(), l.Key(), TilesOptions{NeedEntries: true}, fetch)
	if err != nil || len(out.Troubles) > 0 || out.Size != 100 || !out.Entries {
		t.Errorf("%+v, %v", out, err)
	}
	down := errors.New("the line is down")
	fails := func(path string) ([]byte, error) {
		if strings.HasPrefix(path, "tile/") {
			return nil, down
		}
		return fetch(path)
	}
	if _, err := VerifyTiles(context.Background(), l.Key(), TilesOptions{}, fails); !errors.Is(err, down) {
		t.Errorf("with a line that is down: %v", err)
	}
}

// Every byte of a small export, changed: our own checker and the outsider's
// refuse it. The vkey is ours alone to compare, for it names the outsider's key.
func TestEveryChangedByteOfAnExportIsFound(t *testing.T) {
	l := newLog(t)
	fill(t, l, 5)
	dir := export(t, l.Reader)
	for _, f := range filesOf(t, dir) {
		changeEach(t, dir, f, 1, l.Key())
	}
	l = newLog(t)
	fill(t, l, 300)
	dir = export(t, l.Reader)
	for _, f := range filesOf(t, dir) {
		info, err := os.Stat(filepath.Join(dir, f))
		must(t, err)
		changeEach(t, dir, f, int(max(1, info.Size()/12)), l.Key())
	}
}

// changeEach changes one byte in step of a file, and the last.
func changeEach(t *testing.T, dir, file string, step int, key string) {
	t.Helper()
	path := filepath.Join(dir, file)
	good, err := os.ReadFile(path)
	must(t, err)
	for i := 0; i < len(good); i += step {
		at := i
		if i+step >= len(good) {
			at = len(good) - 1
		}
		bent := bytes.Clone(good)
		bent[at] ^= 1 << (at % 8)
		must(t, os.WriteFile(path, bent, 0o644))
		out, err := VerifyDir(context.Background(), dir, key, TilesOptions{})
		if err != nil || len(out.Troubles) == 0 {
			t.Errorf("byte %d of %s changed: %+v, %v", at, file, out, err)
		}
		if outsider(t, dir, testOrigin) == nil && file != "vkey" {
			t.Errorf("byte %d of %s changed, and the outsider took it", at, file)
		}
	}
	must(t, os.WriteFile(path, good, 0o644))
}

func TestVerifyDirFindsMissingAndStrayFiles(t *testing.T) {
	l := newLog(t)
	fill(t, l, 300)
	for _, f := range filesOf(t, export(t, l.Reader)) {
		dir := export(t, l.Reader)
		must(t, os.Remove(filepath.Join(dir, f)))
		out, err := VerifyDir(context.Background(), dir, l.Key(), TilesOptions{})
		if err == nil && len(out.Troubles) == 0 {
			t.Errorf("%s is missing, and nothing is wrong", f)
		}
	}
	dir := export(t, l.Reader)
	must(t, os.WriteFile(filepath.Join(dir, "tile", "0", "002"), nil, 0o644))
	out, err := VerifyDir(context.Background(), dir, "", TilesOptions{})
	if err != nil || len(out.Troubles) != 1 || !strings.Contains(out.Troubles[0].What, "tile/0/002") {
		t.Errorf("a stray file: %+v, %v", out, err)
	}
	if _, err := VerifyDir(context.Background(), t.TempDir(), "", TilesOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory: %v", err)
	}
}

func TestTilePaths(t *testing.T) {
	for path, want := range map[string]sumdb.Tile{
		"tile/0/x001/x234/067":  {H: 8, L: 0, N: 1234067, W: 256},
		"tile/3/000.p/17":       {H: 8, L: 3, N: 0, W: 17},
		"tile/entries/001":      {H: 8, L: -1, N: 1, W: 256},
		"tile/entries/000.p/1":  {H: 8, L: -1, N: 0, W: 1},
		"tile/entries/x001/002": {H: 8, L: -1, N: 1002, W: 256},
	} {
		if got, err := parseTilePath(path); got != want || err != nil || tilePath(want) != path {
			t.Errorf("%s: %+v %v, back %s", path, got, err, tilePath(want))
		}
	}
	for _, path := range []string{"", "tile", "tile/", "tile/0/1", "tile/0/0001", "tile/0/000.p/256", "tile/0/000.p/0",
		"tile/data/000", "tile/8/0/000", "tile/00/000", "tile/0/x000/001", "/tile/0/000", "tile/0/../000", "tile/entries/entries/000"} {
		if _, err := parseTilePath(path); !errors.Is(err, ErrNotHere) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestTilesOfEverySize(t *testing.T) {
	l := newLog(t)
	fill(t, l, 520)
	for n := uint64(1); n <= 520; n += 37 {
		cp := checkpointAt(t, l, n)
		out, err := VerifyTiles(context.Background(), l.Key(), TilesOptions{NeedEntries: true}, func(path string) ([]byte, error) {
			if path == "checkpoint" {
				return cp, nil
			}
			return l.Tile(path)
		})
		if err != nil || len(out.Troubles) > 0 {
			t.Errorf("size %d: %+v %v", n, out, err)
		}
	}
	for _, path := range []string{"tile/0/002.p/9", "tile/0/002", "tile/1/000.p/3", "tile/2/000.p/1", "tile/entries/002.p/9", "tile/63/000", "tile/64/000"} {
		if _, err := l.Tile(path); !errors.Is(err, ErrNotHere) {
			t.Errorf("%s of a tree of 520: %v", path, err)
		}
	}
}

func ExampleTrouble_String() {
	fmt.Println(Trouble{Index: 7, What: "part 2 is missing"})
	// Output: record 7: part 2 is missing
}
