package node

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
	"tims/internal/watchlist/numbers"
)

// ListInForce says which release of a list is matched at this node.
type ListInForce struct {
	List     string
	Release  uint64
	Released int64  // UTC ms, from the signed record of the release
	KnownTo  int64  // UTC ms up to which this node would have heard of a newer release
	Count    int    // of the release
	Newer    uint64 // a release that is announced and not wholly here, 0 where there is none
	// Waiting counts the alerts of earlier releases that the release lacks or weakens and that are matched all the same, until
	// the authority lets them go.
	Waiting int
	Numbers int // of Count: bare document numbers
	// Refused is a newer release that is whole and does not come into force, and Why not; 0 where there is none.
	Refused uint64
	Why     Refused
	// Missing counts earlier releases, not settled, that are not wholly here, and Oldest is the first of them. What they had and no
	// later release has is matched only at nodes that have it.
	Missing int
	Oldest  uint64
}

// watching keeps the watchlist: what was announced by list records, and what is in force. The last whole verified release
// stays in force whatever comes, and so does each alert of an earlier one until its loss is approved. docs/design/lists.md
type watching struct {
	mu        sync.Mutex
	announced map[string][]*announcement // by list, in the order of their ranks
	wake      chan struct{}
	now       atomic.Pointer[watch]
	heard     func(origin string) int64 // newest signed time of a log's writer, UTC ms: up to then no newer release is unknown
	base      func(list string) rank    // before which nothing of a list is needed any more
	over      int                       // releases that were not noted: of a list too many, or of too many releases; guarded by mu

	loading   sync.Mutex                     // one load at a time
	sets      map[[32]byte]map[[32]byte]bool // opened sets of losses, by their sealed hash; guarded by loading
	savedSets map[string]*numbers.Set        // as they lie on disk; of the loop that saves them
	releasing sync.Mutex                     // one release is made at a time
	made      atomic.Pointer[madeNumbers]    // of the one that is made
}

// A rank orders the releases of a list, in the same way at every node: by number, and where two centres used one number by log.
type rank struct {
	release uint64
	origin  string
}

// isSingle says whether a list is of single alerts.
func isSingle(list string) bool { return strings.HasPrefix(list, singlePrefix) }

func (r rank) compare(o rank) int {
	return cmp.Or(cmp.Compare(r.release, o.release), strings.Compare(r.origin, o.origin))
}

// An announcement is a release as its record names it.
type announcement struct {
	origin  string
	act     record.Act
	written int64
	body    record.ListBody

	// Guarded by watching.mu:
	chunks          [][32]byte // in order; nil until the index that names them is here
	whole           bool       // all chunks are here
	broken          bool       // its chunks are not what the record names: it never comes into force
	left            bool       // settled: it is not looked at any more and its chunks have been dropped
	opened, indexed int        // chunks, while it comes into force
	refused         *refusal   // it is whole, or declares too much, and does not come into force here

	checked bool // what it has is what its record names; guarded by watching.loading
}

func (a *announcement) rank() rank { return rank{a.body.Release, a.origin} }

// watch is what is in force, immutable.
type watch struct {
	index *watchlist.Index
	lists map[string]*inForce
}

// inForce is one list in force, immutable.
type inForce struct {
	of      *announcement
	at      []place        // of each alert of the release, by hash of its id: the index alone holds the alerts
	held    watchlist.List // versions of earlier releases that stay matched
	numbers *numbers.Set   // of the release, where it is of bare numbers
	strikes []uint32       // which of its chunks then say what of the others is no number of it
	gone    []version      // all versions that need a loss: those held, and weaker ones of the same alerts
	from    loaded

	facts    []chunkFacts          // of each chunk of the release
	goneRoom int64                 // what the versions in gone take in the index, bytes
	before   map[uint64]chunkPlace // where an alert of the release read otherwise first, by hash of its id
}

func (f *inForce) numberCount() int {
	if f.numbers == nil {
		return 0
	}
	return f.numbers.Len()
}

// A place says in which chunk of a release an alert stands.
type place struct {
	id    uint64 // the first bytes of the SHA-256 of its id
	chunk uint32
}

// loaded is what a list in force was made of: where it is the same, nothing needs to be read again.
type loaded struct {
	newest rank
	older  int  // releases before the newest that are whole here
	sets   int  // sets of losses that are here
	base   rank // before which the authority has settled the list
}

// announce takes note of a release. A captured centre that uses one number twice is held to the first.
func (w *watching) announce(o *Opened) {
	if o.List.Release == 0 || isSingle(o.List.List) {
		return
	}
	a := &announcement{origin: o.Origin, act: o.Leaf.Act, written: o.Leaf.Written, body: *o.List}
	if a.body.Form == record.ListWhole || len(a.body.Index) == 0 {
		a.chunks = a.body.Chunks
	}
	a.broken = a.body.Form > record.ListKept || a.body.Numbers != nil && a.body.Form != record.ListKept // of a later version: it stands aside
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.announced == nil {
		w.announced = map[string][]*announcement{}
	}
	of := w.announced[a.body.List]
	at, known := slices.BinarySearchFunc(of, a.rank(), func(x *announcement, r rank) int { return x.rank().compare(r) })
	if !known && (of == nil && len(w.announced) >= maxLists || len(of) >= maxReleases) {
		w.over++
		return
	}
	if !known {
		w.announced[a.body.List] = slices.Insert(of, at, a)
	}
	w.nudge()
}

