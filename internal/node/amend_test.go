package node_test

import (
	"errors"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A record opens for who decided it, for the code on its receipt, and for the supervisor, whose look is a record before he sees it.
func TestWhoOpensARecord(t *testing.T) {
	n, desk := lonePost(t, time.Now)
	own, other, chief := desk("K-01"), desk("K-02"), desk("L-01")
	index := own.pass(border.Entry, 1)
	receipt, err := n.ReceiptOf(index)
	if err != nil {
		t.Fatal(err)
	}
	size := func() uint64 {
		h, err := n.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h.Size
	}
	for _, c := range []struct {
		who     string
		shift   *node.Shift
		code    string
		refused bool
		looks   bool
	}{
		{"who decided", own.shift, "", false, false},
		{"another officer", other.shift, "", true, false},
		{"another officer with a wrong code", other.shift, "AAAAAAAAAA", true, false},
		{"another officer with the code", other.shift, receipt.Code, false, false},
		{"the supervisor", chief.shift, "", false, true},
		{"the supervisor with the code", chief.shift, receipt.Code, false, false},
	} {
		before := size()
		_, err := n.Amendable(t.Context(), c.shift, index, c.code)
		if c.refused != errors.Is(err, node.ErrNotShown) || !c.refused && err != nil {
			t.Errorf("%s: %v", c.who, err)
		}
		if !c.looks {
			if size() != before {
				t.Errorf("%s: something was recorded", c.who)
			}
			continue
		}
		o, err := n.ReadOwn(size() - 1)
		if err != nil || size() == before || o.Leaf.Kind != record.Search || o.Leaf.Shift == nil || *o.Leaf.Shift != c.shift.Ref {
			t.Errorf("%s: the look is not recorded: %v, %v", c.who, o.Leaf.Kind, err)
		}
	}
}
