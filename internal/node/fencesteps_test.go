package node_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Steps about second devices, backups and copies of a node:
//
//	device NAME                       give a node a second device; it uses it from the next start
//	pull-device NAME, plug-device NAME
//	backup NAME                       keep its directory as it is now, while it runs or not
//	restore NAME [unnoticed]          put the kept directory in the place of its own, and start it; the second device stays as it
//	                                  is. It says how many acts stand nowhere any more
//	burn NAME                         delete directory and second device; it says the same
//	clone NAME                        start a copy of the kept directory on another machine, NAME-clone; it has no second device
//	own NAME                          which log it writes, and whether it takes acts
//	restored NAME [OF]                how the log before it ended, as the node sees it of itself or of OF
//	set-backs NAME                    alarms about logs that were set back, in the logs that it holds
//	refused NAME                      a crossing that is tried there and not recorded
//	reopen NAME                       it asks to be started anew, as a service manager does then
func init() {
	for word, step := range map[string]func(d *drill, a []string) ([]string, error){
		"device": func(d *drill, a []string) ([]string, error) { return nil, d.giveDevice(a[0]) },
		"pull-device": func(d *drill, a []string) ([]string, error) {
			return nil, os.Rename(d.device(a[0]), d.device(a[0])+".away")
		},
		"plug-device": func(d *drill, a []string) ([]string, error) {
			return nil, os.Rename(d.device(a[0])+".away", d.device(a[0]))
		},
		"backup":    func(d *drill, a []string) ([]string, error) { return nil, d.backup(a[0]) },
		"restore":   (*drill).restoreStep,
		"burn":      (*drill).burnStep,
		"clone":     func(d *drill, a []string) ([]string, error) { return nil, d.clone(a[0]) },
		"own":       (*drill).ownStep,
		"restored":  (*drill).restoredStep,
		"set-backs": (*drill).setBacksStep,
		"refused":   (*drill).refusedStep,
		"reopen":    (*drill).reopenStep,
	} {
		teach(word, step)
	}
}

// device is where the second device of a node is mounted.
func (d *drill) device(name string) string { return filepath.Join(d.dir, name+".device") }

func (d *drill) giveDevice(name string) error {
	before := d.country.seams
	d.country.seams = func(of string, opt *node.Options) {
		if before != nil {
			before(of, opt)
		}
		if of == name {
			opt.Fence = filepath.Join(d.device(name), "fence")
		}
	}
	return os.MkdirAll(d.device(name), 0o700)
}

func (d *drill) backup(name string) error {
	to := d.path(name) + ".backup"
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return crashCopy(to, d.path(name))
}

func (d *drill) restoreStep(a []string) ([]string, error) {
	name := a[0]
	d.halt(name)
	clear(d.compared)
	if err := os.RemoveAll(d.path(name)); err != nil {
		return nil, err
	}
	if err := crashCopy(d.path(name), d.path(name)+".backup"); err != nil {
		return nil, err
	}
	burnt, err := d.burnt(name)
	if err != nil {
		return nil, err
	}
	d.spoilt[name] = a[1] == "unnoticed"
	d.start(name)
	return burnt, nil
}

func (d *drill) burnStep(a []string) ([]string, error) {
	if err := d.wipe(a[0]); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(d.device(a[0])); err != nil {
		return nil, err
	}
	return d.burnt(a[0])
}

// clone starts a second machine from a copy. Its line is that of the first.
func (d *drill) clone(name string) error {
	dir := d.path(name) + ".clone"
	if err := crashCopy(dir, d.path(name)+".backup"); err != nil {
		return err
	}
	n, err := node.Open(node.Options{Dir: dir, Founding: d.founded.Founding.Hash(), Dial: d.wire.dialer(name), Version: "drill",
		StatusEvery: drillStatus, SyncEvery: drillSync})
	if err != nil {
		return err
	}
	d.nodes[name+"-clone"] = &running{Node: n, stop: func() { n.Close() }}
	d.t.Cleanup(func() { d.halt(name + "-clone") })
	return nil
}

