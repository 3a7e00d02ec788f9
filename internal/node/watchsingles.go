package node

import (
	"maps"
	"slices"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
)

// Single alerts are lists of their own in force, one for each writing node. The newest version of each alert stands where it was not
// withdrawn, and what an earlier one said more is held until its loss is approved: the rule of releases, with records for releases.

// singleRank orders the records about single alerts of one node: by epoch, then by index.
func singleRank(at record.Ref) rank {
	_, _, epoch, err := roster.ParseOrigin(at.Origin)
	if err != nil {
		return rank{}
	}
	return rank{uint64(epoch)<<40 | min(at.Index+1, 1<<40-1), at.Origin}
}

// names gives the lists of single alerts that were ever written.
func (s *singles) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.lists))
}

// state gives the alerts of a list that stand, by id, all earlier versions, and the newest record about any of them.
func (s *singles) state(list string) (present map[string]*border.Alert, seen []version, newest record.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	present = map[string]*border.Alert{}
	later := func(at record.Ref) {
		if singleRank(newest).compare(singleRank(at)) < 0 {
			newest = at
		}
	}
	for id, x := range s.lists[list] {
		for i, v := range x.versions {
			later(v.at)
			if i == len(x.versions)-1 && !x.withdrawn {
				present[id] = &v.alert
				continue
			}
			seen = append(seen, version{alert: v.alert, last: singleRank(v.at)})
		}
		if x.withdrawn {
			later(x.ended)
		}
	}
	return present, seen, newest
}

// loadSingles brings the single alerts of one node into force. An index that is built anew has none of them: then all come, changed or
// not. Beside an error of a loss stands what holds without it, which is more.
func (n *Node) loadSingles(list string, was *inForce, d *delta, anew bool) (*inForce, error) {
	lost, sets, err := n.lost(list)
	present, seen, newest := n.singles.state(list)
	from := loaded{newest: singleRank(newest), older: len(seen), sets: sets}
	if was != nil && was.from == from && !anew || len(present)+len(seen) == 0 {
		return was, err
	}
	f := &inForce{from: from, gone: gone(seen, present, lost), of: &announcement{origin: newest.Origin,
		body: record.ListBody{List: list, Release: from.newest.release, Count: len(present)}}}
	if was != nil {
		f.of.written = was.of.written
	}
	if o, err := n.Read(newest); err == nil {
		f.of.written = o.Leaf.Written
	}
	f.held = heaviest(f.gone)
	ids := map[string]bool{}
	for _, v := range seen {
		ids[v.alert.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(present)) {
		ids[id] = true
		d.come = append(d.come, *present[id])
	}
	for id := range ids {
		d.gone = append(d.gone, watchlist.Key{List: list, ID: id})
	}
	d.come = append(d.come, f.held...)
	return f, err
}

// withoutSingles is what is in force of releases: single alerts are few, and are read from the logs at every start.
func (n *Node) withoutSingles(w *watch) *watch {
	out := &watch{index: w.index, lists: map[string]*inForce{}}
	var gone []watchlist.Key
	for name, f := range w.lists {
		if !isSingle(name) {
			out.lists[name] = f
			continue
		}
		present, seen, _ := n.singles.state(name)
		for id := range present {
			gone = append(gone, watchlist.Key{List: name, ID: id})
		}
		for i := range seen {
			gone = append(gone, watchlist.Key{List: name, ID: seen[i].alert.ID})
		}
	}
	if len(gone) > 0 {
		out.index = out.index.With(nil, gone)
	}
	return out
}
