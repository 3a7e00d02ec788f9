package node

import (
	"fmt"
	"slices"
	"testing"

	"tims/internal/border"
)

// A crowd of alerts hides nobody by whom another action is asked for, keeps no node from being told, and shows the booth nothing of
// discreet ones.
func TestFewestHits(t *testing.T) {
	n := centreForTest(t)
	hit := func(id string, action border.Action, notify ...string) border.Hit {
		return border.Hit{AlertID: id, List: "l", Action: action, Alert: &border.Alert{Notify: notify}}
	}
	crowd := func(count int, action border.Action, notify ...string) (out []border.Hit) {
		for i := range count {
			out = append(out, hit(fmt.Sprint(action, i), action, notify...))
		}
		return out
	}
	hasTrue := func(hits []border.Hit) bool {
		return slices.ContainsFunc(hits, func(h border.Hit) bool { return h.AlertID == "true" })
	}
	for _, row := range []struct {
		name       string
		hits       []border.Hit
		kept, more int
		has        bool
	}{
		{"as many as fit", append(crowd(boothHits-1, border.ActInform), hit("true", border.ActInform)), boothHits, 0, true},
		{"one too many", append(crowd(boothHits, border.ActInform), hit("true", border.ActInform)), boothHits, 1, false},
		{"of another action", append(crowd(200, border.ActInform), hit("true", border.ActArrest)), boothHits, 151, true},
		{"discreet among others", append(crowd(200, border.ActInform), hit("true", border.ActDiscreet, "centre")), boothHits + 1, 150, true},
		{"others among discreet", append(crowd(200, border.ActDiscreet), crowd(boothHits, border.ActInform)...), 2 * boothHits, 0, false},
		{"discreet, told to another node", append(crowd(200, border.ActDiscreet), hit("true", border.ActDiscreet, "centre")), boothHits, 0, true},
		{"discreet, told to the same node", append(crowd(200, border.ActDiscreet, "centre"), hit("true", border.ActDiscreet, "centre")), boothHits, 0, false},
		{"names that are no node's", append(crowd(200, border.ActDiscreet, "nobody"), hit("true", border.ActDiscreet, "nowhere")), boothHits, 0, false},
	} {
		kept, more := n.fewest(row.hits)
		if len(kept) != row.kept || more != row.more || hasTrue(kept) != row.has {
			t.Errorf("%s: %d kept, %d more, the one among them %t", row.name, len(kept), more, hasTrue(kept))
		}
	}
}
