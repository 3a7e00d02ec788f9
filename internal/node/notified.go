package node

import (
	"slices"

	"tims/internal/border"
)

// notified gives the nodes that an alert names, and whether some version of it names none. All versions that are matched count: what a
// centre changes in the newest without approval sends no notice elsewhere and stops none. Versions of another action count only where
// none has that of the hit, for who hears of a discreet hit is not for whoever hears of others.
func (n *Node) notified(list, id string, action border.Action) (names []string, everybody bool) {
	all := n.versionsInForce(list, id)
	other := func(a *border.Alert) bool { return a.Action != action }
	if slices.ContainsFunc(all, func(a *border.Alert) bool { return !other(a) }) {
		all = slices.DeleteFunc(all, other)
	}
	everybody = len(all) == 0
	for _, a := range all {
		names, everybody = append(names, a.Notify...), everybody || len(a.Notify) == 0
	}
	return names, everybody
}
