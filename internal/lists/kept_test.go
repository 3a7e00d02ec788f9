package lists

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
)

// theft gives alerts of one list with the ids given, each some 200 bytes long.
func theft(ids ...int) (out []border.Alert) {
	for _, id := range ids {
		out = append(out, border.Alert{ID: fmt.Sprintf("l:%06d", id), List: "l", Kind: border.DocumentAlert, Action: border.ActSeize,
			Reason:    fmt.Sprintf("%0140d", id),
			Documents: []border.AlertDocument{{Issuer: "UTO", Number: fmt.Sprintf("L%08d", id)}}})
	}
	return out
}

func span(from, to int) (out []int) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// reworked opens the next release, and counts the chunks that were kept.
func reworked(t *testing.T, before [][]border.Alert, now []border.Alert) (after [][]border.Alert, kept int) {
	t.Helper()
	next, err := Rework("l", before, now)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range next {
		if total += c.Count; c.Before >= 0 {
			after, kept = append(after, before[c.Before]), kept+1
			continue
		}
		alerts, err := FromChunk(c.Packed)
		if err != nil || len(alerts) != c.Count {
			t.Fatalf("%d alerts of %d: %v", len(alerts), c.Count, err)
		}
		after = append(after, alerts)
	}
	all := slices.Concat(after...)
	slices.SortFunc(all, order)
	want := slices.Clone(now)
	slices.SortFunc(want, order)
	if d := cmp.Diff(want, all); d != "" || total != len(now) {
		t.Fatal("the release has other alerts: ", d)
	}
	return after, kept
}

func TestReworkKeepsChunks(t *testing.T) {
	base, _ := reworked(t, nil, theft(span(0, 3000)...))
	if len(base) < 9 || len(base) > 11 {
		t.Fatalf("%d chunks", len(base))
	}
	changed := theft(span(0, 3000)...)
	changed[100].Action = border.ActArrest
	quarter := theft(slices.Concat(span(0, 10), span(700, 3000))...)
	for _, row := range []struct {
		name       string
		now        []border.Alert
		lost, more int // chunks of before that are not kept; chunks more than before
	}{
		{"the same", theft(span(0, 3000)...), 0, 0},
		{"one changed", changed, 1, 0},
		{"one withdrawn", theft(slices.Concat(span(0, 1500), span(1501, 3000))...), 1, 0},
		{"one more, at the front by its id", slices.Concat(theft(span(0, 3000)...), []border.Alert{func() border.Alert {
			a := theft(0)[0]
			a.ID = "l:"
			return a
		}()}), 0, 1},
		{"two chunks emptied, what is left of a third goes to the end", quarter, 3, -2},
		{"all others", theft(span(5000, 8000)...), len(base), 0},
	} {
		after, kept := reworked(t, base, row.now)
		if kept != len(base)-row.lost && kept != len(base)-row.lost-1 || len(after) > len(base)+row.more {
			t.Errorf("%s: %d of %d chunks kept, %d now", row.name, kept, len(base), len(after))
		}
	}
}

// A list that grows by one alert a day has no more chunks than one that came at once, but for what does not fill.
func TestReworkDoesNotCrumble(t *testing.T) {
	chunks, _ := reworked(t, nil, theft(span(0, 1000)...))
	rewritten := 0
	for day := range 100 {
		var kept int
		before := len(chunks)
		chunks, kept = reworked(t, chunks, theft(span(0, 1001+day)...))
		rewritten += before - kept
	}
	if whole, _ := reworked(t, nil, theft(span(0, 1100)...)); len(chunks) > 2*len(whole) {
		t.Errorf("%d chunks, %d at once", len(chunks), len(whole))
	}
	if rewritten > 100 {
		t.Errorf("%d chunks rewritten", rewritten)
	}
}

func TestReworkIsDeterministic(t *testing.T) {
	before, _ := reworked(t, nil, theft(span(0, 2000)...))
	now := theft(slices.Concat(span(5, 900), span(1000, 2500))...)
	shuffled := slices.Clone(now)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	a, err := Rework("l", before, now)
	b, errB := Rework("l", before, shuffled)
	if d := cmp.Diff(a, b); d != "" || errors.Join(err, errB) != nil {
		t.Error("another order gives other chunks", err, errB)
	}
}

