package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/seal"
)

// The saved watchlist is what was in force, is brought up to the logs where it is older, and is made anew where it is damaged.
func TestSavedWatchlist(t *testing.T) {
	n := centreForTest(t)
	release := func(ids ...string) {
		t.Helper()
		var alerts []border.Alert
		for _, id := range ids {
			alerts = append(alerts, border.Alert{ID: id, List: "l", Kind: border.DocumentAlert, Action: border.ActSeize,
				Documents: []border.AlertDocument{{Number: "A" + id}}})
		}
		if _, err := n.Release(context.Background(), "l", 0, alerts); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(n.opt.Dir, indexFile)
	save := func() []byte {
		t.Helper()
		if err := n.saveIndex(); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// again starts the watchlist as a node that has replayed its log does, from a file with these bytes.
	again := func(b []byte) (*watch, error) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		n.watch.now.Store(nil)
		err := n.openIndex()
		opened := n.watch.now.Load()
		if err := n.loadLists(); err != nil {
			t.Fatal(err)
		}
		return opened, err
	}
	expect := func(what string, wait int, ids ...string) {
		t.Helper()
		var got []string
		for _, a := range n.Alerts("l") {
			got = append(got, a.ID)
		}
		slices.Sort(got)
		if l := n.Lists(); !slices.Equal(got, ids) || len(l) != 1 || l[0].Waiting != wait {
			t.Errorf("%s: %v in force, %+v", what, got, l)
		}
	}
	release("1", "2", "3")
	release("1", "2", "4")
	second := save()
	in := n.watch.now.Load()
	opened, err := again(second)
	if err != nil || opened == nil || n.watch.now.Load().index != opened.index || !slices.Equal(opened.lists["l"].at, in.lists["l"].at) {
		t.Errorf("the saved watchlist is not used: %v", err)
	}
	expect("as it was", 1, "1", "2", "3", "4")
	release("1", "4", "5")
	third := save()
	if opened, err := again(second); err != nil || opened == nil {
		t.Errorf("an older one is not used: %v", err)
	}
	expect("brought up", 2, "1", "2", "3", "4", "5")
	third[len(third)/2] ^= 1
	if opened, err := again(third); !errors.Is(err, seal.ErrNotOpened) || opened != nil {
		t.Errorf("a damaged one: %v", err)
	}
	expect("made anew", 2, "1", "2", "3", "4", "5")
	n.watch.announced["l"] = n.watch.announced["l"][:2]
	third[len(third)/2] ^= 1
	if opened, err := again(third); !errors.Is(err, errStale) || opened != nil {
		t.Errorf("one of a release that is not here: %v", err)
	}
	expect("of the log", 1, "1", "2", "3", "4")
}
