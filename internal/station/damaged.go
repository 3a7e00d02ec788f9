package station

import (
	"tims/internal/node"
	"tims/internal/web"
)

// damagedStates say at which nodes a scrub has found damage that nobody has repaired yet: of which node, and how much.
func (st *Station) damagedStates(w Words, h node.Health) []web.State {
	var out []web.State
	for i, d := range h.Damaged {
		if i > 0 && h.Damaged[i-1].Node == d.Node {
			continue // they come by node
		}
		n, since := 0, d.Since
		for _, o := range h.Damaged {
			if o.Node == d.Node {
				n, since = n+1, min(since, o.Since)
			}
		}
		name := w.Label(d.Node)
		if d.Node == h.Node {
			name = w.T("station.state.thisnode")
		}
		out = append(out, web.State{Level: web.Red, Text: w.T("station.state.damaged", "node", name, "n", n), Detail: w.At(since)})
	}
	return out
}
