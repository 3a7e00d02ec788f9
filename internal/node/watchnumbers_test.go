package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/seal"
	"tims/internal/watchlist"
	"tims/internal/watchlist/numbers"
)

var seized = record.NumbersTerms{Action: border.ActSeize, Issuer: "Interpol", Status: "stolen"}

func setForTest(t *testing.T, entries ...numbers.Entry) *numbers.Set {
	t.Helper()
	var b numbers.Builder
	for _, e := range entries {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.Set()
}

func numbered(from, to int) (out []numbers.Entry) {
	for i := from; i < to; i++ {
		out = append(out, numbers.Entry{Issuer: "ITA", Number: fmt.Sprintf("YA%07d", i)})
	}
	return out
}

// onNumber gives the hits on a document.
func onNumber(n *Node, issuer, number string) []border.Hit {
	q := watchlist.QueryOf(border.Document{Issuer: issuer, Number: number})
	q.Least = map[border.AlertKind]float64{border.DocumentAlert: 0}
	return n.watch.now.Load().match(q)
}

func TestNumbersInForce(t *testing.T) {
	n := centreForTest(t)
	ctx := context.Background()
	release := func(entries ...numbers.Entry) NumbersReleased {
		t.Helper()
		out, err := n.ReleaseNumbers(ctx, "papers", 0, seized, setForTest(t, entries...), 1)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	odd := []numbers.Entry{{Issuer: "ALB", Number: "BO12I"}, {Number: "LONGER0123456789"}, {Issuer: "D", Number: "X0001000", To: "X0001999"}}
	release(append(numbered(0, 150_000), odd...)...)
	first := n.watch.of("papers")
	for _, row := range []struct {
		issuer, number, id string
		score              float64
	}{
		{"ITA", "YA0149999", "papers:ITA:YA0149999", 16}, {"FRA", "YA0149999", "papers:ITA:YA0149999", 4}, {"ITA", "YA0150000", "", 0},
		{"ALB", "B0121", "papers:ALB:B0121", 16}, {"ALB", "BO12I", "papers:ALB:B0121", 16}, {"ALB", "LONGER0123456789", "papers::L0NGER0123456789", 13},
		{"D", "XO001500", "papers:D:X0001000-X0001999", 16}, {"D", "X0002000", "", 0},
	} {
		hits := onNumber(n, row.issuer, row.number)
		if row.id == "" {
			if len(hits) != 0 {
				t.Errorf("%s: %+v", row.number, hits)
			}
			continue
		}
		if len(hits) != 1 || hits[0].AlertID != row.id || hits[0].Alert.ID != row.id || hits[0].Score != row.score || hits[0].List != "papers" ||
			hits[0].Action != border.ActSeize || hits[0].Alert.Documents[0].Status != "stolen" || hits[0].Issuer != "Interpol" {
			t.Errorf("%s of %s: %+v", row.number, row.issuer, hits)
		}
	}

	// The next release names most chunks again, and what it lacks is held in the form in which it was listed.
	out := release(append(numbered(1, 150_010), odd[1:]...)...)
	second := n.watch.of("papers")
	if kept := keptChunks(first.of.chunks, second.of.chunks); out.Added != 10 || out.Withdrawn != 2 || out.Waiting != 2 || len(kept) < len(first.of.chunks)-3 {
		t.Errorf("%+v, %d of %d chunks are kept", out, len(kept), len(first.of.chunks))
	}
	held := func(what string) {
		t.Helper()
		for number, hits := range map[string]int{"YA0000000": 1, "BO12I": 1, "YA0150009": 1, "YA0150010": 0} {
			issuer := "ITA"
			if number[0] == 'B' {
				issuer = "ALB"
			}
			if got := onNumber(n, issuer, number); len(got) != hits {
				t.Errorf("%s: %d hits on %s", what, len(got), number)
			}
		}
		if l := n.Lists(); len(l) != 1 || l[0].Waiting != 2 || l[0].Numbers != 150_011 || l[0].Count != 150_011 {
			t.Errorf("%s: %+v", what, l)
		}
	}
	held("released")

	// A node that starts has them from its own files, or from the chunks where one of the files is not what it was.
	again := func() error {
		t.Helper()
		n.watch.now.Store(nil)
		err := n.openIndex()
		if err := n.loadLists(); err != nil {
			t.Fatal(err)
		}
		return err
	}
	if err := n.saveIndex(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(n.opt.Dir, numbersFile)
	if err := again(); err != nil {
		t.Errorf("the saved numbers are not used: %v", err)
	}
	held("opened")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := again(); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("damaged numbers: %v", err)
	}
	held("made anew")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := again(); !errors.Is(err, errStale) {
		t.Errorf("without the file of numbers: %v", err)
	}
	held("made anew without the file")

	for what, terms := range map[string]record.NumbersTerms{"action": {Action: border.ActInform, Issuer: "Interpol", Status: "stolen"},
		"status": {Action: border.ActSeize, Issuer: "Interpol", Status: "lost"}, "none": {}} {
		if _, err := n.ReleaseNumbers(ctx, "papers", 0, terms, setForTest(t, numbered(0, 2)...), 1); err == nil {
			t.Errorf("other terms (%s) are released", what)
		}
	}
	if _, err := n.Release(ctx, "papers", 0, []border.Alert{numberAlert("papers", &seized, numbered(0, 1)[0])}); err == nil {
		t.Error("a list of numbers becomes one of alerts")
	}
	if out, err := n.ReleaseNumbers(ctx, "papers", 0, seized, setForTest(t, numbered(0, 20_000)...), 0.05); !errors.Is(err, ErrShrinks) || out.Withdrawn != 130_012 {
		t.Errorf("a release of half: %+v, %v", out, err)
	}
}

// A captured centre releases chunks that its program would not make: nothing of them comes into force, and what was stays.
func TestForgedNumbers(t *testing.T) {
	n := centreForTest(t)
	ctx := context.Background()
	if _, err := n.ReleaseNumbers(ctx, "papers", 0, seized, setForTest(t, numbered(0, 100)...), 1); err != nil {
		t.Fatal(err)
	}
	key := func(i int) uint64 {
		k, ok := numbers.Key(numbered(i, i+1)[0])
		if !ok {
			t.Fatal("no key")
		}
		return k
	}
	weak := seized
	weak.Action = border.ActInform
	body, _, _ := BodyForTest(n, "papers")
	for what, row := range map[string]struct {
		plain []byte
		count int
		terms *record.NumbersTerms
	}{
		"a number twice":          {append(lists.PackNumbers([]uint64{key(1)}), lists.PackNumbers([]uint64{key(1)})[1:]...), 2, &seized},
		"no key of any":           {lists.PackNumbers([]uint64{1 << 63}), 1, &seized},
		"another count":           {lists.PackNumbers([]uint64{key(1)}), 2, &seized},
		"no terms":                {lists.PackNumbers([]uint64{key(1)}), 1, nil},
		"a paper with a key":      {lists.PackPapers([]lists.Paper{{Issuer: "ITA", Number: "A1"}}), 1, &seized},
		"a paper in another form": {lists.PackPapers([]lists.Paper{{Issuer: "ITA", Number: "LONGO1234567"}}), 1, &seized},
		"a range that is none":    {lists.PackPapers([]lists.Paper{{Issuer: "ITA", Number: "A9", To: "A1"}}), 1, &seized},
	} {
		forged := body
		sealed, err := seal.SealKept(forged.Key, "papers", row.plain)
		if err != nil {
			t.Fatal(err)
		}
		forged.Release, forged.Count, forged.Numbers = n.watch.highest("papers")+1, row.count, row.terms
		forged.Chunks = [][32]byte{sha256.Sum256(sealed)}
		if err := ReleaseForTest(ctx, n, forged, sealed); err != nil {
			t.Fatal(err)
		}
		err = n.loadLists()
		if l := n.Lists(); l[0].Release != 1 || err != nil && !errors.Is(err, errBroken) {
			t.Errorf("%s: %+v, %v", what, l[0], err)
		}
	}
	// Weaker terms for the same chunks come into force only beside the stronger ones, which are held.
	forged := body
	forged.Release, forged.Numbers = n.watch.highest("papers")+1, &weak
	if err := ReleaseForTest(ctx, n, forged); err != nil {
		t.Fatal(err)
	}
	if err := n.loadLists(); err != nil {
		t.Fatal(err)
	}
	hits := onNumber(n, "ITA", "YA0000007")
	if l := n.Lists()[0]; l.Waiting != 100 || len(hits) != 2 || hits[0].Action != border.ActSeize && hits[1].Action != border.ActSeize {
		t.Errorf("weaker terms: %+v, %+v", l, hits)
	}
}
