package node

import (
	"sync"

	"tims/internal/record"
)

// heardIsolations is which other nodes have said in their logs that they isolate themselves, by node.
type heardIsolations struct {
	mu   sync.Mutex
	last map[string]heardIsolation
}

type heardIsolation struct {
	record.IsolationOpen
	at    int64
	index uint64
}

// heardIsolation takes what a node says of itself.
func (n *Node) heardIsolation(o *Opened) {
	n.alone.others.mu.Lock()
	defer n.alone.others.mu.Unlock()
	if n.alone.others.last == nil {
		n.alone.others.last = map[string]heardIsolation{}
	}
	if was, ok := n.alone.others.last[o.Node]; !ok || was.at <= o.Leaf.Written {
		n.alone.others.last[o.Node] = heardIsolation{*o.Isolation, o.Leaf.Written, o.Index}
	}
}

// isolationOf is the isolation that another node is in by its own word, nil where it is in none or has come back.
func (n *Node) isolationOf(node string) *Isolation {
	n.alone.others.mu.Lock()
	defer n.alone.others.mu.Unlock()
	i, ok := n.alone.others.last[node]
	if !ok || i.Ends {
		return nil
	}
	return &Isolation{Scope: i.Scope, By: i.By, Reason: i.Reason, Since: i.at}
}
