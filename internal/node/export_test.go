package node

import (
	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/watchlist"
)

// WatchForTest puts alerts in force as a whole release would.
func WatchForTest(n *Node, list string, alerts []border.Alert) {
	n.watch.now.Store(&watch{index: watchlist.Build(alerts), alerts: map[string]watchlist.List{list: alerts},
		lists: map[string]announcement{list: {origin: n.origin, written: n.Now(), body: record.ListBody{List: list, Release: 1, Count: len(alerts)}}}})
}
