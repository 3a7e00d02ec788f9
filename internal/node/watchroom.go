package node

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"tims/internal/border"
	"tims/internal/watchlist/numbers"
)

// Lists share a bounded room in memory: a captured centre may add what it likes, and brings no node to a halt by it. A release that
// finds no room, or would leave more versions held than are kept, does not come into force; the one before stays, every other list goes
// on, and the page of lists says so. Of lists that have no room together the younger gives way (byAge).
//
// What a release declares is compared before a chunk of it is fetched, and what it has while it is opened.

// Refused says why a release that is announced does not come into force.
type Refused string

const (
	// RefusedRoom: the lists would take more memory together than this node gives them (Options.ListRoom).
	RefusedRoom Refused = "room"
	// RefusedHeld: it loses more alerts at once than are held until the authority has let them go.
	RefusedHeld Refused = "held"
	// RefusedBroken: its chunks are not what its record names. It never comes into force.
	RefusedBroken Refused = "broken"
)

var (
	errRoom     = errors.New("the alert lists would take more memory together than this node gives them: raise list_memory_mib, or release less")
	errCanaries = fmt.Errorf("it has more than %d canaries", maxCanaries)
	errHeld     = fmt.Errorf("more than %d alerts, or %d MiB of them, would be held until the authority lets them go: "+
		"withdraw fewer at once, or have those before let go first", maxHeld, maxHeldRoom>>20)
)

// A refusal says of what a release was refused, so that it is asked again only when something of that is another.
type refusal struct {
	why  Refused
	from loaded
	room int64
}

// bytesOf is what an alert takes in the index, rather more than less: with its names indexed and its texts as they are.
func bytesOf(a *border.Alert) int64 {
	n := 48 + len(a.ID) + len(a.Issuer) + len(a.Reason) + len(a.Caveats) + len(a.Face)
	for i := range a.Names {
		n += roomOfName + len(a.Names[i].Primary) + len(a.Names[i].Secondary)
	}
	for _, d := range a.Documents {
		n += roomOfPart + len(d.Issuer) + len(d.Number) + len(d.To) + len(d.Status)
	}
	for _, v := range a.Vehicles {
		n += roomOfPart + len(v.Country) + len(v.Plate) + len(v.VIN)
	}
	for _, s := range a.Nations {
		n += roomOfPart + len(s)
	}
	for _, s := range a.Notify {
		n += roomOfPart + len(s)
	}
	return int64(n + roomOfPart*len(a.Births))
}

// chunkFacts are what a node keeps of the alerts of one chunk.
type chunkFacts struct {
	size     uint32 // bytesOf them all
	alerts   uint32
	canaries uint32
}

func factsOf(alerts []border.Alert) (c chunkFacts) {
	sum := int64(0)
	for i := range alerts {
		if sum += bytesOf(&alerts[i]); alerts[i].Canary {
			c.canaries++
		}
	}
	c.size, c.alerts = uint32(min(sum, math.MaxUint32)), uint32(len(alerts))
	return c
}

// factSum is what all chunks of a release have.
type factSum struct {
	size             int64
	alerts, canaries int
}

func (s *factSum) add(c chunkFacts) {
	s.size, s.alerts, s.canaries = s.size+int64(c.size), s.alerts+int(c.alerts), s.canaries+int(c.canaries)
}

func sumOf(chunks []chunkFacts) (s factSum) {
	for _, c := range chunks {
		s.add(c)
	}
	return s
}

// within compares what was found in a release so far with what its record names, and with the bounds of any.
func (s *factSum) within(a *announcement) error {
	switch {
	case s.alerts > min(a.body.Count, maxAlerts):
		return errChunks
	case s.canaries > maxCanaries:
		return errCanaries
	}
	return nil
}

// sound leaves out of earlier releases those that could never have come into force: nobody relied on them. A node that was there when
// they came knows it; one that starts, or is made anew, must come to the same.
func (n *Node) sound(older []*announcement, f *inForce) (out []*announcement, _ error) {
	known := map[[32]byte]chunkFacts{}
	for i, hash := range f.of.chunks {
		known[hash] = f.facts[i]
	}
	for _, a := range older {
		if a.checked || a.body.Numbers != nil {
			out = append(out, a)
			continue
		}
		err := n.examine(a, known)
		if err != nil && !errors.Is(err, errBroken) {
			return nil, err
		}
		if err != nil {
			n.opt.Journal.Error("an earlier release is passed over", "node", n.Name(), "error", err)
			continue
		}
		a.checked = true
		out = append(out, a)
	}
	return out, nil
}

