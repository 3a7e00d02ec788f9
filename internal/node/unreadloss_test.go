package node

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/record"
)

// A release that somebody keeps back from an approver's node may have what still waits: that node does not say that nothing does, and
// drafts nothing that settles the list.
func TestReleaseKeptBackSettlesNothing(t *testing.T) {
	n := centreForTest(t)
	alert := func(i int) border.Alert {
		return border.Alert{ID: fmt.Sprint("w:", i), List: "w", Kind: border.DocumentAlert, Action: border.ActSeize, Documents: []border.AlertDocument{{Number: fmt.Sprint("A", i)}}}
	}
	for _, all := range [][]border.Alert{{alert(1), alert(2)}, {alert(1)}} {
		if _, err := n.Release(context.Background(), "w", 0, all); err != nil {
			t.Fatal(err)
		}
	}
	before, err := n.DraftLoss("w", nil, time.Now())
	if v, jerr := n.JudgeLoss(before); err != nil || jerr != nil || !v.Loss.Settled || v.Left != 0 {
		t.Fatalf("%+v, %v, %v", v, err, jerr)
	}
	kept := &Opened{List: &record.ListBody{List: "w", Release: 1, Count: 1, Form: record.ListKept, Chunks: [][32]byte{{1}}}}
	kept.Origin = "al/zcentre/1"
	n.watch.announce(kept)
	if v, err := n.JudgeLoss(before); err != nil || v.Left != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	after, err := n.DraftLoss("w", nil, time.Now())
	if v, jerr := n.JudgeLoss(after); err != nil || jerr != nil || v.Loss.Settled || v.Left+v.Unknown != 0 || len(v.Alerts) != 1 {
		t.Errorf("%+v, %v, %v", v, err, jerr)
	}
}

// What nodes would not take is not written: an officer relies on an alert that he wrote.
func TestFullListOfSingleAlerts(t *testing.T) {
	list := SingleList("durres")
	of := func(id string) *border.Alert { return &border.Alert{List: list, ID: id} }
	s := singles{lists: map[string]map[string]*single{list: {"a": {versions: make([]singleVersion, maxVersions)}, "b": {}}}}
	for i := 2; i < maxSingles; i++ {
		if s.full(of("new")) {
			t.Fatal("full too early")
		}
		s.lists[list][fmt.Sprint(i)] = &single{}
	}
	if !s.full(of("new")) || !s.full(of("a")) || s.full(of("b")) {
		t.Error("what nodes do not take is not known here")
	}
	s.sizes = map[string]int64{list: maxSingleRoom - 10}
	if !s.full(of("b")) {
		t.Error("alerts without a bound in bytes")
	}
	s = singles{lists: map[string]map[string]*single{list: {}}}
	canary := of("one more")
	canary.Canary = true
	for i := range maxCanaries {
		if s.full(canary) {
			t.Fatal("too few canaries")
		}
		s.lists[list][fmt.Sprint(i)] = &single{versions: []singleVersion{{alert: *canary}}}
	}
	if !s.full(canary) || s.full(of("one more")) {
		t.Error("canaries without a bound")
	}
}
