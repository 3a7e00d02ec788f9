package node

import (
	"cmp"
	"slices"

	"tims/internal/border"
)

// Issuer, reason, further names, a first warning and a first image need no approval: they make no alert match less. They change what an
// officer reads, though. Of an alert that reads otherwise than in an earlier release which the authority has not settled, the node
// remembers where it read so first, and a hit says it: who reads "armed" or "mistaken identity, let pass" sees since when, and what stood
// there before.

// readOtherwise notes where an alert that stands read otherwise, the first time.
func (p *past) readOtherwise(v *version) {
	if p.before == nil || v.last.compare(p.base) < 0 || len(v.now.Retold(&v.alert)) == 0 {
		return
	}
	id := idHash(v.alert.ID)
	first, known := p.before[id]
	if known && v.last.compare(first.of.rank()) < 0 || !known && len(p.before) < maxHeld {
		p.before[id] = v.at
	}
}

// retold puts beside hits what their alerts said before, where they read otherwise now. What cannot be read is left out: no check waits
// for it.
func (n *Node) retold(hits []border.Hit) {
	for i := range hits {
		h := &hits[i]
		if h.Alert == nil {
			continue
		}
		was, told := n.readBefore(h.List, h.AlertID)
		if was == nil {
			continue
		}
		if parts := h.Alert.Retold(was); len(parts) > 0 {
			told.Issuer, told.Reason, told.Caveats, told.Parts = was.Issuer, was.Reason, was.Caveats, parts
			h.Before = &told
		}
	}
}

// readBefore gives an alert as the first release had it that reads otherwise, nil where there is none.
func (n *Node) readBefore(list, id string) (*border.Alert, border.Earlier) {
	if isSingle(list) {
		return n.singles.first(list, id)
	}
	f := n.watch.of(list)
	if f == nil {
		return nil, border.Earlier{}
	}
	at, ok := f.before[idHash(id)]
	if !ok {
		return nil, border.Earlier{}
	}
	n.watch.mu.Lock()
	of := *at.of // its chunks are forgotten once it is settled
	n.watch.mu.Unlock()
	if at.at >= len(of.chunks) {
		return nil, border.Earlier{}
	}
	alerts, err := n.alertsOf(&of, at.at)
	if err != nil {
		return nil, border.Earlier{}
	}
	i, ok := slices.BinarySearchFunc(alerts, id, func(a border.Alert, id string) int { return cmp.Compare(a.ID, id) })
	if !ok {
		return nil, border.Earlier{}
	}
	return &alerts[i], border.Earlier{Release: at.of.body.Release, At: at.of.written}
}

// first gives the first version of a single alert.
func (s *singles) first(list, id string) (*border.Alert, border.Earlier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.lists[list][id]
	if x == nil || len(x.versions) < 2 {
		return nil, border.Earlier{}
	}
	a := x.versions[0].alert
	return &a, border.Earlier{At: x.versions[0].written}
}
