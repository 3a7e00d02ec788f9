package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/watchlist/numbers"
)

// numbersState is all that a list of numbers comes to, in words.
func numbersState(n *Node) (out []string) {
	f := n.watch.of("papers")
	sum := uint64(0)
	for key := range f.numbers.Keys {
		sum = sum*31 + key
	}
	out = append(out, fmt.Sprint(f.of.body.Release, f.numbers.Len(), sum, slices.Sorted(slices.Values(f.strikes))))
	for _, v := range f.gone {
		out = append(out, fmt.Sprintf("%s %d %d", v.alert.ID, v.alert.Action, v.last.release))
	}
	return out
}

// sameEveryWay compares what came into force with what a node makes of the same logs that had the state before, and one that had none.
func sameEveryWay(t *testing.T, n *Node, before *watch) []string {
	t.Helper()
	want := numbersState(n)
	for what, from := range map[string]*watch{"from the state before": before, "from nothing": nil} {
		newest := n.watch.announced["papers"][len(n.watch.announced["papers"])-1]
		newest.broken, newest.refused = false, nil
		n.watch.now.Store(from)
		if err := n.loadLists(); err != nil && !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, numbersState(n)); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	return want
}

// Numbers that go are struck, in whichever way the chunks change afterwards: they wait for their approval, once, and every node comes to
// the same.
func TestStruckNumbers(t *testing.T) {
	n, approve := governedCentre(t)
	all := numbered(0, 40_000)
	less := func(from []numbers.Entry, drop ...int) (out []numbers.Entry) {
		for _, e := range from {
			if !slices.ContainsFunc(drop, func(i int) bool { return e == all[i] }) {
				out = append(out, e)
			}
		}
		return out
	}
	release := func(what string, entries []numbers.Entry, fresh int, waiting ...string) {
		t.Helper()
		before := n.watch.now.Load()
		var had [][32]byte
		if f := n.watch.of("papers"); f != nil {
			had = f.of.chunks
		}
		out, err := n.ReleaseNumbers(context.Background(), "papers", 0, seized, setForTest(t, entries...), 1)
		if err != nil {
			t.Fatal(err)
		}
		f := n.watch.of("papers")
		if came := len(f.of.chunks) - len(keptChunks(had, f.of.chunks)); came != fresh || out.Numbers != len(entries) {
			t.Errorf("%s: %d new chunks of %d, %d numbers", what, came, len(f.of.chunks), out.Numbers)
		}
		state := sameEveryWay(t, n, before)
		if d := cmp.Diff(waiting, state[1:], cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: what waits: %s", what, d)
		}
	}
	gone := func(i, last int) string { return fmt.Sprintf("papers:ITA:YA%07d %d %d", i, border.ActSeize, last) }
	release("first", all, 3)
	release("two go", less(all, 5, 30_000), 1, gone(5, 1), gone(30_000, 1))
	release("one comes back", less(all, 5), 1, gone(5, 1))
	release("it goes again", less(all, 5, 30_000), 1, gone(5, 1), gone(30_000, 3))
	approve()
	if len(n.watch.of("papers").gone) != 0 {
		t.Error("it is approved and waits")
	}
	release("it comes back and goes", less(all, 5), 1)
	release("the old approval does not let it go", less(all, 5, 30_000), 1, gone(30_000, 5))
	approve()

	// Of one chunk so much goes that it is written anew. What was struck in it before was let go; what goes now waits.
	first, err := n.numbersAt(n.watch.of("papers").of, 0)
	if err != nil || len(first.Keys) != lists.NumbersPerChunk {
		t.Fatal(err)
	}
	var drop []int
	for _, key := range first.Keys[:lists.NumbersPerChunk/8+50] {
		e, _ := numbers.OfKey(key)
		drop = append(drop, slices.Index(all, e))
	}
	slices.Sort(drop)
	left := less(all, append(drop, 5, 30_000)...)
	var waiting []string
	for _, i := range drop {
		if i != 5 && i != 30_000 {
			waiting = append(waiting, gone(i, 6))
		}
	}
	before := n.watch.now.Load()
	if _, err := n.ReleaseNumbers(context.Background(), "papers", 0, seized, setForTest(t, left...), 1); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(waiting, sameEveryWay(t, n, before)[1:]); d != "" {
		t.Error(d)
	}
}

