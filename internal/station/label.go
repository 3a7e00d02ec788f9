package station

import (
	"unicode"

	"tims/internal/roster"
)

// Label names a node as people do, "Kakavijë": by its place in the roster, and with its own name beside it where another living
// node stands in the same place. A node that the roster does not know goes by its name.
func (st *Station) Label(node string) string { return labelIn(st.Node.State().Roster.Nodes, node) }

func labelIn(nodes []roster.Node, name string) string {
	place, shared := "", map[string]bool{}
	for _, n := range nodes {
		if n.Name == name {
			place = n.Place
		} else if !n.Dropped && n.Role != roster.Portal {
			shared[n.Place] = true
		}
	}
	switch {
	case place == "":
		return Capital(name)
	case shared[place]:
		return Capital(place) + " (" + name + ")"
	}
	return Capital(place)
}

// Label names a node as Station.Label does; words without a station know its name alone.
func (w Words) Label(node string) string {
	if w.label == nil {
		return Capital(node)
	}
	return w.label(node)
}

// Capital writes a node's name as a name. Where people read it, Label says it better.
func Capital(s string) string {
	for i, r := range s {
		return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
