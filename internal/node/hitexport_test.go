package node

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"tims/internal/record"
	"tims/internal/watchlist"
)

// LoseAlertForTest lets the index in force lose an alert, as a fault of the matcher would: no record and no list says so.
func LoseAlertForTest(n *Node, id string) error {
	in := n.watch.now.Load()
	for a := range in.index.All {
		if a.ID == id {
			n.watch.now.Store(&watch{index: in.index.With(nil, []watchlist.Key{watchlist.KeyOf(a)}), lists: maps.Clone(in.lists)})
			return nil
		}
	}
	return errors.New("no such alert")
}

// CanaryAlarmsForTest names the alarms about canaries that are folded here.
func CanaryAlarmsForTest(n *Node) ([]string, error) {
	deeds, err := n.shadow.Deeds(context.Background(), "", 0, n.Now()+1, record.Alarm)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, d := range deeds {
		b, err := bodyOf[record.AlarmBody](d)
		if err == nil && b.What == noCanary {
			out = append(out, fmt.Sprintf("%s: %s, found before: %t", d.Node, b.Alert, b.From > 0))
		}
	}
	return out, nil
}
