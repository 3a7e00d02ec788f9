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

// A releaseOfKeys is a list of numbers in chunks, of which some are of strikes.
type releaseOfKeys struct {
	chunks [][]byte
	now    []uint64
}

func (r *releaseOfKeys) open(t testing.TB, i int) NumbersChunk {
	t.Helper()
	c, err := FromNumbers(r.chunks[i])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// next makes a release of keys from the one before. It says how many chunks stay, and how many bytes are new.
func (r *releaseOfKeys) next(t testing.TB, now []uint64) (out releaseOfKeys, kept, fresh int) {
	t.Helper()
	e := Edition{Before: len(r.chunks), Open: func(i int) (NumbersChunk, error) { return r.open(t, i), nil },
		Gone: slices.Collect(outside(slices.Values(r.now), now)), Come: outside(slices.Values(now), r.now)}
	for i := range r.chunks {
		if r.open(t, i).Strikes != nil {
			e.Strikes = append(e.Strikes, i)
		}
	}
	err := ReworkNumbers(e, func(n Next) error {
		chunk := n.Packed
		if n.Before >= 0 {
			chunk, kept = r.chunks[n.Before], kept+1
		} else {
			fresh += len(chunk)
		}
		out.chunks = append(out.chunks, chunk)
		if c, err := FromNumbers(chunk); err != nil || c.Len() != n.Count {
			t.Fatalf("%d of %d, %v", c.Len(), n.Count, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.now = now
	return out, kept, fresh
}

// counts gives what a release holds: every key once, every strike once, of a key that is there, and not too many.
func (r *releaseOfKeys) counts(t testing.TB) []uint64 {
	t.Helper()
	var all, struck []uint64
	for i := range r.chunks {
		c := r.open(t, i)
		all, struck = append(all, c.Keys...), append(struck, c.Strikes...)
	}
	slices.Sort(all)
	slices.Sort(struck)
	if TooManyStrikes(len(struck), len(all)-len(struck)) || len(slices.Compact(slices.Clone(all))) != len(all) || len(slices.Collect(within(slices.Values(struck), all))) != len(struck) ||
		len(slices.Compact(slices.Clone(struck))) != len(struck) {
		t.Fatal("a key or a strike twice, or a strike of nothing")
	}
	return slices.Collect(outside(slices.Values(all), struck))
}

func randomKeys(r *rand.Rand, n int) (out []uint64) {
	for range n {
		out = append(out, r.Uint64())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func merged(a, b []uint64) []uint64 {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// What a change of numbers costs whoever has the release before.
func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	first := randomKeys(r, 5*numbersChunk+100)
	new51, scattered := randomKeys(r, 51), []uint64{}
	for i := 0; i < len(first); i += len(first)/60 + 1 {
		scattered = append(scattered, first[i])
	}
	base, _, _ := new(releaseOfKeys).next(t, first)
	less := slices.Collect(outside(slices.Values(first), scattered))
	struck, _, _ := base.next(t, less)
	for _, row := range []struct {
		what               string
		from               releaseOfKeys
		now                []uint64
		chunks, kept, keys int // keys: written anew, with strikes
	}{
		{"the same", base, first, 6, 6, 0},
		{"51 more, put to the 100 at the end", base, merged(first, new51), 6, 5, 151},
		{"50 more, too few for what is at the end", base, merged(first, new51[1:]), 7, 6, 50},
		{"60 scattered go", base, less, 7, 6, 60},
		{"they come back", struck, first, 6, 6, 0},
		{"one of them comes back", struck, merged(less, scattered[:1]), 7, 6, 59},
		{"one more goes", struck, less[1:], 8, 7, 1},
		{"a ninth of a chunk goes", base, first[numbersChunk/9:], 7, 6, numbersChunk / 9},
		{"half of it goes", base, first[numbersChunk/2:], 6, 5, numbersChunk / 2},
		{"nearly all of it goes", base, first[numbersChunk-10:], 6, 5, 10},
		{"nearly all of it goes, and a little more is left", base, first[numbersChunk-51:], 5, 4, 151},
	} {
		after, kept, fresh := row.from.next(t, row.now)
		if len(after.chunks) != row.chunks || kept != row.kept || (fresh-(len(after.chunks)-kept))/8 != row.keys {
			t.Errorf("%s: %d of %d chunks stay, %d keys are written", row.what, kept, len(after.chunks), (fresh-(len(after.chunks)-kept))/8)
		}
		if !slices.Equal(after.counts(t), row.now) {
			t.Errorf("%s: other numbers", row.what)
		}
	}
	// A chunk that is written anew takes its strikes with it: of the first one half goes, of which some numbers were struck.
	half := slices.Collect(outside(slices.Values(first[numbersChunk/2:]), scattered))
	after, kept, _ := struck.next(t, half)
	if last := after.open(t, len(after.chunks)-1); kept != 5 || !slices.Equal(after.counts(t), half) ||
		!slices.Equal(last.Strikes, slices.Collect(within(slices.Values(scattered), first[numbersChunk:]))) {
		t.Errorf("half of a chunk goes: %d of %d stay, %d strikes", kept, len(after.chunks), len(last.Strikes))
	}
	for _, keys := range [][]uint64{{2, 1}, {1, 1}, nil, make([]uint64, numbersChunk+1)} {
		for _, chunk := range [][]byte{PackNumbers(keys), PackStrikes(keys), append(PackNumbers(keys), 1)} {
			if _, err := FromNumbers(chunk); err == nil {
				t.Errorf("%d numbers are accepted", len(keys))
			}
		}
	}
}

// Through a year of changes the release holds what it should, in few chunks, and a change costs a few times its own bytes.
func TestNumbersThroughAYear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 365))
	now, gone := randomKeys(r, numbersChunk+1000), []uint64{}
	release, _, _ := new(releaseOfKeys).next(t, now)
	changes, bytes := 0, 0
	for day := range 365 {
		var come, go_ []uint64
		for range r.IntN(20) {
			come, go_ = append(come, r.Uint64()), append(go_, now[r.IntN(len(now))])
		}
		if day%10 == 9 { // some were found to be right
			come = append(come, gone[len(gone)-r.IntN(9)-1:]...)
		}
		slices.Sort(go_)
		slices.Sort(come)
		next := merged(slices.Collect(outside(slices.Values(now), go_)), come)
		changes += len(outsideOf(next, now)) + len(outsideOf(now, next))
		gone = append(gone, outsideOf(now, next)...)
		var fresh int
		release, _, fresh = release.next(t, next)
		if bytes += fresh; day%30 == 29 && !slices.Equal(release.counts(t), next) {
			t.Fatalf("day %d: other numbers", day)
		}
		now = next
	}
	if small := len(release.chunks) - len(now)/numbersChunk; small > 20 || bytes > 8*8*changes {
		t.Errorf("%d chunks for %d numbers; %d bytes for %d changes", len(release.chunks), len(now), bytes, changes)
	}
}

func outsideOf(keys, others []uint64) []uint64 {
	return slices.Collect(outside(slices.Values(keys), others))
}

// Papers change like numbers, without strikes.
func TestPapersReworked(t *testing.T) {
	var papers []Paper
	for i := range 3*papersChunk + 9 {
		papers = append(papers, Paper{Issuer: "ITA", Number: fmt.Sprintf("Y%06d", i), To: fmt.Sprintf("Y%06d", i+1)})
	}
	var chunks [][]Paper
	for c := range slices.Chunk(papers, papersChunk) {
		chunks = append(chunks, c)
	}
	more := []Paper{{Issuer: "ITA", Number: "X1", To: "X9"}, {Issuer: "ITA", Number: "Y0000100", To: "Y0000101"}}
	e := Edition{Before: len(chunks), Open: func(i int) (NumbersChunk, error) { return NumbersChunk{Papers: chunks[i]}, nil },
		Come: func(func(uint64) bool) {}, PapersGone: papers[5:7], PapersCome: more}
	var next []Next
	var after []Paper
	if err := ReworkNumbers(e, func(n Next) error {
		next = append(next, n)
		if n.Before >= 0 {
			after = append(after, chunks[n.Before]...)
			return nil
		}
		c, err := FromNumbers(n.Packed)
		after = append(after, c.Papers...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := slices.SortedFunc(slices.Values(slices.Concat(papers[:5], papers[7:], more)), Paper.Compare)
	slices.SortFunc(after, Paper.Compare)
	if len(next) != 5 || next[0].Before != -1 || next[1].Before != 1 || next[2].Before != 2 || next[3].Before != 3 || next[4].Count != 2 || !slices.Equal(after, want) {
		t.Errorf("%d chunks, %d papers", len(next), len(after))
	}
}

func TestSmallFormsGolden(t *testing.T) {
	set := PackLosses([][32]byte{{2}, {1}, {2}})
	keys, strikes := PackNumbers([]uint64{1, 0xabcdef}), PackStrikes([]uint64{1})
	papers := PackPapers([]Paper{{Issuer: "ITA", Number: "A1", To: "A9"}})
	index := IndexOf([][32]byte{{5}, {0, 1}, {6}})
	z := func(n int) string { return fmt.Sprintf("%0*d", 2*n, 0) }
	for _, row := range []struct{ what, got, want string }{
		{"losses", hex.EncodeToString(set[0]), "03" + "01" + z(31) + "02" + z(31)},
		{"numbers", hex.EncodeToString(keys), "02" + "0000000000000001" + "0000000000abcdef"},
		{"strikes", hex.EncodeToString(strikes), "05" + "0000000000000001"},
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
	f.Add(PackPapers([]Paper{{Number: "A1", To: "A9"}, {Number: "A2"}}))
	f.Add(PackLosses([][32]byte{{1}, {2}})[0])
	f.Add(PackNumbers([]uint64{1, 2}))
	f.Add(PackStrikes([]uint64{2}))
	f.Add(IndexOf([][32]byte{{5}})[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		if set, err := FromLosses(b); err == nil && string(PackLosses(set)[0]) != string(b) {
			t.Error("a set of losses has two forms")
		}
		if c, err := FromNumbers(b); err == nil {
			again := PackPapers(c.Papers)
			switch {
			case c.Keys != nil:
				again = PackNumbers(c.Keys)
			case c.Strikes != nil:
				again = PackStrikes(c.Strikes)
			}
			if string(again) != string(b) {
				t.Error("a chunk of numbers has two forms")
			}
		}
		if chunks, err := FromIndex(b); err == nil && len(chunks) != len(b)/32 {
			t.Error("an index loses names")
		}
	})
}
