package node_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// standing is what holds after each step of a simulation, read from the files as somebody else would find them: every
// acknowledged act at its place, in the order in which its post acknowledged; in no log an act twice, or one that nobody began;
// a copy is a beginning of its log.
func (d *drill) standing() error {
	time.Sleep(2 * time.Second) // an idle log stores its newest checkpoint within one
	var all []*glimpse
	for _, name := range d.names {
		if d.spoilt[name] {
			continue
		}
		seen, err := d.glimpses(name)
		if err != nil {
			return fmt.Errorf("in the directory of %s: %w", name, err)
		}
		all = append(all, seen...)
	}
	return errors.Join(d.nothingElse(all), copiesAreBeginnings(all), d.actsStand(all), d.inOrder())
}

// A glimpse is what a log file held when it was looked at last. A file that looks the same from outside is not opened again;
// of one that has grown only the new leaves are read. What lies below is verified when the account is made.
type glimpse struct {
	path, stamp string
	origin      string
	own         bool
	leaves      []seenLeaf
}

type seenLeaf struct {
	hash sumdb.Hash
	act  record.Act
	kind record.Kind
}

// glimpses looks at every log file of a node's directory.
func (d *drill) glimpses(name string) (out []*glimpse, err error) {
	dir := d.path(name)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil // wiped
	}
	statements, err := filepath.Glob(filepath.Join(dir, "mirror", "*", "epoch"))
	for _, path := range append(statements, filepath.Join(dir, "epoch")) {
		if err != nil {
			return nil, err
		}
		var g *glimpse
		if g, err = d.glimpse(filepath.Dir(path), filepath.Dir(path) == dir); err == nil {
			out = append(out, g)
		}
	}
	return out, err
}

func (d *drill) glimpse(dir string, own bool) (*glimpse, error) {
	var stamp strings.Builder
	for _, file := range []string{"epoch", "log.db", "log.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err == nil {
			fmt.Fprintln(&stamp, info.Size(), info.ModTime().UnixNano())
		}
	}
	g := d.sim.seen[dir]
	if g != nil && g.stamp == stamp.String() {
		return g, nil
	}
	f, err := openLogFile(dir, own)
	if err != nil && !own && strings.Contains(err.Error(), "the file is of format 0") {
		return &glimpse{path: dir}, nil // the disk had no room for the first transaction: an empty file is made again
	}
	if err != nil {
		return nil, err
	}
	defer f.close()
	if g == nil || g.origin != f.Origin() {
		g = &glimpse{path: dir, origin: f.Origin(), own: own}
	}
	if uint64(len(g.leaves)) > f.Size() {
		return nil, fmt.Errorf("%s has fallen from %d records to %d", g.origin, len(g.leaves), f.Size())
	}
	leaves, err := f.Leaves(uint64(len(g.leaves)), int(f.Size())-len(g.leaves))
	if err != nil {
		return nil, err
	}
	for _, leaf := range leaves {
		l, err := record.DecodeLeaf(leaf)
		if err != nil {
			return nil, fmt.Errorf("record %d of %s: %w", len(g.leaves), g.origin, err)
		}
		g.leaves = append(g.leaves, seenLeaf{sumdb.RecordHash(leaf), l.Act, l.Kind})
	}
	g.stamp = stamp.String()
	d.sim.seen[dir] = g
	return g, nil
}

// forget makes the next look at a node's files a new one.
func (d *drill) forget(name string) {
	for dir := range d.sim.seen {
		if dir == d.path(name) || strings.HasPrefix(dir, d.path(name)+string(filepath.Separator)) {
			delete(d.sim.seen, dir)
		}
	}
}

// copiesAreBeginnings compares the copies of a log with the log, or with the longest copy where it is gone.
func copiesAreBeginnings(all []*glimpse) error {
	full := map[string]*glimpse{}
	for _, g := range all {
		if have := full[g.origin]; have == nil || g.own || !have.own && len(g.leaves) > len(have.leaves) {
			full[g.origin] = g
		}
	}
	for _, g := range all {
		of := full[g.origin]
		for i, leaf := range g.leaves {
			if i < len(of.leaves) && leaf.hash != of.leaves[i].hash {
				return fmt.Errorf("forked: record %d of %s in %s is not the one in %s", i, g.origin, g.path, of.path)
			}
		}
	}
	return nil
}

// behind says that a node's file need not hold its newest checkpoint now: its disk takes nothing, or its log has stopped.
func (d *drill) behind(name string) bool {
	k := d.sim.disks[name]
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.full || k.failSync || k.since > 0
}

// actsStand looks for each acknowledged act where its receipt says, in the post's own log or, if it has lost that, in a copy.
func (d *drill) actsStand(all []*glimpse) error {
	holders := map[string][]*glimpse{}
	for _, g := range all {
		if _, writer, _, _ := roster.ParseOrigin(g.origin); g.own || d.lost(writer, g.origin) {
			holders[g.origin] = append(holders[g.origin], g)
		}
	}
	for _, x := range d.acts {
		ref, found := x.receipt.Ref, false
		for _, g := range holders[ref.Origin] {
			if ref.Index >= uint64(len(g.leaves)) {
				continue
			}
			if found = true; g.leaves[ref.Index].hash != x.receipt.LeafHash {
				return fmt.Errorf("record %d of %s is not the one that was acknowledged", ref.Index, ref.Origin)
			}
		}
		if !found && !d.behind(x.post) {
			return fmt.Errorf("lost: record %d of %s was acknowledged and is nowhere", ref.Index, ref.Origin)
		}
	}
	return nil
}

