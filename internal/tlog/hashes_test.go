package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// keepSix keeps leaves whose only part has number 6.
func keepSix(leaf []byte) (PartRef, bool) {
	refs, err := testRefs(leaf)
	if err != nil || len(refs) != 1 || refs[0].Number != 6 {
		return PartRef{}, false
	}
	return refs[0], true
}

func newHashes(t testing.TB, path string) *Hashes {
	t.Helper()
	_, vkey := testKeys(t, testOrigin)
	h, err := OpenHashes(path, HashesOptions{Key: vkey, Keep: keepSix})
	must(t, err)
	t.Cleanup(func() { h.Close() })
	return h
}

// mixed fills a log to n leaves, of which every tenth is one to be held.
func mixed(t testing.TB, l *Log, n int, salt string) {
	t.Helper()
	for i := int(l.Size()); i < n; i++ {
		if i%10 == 9 {
			fillSalted(t, l, i+1, salt, 6)
		} else {
			fillSalted(t, l, i+1, salt, 1, 2)
		}
	}
}

func growth(t testing.TB, l *Log, from uint64) Growth {
	t.Helper()
	g, err := l.Growth(from, keepSix)
	must(t, err)
	again, err := DecodeGrowth(g.Encode())
	must(t, err)
	if !bytes.Equal(again.Encode(), g.Encode()) {
		t.Fatal("a growth does not survive the wire")
	}
	return again
}

func TestHashesHoldHashesAndNoLeaves(t *testing.T) {
	l, path := newLog(t), filepath.Join(t.TempDir(), "hashes.db")
	h := newHashes(t, path)
	for _, n := range []int{1, 9, 40, 300, 301} {
		mixed(t, l, n, "")
		must(t, h.Extend(growth(t, l, h.Next())))
		if h.Size() != uint64(n) || !bytes.Equal(h.Checkpoint(), l.Checkpoint()) {
			t.Fatalf("size %d after a growth to %d", h.Size(), n)
		}
	}
	must(t, h.Close())
	h = newHashes(t, path)
	root, _ := l.RootAt(301)
	for i := range uint64(301) {
		leaf, _ := l.Leaf(i)
		hash, err := h.LeafHash(i)
		must(t, err)
		proof, err := h.InclusionProof(i, 301)
		must(t, err)
		if hash != sumdb.RecordHash(leaf) || sumdb.CheckRecord(proof, 301, root, int64(i), hash) != nil {
			t.Fatalf("leaf %d is not proven", i)
		}
	}
	for _, p := range []string{"tile/0/000", "tile/0/001.p/45", "tile/1/000.p/1"} {
		a, err := h.Tile(p)
		must(t, err)
		if b, _ := l.Tile(p); !bytes.Equal(a, b) {
			t.Errorf("%s differs", p)
		}
	}
	if _, err := h.Tile("tile/entries/000"); !errors.Is(err, ErrNotHere) {
		t.Errorf("an entry bundle: %v", err)
	}
	held, err := h.Held(0, 301, 1000)
	must(t, err)
	if len(held) != 30 || held[0].Index != 299 || held[29].Index != 9 {
		t.Fatalf("%d leaves held", len(held))
	}
	next, ok, err := h.HeldAfter(100)
	if err != nil || !ok || next.Index != 109 {
		t.Errorf("after 100 comes %d, %v, %v", next.Index, ok, err)
	}
	// In the file itself: as many leaves with content as are to be held, and no other part.
	must(t, h.Close())
	c, err := sqlite3.Open(path)
	must(t, err)
	defer c.Close()
	s, _, err := c.Prepare("SELECT (SELECT count(*) FROM leaf WHERE length(bytes) > 0), (SELECT count(*) FROM part), (SELECT count(*) FROM leaf)")
	must(t, err)
	defer s.Close()
	if !s.Step() || s.ColumnInt(0) != 30 || s.ColumnInt(1) != 30 || s.ColumnInt(2) != 301 {
		t.Errorf("the file holds %d leaves in full and %d parts of %d", s.ColumnInt(0), s.ColumnInt(1), s.ColumnInt(2))
	}
}

