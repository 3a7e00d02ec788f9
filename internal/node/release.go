package node

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tims/internal/border"
	"tims/internal/lists"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// Release writes a new release of a list to this node's log: chunks first, then the record that names them. Chunks of the release in
// force here in which nothing changes are named again and travel no second time. source is the issuer's own date in UTC ms, 0 where
// unknown.
func (n *Node) Release(ctx context.Context, list string, source int64, alerts []border.Alert) (ListInForce, error) {
	if n.Self().Role != roster.Centre {
		return ListInForce{}, errors.New("lists are released at a centre")
	}
	if len(alerts) == 0 || len(alerts) > maxAlerts || list == "" || strings.ContainsAny(list, " \n") || isSingle(list) {
		return ListInForce{}, errors.New("a release needs a list name without blanks, not that of single alerts, and at least one alert")
	}
	n.watch.releasing.Lock()
	defer n.watch.releasing.Unlock()
	l, err := n.release(ctx, list, source, alerts)
	if err != nil {
		return ListInForce{}, fmt.Errorf("release list %s: %w", list, err)
	}
	return l, nil
}

func (n *Node) release(ctx context.Context, list string, source int64, alerts []border.Alert) (ListInForce, error) {
	before, err := n.before(ctx, list)
	if err != nil {
		return ListInForce{}, err
	}
	if err := n.hasRoom(list, alerts); err != nil {
		return ListInForce{}, err
	}
	chunks, err := n.chunksOf(before)
	if err != nil {
		return ListInForce{}, err
	}
	if before != nil && before.numbers != nil {
		return ListInForce{}, errors.New("the list in force is one of numbers: give the alerts another name")
	}
	next, err := lists.Rework(list, chunks, alerts)
	if err != nil {
		return ListInForce{}, err
	}
	body := record.ListBody{List: list, Release: n.watch.highest(list) + 1, Source: source, Count: len(alerts), Form: record.ListKept}
	if err := n.listKey(&body, before); err != nil {
		return ListInForce{}, err
	}
	for _, c := range next {
		hash, err := n.placeChunk(&body, before, c)
		if err != nil {
			return ListInForce{}, err
		}
		body.Chunks = append(body.Chunks, hash)
	}
	if err := n.placeIndex(&body); err != nil {
		return ListInForce{}, err
	}
	return n.announceRelease(ctx, body)
}

// hasRoom refuses what no node with as much memory as this one would take: who releases must hear of it.
func (n *Node) hasRoom(list string, alerts []border.Alert) error {
	sum, canaries, room := int64(0), 0, n.roomFor(list)
	for i := range alerts {
		if sum += bytesOf(&alerts[i]); alerts[i].Canary {
			canaries++
		}
	}
	switch {
	case sum > room:
		return errRoom
	case canaries > maxCanaries:
		return errCanaries
	}
	return nil
}

// roomFor is what the lists in force leave to one of them.
func (n *Node) roomFor(list string) int64 {
	var in map[string]*inForce
	if now := n.watch.now.Load(); now != nil {
		in = now.lists
	}
	return n.roomBeside(in, list)
}

// announceRelease writes the record of a release whose chunks are placed, and brings it into force here.
func (n *Node) announceRelease(ctx context.Context, body record.ListBody) (ListInForce, error) {
	list := body.List
	if _, err := n.append(ctx, draft{kind: record.List, act: newAct(), contents: []content{{record.Body, body}}}); err != nil {
		return ListInForce{}, err
	}
	in := ListInForce{List: list, Release: body.Release, Released: n.Now(), Count: body.Count}
	if err := errors.Join(n.caughtUp(ctx), n.loadLists()); err != nil { // it is released; the next release begins with it
		n.opt.Journal.Error("a list is released and not loaded yet", "node", n.Name(), "list", list, "error", err)
	}
	if f := n.watch.of(list); f != nil && f.of.body.Release == body.Release {
		in.Waiting, in.Numbers = len(f.held), f.numberCount()
	}
	return in, nil
}

// before gives the release from which the next one is made, nil where it begins anew: of a list that is new here, whose chunks are
// bound to one release, or under too many keys.
func (n *Node) before(ctx context.Context, list string) (*inForce, error) {
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	if err := n.loadLists(); err != nil {
		n.opt.Journal.Error("a release stands aside", "node", n.Name(), "list", list, "error", err)
	}
	f := n.watch.of(list)
	if f == nil || f.of.body.Form != record.ListKept || len(f.of.body.Earlier) >= maxListKeys {
		return nil, nil
	}
	return f, nil
}

// chunksOf opens all chunks of a release.
func (n *Node) chunksOf(f *inForce) (out [][]border.Alert, err error) {
	if f == nil {
		return nil, nil
	}
	for i := range f.of.chunks {
		alerts, err := n.alertsOf(f.of, i)
		if err != nil {
			return nil, err
		}
		out = append(out, alerts)
	}
	return out, nil
}

// listKey chooses the key of new chunks: that of the release before, unless one of the readers to whom it was given is a reader no
// longer. Who was dropped, or stole a reader's key, opens none of what comes after.
func (n *Node) listKey(body *record.ListBody, before *inForce) error {
	s := n.State()
	if before != nil {
		b := &before.of.body
		body.Key, body.Earlier, body.KeySince = b.Key, b.Earlier, b.KeySince
		if !lostReader(s, b.KeySince) {
			return nil
		}
		body.Earlier = append([][32]byte{b.Key}, b.Earlier...)
	}
	key, err := seal.NewKey(rand.Reader)
	body.Key, body.KeySince = key, s.Number(roster.ChainRoster)
	return err
}

// lostReader says whether some reader of lists by the roster of that number is none by the present one.
func lostReader(s *roster.State, number uint64) bool {
	then, ok := s.RosterAt(number)
	if !ok {
		return true
	}
	now := map[string]bool{}
	for _, r := range s.Roster.ReaderKeys(record.ClassOf(record.List, record.Body).Readers(), "") {
		now[string(r.Key)] = true
	}
	return slices.ContainsFunc(then.ReaderKeys(record.ClassOf(record.List, record.Body).Readers(), ""),
		func(r roster.ReaderKey) bool { return !now[string(r.Key)] })
}

// placeChunk sees to it that a chunk of the next release lies with this node's log.
func (n *Node) placeChunk(body *record.ListBody, before *inForce, c lists.Next) ([32]byte, error) {
	if c.Before >= 0 {
		hash := before.of.chunks[c.Before]
		here, err := n.bring(body.List, n.origin, hash)
		if err == nil && !here {
			err = errors.New("a chunk of the release before has gone")
		}
		return hash, err
	}
	chunk, err := seal.SealKept(body.Key, body.List, c.Packed)
	if err != nil {
		return [32]byte{}, err
	}
	hash := sha256.Sum256(chunk)
	return hash, n.log.AddBlob(hash, chunk)
}

// placeIndex lets blobs name the chunks of a release that has too many for a record.
func (n *Node) placeIndex(body *record.ListBody) error {
	if len(body.Chunks) > seal.MaxChunks {
		return fmt.Errorf("a release of %d chunks, at most %d", len(body.Chunks), seal.MaxChunks)
	}
	if len(body.Chunks) <= maxInline {
		return nil
	}
	for _, b := range lists.IndexOf(body.Chunks) {
		hash := sha256.Sum256(b)
		if err := n.log.AddBlob(hash, b); err != nil {
			return err
		}
		body.Index = append(body.Index, hash)
	}
	body.Chunks = nil
	return nil
}
