package node

import (
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

// A node says of each release that is not in force how far it has come, from the first word of it until it is matched.
func TestComing(t *testing.T) {
	n := centreForTest(t)
	expect := func(what string, want ...ComingList) {
		t.Helper()
		if got := n.Coming(); len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	expect("nothing was released")
	alert := border.Alert{ID: "1", List: "l", Kind: border.DocumentAlert, Action: border.ActSeize, Documents: []border.AlertDocument{{Number: "A1"}}}
	if _, err := n.Release(t.Context(), "l", 0, []border.Alert{alert}); err != nil {
		t.Fatal(err)
	}
	expect("in force")
	n.watch.now.Store(nil) // as at a start without a saved index
	n.watch.comes(n.watch.announced["l"][0], 0, 0)
	expect("to be opened", ComingList{List: "l", Release: 1, Chunks: 1, Here: 1})
	n.watch.comes(n.watch.announced["l"][0], 1, 0)
	expect("opened", ComingList{List: "l", Release: 1, Chunks: 1, Here: 1, Opened: 1})
	if err := n.loadLists(); err != nil {
		t.Fatal(err)
	}
	expect("in force again")
	if a := n.watch.announced["l"][0]; a.opened != 1 || a.indexed != 1 {
		t.Errorf("opened %d chunks, indexed %d of 1", a.opened, a.indexed)
	}
	second := &Opened{List: &record.ListBody{List: "l", Release: 2, Count: 2, Form: record.ListKept, Index: [][32]byte{{1}}}}
	second.Origin = n.Origin()
	n.watch.announce(second)
	expect("only its record is here", ComingList{List: "l", Release: 2})
	n.watch.announced["l"][1].chunks = [][32]byte{n.watch.announced["l"][0].chunks[0], {2}}
	expect("half of it is here", ComingList{List: "l", Release: 2, Chunks: 2, Here: 1})
}