func TestReworkRefuses(t *testing.T) {
	two := theft(1, 1)
	for what, alerts := range map[string][]border.Alert{"two of one id": two, "another list": sample()[:1], "invalid": {{ID: "l:1", List: "l"}}} {
		if _, err := Rework("l", nil, alerts); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

// keysReworked is a rework with both releases in memory.
func keysReworked(before [][]uint64, now []uint64) (out []Next, _ error) {
	had := slices.Sorted(slices.Values(slices.Concat(before...)))
	in := func(keys []uint64) func(uint64) bool {
		return func(k uint64) bool { _, ok := slices.BinarySearch(keys, k); return ok }
	}
	err := ReworkNumbers(Edition[uint64]{Before: len(before), Open: func(i int) ([]uint64, bool, error) { return before[i], true, nil },
		Had: in(had), Has: in(now), All: slices.Values(now)}, func(n Next) error { out = append(out, n); return nil })
	return out, err
}

func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	keys := func(n int) (out []uint64) {
		for range n {
			out = append(out, r.Uint64())
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	open := func(before [][]uint64, now []uint64) (after [][]uint64, kept int) {
		t.Helper()
		next, err := keysReworked(before, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range next {
			if c.Before >= 0 {
				after, kept = append(after, before[c.Before]), kept+1
				continue
			}
			chunk, _, err := FromNumbers(c.Packed)
			if err != nil || len(chunk) != c.Count {
				t.Fatal(err)
			}
			after = append(after, chunk)
		}
		all := slices.Concat(after...)
		slices.Sort(all)
		if !slices.Equal(all, now) {
			t.Fatal("other numbers")
		}
		return after, kept
	}
	first := keys(5*numbersChunk + 100)
	base, _ := open(nil, first)
	if _, kept := open(base, first); kept != len(base) {
		t.Errorf("of the same %d of %d chunks are kept", kept, len(base))
	}
	more := slices.Concat(first, keys(50))
	slices.Sort(more)
	if after, kept := open(base, more); kept != len(base)-1 || len(after) != len(base) {
		t.Errorf("with 50 more %d of %d chunks are kept, %d now", kept, len(base), len(after))
	}
	if _, kept := open(base, slices.Delete(slices.Clone(first), 77, 78)); kept != len(base)-1 {
		t.Errorf("without one %d of %d chunks are kept", kept, len(base))
	}
	for _, keys := range [][]uint64{{2, 1}, {1, 1}, nil} {
		if _, _, err := FromNumbers(PackNumbers(keys)); err == nil {
			t.Errorf("numbers %v are accepted", keys)
		}
	}
}

func TestSmallFormsGolden(t *testing.T) {
	set := PackLosses([][32]byte{{2}, {1}, {2}})
	next, err := keysReworked(nil, []uint64{1, 0xabcdef})
	papers := PackPapers([]Paper{{Issuer: "ITA", Number: "A1", To: "A9"}})
	if err != nil {
		t.Fatal(err)
	}
	index := IndexOf([][32]byte{{5}, {0, 1}, {6}})
	z := func(n int) string { return fmt.Sprintf("%0*d", 2*n, 0) }
	for _, row := range []struct{ what, got, want string }{
		{"losses", hex.EncodeToString(set[0]), "03" + "01" + z(31) + "02" + z(31)},
		{"numbers", hex.EncodeToString(next[0].Packed), "02" + "0000000000000001" + "0000000000abcdef"},
		{"papers", hex.EncodeToString(papers), "04" + "8183634954416241316241" + "39"},
		{"index", hex.EncodeToString(index[0]) + "|" + hex.EncodeToString(index[1]), "05" + z(31) + "0001" + z(30) + "|" + "06" + z(31)},
	} {
		if row.got != row.want {
			t.Errorf("%s: %s", row.what, row.got)
		}
	}
	if got, err := FromLosses(set[0]); err != nil || len(got) != 2 || len(set) != 1 {
		t.Errorf("%d hashes, %v", len(got), err)
	}
	if got, err := FromIndex(index[0]); err != nil || len(got) != 2 || len(index) != 2 {
		t.Errorf("%d hashes, %v", len(got), err)
	}
}

// Where one chunk of thousands is left out, the index names most of the rest with the same blobs.
func TestIndexStays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	chunks := make([][32]byte, 5000)
	for i := range chunks {
		for j := range chunks[i] {
			chunks[i][j] = byte(r.Uint32())
		}
	}
	seen := map[string]bool{}
	for _, b := range IndexOf(chunks) {
		seen[string(b)] = true
	}
	fresh := 0
	for _, b := range IndexOf(slices.Delete(slices.Clone(chunks), 10, 11)) {
		if !seen[string(b)] {
			fresh++
		}
	}
	if len(seen) < 5 || fresh != 1 {
		t.Errorf("%d of %d blobs are new", fresh, len(seen))
	}
}

func FuzzSmallForms(f *testing.F) {
	next, _ := keysReworked(nil, []uint64{1, 2})
	f.Add(PackPapers([]Paper{{Number: "A1", To: "A9"}, {Number: "A2"}}))
	f.Add(PackLosses([][32]byte{{1}, {2}})[0])
	f.Add(next[0].Packed)
	f.Add(IndexOf([][32]byte{{5}})[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		if set, err := FromLosses(b); err == nil && string(PackLosses(set)[0]) != string(b) {
			t.Error("a set of losses has two forms")
		}
		if keys, papers, err := FromNumbers(b); err == nil && string(PackNumbers(keys)) != string(b) && string(PackPapers(papers)) != string(b) {
			t.Error("a chunk of numbers has two forms")
		}
		if chunks, err := FromIndex(b); err == nil && len(chunks) != len(b)/32 {
			t.Error("an index loses names")
		}
	})
}
