package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
	"tims/internal/watchlist"
)

// ListInForce says which release of a list is matched at this node.
type ListInForce struct {
	List     string
	Release  uint64
	Released int64 // UTC ms, from the signed record of the release
	KnownTo  int64 // UTC ms up to which this node would have heard of a newer release
	Count    int
	Newer    uint64 // a release that is announced and not wholly here, 0 where there is none
}

// watching keeps the watchlist: what was announced by list records, and what is in force. The last whole verified release
// stays in force whatever comes.
type watching struct {
	mu        sync.Mutex
	announced map[string]map[uint64]announcement
	wake      chan struct{}
	now       atomic.Pointer[watch]
	heard     func(origin string) int64 // newest signed time of a log's writer, UTC ms: up to then no newer release is unknown
}

type announcement struct {
	origin  string
	act     record.Act
	written int64
	body    record.ListBody
}

// watch is what is in force, immutable.
type watch struct {
	index  *watchlist.Index
	alerts map[string]watchlist.List
	lists  map[string]announcement
}

// announce takes note of a release.
func (w *watching) announce(o *Opened) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.announced == nil {
		w.announced = map[string]map[uint64]announcement{}
	}
	of := w.announced[o.List.List]
	if of == nil {
		of = map[uint64]announcement{}
		w.announced[o.List.List] = of
	}
	top := uint64(0)
	for release := range of {
		top = max(top, release)
	}
	if o.List.Release == 0 || o.List.Release > top+maxAhead {
		return // nobody freezes a list by using up its numbers
	}
	if _, known := of[o.List.Release]; !known {
		of[o.List.Release] = announcement{o.Origin, o.Leaf.Act, o.Leaf.Written, *o.List}
	}
	w.nudge()
}

func (w *watching) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// newer lists, newest first, the releases of each list that are above those in force.
func (w *watching) newer() map[string][]announcement {
	in := w.now.Load()
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string][]announcement{}
	for name, of := range w.announced {
		for _, release := range slices.Backward(slices.Sorted(maps.Keys(of))) {
			if in == nil || release > in.lists[name].body.Release {
				out[name] = append(out[name], of[release])
			}
		}
	}
	return out
}

