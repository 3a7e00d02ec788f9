package control

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/roster"
)

func TestLosses(t *testing.T) {
	_, c, key := beginWithKey(t, t.TempDir())
	ctx := t.Context()
	alert := func(id string, action border.Action) border.Alert {
		return border.Alert{ID: id, List: "l", Kind: border.PersonAlert, Action: action, Names: []border.AlertName{{Primary: "DOE", Secondary: id}}}
	}
	if _, err := c.Waiting(ctx, "l"); err == nil {
		t.Error("a list that is not in force is told of")
	}
	for _, release := range [][]border.Alert{
		{alert("a", border.ActArrest), alert("b", border.ActInform), alert("c", border.ActInform)},
		{alert("a", border.ActInform), alert("c", border.ActInform)},
	} {
		if _, err := c.Release(ctx, "l", 0, release, nil); err != nil {
			t.Fatal(err)
		}
	}
	l, err := c.Waiting(ctx, "l")
	if err != nil || l.Count != 2 || l.Release != 2 || l.Needed != 1 {
		t.Fatalf("%+v, %v", l, err)
	}
	if a := l.Alerts[0]; a.ID != "a" || a.Action != "arrest" || a.Now != "inform" || !slices.Equal(a.Weaker, []string{"action"}) || a.Names[0] != "DOE, a" {
		t.Errorf("%+v", a)
	}
	if b := l.Alerts[1]; b.ID != "b" || b.Now != "" || len(b.Weaker) != 0 || b.Release != 1 {
		t.Errorf("%+v", b)
	}
	if _, err := c.DraftLoss(ctx, "l", []string{"c"}); err == nil {
		t.Error("a loss is drafted of what is in force")
	}
	d, err := c.DraftLoss(ctx, "l", []string{"b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Withdraw(ctx, d); err == nil || !strings.Contains(err.Error(), roster.ErrApprovals.Error()) {
		t.Errorf("without approval: %v", err)
	}
	d.Approvals = append(d.Approvals, roster.Approve(d.Change, "one", key))
	forged := d
	forged.Sets = [][]byte{slices.Clone(d.Sets[0])}
	forged.Sets[0][40] ^= 1
	if err := c.Withdraw(ctx, forged); err == nil || !strings.Contains(err.Error(), node.ErrDraft.Error()) {
		t.Errorf("with another set: %v", err)
	}
	if l, err := c.JudgeLoss(ctx, d); err != nil || l.Count != 1 || l.Unknown != 0 || l.Settles || len(l.Approved) != 1 || l.Alerts[0].ID != "b" {
		t.Errorf("%+v, %v", l, err)
	}
	if err := c.Withdraw(ctx, d); err != nil {
		t.Fatal(err)
	}
	if err := c.Withdraw(ctx, d); err == nil {
		t.Error("taken twice")
	}
	if l, err := c.Waiting(ctx, "l"); err != nil || l.Count != 1 || l.Alerts[0].ID != "a" {
		t.Errorf("%+v, %v", l, errors.Join(err))
	}
}