func (d *drill) ownStep(a []string) ([]string, error) {
	h, err := d.nodes[a[0]].Health(context.Background())
	if err != nil {
		return nil, err
	}
	out := []string{"writes " + h.Origin}
	if h.Stopped != "" {
		out = append(out, "takes no acts: "+h.Stopped)
	}
	if h.Fence.Path != "" && h.Fence.Lost != "" {
		out = append(out, "no second device")
	}
	return out, nil
}

func (d *drill) restoredStep(a []string) ([]string, error) {
	h, err := d.nodes[a[0]].Health(context.Background())
	if err != nil {
		return nil, err
	}
	r := h.Restored
	if i := slices.IndexFunc(h.Peers, func(p node.Peer) bool { return p.Node == a[1] }); i >= 0 {
		r = h.Peers[i].Restored
	}
	if r == nil {
		return []string{"no earlier log"}, nil
	}
	line := fmt.Sprintf("%s: %d of %d known records held, %d missing", r.Origin, r.Held, r.Known, r.Missing)
	if r.At > 0 {
		line += fmt.Sprintf("; set back to %d, %d taken back", r.Kept, r.TakenBack)
	}
	if r.Unproven {
		line += "; nothing had proven it whole"
	}
	return []string{line}, nil
}

func (d *drill) setBacksStep(a []string) ([]string, error) {
	var out []string
	files, err := d.logs(a[0])
	for _, f := range files {
		for i := range f.Size() {
			leaf, lerr := f.Leaf(i)
			if lerr != nil || record.KindOf(leaf) != record.Alarm {
				err = errors.Join(err, lerr)
				continue
			}
			p, perr := f.Part(i, uint8(record.Open))
			var alarm record.AlarmOpen
			if perr != nil || len(p.Body) < 32 || record.Unmarshal(p.Body[32:], &alarm) != nil || alarm.What != record.RolledBack {
				continue // of another sort
			}
			out = append(out, fmt.Sprintf("in %s: %s had had %d records and came back with %d (%s)", f.Origin(), alarm.Origin, alarm.Index,
				alarm.Kept, alarm.Detail))
		}
		err = errors.Join(err, f.close())
	}
	slices.Sort(out)
	return out, err
}

func (d *drill) refusedStep(a []string) ([]string, error) {
	before := d.nodes[a[0]].Node
	size, err := before.Health(context.Background())
	if err != nil {
		return nil, err
	}
	x, err := d.passing(a[0], direction("entry"))
	if err != nil {
		return nil, err
	}
	err = d.ask(x)
	switch after, herr := before.Health(context.Background()); {
	case herr != nil:
		return nil, herr
	case err == nil || after.Size != size.Size:
		return nil, errors.New("it was recorded")
	case !errors.Is(err, tlog.ErrStopped):
		return nil, err
	}
	return []string{"not recorded"}, nil
}

func (d *drill) reopenStep(a []string) ([]string, error) {
	select {
	case <-d.nodes[a[0]].MustReopen():
	case <-time.After(10 * drillSync):
		return nil, errors.New("it does not ask for it")
	}
	d.halt(a[0])
	delete(d.spoilt, a[0])
	d.start(a[0])
	return nil, nil
}

// burnt forgets the acts of a post whose records nobody has, and says how many they are.
func (d *drill) burnt(post string) ([]string, error) {
	there := map[[32]byte]bool{}
	for _, name := range d.names {
		files, err := d.logs(name)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			for i := range f.Size() {
				leaf, err := f.Leaf(i)
				if err != nil {
					return nil, err
				}
				there[sumdb.RecordHash(leaf)] = true
			}
			if err := f.close(); err != nil {
				return nil, err
			}
		}
	}
	before := len(d.acts)
	d.acts = slices.DeleteFunc(d.acts, func(x *passing) bool {
		_, of, _, _ := roster.ParseOrigin(x.receipt.Ref.Origin)
		return of == post && !there[x.receipt.LeafHash]
	})
	return []string{fmt.Sprintf("%d acts stand nowhere", before-len(d.acts))}, nil
}
