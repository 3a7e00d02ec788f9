package drill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tims/internal/node"
	"tims/internal/roster"
)

// rebuildCentres makes every centre without files anew, as the runbook says.
func rebuildCentres(ctx context.Context, r *run) error {
	for _, n := range r.Centres() {
		if n.lies() {
			continue
		}
		if err := r.rebuild(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// rebuild makes a lost node anew: new keys, an approved change of the roster, then whatever the others hold. The change is handed
// to another node at once, so that the next one is built on it.
func (c *Country) rebuild(ctx context.Context, n *Node) error {
	args, err := c.rebuildArgs(ctx, n)
	if err != nil {
		return err
	}
	if err := c.tims(ctx, nil, args...); err != nil {
		return err
	}
	to := filepath.Join(c.Dir, "changes-of-"+n.Name+time.Now().Format("-150405.000000"))
	if err := c.tims(ctx, nil, "roster", "export", "--dir", n.dir, "--to", to); err != nil {
		return err
	}
	if err := n.process.start(); err != nil {
		return err
	}
	if err := c.up(ctx, n); err != nil {
		return err
	}
	for _, other := range append(c.Posts(), c.Centres()...) {
		if other == n || other.process.pid() == 0 {
			continue
		}
		if err := c.tims(ctx, nil, "roster", "learn", to, "--dir", other.dir); err != nil {
			return err
		}
	}
	return nil
}

// rebuildArgs is the command that rebuilds a node. The approved changes come from the node that knows most of them: a change that
// is built on an older state would stand against the one that some node has already.
func (c *Country) rebuildArgs(ctx context.Context, n *Node) ([]string, error) {
	type exported struct {
		Changes string
		Count   int
	}
	var best exported
	for _, from := range c.Posts() {
		if from == n || !from.lies() {
			continue
		}
		var got exported
		to := filepath.Join(c.Dir, "changes-"+from.Name+time.Now().Format("-150405.000000"))
		if err := c.tims(ctx, &got, "roster", "export", "--dir", from.dir, "--to", to); err != nil {
			return nil, err
		}
		if best.Changes == "" || got.Count > best.Count {
			best = got
		}
	}
	return []string{"rebuild", "--dir", n.dir, "--name", n.Name, "--founding", c.founding, "--hash", c.hash, "--changes", best.Changes,
		"--authority", c.keys[0], "--authority", c.keys[1]}, nil
}

// destroyed notes what others had of a post before its files are destroyed.
func (r *run) destroyed(n *Node, h node.Health) {
	r.wiped = n.Name
	var below uint64
	for _, p := range h.Peers {
		if p.Role != roster.Portal { // it has hashes only, and brings nothing back
			below = max(below, p.Cosigned)
		}
	}
	r.oracle.copied(n.Name, below)
	r.oracle.flagged(h, time.Now())
}

// around makes all roads to and from a node so.
func (r *run) around(name string, s line) {
	for other := range r.lines.ends {
		if other != name {
			r.lines.set(road{name, other}, s)
			r.lines.set(road{other, name}, s)
		}
	}
}

// stolenFence is the file of the second device beside stolen files.
const stolenFence = "second-device"

// steal copies the files of a running node as they lie on its disks at one moment: the process stands still for so long.
func (r *run) steal(n *Node, to string) error {
	if n.process.signal(syscall.SIGSTOP) {
		defer n.process.signal(syscall.SIGCONT)
	}
	return errors.Join(copyFiles(to, n.dir), copyFile(filepath.Join(to, stolenFence), n.fence))
}

// copyFiles copies a directory's regular files: no socket, and no memory that SQLite shares between living processes.
func copyFiles(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		if !d.Type().IsRegular() || strings.HasSuffix(name, "-shm") {
			return nil
		}
		return copyFile(filepath.Join(to, name), path)
	})
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// snapshot copies a node's directory while the node is stopped, as a backup or a virtual machine's snapshot does.
func (r *run) snapshot(n *Node) (string, error) {
	to := filepath.Join(r.Dir, fmt.Sprintf("snapshot-%s-%s", n.Name, time.Now().Format("150405.000000")))
	n.process.stop()
	if err := os.CopyFS(to, os.DirFS(n.dir)); err != nil {
		return "", err
	}
	return to, n.process.start()
}

// restore puts an old copy in the place of a node's directory and starts it.
func (r *run) restore(n *Node, from string) error {
	n.process.kill()
	if err := os.RemoveAll(n.dir); err != nil {
		return err
	}
	if err := os.CopyFS(n.dir, os.DirFS(from)); err != nil {
		return err
	}
	r.hit()
	return n.process.start()
}
