package node

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// buildTurn lets one index be built at a time in a process: several nodes on one machine, as in the demo, leave their booths
// some of it.
var buildTurn sync.Mutex

// loadLists brings what is in force up to what is here: of each list the newest whole release, and what earlier ones had and
// nobody approved the loss of.
func (n *Node) loadLists() error {
	n.watch.loading.Lock()
	defer n.watch.loading.Unlock()
	next := &watch{lists: map[string]*inForce{}}
	in := n.watch.now.Load()
	if in != nil {
		next.index = in.index
		maps.Copy(next.lists, in.lists)
	}
	var errs []error
	var moved delta
	anew := next.index == nil
	for _, name := range n.watch.byAge() {
		was := next.lists[name]
		f, fresh, err := n.loadList(name, was, n.roomBeside(next.lists, name))
		errs = append(errs, err)
		if f == nil || f == was {
			continue
		}
		if next.lists[name] = f; was == nil && f.numbers == nil || anew || was != nil && f.of != was.of && fresh == nil {
			anew = true
		} else if err := n.moves(&moved, was, f, fresh); err != nil {
			errs, anew = append(errs, fmt.Errorf("list %s: %w", name, err)), true
		}
	}
	for _, name := range n.singles.names() {
		f, err := n.loadSingles(name, next.lists[name], &moved, anew)
		if errs = append(errs, err); f != nil {
			next.lists[name] = f
		}
	}
	if len(next.lists) > 0 {
		var err error
		if next.index, err = n.nextIndex(next, &moved, anew); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if in == nil || !maps.Equal(in.lists, next.lists) {
			if err := next.withPapers(); err != nil {
				return errors.Join(append(errs, err)...)
			}
		}
		n.watch.now.Store(next)
		n.thresholds.nudge()
	}
	for name, f := range next.lists {
		errs = append(errs, n.forget(name, f))
	}
	return errors.Join(errs...)
}

func (w *watching) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.announced))
}

// loadList gives a list as it is in force now: was itself where nothing has come. fresh are the alerts of chunks that was has not, nil
// where they are too many to be kept open. An error beside a list is of a release that does not come into force.
func (n *Node) loadList(name string, was *inForce, room int64) (_ *inForce, fresh chunked, _ error) {
	n.compareDeclared(name, was, room)
	whole, errs := n.wholeReleases(name)
	lost, sets, err := n.lost(name)
	errs = append(errs, err)
	for i, a := range slices.Backward(whole) {
		from := loaded{a.rank(), i, sets, n.watch.base(name)}
		if was != nil && (a.rank().compare(was.of.rank()) < 0 || from == was.from) {
			break
		}
		if n.refusedStill(a, from, room) {
			continue
		}
		f, fresh, err := n.enter(a, was, whole[:i], lost, room)
		if err == nil {
			f.from = from
			return f, fresh, errors.Join(errs...)
		}
		if errors.Is(err, errRoom) || errors.Is(err, errHeld) || errors.Is(err, errManyLost) {
			n.refuse(a, from, room, err)
			continue
		}
		errs = append(errs, err)
	}
	return was, nil, errors.Join(errs...)
}

// enter gives a list with a release in force, and what earlier ones had beside it.
func (n *Node) enter(a *announcement, was *inForce, older []*announcement, lost map[[32]byte]rank, room int64) (*inForce, chunked, error) {
	next, fresh := new(inForce), chunked(nil)
	if was != nil && was.of == a {
		*next = *was
		next.goneRoom = 0
	} else {
		f, came, err := n.readRelease(a, was, room)
		if err != nil {
			return nil, nil, err
		}
		next, fresh = f, came
	}
	older, err := n.sound(older, next)
	if err != nil {
		return nil, nil, err
	}
	p, err := n.earlier(next, fresh, older, lost, room)
	if err != nil {
		return nil, nil, err
	}
	next.gone, next.goneRoom, next.before = p.versions(), p.room, p.before
	next.held = heaviest(next.gone)
	return next, fresh, nil
}

// wholeReleases gives the releases of a list that are wholly here, oldest first.
func (n *Node) wholeReleases(name string) (whole []*announcement, errs []error) {
	n.watch.mu.Lock()
	all := slices.Clone(n.watch.reachable(name))
	all = slices.DeleteFunc(all, func(a *announcement) bool { return a.broken || a.left })
	n.watch.mu.Unlock()
	for _, a := range all {
		if _, err := n.blobsOf(a.origin); err != nil {
			continue
		}
		missing, err := n.lacking(a, 1)
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(missing) == 0:
			whole = append(whole, a)
		}
	}
	return whole, errs
}

// chunked are alerts by the number of the chunk in which they stand.
type chunked map[int][]border.Alert

