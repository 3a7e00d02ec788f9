package node

import (
	"slices"

	"tims/internal/projection"
	"tims/internal/record"
)

// readAtStart reads a record whose effect a start repeats. A copy that is gone or damaged stops no booth: it is pulled again, and
// the record takes effect when it is back, although the projection has long folded it.
func (n *Node) readAtStart(ref record.Ref) (Opened, bool) {
	o, err := n.Read(ref)
	if err != nil {
		n.opt.Journal.Error("a record cannot be read again at start", "node", n.Name(), "error", err)
		n.fold.unreplayed = append(n.fold.unreplayed, ref)
	}
	return o, err == nil
}

// replayLate lets those records take effect that are back. The folder is held.
func (n *Node) replayLate() {
	n.fold.unreplayed = slices.DeleteFunc(n.fold.unreplayed, func(ref record.Ref) bool {
		o, err := n.Read(ref)
		if err != nil || o.Why == projection.WhyPart {
			return false
		}
		n.effect(&o, true)
		return true
	})
}
