package lists

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/border"
)

func edition(changes ...func(*border.Alert)) []border.Alert {
	var all []border.Alert
	for i := range len(changes) {
		a := border.Alert{ID: fmt.Sprint("x:", i), List: "x", Kind: border.PersonAlert, Action: border.ActRefuse,
			Names: []border.AlertName{{Primary: "A"}, {Primary: "B", Alias: true}}}
		if changes[i] != nil {
			changes[i](&a)
		}
		if a.ID != "" {
			all = append(all, a)
		}
	}
	return all
}

func TestCompare(t *testing.T) {
	gone := func(a *border.Alert) { a.ID = "" }
	old := edition(nil, nil, nil, nil, gone, nil, gone)
	now := edition(nil, gone, func(a *border.Alert) { a.Reason = "new" }, func(a *border.Alert) { a.Names = a.Names[:1] }, nil, gone, nil)
	d, err := Compare(All(old), All(now), 1)
	want := Diff{Old: 5, Now: 5, Unchanged: 1, Added: Change{2, []string{"x:4"}}, Changed: Change{1, []string{"x:2"}},
		Weakened: Change{1, []string{"x:3"}}, Withdrawn: Change{2, []string{"x:1"}}}
	if diff := cmp.Diff(want, d); diff != "" || err != nil || d.Losses() != 3 || d.Shrinkage() != 60 {
		t.Errorf("%v, %v\n%s", err, d.Shrinkage(), diff)
	}
	none, err := Compare(All(nil), All(nil), 5)
	if err != nil || none.Shrinkage() != 0 || none.Old+none.Now != 0 {
		t.Errorf("nothing with nothing: %+v, %v", none, err)
	}
	if d, err := Compare(All(nil), All(now), 5); err != nil || d.Added.Count != 5 || d.Losses() != 0 {
		t.Errorf("a first edition: %+v, %v", d, err)
	}
	if d, err := Compare(All(old), All(nil), 5); err != nil || d.Withdrawn.Count != 5 || d.Shrinkage() != 100 {
		t.Errorf("a list without alerts: %+v, %v", d, err)
	}
}

func TestCompareRefuses(t *testing.T) {
	two := edition(nil, nil)
	for name, wrong := range map[string][]border.Alert{"order": {two[1], two[0]}, "twice": {two[0], two[0]}} {
		if _, err := Compare(All(wrong), All(two), 1); err == nil {
			t.Errorf("%s: compared", name)
		}
		if _, err := Compare(All(two), All(wrong), 1); err == nil {
			t.Errorf("%s: compared as the new one", name)
		}
	}
	broken := iter.Seq2[border.Alert, error](func(yield func(border.Alert, error) bool) {
		if yield(two[0], nil) {
			yield(border.Alert{}, io.ErrUnexpectedEOF)
		}
	})
	if _, err := Compare(broken, All(two), 1); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a side that fails: %v", err)
	}
}

// Compare tells what a count by hand tells.
func TestCompareAgainstMaps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		var old, now []border.Alert
		var want [5]int
		for i := range r.IntN(40) {
			a := border.Alert{ID: fmt.Sprintf("x:%03d", i), List: "x", Kind: border.PersonAlert, Action: border.ActInform, Names: []border.AlertName{{Primary: "A"}}}
			b := a
			switch k := r.IntN(5); k {
			case 0:
				now = append(now, a)
				want[k]++
			case 1:
				old = append(old, a)
				want[k]++
			default:
				if k == 3 {
					b.Reason = "x"
				}
				if k == 4 {
					b.Until = 7
				}
				old, now = append(old, a), append(now, b)
				want[k]++
			}
		}
		d, err := Compare(All(old), All(now), 0)
		if got := [5]int{d.Added.Count, d.Withdrawn.Count, d.Unchanged, d.Changed.Count, d.Weakened.Count}; err != nil || got != want {
			t.Fatalf("%v, want %v, %v", got, want, err)
		}
	}
}

func TestSort(t *testing.T) {
	all, _ := take(t, PlainCSV, bytes.NewReader(fixture(t, "csv", "alerts.csv")))
	n := len(all)
	second := all[0]
	second.Reason = "a second one"
	sorted, twice := Sort(append(all, second))
	if at := slices.IndexFunc(sorted, func(a border.Alert) bool { return a.ID == second.ID }); sorted[at].Reason == second.Reason {
		t.Error("of two the second stayed")
	}
	if twice != 1 || len(sorted) != n {
		t.Errorf("%d alerts, %d twice", len(sorted), twice)
	}
	for i := range sorted[1:] {
		if order(sorted[i], sorted[i+1]) >= 0 {
			t.Error("not in order")
		}
	}
}