func (w *watching) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// reachable gives the releases of a list that count, oldest first: those below which no gap is so wide that somebody must have
// tried to use up the numbers. w.mu is held.
func (w *watching) reachable(list string) []*announcement {
	of, top := w.announced[list], uint64(0)
	for i, a := range of {
		if a.body.Release-top > maxAhead {
			return of[:i]
		}
		top = a.body.Release
	}
	return of
}

// highest is the highest release number announced of a list.
func (w *watching) highest(list string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	of := w.reachable(list)
	if len(of) == 0 {
		return 0
	}
	return of[len(of)-1].body.Release
}

// of gives a list in force, nil where none is.
func (w *watching) of(list string) *inForce {
	if in := w.now.Load(); in != nil {
		return in.lists[list]
	}
	return nil
}

// lists gives what is in force, by name.
func (w *watching) lists() []ListInForce {
	in := w.now.Load()
	if in == nil {
		return nil
	}
	var out []ListInForce
	for _, name := range slices.Sorted(maps.Keys(in.lists)) {
		f := in.lists[name]
		a := f.of
		l := ListInForce{List: name, Release: a.body.Release, Released: a.written, KnownTo: max(a.written, w.heard(a.origin)),
			Count: a.body.Count, Waiting: len(f.held), Numbers: f.numberCount()}
		if isSingle(name) {
			l.Release &= 1<<40 - 1 // the records of the present log
		}
		if newer := w.newer(name, a.rank()); len(newer) > 0 {
			// It is announced and not here: what is in force was the newest no longer than until then, whatever was heard since.
			l.Newer, l.KnownTo = newer[len(newer)-1].body.Release, min(l.KnownTo, max(a.written, newer[0].written))
		}
		w.aside(&l, a.rank())
		out = append(out, l)
	}
	return out
}

// newer gives the releases above one that may still come into force, oldest first.
func (w *watching) newer(list string, than rank) []*announcement {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.reachable(list)
	for len(all) > 0 && all[0].rank().compare(than) <= 0 {
		all = all[1:]
	}
	return slices.DeleteFunc(slices.Clone(all), func(a *announcement) bool { return a.broken })
}

// heardOf gives the newest signed time folded here of the node that writes a log, UTC ms. A rebuilt centre speaks for the
// lists that it released in its earlier epochs.
func (n *Node) heardOf(origin string) int64 {
	_, name, _, err := roster.ParseOrigin(origin)
	if err != nil {
		return 0
	}
	if name == n.Name() {
		return n.Now()
	}
	n.fold.timesMu.Lock()
	defer n.fold.timesMu.Unlock()
	var newest int64
	for o, written := range n.fold.times {
		if _, by, _, err := roster.ParseOrigin(o); err == nil && by == name {
			newest = max(newest, written)
		}
	}
	return newest
}

// Lists gives the alert lists in force at this node.
func (n *Node) Lists() []ListInForce { return n.watch.lists() }

// Alerts gives the alerts of a list in force, held ones too, for the demo and for the analyst's page.
func (n *Node) Alerts(list string) (out []border.Alert) {
	in := n.watch.now.Load()
	if in == nil || in.index == nil {
		return nil
	}
	for a := range in.index.All {
		if a.List == list {
			out = append(out, *a)
		}
	}
	return out
}

// Released gives the alerts of a list as its release in force has them, and the versions held beside it, from one state of both.
func (n *Node) Released(list string) (released, held []border.Alert) {
	in := n.watch.now.Load()
	if in == nil || in.index == nil || in.lists[list] == nil {
		return nil, nil
	}
	held = rows(in.lists[list].held)
	beside := map[[32]byte]int{}
	for i := range held {
		beside[alertHash(&held[i])]++
	}
	for a := range in.index.All {
		if a.List != list {
			continue
		}
		if len(beside) > 0 {
			if h := alertHash(a); beside[h] > 0 {
				beside[h]--
				continue
			}
		}
		released = append(released, *a)
	}
	return released, held
}

// watchLoop loads releases as they become whole.
func (n *Node) watchLoop(ctx context.Context) {
	if err := n.openIndex(); err != nil {
		n.opt.Journal.Warn("the lists are opened again", "node", n.Name(), "error", err)
	}
	saved := n.watch.now.Load()
	due := time.Time{}
	for {
		if err := n.loadLists(); err != nil {
			n.opt.Journal.Error("alert list not loaded; the last whole release stays in force", "node", n.Name(), "error", err)
		}
		if now := n.watch.now.Load(); now != nil && (saved == nil || now.index != saved.index) && !n.opt.Now().Before(due) {
			if err := n.saveIndex(); err != nil {
				n.opt.Journal.Warn("the next start will open all lists again", "node", n.Name(), "error", err)
			}
			saved, due = now, n.opt.Now().Add(saveEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.watch.wake:
		}
	}
}
