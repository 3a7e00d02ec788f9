package node

import (
	"fmt"
	"testing"

	"tims/internal/border"
	"tims/internal/watchlist"
)

// A newer version that is in force beside a held one takes no node from those that are told, and sends a discreet hit to nobody else.
func TestNotifiedByAllVersions(t *testing.T) {
	version := func(action border.Action, notify ...string) border.Alert {
		return border.Alert{ID: "w:1", List: "w", Kind: border.DocumentAlert, Action: action, Notify: notify, Documents: []border.AlertDocument{{Number: "A1"}}}
	}
	for _, c := range []struct {
		what   string
		all    watchlist.List
		action border.Action
		want   string
	}{
		{"removed", watchlist.List{version(border.ActArrest), version(border.ActArrest, "rinas")}, border.ActArrest, "[rinas] true"},
		{"redirected", watchlist.List{version(border.ActDiscreet, "durres"), version(border.ActDiscreet)}, border.ActDiscreet, "[durres] true"},
		{"of another action", watchlist.List{version(border.ActArrest, "durres"), version(border.ActDiscreet, "rinas")}, border.ActDiscreet, "[rinas] false"},
		{"changed since the hit", watchlist.List{version(border.ActInform, "durres")}, border.ActArrest, "[durres] false"},
		{"gone", watchlist.List{}, border.ActDiscreet, "[] true"},
	} {
		n := &Node{}
		n.watch.now.Store(&watch{index: watchlist.Build(c.all)})
		names, everybody := n.notified("w", "w:1", c.action)
		if got := fmt.Sprint(names, everybody); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