// governedCentre is a centre whose one approver lets go whatever waits of the list of papers.
func governedCentre(t *testing.T) (*Node, func()) {
	t.Helper()
	n, founded := foundedCentre(t)
	return n, func() {
		t.Helper()
		d, err := n.DraftLoss("papers", nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d.Approvals = []roster.Approval{roster.Approve(d.Change, "one", founded.Approvers["one"])}
		if err := n.Withdraw(context.Background(), d); err != nil {
			t.Fatal(err)
		}
	}
}

// A captured centre strikes what its program would not: nothing of it comes into force, at a node that has the release before and at one
// that has none.
func TestForgedStrikes(t *testing.T) {
	n := centreForTest(t)
	ctx := context.Background()
	if _, err := n.ReleaseNumbers(ctx, "papers", 0, seized, setForTest(t, numbered(0, 100)...), 1); err != nil {
		t.Fatal(err)
	}
	keys := func(from, to int) (out []uint64) {
		for _, e := range numbered(from, to) {
			key, _ := numbers.Key(e)
			out = append(out, key)
		}
		slices.Sort(out)
		return out
	}
	body, sealed, _ := BodyForTest(n, "papers")
	release := func(body record.ListBody, count int, plain ...[]byte) {
		t.Helper()
		body.Release, body.Count, body.Chunks = n.watch.highest("papers")+1, count, slices.Clone(body.Chunks)
		blobs := slices.Clone(sealed)
		for _, p := range plain {
			b, err := seal.SealKept(body.Key, "papers", p)
			if err != nil {
				t.Fatal(err)
			}
			blobs, body.Chunks = append(blobs, b), append(body.Chunks, sha256.Sum256(b))
		}
		if err := ReleaseForTest(ctx, n, body, blobs...); err != nil {
			t.Fatal(err)
		}
		if err := n.loadLists(); err != nil && !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
	}
	for what, row := range map[string]struct {
		count int
		plain [][]byte
	}{
		"a strike of nothing":   {100, [][]byte{lists.PackStrikes(keys(100, 101))}},
		"a strike that is none": {100, [][]byte{lists.PackStrikes([]uint64{1 << 62})}},
		"a strike twice":        {97, [][]byte{lists.PackStrikes(keys(0, 1)), lists.PackStrikes(keys(0, 2))}},
		"a chunk twice":         {98, [][]byte{lists.PackStrikes(keys(0, 1)), lists.PackStrikes(keys(0, 1))}},
		"twice and struck once": {100, [][]byte{lists.PackNumbers(keys(0, 1)), lists.PackStrikes(keys(0, 1))}},
		"too much struck":       {87, [][]byte{lists.PackStrikes(keys(0, 13))}},
		"not counted":           {100, [][]byte{lists.PackStrikes(keys(0, 1))}},
	} {
		before := n.watch.now.Load()
		release(body, row.count, row.plain...)
		if state := sameEveryWay(t, n, before); n.watch.of("papers").of.body.Release != 1 || len(state) != 1 {
			t.Errorf("%s: %v", what, state)
		}
	}
	release(body, 88, lists.PackStrikes(keys(0, 12)))
	if f := n.watch.of("papers"); f.numbers.Len() != 88 || len(f.gone) != 12 {
		t.Errorf("as much struck as may be: %d numbers, %d wait", f.numbers.Len(), len(f.gone))
	}
	// One that strikes at once what it brings is honest in form: it has what it counts.
	before := n.watch.now.Load()
	release(body, 100, lists.PackNumbers(keys(200, 202)), lists.PackStrikes(keys(200, 202)))
	if state := sameEveryWay(t, n, before); n.watch.of("papers").numbers.Len() != 100 || n.watch.of("papers").of.body.Release == 1 {
		t.Errorf("struck at once: %v", state)
	}

	// Weaker terms do not become weaker by being released twice.
	weak := body
	weak.Numbers = &record.NumbersTerms{Action: border.ActInform, Issuer: seized.Issuer, Status: seized.Status}
	for range 3 {
		before := n.watch.now.Load()
		release(weak, 100)
		state := sameEveryWay(t, n, before)
		hits := onNumber(n, "ITA", "YA0000007")
		if len(state) < 101 || !slices.ContainsFunc(hits, func(h border.Hit) bool { return h.Action == border.ActSeize }) {
			t.Errorf("weaker terms: %d versions, %+v", len(state)-1, hits)
		}
	}
}
