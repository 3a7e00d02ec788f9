package node_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"tims/internal/node"
	"tims/internal/roster"
)

// Words of scripts about sticks.
//
//	write-stick NAME STICK, write-beside NAME STICK  a node, or a command beside its files, writes a stick
//	read-stick NAME STICK             a node takes a stick in, and what it says of each log
//	half STICK                        half of its packs and bundles are lost
//	interrupt-rebuild NAME            a rebuild of a centre is killed after its keys were made, and the same command goes on
//	account NAME                      what a node says of the logs it holds
//	remember NAME, recall NAME        roots and projections of the posts' logs as they stand; compare them with those
func init() {
	teach("write-stick", func(d *drill, a []string) ([]string, error) {
		out, err := d.nodes[a[0]].WriteParcel(context.Background(), d.stick(a[1]), nil)
		return wrote(out), err
	})
	teach("write-beside", func(d *drill, a []string) ([]string, error) {
		out, err := node.WriteParcelBeside(context.Background(), d.path(a[0]), d.stick(a[1]), nil)
		return wrote(out), err
	})
	teach("read-stick", (*drill).readStick)
	teach("half", func(d *drill, a []string) ([]string, error) { return nil, d.halfStick(a[0]) })
	teach("interrupt-rebuild", (*drill).interruptRebuild)
	teach("account", (*drill).accountStep)
	teach("remember", (*drill).remember)
	teach("recall", (*drill).recall)
}

func (c *country) stick(name string) string { return filepath.Join(c.dir, "sticks", name) }

func wrote(w node.ParcelWritten) (out []string) {
	for _, l := range w.Logs {
		line := l.Origin + ": on the stick"
		if l.Ahead {
			line += ", further than here"
		}
		if l.Why != "" {
			line += ", " + l.Why
		}
		out = append(out, line)
	}
	return out
}

func (d *drill) readStick(a []string) ([]string, error) {
	got, err := d.nodes[a[0]].ReadParcel(context.Background(), d.stick(a[1]), nil)
	if err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("%d changes", got.Changes)}
	if got.ChangesRefused != "" {
		out = append(out, "changes refused: "+got.ChangesRefused)
	}
	if got.Foreign {
		out = append(out, "another country's")
	}
	var logs []string
	for _, l := range got.Logs {
		line := l.Origin + ": "
		switch {
		case l.Evidence != "":
			line += "frozen: " + l.Evidence
		case l.Refused != "":
			line += "refused: " + l.Refused
		case l.Own:
			line += "this node's own"
		case l.Settled < l.Stick:
			line += "not whole"
		case l.Settled > l.Before:
			line += "taken whole"
		default:
			line += "nothing new"
		}
		logs = append(logs, line)
	}
	slices.Sort(logs)
	return append(out, logs...), nil
}

// halfStick takes every second half of the packs and bundles away, as a copy does that was broken off.
func (d *drill) halfStick(name string) error {
	for _, pattern := range []string{"*/tims/all/*", "*/tile/entries/*"} {
		found, err := filepath.Glob(filepath.Join(d.stick(name), pattern))
		if err != nil {
			return err
		}
		for _, path := range found[len(found)/2:] {
			if filepath.Base(path) == "size" {
				continue
			}
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// interruptRebuild goes on with what a rebuild leaves that is killed after it made its keys: those keys stay.
func (d *drill) interruptRebuild(a []string) ([]string, error) {
	if _, err := node.MarkRebuild(d.path(a[0]), a[0], d.founded.Founding); err != nil {
		return nil, err
	}
	made, err := node.CreateKeys(d.path(a[0]), "al", a[0], roster.Centre, 2)
	if err != nil {
		return nil, err
	}
	if err := d.rebuild(a[0], d.approve); err != nil {
		return nil, err
	}
	if !d.nodes[a[0]].Self().Identity().Equal(made.Identity()) {
		return nil, fmt.Errorf("%s has other keys than before it was killed", a[0])
	}
	return nil, nil
}

func (d *drill) accountStep(a []string) ([]string, error) {
	logs, err := d.nodes[a[0]].Account(context.Background())
	var out []string
	for _, l := range logs {
		line := fmt.Sprintf("%s: %d missing", l.Origin, l.Missing())
		if l.Origin == "" {
			line = l.Node + ": nothing has come"
		}
		if l.Former {
			line += ", a former log"
		}
		if l.Parts > 0 {
			line += fmt.Sprintf(", %d parts missing", l.Parts)
		}
		if l.Frozen != "" {
			line += ", frozen: " + l.Frozen
		}
		out = append(out, line)
	}
	return out, err
}

// remembered are accounts kept outside all nodes, by drill.
var remembered sync.Map

// remember keeps roots and projections of the logs of posts, outside all nodes.
func (d *drill) remember(a []string) ([]string, error) {
	logs, err := d.nodes[a[0]].Account(context.Background())
	remembered.Store(d, logs)
	return nil, err
}

// recall compares: the same records give the same tree and the same projection, by whatever way they came.
func (d *drill) recall(a []string) ([]string, error) {
	logs, err := d.nodes[a[0]].Account(context.Background())
	if err != nil {
		return nil, err
	}
	var out []string
	kept, _ := remembered.Load(d)
	for _, before := range kept.([]node.LogAccount) {
		for _, now := range logs {
			if now.Origin != before.Origin || strings.Contains(now.Origin, "/centre/") {
				continue
			}
			root, digest, err := d.nodes[a[0]].StateForTest(before.Origin, before.Counts)
			if err != nil {
				return nil, err
			}
			out = append(out, fmt.Sprintf("%s: same root %v, same projection %v", now.Origin, root == before.Root, digest == before.Digest))
		}
	}
	return out, nil
}
