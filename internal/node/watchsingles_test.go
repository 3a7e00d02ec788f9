package node

import (
	"context"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
)

// Single alerts come into force by the rule of releases: added at once, withdrawn when the loss is approved, and by the records that came
// before it alone.
func TestSingleAlertsInForce(t *testing.T) {
	n, founded := foundedCentre(t)
	list, index := SingleList("centre"), uint64(100)
	note := func(action border.Action, withdrawn bool) {
		t.Helper()
		index++
		o := &Opened{}
		o.Origin, o.Node, o.Index = n.origin, "centre", index
		if withdrawn {
			o.Withdrawn = &record.AlertChangeBody{ID: list + ":1"}
		} else {
			o.Single = &record.AlertBody{Alert: border.Alert{ID: list + ":1", List: list, Kind: border.DocumentAlert, Action: action,
				Documents: []border.AlertDocument{{Number: "A1"}}}}
		}
		if !n.singles.note(o, roster.Centre) {
			t.Fatal("the record does not count")
		}
		if err := n.loadLists(); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, wait int, actions ...border.Action) {
		t.Helper()
		all := n.Alerts(list)
		l := n.Lists()
		if len(all) != len(actions) || len(l) != 1 || l[0].Waiting != wait {
			t.Fatalf("%s: %d alerts, %+v", what, len(all), l)
		}
		for _, want := range actions {
			found := false
			for _, a := range all {
				found = found || a.Action == want
			}
			if !found {
				t.Errorf("%s: no alert with action %v", what, want)
			}
		}
	}
	approve := func() {
		t.Helper()
		d, err := n.DraftLoss(list, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d, err = DecodeLoss(d.Encode())
		if v, jerr := n.JudgeLoss(d); err != nil || jerr != nil || v.Unknown+v.Left != 0 || len(v.Alerts) == 0 {
			t.Errorf("%+v, %v, %v", v, err, jerr)
		}
		d.Approvals = append(d.Approvals, roster.Approve(d.Change, "one", founded.Approvers["one"]))
		if err := n.Withdraw(context.Background(), d); err != nil {
			t.Fatal(err)
		}
	}
	note(border.ActInform, false)
	expect("written", 0, border.ActInform)
	note(border.ActArrest, false)
	expect("made stronger", 0, border.ActArrest)
	note(border.ActInform, false)
	expect("made weaker", 1, border.ActInform, border.ActArrest)
	approve()
	expect("approved", 0, border.ActInform)
	note(0, true)
	expect("withdrawn", 1, border.ActInform)
	note(border.ActArrest, false)
	note(border.ActInform, false)
	expect("what was let go once is held when it is written again", 1, border.ActInform, border.ActArrest)
	note(0, true)
	approve()
	if all := n.Alerts(list); len(all) != 0 {
		t.Errorf("%d alerts after the last loss", len(all))
	}
	if _, err := n.DraftLoss(list, nil, time.Now()); err == nil {
		t.Error("a loss of nothing is drafted")
	}
}

// A list that nobody had before makes the index anew; single alerts stay in it.
func TestNewListKeepsSingleAlerts(t *testing.T) {
	n := centreForTest(t)
	list, o := SingleList("centre"), &Opened{}
	o.Origin, o.Node, o.Index = n.origin, "centre", 100
	o.Single = &record.AlertBody{Alert: border.Alert{ID: list + ":1", List: list, Kind: border.DocumentAlert, Action: border.ActArrest,
		Documents: []border.AlertDocument{{Number: "A1"}}}}
	if !n.singles.note(o, roster.Centre) {
		t.Fatal("the record does not count")
	}
	for _, name := range []string{"first", "second"} {
		a := border.Alert{ID: name + ":1", List: name, Kind: border.DocumentAlert, Action: border.ActInform, Documents: []border.AlertDocument{{Number: "Z9"}}}
		if _, err := n.Release(context.Background(), name, 0, []border.Alert{a}); err != nil {
			t.Fatal(err)
		}
		if got := len(n.Alerts(list)); got != 1 {
			t.Errorf("%d single alerts are matched beside the %s list", got, name)
		}
	}
}
