package node

func (w *watching) notNoted() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.over
}

// ListsOut gives lists of which a release is here, or announced, and none can come into force: no booth knows them.
func (n *Node) ListsOut() (out []ListInForce) {
	w := &n.watch
	for _, name := range w.names() {
		l := ListInForce{List: name}
		if w.of(name) != nil {
			continue
		}
		if w.aside(&l, rank{}); l.Refused != 0 {
			out = append(out, l)
		}
	}
	return out
}

// aside says what of a list stands aside: the newest release that does not come into force though all of it is here, and earlier ones
// of which something is missing.
func (w *watching) aside(l *ListInForce, force rank) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.reachable(l.List) {
		switch over := a.rank().compare(force); {
		case over > 0 && a.broken:
			l.Refused, l.Why = a.body.Release, RefusedBroken
		case over > 0 && a.refused != nil:
			l.Refused, l.Why = a.body.Release, a.refused.why
		case over < 0 && !a.whole && !a.broken && !a.left && a.rank().compare(w.base(l.List)) >= 0:
			if l.Missing++; l.Missing == 1 {
				l.Oldest = a.body.Release
			}
		}
	}
}