// nothingElse refuses acts that no booth began, and acts that stand twice in one log.
func (d *drill) nothingElse(all []*glimpse) error {
	begun := map[record.Act]bool{}
	for _, x := range d.sim.begun {
		begun[x.scan], begun[x.decide] = true, true
	}
	for _, g := range all {
		acts := map[record.Act]int{}
		for i, l := range g.leaves {
			if before, twice := acts[l.act]; twice {
				return fmt.Errorf("doubled: records %d and %d of %s are one act", before, i, g.origin)
			}
			acts[l.act] = i
			if (l.kind == record.Crossing || l.kind == record.Check) && !begun[l.act] {
				return fmt.Errorf("invented: nobody began record %d of %s, a %v", i, g.origin, l.kind)
			}
		}
	}
	return nil
}

// inOrder holds each log against the order in which its post acknowledged: what was begun after an answer stands behind it.
func (d *drill) inOrder() error {
	last := map[string]*passing{} // of the acts answered so far, the one with the highest index, by origin
	type event struct {
		at   int
		done bool
		x    *passing
	}
	var events []event
	for _, x := range d.acts {
		events = append(events, event{x.begun, false, x}, event{x.done, true, x})
	}
	slices.SortFunc(events, func(a, b event) int { return a.at - b.at })
	for _, e := range events {
		ref := e.x.receipt.Ref
		before := last[ref.Origin]
		switch {
		case !e.done && before != nil && ref.Index <= before.receipt.Ref.Index:
			return fmt.Errorf("out of order: record %d of %s was begun after record %d was acknowledged", ref.Index, ref.Origin,
				before.receipt.Ref.Index)
		case e.done && (before == nil || before.receipt.Ref.Index < ref.Index):
			last[ref.Origin] = e.x
		}
	}
	return nil
}

// account is what holds once everything has healed: every centre knows every acknowledged act once; where a traveller stands
// follows from the order of his records; each directory is sound and its projection equals one folded anew; and what is
// exported satisfies a verifier that knows nothing of nodes.
func (d *drill) account([]string) ([]string, error) {
	if len(d.unheard) > 0 {
		x := d.unheard[0]
		return nil, fmt.Errorf("after healing %d acts have no receipt, the first of %s: %w", len(d.unheard), x.post, d.ask(x))
	}
	for _, name := range d.names {
		if !strings.HasPrefix(name, "centre") {
			continue
		}
		for _, x := range d.acts {
			seen, err := d.nodes[name].ByAct(context.Background(), x.decide)
			if err != nil {
				return nil, err
			}
			origins := map[string]bool{}
			for _, s := range seen {
				if s.Node != x.post || s.Direction != x.dir || origins[s.Ref.Origin] {
					return nil, fmt.Errorf("%s has another account of record %d of %s", name, x.receipt.Ref.Index, x.receipt.Ref.Origin)
				}
				origins[s.Ref.Origin] = true
			}
			if !x.halved && !origins[x.receipt.Ref.Origin] {
				return nil, fmt.Errorf("missing: %s does not know record %d of %s", name, x.receipt.Ref.Index, x.receipt.Ref.Origin)
			}
		}
	}
	if err := errors.Join(d.whereabouts(), d.directoriesSound(), d.outside()); err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("%d acts acknowledged, each there once, in order; nothing else", len(d.acts))}
	if d.sim.gone > 0 {
		out = append(out, fmt.Sprintf("%d more were destroyed with every copy", d.sim.gone))
	}
	return out, nil
}

// whereabouts asks posts where travellers are all of whose records stand in the post's own log: there the order of the records
// decides, whatever the clocks said.
func (d *drill) whereabouts() error {
	last, mixed := map[int]*passing{}, map[int]bool{}
	for _, x := range d.acts {
		before := last[x.serial]
		mixed[x.serial] = mixed[x.serial] || before != nil && before.receipt.Ref.Origin != x.receipt.Ref.Origin
		if before == nil || before.receipt.Ref.Index < x.receipt.Ref.Index {
			last[x.serial] = x
		}
	}
	for _, x := range last {
		b, err := d.booth(x.post)
		if err != nil {
			return err
		}
		if mixed[x.serial] || x.receipt.Ref.Origin != b.Origin() {
			continue
		}
		look := &passing{post: x.post, scan: act()}
		d.sim.begun = append(d.sim.begun, look)
		v, err := b.Scan(context.Background(), node.Scan{Act: look.scan, Shift: b.shift, Direction: border.Exit, Document: passport(x.serial)})
		if err != nil {
			return fmt.Errorf("look for a traveller at %s: %w", x.post, err)
		}
		if inside := x.dir == border.Entry; v.Advice.Stay.Inside != inside {
			return fmt.Errorf("order by clock: at %s traveller %d is inside: %t, by the order of the records: %t", x.post, x.serial,
				v.Advice.Stay.Inside, inside)
		}
	}
	return nil
}

// outside exports every node's own log and lets the verifier of plain tlog-tiles judge it.
func (d *drill) outside() error {
	dst := d.t.TempDir()
	for _, name := range d.names {
		files, err := d.logs(name)
		for _, f := range files {
			if err == nil && f.own {
				var dir string
				if dir, err = f.Export(context.Background(), dst); err == nil {
					_, err = tlog.VerifyDir(context.Background(), dir, f.Key(), tlog.TilesOptions{})
				}
			}
			err = errors.Join(err, f.close())
		}
		if err != nil {
			return fmt.Errorf("outside verifier, log of %s: %w", name, err)
		}
	}
	return os.RemoveAll(filepath.Join(dst))
}
