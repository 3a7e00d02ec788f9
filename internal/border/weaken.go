package border

import (
	"bytes"
	"slices"
)

// severity orders actions by what they do to the traveller at the booth. Of two actions of one rank neither is lower: only
// the authority knows which of them it wants.
var severity = map[Action]int{ActInform: 1, ActDiscreet: 1, ActSeize: 2, ActRefuse: 3, ActProtect: 4, ActArrest: 4}

// Weakens says whether any traveller or vehicle could be matched less, later, shorter or with less done by the new version
// of an alert than by the old one; the authority must approve that. Evidence added to an empty field weakens too: a birth date added to an alert that had none lowers the score of whoever was born on another day.
func (a *Alert) Weakens(old *Alert) bool {
	switch {
	case a.ID != old.ID || a.List != old.List || a.Kind != old.Kind || a.Canary != old.Canary:
		return true
	case a.Action != old.Action && (severity[a.Action] <= severity[old.Action] || old.Action == ActDiscreet):
		return true // whatever else is done to him: he is warned, and who watched him is told no more
	case a.From > old.From || old.Until == 0 && a.Until != 0 || a.Until != 0 && a.Until < old.Until:
		return true
	case a.Sex != old.Sex:
		return true
	case !widens(a.Births, old.Births) || !widens(a.Nations, old.Nations):
		return true
	case !holdsNames(a.Names, old.Names) || !holds(a.Vehicles, old.Vehicles) || !holds(a.Documents, old.Documents):
		return true
	case len(old.Caveats) > 0 && a.Caveats != old.Caveats || len(old.Face) > 0 && !bytes.Equal(a.Face, old.Face):
		return true // what keeps the officer safe, and by what he knows whom he has before him
	case a.Action == ActDiscreet && len(old.Notify) == 0 && len(a.Notify) > 0:
		return true // the centres were told, and would be no more
	}
	return !holds(a.Notify, old.Notify)
}

// Retold names what an officer reads otherwise than in an older version: "issuer", "reason", "caveats", "names", "face". Such a change
// needs nobody's approval where it does not weaken, and is shown with the hit.
func (a *Alert) Retold(old *Alert) (parts []string) {
	for _, p := range []struct {
		name string
		same bool
	}{
		{"issuer", a.Issuer == old.Issuer},
		{"reason", a.Reason == old.Reason},
		{"caveats", a.Caveats == old.Caveats},
		{"names", slices.Equal(a.Names, old.Names)},
		{"face", bytes.Equal(a.Face, old.Face)},
	} {
		if !p.same {
			parts = append(parts, p.name)
		}
	}
	return parts
}

// widens reports whether the best of the new items is never worse than the best of the old: all are still there, and an
// empty field, which says nothing against anybody, is still empty.
func widens[T comparable](now, old []T) bool {
	return holds(now, old) && (len(old) > 0 || len(now) == 0)
}

func holds[T comparable](now, old []T) bool {
	for _, o := range old {
		if !slices.Contains(now, o) {
			return false
		}
	}
	return true
}

// holdsNames is holds, where a name may also have become better: an alias the first name, a weak one a good one.
func holdsNames(now, old []AlertName) bool {
	for _, o := range old {
		if !slices.ContainsFunc(now, func(n AlertName) bool {
			return n.Primary == o.Primary && n.Secondary == o.Secondary && (!n.Weak || o.Weak) && (!n.Alias || o.Alias)
		}) {
			return false
		}
	}
	return true
}