func TestHashesTakeUpAnUnfinishedGrowth(t *testing.T) {
	l, path := newLog(t), filepath.Join(t.TempDir(), "hashes.db")
	mixed(t, l, 30, "")
	h := newHashes(t, path)
	g := growth(t, l, 0)
	part := g
	part.Hashes, part.Held = g.Hashes[:20], g.Held[:2]
	part.EndProof, _ = l.ConsistencyProof(20, 30)
	must(t, h.Extend(part))
	if h.Size() != 0 || h.Next() != 20 || h.Checkpoint() != nil {
		t.Fatalf("size %d, next %d", h.Size(), h.Next())
	}
	must(t, h.Close())
	h = newHashes(t, path)
	// Another branch of the log, proven: the unfinished hashes stand under no checkpoint here and give way.
	fork := openLog(t, filepath.Join(t.TempDir(), "fork.db"), testOptions(t))
	mixed(t, fork, 35, "fork")
	var conflict *ConflictError
	if err := h.Extend(growth(t, fork, 20)); !errors.As(err, &conflict) || conflict.Next != 0 || h.Next() != 0 {
		t.Fatalf("an unfinished growth of another branch: %v, next %d", err, h.Next())
	}
	must(t, h.Extend(part))
	must(t, h.Extend(growth(t, l, 20)))
	if h.Size() != 30 || h.Evidence() != nil {
		t.Errorf("size %d, evidence %v", h.Size(), h.Evidence())
	}
}

func TestHashesRefuse(t *testing.T) {
	l := newLog(t)
	mixed(t, l, 20, "")
	h := newHashes(t, filepath.Join(t.TempDir(), "hashes.db"))
	must(t, h.Extend(growth(t, l, 0)))
	mixed(t, l, 40, "")
	good := growth(t, l, 20)
	other, _ := testSigner(t, "xk/other/1")
	var part *PartError
	var conflict *ConflictError
	for name, c := range map[string]struct {
		spoil func(*Growth)
		want  any
	}{
		"a wrong hash":           {func(g *Growth) { g.Hashes[3][0] ^= 1 }, ErrProof},
		"a hash too few":         {func(g *Growth) { g.Hashes = g.Hashes[:19] }, ErrProof},
		"a hash too many":        {func(g *Growth) { g.Hashes = append(g.Hashes, Hash{}) }, ErrMalformed},
		"a proof with a fault":   {func(g *Growth) { g.Hashes, g.EndProof = g.Hashes[:8], []Hash{{1}} }, ErrProof},
		"a base without a proof": {func(g *Growth) { g.Base[0] ^= 1 }, ErrProof},
		"another place":          {func(g *Growth) { g.From = 10 }, &conflict},
		"a foreign key": {func(g *Growth) {
			n, err := note.Sign(&note.Note{Text: string(bytes.SplitAfterN(g.Note, []byte("\n\n"), 2)[0][:len(bytes.SplitAfterN(g.Note, []byte("\n\n"), 2)[0])-1])}, other)
			must(t, err)
			g.Note = n
		}, ErrSignature},
		"another log":              {func(g *Growth) { g.Note = append([]byte("x"), g.Note...) }, ErrUnknownOrigin},
		"a leaf that is another":   {func(g *Growth) { g.Held[0].Index-- }, &part},
		"a leaf beyond the growth": {func(g *Growth) { g.Held[0].Index = 40 }, &part},
		"a leaf not to be held":    {func(g *Growth) { g.Held[0].Index, g.Held[0].Leaf = 21, testEntry(21, "", 1, 2).Leaf }, &part},
		"a body that is another":   {func(g *Growth) { g.Held[0].Part.Body = append([]byte(nil), "other"...) }, &part},
		"a wrap beside the body":   {func(g *Growth) { g.Held[0].Part.Wrap = []byte("w") }, &part},
	} {
		g, err := DecodeGrowth(good.Encode())
		must(t, err)
		c.spoil(&g)
		err = h.Extend(g)
		ok := false
		switch want := c.want.(type) {
		case error:
			ok = errors.Is(err, want)
		default:
			ok = errors.As(err, want)
		}
		if !ok || h.Size() != 20 || h.Next() != 20 || h.Evidence() != nil {
			t.Errorf("%s: %v; size %d, next %d, evidence %v", name, err, h.Size(), h.Next(), h.Evidence())
		}
	}
	must(t, h.Extend(good))
	old := growth(t, l, 40)
	old.Note = checkpointAt(t, l, 7) // an old checkpoint of the same tree is no harm
	must(t, h.Extend(old))
	if h.Size() != 40 {
		t.Errorf("size %d after an old checkpoint", h.Size())
	}
}

