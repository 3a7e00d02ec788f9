package node

import (
	"fmt"
	"maps"
	"slices"

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
		for _, a := range rows(was.held) {
			touched[a.ID] = true
		}
	}
	held := rows(now.held)
	for i := range held {
		touched[held[i].ID] = true
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
	d.come = append(d.come, held...)
	return nil
}

// nextIndex gives the index of what comes into force: the one before with what has changed, or a new one. One that is changed much, or
// has many layers, is made into one segment again; officers match by the one before until it stands.
func (n *Node) nextIndex(next *watch, d *delta, anew bool) (*watchlist.Index, error) {
	buildTurn.Lock()
	defer buildTurn.Unlock()
	x := next.index
	if anew {
		var err error
		if x, err = n.buildIndex(next); err != nil {
			return nil, err
		}
	}
	switch {
	case len(d.gone) == 0:
		return x, nil
	}
	whole := x.Len()
	if x = x.With(d.come, d.gone); x.Layers() > maxLayers || len(d.gone) > whole/4 {
		x = x.Merge()
	}
	return x, nil
}

// buildIndex builds an index chunk by chunk: the alerts of a large list do not fit into memory beside it.
func (n *Node) buildIndex(next *watch) (*watchlist.Index, error) {
	b := watchlist.NewBuilder()
	for _, name := range slices.Sorted(maps.Keys(next.lists)) {
		if isSingle(name) {
			continue // they come as a delta
		}
		f := next.lists[name]
		var some []border.Alert
		for i := range f.of.chunks {
			alerts, err := n.alertsOf(f.of, i)
			if err != nil {
				return nil, fmt.Errorf("list %s: %w", name, err)
			}
			if some = append(some, alerts...); len(some) >= indexBatch {
				b.Add(some)
				some = some[:0:0]
			}
			n.watch.comes(f.of, len(f.of.chunks), i+1)
		}
		b.Add(append(some, rows(f.held)...))
	}
	return b.Index(), nil
}
