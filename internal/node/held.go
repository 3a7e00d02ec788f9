package node

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/seal"
	"tims/internal/watchlist"
)

// A version is one content of an alert that a release before the one in force had.
type version struct {
	alert border.Alert
	hash  [32]byte
	last  rank          // the last release that had it
	now   *border.Alert // of the same id in the release in force, nil where there is none
	at    chunkPlace    // while it is looked at
}

// Held versions are a pure function of what the logs hold: of the releases that are not settled, and of the approved losses. A node
// that jumps over ten releases, one that is restarted and one that is founded today come to the same, in whatever order things came.
//
// A version of an earlier release is gone where the release in force has no alert of its id, or one that weakens it. What is gone
// stays matched until a loss names it that was approved for a release after the last that had it.

// A past is what earlier releases had beside the one in force.
type past struct {
	gone     map[[32]byte]version // versions that are gone and not lost
	room     int64                // that they take in the index
	canaries int                  // among them
	before   map[uint64]chunkPlace
	base     rank // before which the authority has settled the list
}

// earlier gives what releases had before the one in force. It opens each of their chunks once and keeps no more of them than what is
// gone; an error is errHeld or errRoom where that is too much.
func (n *Node) earlier(f *inForce, fresh chunked, older []*announcement, lost map[[32]byte]rank, room int64) (*past, error) {
	where := map[[32]byte]chunkPlace{} // where each chunk stood last
	for _, a := range older {
		for i, hash := range a.chunks {
			if a.body.Numbers == nil {
				where[hash] = chunkPlace{a, i}
			}
		}
	}
	for _, hash := range f.of.chunks {
		delete(where, hash)
	}
	p, room := &past{gone: map[[32]byte]version{}, before: map[uint64]chunkPlace{}, base: n.watch.base(f.of.body.List)}, room-f.room()
	var seen []version
	take := func() error {
		ids := map[string]bool{}
		for i := range seen {
			ids[seen[i].alert.ID] = true
		}
		present, err := n.find(f, fresh, ids)
		if err != nil {
			return err
		}
		p.take(seen, present, lost)
		seen = seen[:0:0]
		return p.fits(room)
	}
	for _, a := range older {
		for i, hash := range a.chunks {
			if where[hash] != (chunkPlace{a, i}) {
				continue
			}
			alerts, err := n.alertsOf(a, i)
			if err != nil {
				return nil, err
			}
			for j := range alerts {
				seen = append(seen, version{alert: alerts[j], last: a.rank(), at: where[hash]})
			}
			if len(seen) >= indexBatch {
				if err := take(); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := n.numbersGone(f, older, func(some []version) error { p.take(some, nil, lost); return p.fits(room) }); err != nil {
		return nil, err
	}
	return p, take()
}

type chunkPlace struct {
	of *announcement
	at int
}

// take adds of the versions seen those that the present alerts lack or weaken and that no loss covers.
func (p *past) take(seen []version, present map[string]*border.Alert, lost map[[32]byte]rank) {
	for _, v := range seen {
		if at, ok := present[v.alert.ID]; ok {
			v.now = at
		}
		if v.now != nil && !v.now.Weakens(&v.alert) {
			p.readOtherwise(&v)
			continue
		}
		v.hash, v.at = alertHash(&v.alert), chunkPlace{}
		if lost[v.hash].compare(v.last) > 0 {
			continue
		}
		before, known := p.gone[v.hash]
		if !known {
			p.room += bytesOf(&v.alert)
			if v.alert.Canary {
				p.canaries++
			}
		}
		if !known || before.last.compare(v.last) < 0 {
			p.gone[v.hash] = v
		}
	}
}

// fits says whether as much may be held, beside all else that a list takes.
func (p *past) fits(room int64) error {
	switch {
	case len(p.gone) > maxHeld || p.room > maxHeldRoom || p.canaries > maxCanaries:
		return errHeld
	case heldTimes*p.room > room:
		return errRoom
	}
	return nil
}

// versions gives what is gone, by id, then newest first.
func (p *past) versions() []version {
	out := slices.Collect(maps.Values(p.gone))
	slices.SortFunc(out, func(a, b version) int {
		return cmp.Or(strings.Compare(a.alert.ID, b.alert.ID), b.last.compare(a.last), bytes.Compare(a.hash[:], b.hash[:]))
	})
	return out
}

// gone keeps of the versions seen those that the present alerts lack or weaken and that no loss covers, by id, then newest first.
func gone(seen []version, present map[string]*border.Alert, lost map[[32]byte]rank) []version {
	p := past{gone: map[[32]byte]version{}}
	p.take(seen, present, lost)
	return p.versions()
}

// heaviest gives the versions to be matched: of one alert those that no other version covers. gone is sorted by id.
func heaviest(gone []version) (held watchlist.List) {
	for from := 0; from < len(gone); {
		to := from + 1
		for to < len(gone) && gone[to].alert.ID == gone[from].alert.ID {
			to++
		}
		of := gone[from:to]
		for i := range of {
			if !slices.ContainsFunc(of[:i], func(v version) bool { return !v.alert.Weakens(&of[i].alert) }) &&
				!slices.ContainsFunc(of[i+1:], func(v version) bool {
					return !v.alert.Weakens(&of[i].alert) && of[i].alert.Weakens(&v.alert)
				}) {
				held = append(held, of[i].alert)
			}
		}
		from = to
	}
	return held
}

// lost gives the versions of a list that may be dropped, each with the newest release for which that was approved, and how many of
// the sets are here.
func (n *Node) lost(list string) (map[[32]byte]rank, int, error) {
	out, count, errs := map[[32]byte]rank{}, 0, []error(nil)
	for _, l := range n.State().Losses {
		if l.List != list {
			continue
		}
		r := rank{l.Release, l.Origin}
		for _, hash := range l.Versions {
			if out[hash].compare(r) < 0 {
				out[hash] = r
			}
		}
		if len(l.Versions) > 0 {
			count++
		}
		for _, sealed := range l.Sets {
			set, err := n.lossSet(list, r, sealed)
			if err != nil {
				if !notHere(err) {
					errs = append(errs, err)
				}
				continue
			}
			count++
			for hash := range set {
				if out[hash].compare(r) < 0 {
					out[hash] = r
				}
			}
		}
	}
	return out, count, errors.Join(errs...)
}

// lossSet opens a set of an approved loss, once. n.watch.loading is held.
func (n *Node) lossSet(list string, of rank, sealed [32]byte) (map[[32]byte]bool, error) {
	if set, ok := n.watch.sets[sealed]; ok {
		return set, nil
	}
	a := n.watch.announcement(list, of)
	if a == nil {
		return nil, fmt.Errorf("loss of list %s: %w", list, errNoRelease)
	}
	from, err := n.blobsOf(of.origin)
	if err != nil {
		return nil, err
	}
	b, err := from.Blob(sealed)
	if err != nil {
		return nil, err
	}
	set, err := openSet(a, b)
	if err != nil {
		return nil, fmt.Errorf("set of losses of list %s: %w", list, err)
	}
	if n.watch.sets == nil {
		n.watch.sets = map[[32]byte]map[[32]byte]bool{}
	}
	n.watch.sets[sealed] = set
	return set, nil
}

func openSet(a *announcement, sealed []byte) (map[[32]byte]bool, error) {
	plain, err := seal.OpenKept(a.keys(), a.body.List, sealed)
	if err != nil {
		return nil, err
	}
	hashes, err := lists.FromLosses(plain)
	if err != nil {
		return nil, err
	}
	set := make(map[[32]byte]bool, len(hashes))
	for _, h := range hashes {
		set[h] = true
	}
	return set, nil
}

// announcement finds a release by its rank.
func (w *watching) announcement(list string, r rank) *announcement {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.announced[list] {
		if a.rank() == r {
			return a
		}
	}
	return nil
}