// A fork, larger or smaller than what is held, is kept as evidence that convicts before strangers, and the log is frozen.
func TestHashesKeepAFork(t *testing.T) {
	_, vkey := testKeys(t, testOrigin)
	for _, n := range []int{12, 20, 33} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			l, path := newLog(t), filepath.Join(t.TempDir(), "hashes.db")
			mixed(t, l, 20, "")
			h := newHashes(t, path)
			must(t, h.Extend(growth(t, l, 0)))
			fork := openLog(t, filepath.Join(t.TempDir(), "fork.db"), testOptions(t))
			mixed(t, fork, n, "fork")
			var e *Evidence
			if err := h.Extend(growth(t, fork, min(20, uint64(n)))); !errors.As(err, &e) || e.Check(vkey) != nil {
				t.Fatalf("a fork: %v", err)
			}
			must(t, h.Close())
			h = newHashes(t, path)
			mixed(t, l, 25, "")
			if err := h.Extend(growth(t, l, 20)); !errors.As(err, &e) || h.Size() != 20 || h.Evidence().Check(vkey) != nil {
				t.Errorf("a frozen log took more: %v, size %d", err, h.Size())
			}
		})
	}
}

func TestHashesKeepCosignatures(t *testing.T) {
	l := newLog(t)
	mixed(t, l, 20, "")
	h := newHashes(t, filepath.Join(t.TempDir(), "hashes.db"))
	must(t, h.Extend(growth(t, l, 0)))
	s, v := testCosigner(t, "mirror.example/m1")
	cosign := func(n uint64) []byte {
		opened, err := note.Open(checkpointAt(t, l, n), note.VerifierList(h.r.key))
		must(t, err)
		msg, err := note.Sign(opened, s)
		must(t, err)
		return msg
	}
	known := note.VerifierList(v)
	if n, err := h.AddCosignatures(cosign(15), known); n != 1 || err != nil {
		t.Fatalf("%d kept, %v", n, err)
	}
	if n, err := h.AddCosignatures(cosign(12), known); n != 0 || err != nil {
		t.Errorf("an older one: %d kept, %v", n, err)
	}
	if n, err := h.AddCosignatures(cosign(18), note.VerifierList()); n != 0 || err != nil {
		t.Errorf("an unknown cosigner: %d kept, %v", n, err)
	}
	for index, want := range map[uint64]uint64{3: 15, 14: 15, 15: 20, 19: 20} {
		msg, size, err := h.Covering(index)
		must(t, err)
		if size != want {
			t.Errorf("leaf %d is covered by the tree of %d, not of %d", index, size, want)
		}
		opened, err := note.Open(msg, note.VerifierList(h.r.key, v))
		if err != nil || len(opened.Sigs) != map[uint64]int{15: 2, 20: 1}[want] {
			t.Errorf("leaf %d: %v", index, err)
		}
	}
	mixed(t, l, 21, "")
	if _, err := h.AddCosignatures(cosign(21), known); !errors.Is(err, ErrNotHere) {
		t.Errorf("a cosignature ahead of the tree: %v", err)
	}
}

func FuzzDecodeGrowth(f *testing.F) {
	l := newLog(f)
	mixed(f, l, 22, "")
	g, err := l.Growth(3, keepSix)
	must(f, err)
	f.Add(g.Encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := DecodeGrowth(b)
		if err != nil {
			return
		}
		if !bytes.Equal(g.Encode(), b) {
			t.Error("two spellings of one growth")
		}
		if again, err := DecodeGrowth(g.Encode()); err != nil || !reflect.DeepEqual(again, g) {
			t.Error("a growth is not read back")
		}
	})
}
