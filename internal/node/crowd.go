package node

import (
	"strings"

	"tims/internal/border"
)

// A traveller who hits more alerts than a booth is shown has a common name, or somebody has added alerts to hide one among them. The
// booth is shown the best, of each action the best few in any case, and is told how many more there are. Of discreet alerts, which it is
// not shown, the best for each node that is to be told is kept: whoever adds alerts with other addressees keeps no node from hearing.

// fewest divides hits, the best first, into those that a check keeps and how many of those that a booth may see it does not. Discreet
// ones take no place of others: the booth is shown what it would be shown without them.
func (n *Node) fewest(hits []border.Hit) (kept []border.Hit, more int) {
	shown, silent := newChoice(hits), newChoice(hits)
	told := map[string]bool{}
	for i := range hits {
		if hits[i].Action == border.ActDiscreet {
			silent.sure(i, n.tellsAnother(&hits[i], told))
		} else {
			shown.sure(i, false)
		}
	}
	if left := silent.fill(); left > 0 {
		n.opt.Journal.Error("more discreet alerts fit one traveller than are told: somebody may be hiding one among them",
			"node", n.Name(), "left_out", left)
	}
	more = shown.fill()
	for i := range hits {
		if shown.keep[i] || silent.keep[i] {
			kept = append(kept, hits[i])
		}
	}
	return kept, more
}

// A choice is made among some of the hits of a check.
type choice struct {
	hits  []border.Hit
	of    []int // them
	keep  []bool
	count map[border.Action]int
	room  int
}

func newChoice(hits []border.Hit) *choice {
	return &choice{hits: hits, keep: make([]bool, len(hits)), count: map[border.Action]int{}, room: boothHits}
}

// sure adds a hit, and keeps it whatever else there is where it is among the best of its action or must be.
func (c *choice) sure(i int, must bool) {
	c.of = append(c.of, i)
	if c.count[c.hits[i].Action]++; must || c.count[c.hits[i].Action] <= boothSure {
		c.keep[i] = true
		c.room--
	}
}

// fill keeps the best of the others, and says how many have no room.
func (c *choice) fill() (left int) {
	for _, i := range c.of {
		switch {
		case c.keep[i]:
		case c.room > 0:
			c.keep[i] = true
			c.room--
		default:
			left++
		}
	}
	return left
}

// tellsAnother says whether a discreet hit is to be told to a node that no better one is told to, and notes to whom it is. Names that
// are no node's do not count.
func (n *Node) tellsAnother(h *border.Hit, told map[string]bool) (another bool) {
	if h.Action != border.ActDiscreet || h.Alert == nil {
		return false
	}
	note := func(name string) {
		if !told[name] {
			told[name], another = true, true
		}
	}
	if len(h.Alert.Notify) == 0 {
		note("") // every centre
	}
	if name, single := strings.CutPrefix(h.List, singlePrefix); single {
		note(name)
	}
	for _, name := range h.Alert.Notify {
		if _, ok := n.State().Roster.Node(name); ok {
			note(name)
		}
	}
	return another
}