// lists gives what is in force, by name.
func (w *watching) lists() []ListInForce {
	in := w.now.Load()
	newer := w.newer()
	var out []ListInForce
	if in != nil {
		for _, name := range slices.Sorted(maps.Keys(in.lists)) {
			a := in.lists[name]
			l := ListInForce{List: name, Release: a.body.Release, Released: a.written, KnownTo: max(a.written, w.heard(a.origin)),
				Count: a.body.Count}
			if n := newer[name]; len(n) > 0 {
				l.Newer = n[0].body.Release
			}
			out = append(out, l)
		}
	}
	return out
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

// Alerts gives the alerts of a list in force, for the demo and for the analyst's page.
func (n *Node) Alerts(list string) []border.Alert {
	if in := n.watch.now.Load(); in != nil {
		return in.alerts[list]
	}
	return nil
}

// watchLoop loads releases as they become whole.
func (n *Node) watchLoop(ctx context.Context) {
	for {
		if err := n.loadLists(); err != nil {
			n.opt.Journal.Error("alert list not loaded; the last whole release stays in force", "node", n.Name(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.watch.wake:
		}
	}
}

// buildTurn lets one index be built at a time in a process: several nodes on one machine, as in the demo, leave their booths
// some of it.
var buildTurn sync.Mutex

// loadLists brings the newest whole release of each list into force.
func (n *Node) loadLists() error {
	next := &watch{alerts: map[string]watchlist.List{}, lists: map[string]announcement{}}
	if in := n.watch.now.Load(); in != nil {
		maps.Copy(next.alerts, in.alerts)
		maps.Copy(next.lists, in.lists)
	}
	changed, errs := false, []error(nil)
	for name, candidates := range n.watch.newer() {
		for _, a := range candidates {
			alerts, err := n.readRelease(a)
			if errors.Is(err, tlog.ErrNotHere) {
				continue // its chunks are on their way
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("list %s release %d: %w", name, a.body.Release, err))
				continue
			}
			next.alerts[name], next.lists[name] = alerts, a
			changed = true
			break
		}
	}
	if changed {
		buildTurn.Lock()
		next.index = watchlist.Build(slices.Collect(maps.Values(next.alerts))...)
		buildTurn.Unlock()
		n.watch.now.Store(next)
	}
	return errors.Join(errs...)
}

// blobs is where sealed chunks of a log's lists lie.
type blobs interface {
	Blob(hash [32]byte) ([]byte, error)
	HasBlob(hash [32]byte) (bool, error)
}

func (n *Node) blobsOf(origin string) (blobs, error) {
	if origin == n.origin {
		return n.log, nil
	}
	if h, ok := n.mirrors.get(origin); ok {
		return h, nil
	}
	return nil, fmt.Errorf("no copy of log %s is held here", origin)
}

// readRelease opens a whole release, or says that it is not whole (tlog.ErrNotHere).
func (n *Node) readRelease(a announcement) (watchlist.List, error) {
	from, err := n.blobsOf(a.origin)
	if err != nil {
		return nil, err
	}
	var alerts watchlist.List
	for i, hash := range a.body.Chunks {
		chunk, err := from.Blob(hash)
		if err != nil {
			return nil, err
		}
		plain, err := seal.OpenChunk(a.body.Key, seal.ChunkAt{List: a.act, Index: uint32(i), Total: uint32(len(a.body.Chunks))}, chunk)
		if err != nil {
			return nil, err
		}
		more, err := lists.FromChunk(plain)
		if err != nil {
			return nil, err
		}
		alerts = append(alerts, more...)
	}
	if len(alerts) != a.body.Count {
		return nil, fmt.Errorf("it has %d alerts and names %d", len(alerts), a.body.Count)
	}
	return alerts, nil
}

// missingBlobs gives the chunks of announced releases of a log that are above the ones in force and not here.
func (n *Node) missingBlobs(origin string) [][32]byte {
	var out [][32]byte
	for _, candidates := range n.watch.newer() {
		for _, a := range candidates[:min(len(candidates), maxFetched)] {
			from, err := n.blobsOf(a.origin)
			if a.origin != origin || err != nil {
				continue
			}
			for _, hash := range a.body.Chunks {
				if here, err := from.HasBlob(hash); err == nil && !here && len(out) < maxMissing {
					out = append(out, hash)
				}
			}
		}
	}
	return out
}

// Release writes a new release of a list to this node's log: chunks first, then the record that names them. source is the
// issuer's own date in UTC ms, 0 where unknown.
func (n *Node) Release(ctx context.Context, list string, source int64, alerts []border.Alert) (ListInForce, error) {
	if n.Self().Role != roster.Centre {
		return ListInForce{}, errors.New("lists are released at a centre")
	}
	if len(alerts) == 0 || list == "" || strings.ContainsAny(list, " \n") {
		return ListInForce{}, errors.New("a release needs a list name without blanks and at least one alert")
	}
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		return ListInForce{}, err
	}
	plains, err := lists.Chunks(alerts)
	if err != nil {
		return ListInForce{}, fmt.Errorf("release list %s: %w", list, err)
	}
	body := record.ListBody{List: list, Release: n.watch.highest(list) + 1, Source: source, Count: len(alerts), Key: key}
	act := newAct()
	for i, plain := range plains {
		chunk, err := seal.SealChunk(rand.Reader, key, seal.ChunkAt{List: act, Index: uint32(i), Total: uint32(len(plains))}, plain)
		if err != nil {
			return ListInForce{}, fmt.Errorf("release list %s: %w", list, err)
		}
		hash := sha256.Sum256(chunk)
		if err := n.log.AddBlob(hash, chunk); err != nil {
			return ListInForce{}, fmt.Errorf("release list %s: %w", list, err)
		}
		body.Chunks = append(body.Chunks, hash)
	}
	if _, err := n.append(ctx, draft{kind: record.List, act: act, contents: []content{{record.Body, body}}}); err != nil {
		return ListInForce{}, fmt.Errorf("release list %s: %w", list, err)
	}
	return ListInForce{List: list, Release: body.Release, Released: n.Now(), Count: len(alerts)}, nil
}

// highest is the highest release number announced of a list.
func (w *watching) highest(list string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	var top uint64
	for release := range w.announced[list] {
		top = max(top, release)
	}
	return top
}
