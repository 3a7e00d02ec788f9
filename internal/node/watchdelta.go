package node

import (
	"tims/internal/border"
	"tims/internal/watchlist"
)

// A delta is what changes in the index: of the alerts named in gone all versions leave it, then those of come enter.
type delta struct {
	come []border.Alert
	gone []watchlist.Key
}

// moves adds to a delta what lies between two states of a list. Only chunks that one of them lacks are opened.
func (n *Node) moves(d *delta, was, now *inForce, fresh chunked) error {
	touched := map[string]bool{}
	for _, alerts := range fresh {
		for i := range alerts {
			touched[alerts[i].ID] = true
		}
	}
	if was != nil {
		if was.of != now.of {
			stays := keptChunks(was.of.chunks, now.of.chunks)
			for i := range was.of.chunks {
				if _, ok := stays[uint32(i)]; ok {
					continue
				}
				alerts, err := n.alertsOf(was.of, i)
				if err != nil {
					return err
				}
				for j := range alerts {
					touched[alerts[j].ID] = true
				}
			}
		}
		for i := range was.held {
			touched[was.held[i].ID] = true
		}
	}
	for i := range now.held {
		touched[now.held[i].ID] = true
	}
	present, err := n.find(now, fresh, touched)
	if err != nil {
		return err
	}
	for id := range touched {
		d.gone = append(d.gone, watchlist.Key{List: now.of.body.List, ID: id})
	}
	for _, a := range present {
		d.come = append(d.come, *a)
	}
	for i := range now.held {
		d.come = append(d.come, now.held[i])
	}
	return nil
}

// apply gives the index after a delta. One that is large beside the index, and one of many layers, is made into one segment again;
// officers match by the one before until it stands.
func (d *delta) apply(x *watchlist.Index) *watchlist.Index {
	if len(d.gone) == 0 {
		return x
	}
	if x == nil {
		return watchlist.Build(d.come)
	}
	whole := x.Len()
	x = x.With(d.come, d.gone)
	if x.Layers() > maxLayers || len(d.gone) > whole/4 {
		x = x.Merge()
	}
	return x
}
