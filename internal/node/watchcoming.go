package node

// A ComingList is how far the newest release of a list has come that is announced and not in force at this node.
type ComingList struct {
	List    string
	Release uint64
	Chunks  int     // 0 while what names them is not here
	Here    int     // of them
	Opened  int     // of those: read and compared with what the record names
	Indexed int     // and put into a new index; where an index is in force, what is new is added to it at once
	Why     Refused // it does not come into force, empty while it may
}

// Coming tells of each list what is on its way into force, by name: at a first start, of all of them.
func (n *Node) Coming() (out []ComingList) {
	for _, name := range n.watch.names() {
		var than rank
		if f := n.watch.of(name); f != nil {
			than = f.of.rank()
		}
		newer := n.watch.newer(name, than)
		if len(newer) == 0 {
			continue
		}
		a := newer[len(newer)-1]
		n.watch.mu.Lock()
		chunks := a.chunks
		c := ComingList{List: name, Release: a.body.Release, Chunks: len(chunks), Opened: a.opened, Indexed: a.indexed}
		if a.whole {
			c.Here = c.Chunks
		}
		if a.refused != nil {
			c.Why = a.refused.why
		}
		n.watch.mu.Unlock()
		if from, err := n.blobsOf(a.origin); err == nil && c.Here == 0 {
			for _, hash := range chunks {
				if here, err := from.HasBlob(hash); err == nil && here {
					c.Here++
				}
			}
		}
		out = append(out, c)
	}
	return out
}

// comes notes how many chunks of a release have been opened, and put into an index.
func (w *watching) comes(a *announcement, opened, indexed int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a.opened, a.indexed = opened, indexed
}