// readRelease opens a whole release. Chunks that the release in force has too are not opened again; those that were opened
// come beside it.
func (n *Node) readRelease(a *announcement, was *inForce, room int64) (*inForce, chunked, error) {
	f, fresh := &inForce{of: a, facts: make([]chunkFacts, len(a.chunks))}, chunked{}
	kept := map[uint32]uint32{} // chunks of the release in force: which they are now
	if was != nil && was.of.opensUnder(a) {
		kept = keptChunks(was.of.chunks, a.chunks)
	}
	stays := make([]bool, len(a.chunks))
	for before, i := range kept {
		stays[i], f.facts[i] = true, was.facts[before]
	}
	sum := sumOf(f.facts)
	stayed := sum.size
	for i := range a.chunks {
		n.watch.comes(a, i, 0)
		if stays[i] {
			continue
		}
		alerts, err := n.alertsOf(a, i)
		if err != nil {
			return nil, nil, err
		}
		for j := range alerts {
			if alerts[j].List != a.body.List {
				return nil, nil, n.breaks(a, errors.New("it has an alert of another list"))
			}
			f.at = append(f.at, place{idHash(alerts[j].ID), uint32(i)})
		}
		f.facts[i] = factsOf(alerts)
		if sum.add(f.facts[i]); sum.size > room {
			return nil, nil, errRoom
		}
		if err := sum.within(a); err != nil {
			return nil, nil, n.breaks(a, err)
		}
		if was == nil || sum.size > stayed+maxFresh { // then all are opened once more, one after another, for the index
			fresh = nil
		}
		if fresh != nil {
			fresh[i] = alerts
		}
	}
	n.watch.comes(a, len(a.chunks), 0)
	if was != nil {
		for _, p := range was.at {
			if i, ok := kept[p.chunk]; ok {
				f.at = append(f.at, place{p.id, i})
			}
		}
	}
	var err error
	if err = n.readNumbers(f, was, kept, room); err != nil {
		return nil, nil, err
	}
	if roomOfSet(f.numbers) > room {
		return nil, nil, errRoom
	}
	if err := f.valid(); err != nil {
		return nil, nil, n.breaks(a, err)
	}
	a.checked = true
	return f, fresh, nil
}

// keptChunks says of the chunks of one release which they are in another.
func keptChunks(was, now [][32]byte) map[uint32]uint32 {
	at, out := map[[32]byte]uint32{}, map[uint32]uint32{}
	for i, hash := range now {
		at[hash] = uint32(i)
	}
	for i, hash := range was {
		if j, ok := at[hash]; ok {
			out[uint32(i)] = j
		}
	}
	return out
}

func idHash(id string) uint64 {
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:])
}

// alertsOf opens a chunk of a release. One of numbers has no alerts, and is not opened.
func (n *Node) alertsOf(a *announcement, i int) ([]border.Alert, error) {
	if a.body.Numbers != nil {
		return nil, nil
	}
	plain, err := n.openChunk(a, i)
	if err != nil {
		return nil, err
	}
	alerts, err := lists.FromChunk(plain)
	if err != nil {
		return nil, n.breaks(a, err)
	}
	return alerts, nil
}

// find gives the alerts of a release with the given ids, as far as it has them. fresh are chunks that are open already.
func (n *Node) find(f *inForce, fresh chunked, ids map[string]bool) (map[string]*border.Alert, error) {
	in := map[int]bool{}
	for id := range ids {
		if at, ok := slices.BinarySearchFunc(f.at, idHash(id), func(p place, h uint64) int { return cmp.Compare(p.id, h) }); ok {
			in[int(f.at[at].chunk)] = true
		}
	}
	out := map[string]*border.Alert{}
	for i := range in {
		alerts, open := fresh[i]
		if !open {
			var err error
			if alerts, err = n.alertsOf(f.of, i); err != nil {
				return nil, err
			}
		}
		for j := range alerts {
			if ids[alerts[j].ID] {
				one := alerts[j] // not the whole chunk
				out[one.ID] = &one
			}
		}
	}
	return out, nil
}

// opensUnder says whether what opens under the keys of one release opens under those of another.
func (a *announcement) opensUnder(o *announcement) bool {
	keys := o.keys()
	return a.body.Form == record.ListKept && o.body.Form == record.ListKept &&
		!slices.ContainsFunc(a.keys(), func(k seal.Key) bool { return !slices.Contains(keys, k) })
}

// valid compares a release with what its record names, no more and no less, and sees that no alert stands twice.
func (f *inForce) valid() error {
	if has := len(f.at) + f.numberCount(); has != f.of.body.Count || has == 0 {
		return fmt.Errorf("it has %d alerts and names %d", has, f.of.body.Count)
	}
	slices.SortFunc(f.at, func(a, b place) int { return cmp.Compare(a.id, b.id) })
	for i := 1; i < len(f.at); i++ {
		if f.at[i-1].id == f.at[i].id {
			return errors.New("it has two alerts with one id")
		}
	}
	return nil
}

// forget drops the chunks of releases before the settled one, once nothing of them is held. The chunks of the release in force stay
// always.
func (n *Node) forget(name string, f *inForce) error {
	base := settled(n.State().Losses, name)
	if base == (rank{}) {
		return nil
	}
	for _, v := range f.gone {
		if v.last.compare(base) < 0 {
			return nil
		}
	}
	keep, drop := map[[32]byte]bool{}, map[string][][32]byte{}
	for _, l := range n.State().Losses {
		for _, hash := range l.Sets {
			keep[hash] = true
		}
	}
	n.watch.mu.Lock()
	for list, of := range n.watch.announced { // of other lists too: a captured centre may name their chunks in this one
		for _, a := range of {
			names, r := slices.Concat(a.body.Index, a.chunks), a.rank()
			switch {
			case a.left:
			case list != name || !a.whole || r.compare(base) >= 0 || r.compare(f.of.rank()) >= 0:
				for _, hash := range names {
					keep[hash] = true
				}
			default:
				a.left, a.whole, a.chunks = true, false, nil
				drop[a.origin] = append(drop[a.origin], names...)
			}
		}
	}
	n.watch.mu.Unlock()
	var errs []error
	for origin, hashes := range drop {
		from, err := n.blobsOf(origin)
		if err == nil {
			err = from.DropBlobs(slices.DeleteFunc(hashes, func(h [32]byte) bool { return keep[h] }))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// notHere says that something is on its way, which is no fault of anybody.
func notHere(err error) bool { return errors.Is(err, tlog.ErrNotHere) }