// examine opens the chunks of a release that are not known, and marks it as broken where they are not what its record names.
func (n *Node) examine(a *announcement, known map[[32]byte]chunkFacts) error {
	var sum factSum
	for i, hash := range a.chunks {
		c, ok := known[hash]
		if !ok {
			alerts, err := n.alertsOf(a, i)
			if err != nil {
				return err
			}
			c = factsOf(alerts)
			known[hash] = c
		}
		sum.add(c)
	}
	if err := sum.within(a); err != nil {
		return n.breaks(a, err)
	}
	if sum.alerts != a.body.Count {
		return n.breaks(a, errChunks)
	}
	return nil
}

// leastRoom is what a release takes at least, by the count that its record declares.
func (a *announcement) leastRoom() int64 {
	if a.body.Numbers != nil {
		return int64(a.body.Count) * roomOfNumber
	}
	return int64(a.body.Count) * leastAlert
}

// room is what a list in force takes. Held versions stand in memory as they are, and with what has come in their place.
func (f *inForce) room() int64 {
	sum := roomOfSet(f.numbers) + heldTimes*f.goneRoom
	for _, c := range f.facts {
		sum += int64(c.size)
	}
	return sum
}

// roomOfSet is what a set of numbers takes: alike at each node, in whatever way it came about.
func roomOfSet(s *numbers.Set) int64 {
	if s == nil {
		return 0
	}
	return int64(s.Len()-s.Keyless())*roomOfNumber + int64(s.Keyless())*roomOfPaper
}

// roomBeside is what is left for a list beside the others in force.
func (n *Node) roomBeside(lists map[string]*inForce, name string) int64 {
	left := n.opt.ListRoom
	for other, f := range lists {
		if other != name {
			left -= f.room()
		}
	}
	return left
}

// ListRoom tells how much of the memory for alert lists is taken, and how much there is, in bytes.
func (n *Node) ListRoom() (taken, most int64) {
	if in := n.watch.now.Load(); in != nil {
		taken = n.opt.ListRoom - n.roomBeside(in.lists, "")
	}
	return taken, n.opt.ListRoom
}

// byAge gives the names of lists, those first whose first release was written first: where not all have room in memory, the younger list
// gives way. By its newest release a list that is kept up would be the younger one: whoever releases what no node has room for need only
// wait a day, and each node that starts with nothing would take that alone.
func (w *watching) byAge() []string {
	names, written := w.names(), map[string]int64{}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		if of := w.reachable(name); len(of) > 0 {
			written[name] = of[0].written
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(written[a], written[b]) })
	return names
}

// compareDeclared refuses releases that are on their way and declare more than there is room for, so that nothing of them is fetched,
// and takes back such a refusal where there is room again.
func (n *Node) compareDeclared(name string, was *inForce, room int64) {
	n.watch.mu.Lock()
	var over []*announcement
	for _, a := range n.watch.reachable(name) {
		switch {
		case a.whole || a.broken || a.left || was != nil && a.rank().compare(was.of.rank()) <= 0:
		case a.leastRoom() > room:
			over = append(over, a)
		default:
			a.refused = nil
		}
	}
	n.watch.mu.Unlock()
	for _, a := range over {
		n.refuse(a, loaded{}, room, errRoom)
	}
}

// refuse remembers why a release does not come into force, and tells the journal once.
func (n *Node) refuse(a *announcement, from loaded, room int64, err error) {
	why := RefusedRoom
	if errors.Is(err, errHeld) {
		why = RefusedHeld
	}
	n.watch.mu.Lock()
	told := a.refused != nil && a.refused.why == why
	a.refused = &refusal{why, from, room}
	n.watch.mu.Unlock()
	if !told {
		n.opt.Journal.Error("a release does not come into force; the one before stays", "node", n.Name(), "list", a.body.List,
			"release", a.body.Release, "error", err)
	}
}

// refusedStill says whether a release was refused for what has not changed since, or must be refused by what it declares.
func (n *Node) refusedStill(a *announcement, from loaded, room int64) bool {
	if a.leastRoom() > room {
		n.refuse(a, from, room, errRoom)
		return true
	}
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	return a.refused != nil && a.refused.from == from && room <= a.refused.room
}
