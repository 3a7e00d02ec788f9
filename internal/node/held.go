package node

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

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
}

// Held versions are a pure function of what the logs hold: of the releases that are not settled, and of the approved losses. A node
// that jumps over ten releases, one that is restarted and one that is founded today come to the same, in whatever order things came.
//
// A version of an earlier release is gone where the release in force has no alert of its id, or one that weakens it. What is gone
// stays matched until a loss names it that was approved for a release after the last that had it.

// earlier gives the versions of older releases that are gone and not lost.
func (n *Node) earlier(f *inForce, fresh chunked, older []*announcement, lost map[[32]byte]rank) ([]version, error) {
	last, where := map[[32]byte]rank{}, map[[32]byte]chunkPlace{}
	for _, a := range older {
		for i, hash := range a.chunks {
			last[hash], where[hash] = a.rank(), chunkPlace{a, i}
		}
	}
	for _, hash := range f.of.chunks {
		if p, ok := where[hash]; ok && !weakerTerms(f.of, p.of) {
			delete(where, hash)
		}
	}
	var seen, bare []version // of alerts, and of bare numbers
	ids := map[string]bool{}
	for hash, p := range where {
		var err error
		if bare, err = n.numbersGone(bare, f, p, last[hash], lost); err != nil {
			return nil, err
		}
		alerts, err := n.alertsOf(p.of, p.at)
		if err != nil {
			return nil, err
		}
		for _, a := range alerts {
			seen, ids[a.ID] = append(seen, version{alert: a, last: last[hash]}), true
		}
	}
	present, err := n.find(f, fresh, ids)
	if err != nil {
		return nil, err
	}
	return gone(append(seen, bare...), present, lost), nil
}

type chunkPlace struct {
	of *announcement
	at int
}

// gone keeps of the versions seen those that the present alerts lack or weaken and that no loss covers, by id, then newest first.
func gone(seen []version, present map[string]*border.Alert, lost map[[32]byte]rank) []version {
	byHash := map[[32]byte]version{}
	for _, v := range seen {
		if at, ok := present[v.alert.ID]; ok {
			v.now = at
		}
		if v.now != nil && !v.now.Weakens(&v.alert) {
			continue
		}
		v.hash = alertHash(&v.alert)
		if before, ok := byHash[v.hash]; !ok || before.last.compare(v.last) < 0 {
			byHash[v.hash] = v
		}
	}
	var out []version
	for hash, v := range byHash {
		if lost[hash].compare(v.last) <= 0 {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b version) int {
		if a.alert.ID != b.alert.ID {
			return bytes.Compare([]byte(a.alert.ID), []byte(b.alert.ID))
		}
		if c := b.last.compare(a.last); c != 0 {
			return c
		}
		return bytes.Compare(a.hash[:], b.hash[:])
	})
	return out
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
