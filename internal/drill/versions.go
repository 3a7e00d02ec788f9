package drill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tims/internal/projection"
	"tims/internal/roster"
)

// Versions are the programs of a country in which not every node runs the same one.
type versions struct {
	this, earlier func(args ...string) *exec.Cmd
	refused       int // starts of the earlier program that it refused in clear words
	killed        int // changes that were killed on their way
	aside         int // records, at most, that the earlier version could not read at one node
}

// newerWords are in the refusal of a program that finds what a newer one has written. An operator reads them in the journal.
const newerWords = "newer version"

// changeVersions lets every node, its outsider's witness too, change to the other version and back while travellers cross, killed on
// its way where it is caught there. In the end all run this version. Between the changes each must be able to read what the other wrote.
func changeVersions(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	for round := range 2 {
		for i, at := range r.chance.Perm(len(r.Nodes)) {
			if err := r.change(ctx, r.Nodes[at], i%2 == round); err != nil {
				return err
			}
		}
		r.witness.stop()
		if err := errors.Join(r.witness.start(), r.readable(ctx)); err != nil {
			return err
		}
	}
	r.witness.stop()
	if err := r.witness.start(); err != nil {
		return err
	}
	for _, n := range r.Nodes {
		if n.earlier {
			if err := r.change(ctx, n, false); err != nil {
				return err
			}
		}
	}
	if r.versions.killed == 0 {
		r.broken("no node was killed on its way from one version to the other: nothing was shown of that")
	}
	r.remark("%d changes of version, %d killed on their way, %d refused in clear words; at most %d records stood aside at one node of the earlier version",
		r.times, r.versions.killed, r.versions.refused, r.versions.aside)
	return nil
}

// change starts a node's directory with the other version. anew deletes its projection first, so that the change brings the longest
// migration that there is, folding all logs again, whether the versions' tables differ or not.
func (r *run) change(ctx context.Context, n *Node, anew bool) error {
	if r.chance.IntN(2) == 0 {
		n.process.kill()
	} else {
		n.process.stop()
	}
	if anew && n.Role != roster.Portal {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(filepath.Join(n.dir, "shadow.db"+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	n.earlier = !n.earlier
	from := n.process.written()
	if err := n.process.start(); err != nil {
		return err
	}
	if r.killOnItsWay(ctx, n) {
		r.versions.killed++
	}
	r.hit()
	refuses := false
	err := until(ctx, startWithin, n.Name+" answers", func() bool {
		refuses = strings.Contains(n.process.said(from), newerWords)
		_, err := r.health(ctx, n)
		return err == nil || refuses
	})
	switch {
	case err == nil && !refuses:
		return nil
	case refuses && n.earlier:
		r.versions.refused++
	default:
		r.broken(fmt.Sprintf("%s does not start with the other version, and does not say why: %s", n.Name, lastLine(n.process.said(from))))
	}
	n.process.stop()
	n.earlier = false // the way back is this version on the same directory
	return errors.Join(n.process.start(), r.up(ctx, n))
}

// killOnItsWay kills a node between the start of its process and its first answer, while it opens its files and folds, and says
// whether it caught it there. The process is started again like any crashed service.
func (r *run) killOnItsWay(ctx context.Context, n *Node) bool {
	for range killTries {
		pause(ctx, time.Duration(r.chance.Int64N(int64(openingWithin))))
		if _, err := r.health(ctx, n); err == nil {
			return false
		}
		if n.process.crash() {
			return true
		}
	}
	return false
}

// readable: this version reads all that either wrote, also what stood aside while the node ran the earlier one. What the earlier version
// does not know yet stands aside there and is counted, until its node is upgraded: it is said in the result, and breaks no promise.
func (r *run) readable(ctx context.Context) error {
	if _, err := r.whole(ctx); err != nil {
		return err
	}
	for _, n := range append(r.Posts(), r.Centres()...) {
		h, err := r.health(ctx, n)
		if err != nil {
			return err
		}
		aside := h.Aside[projection.WhyBad] + h.Aside[projection.WhyKind]
		switch {
		case aside > 0 && n.earlier:
			r.versions.aside = max(r.versions.aside, aside)
		case aside > 0:
			r.broken(fmt.Sprintf("%s runs this version and cannot read %d records", n.Name, aside))
		}
	}
	return nil
}

// allUpgraded: at the end nothing stands aside anywhere.
func allUpgraded(ctx context.Context, r *run) error { return r.readable(ctx) }

// mix makes every second node of a country that the earlier version has founded one of this version.
func (c *Country) mix(this func(args ...string) *exec.Cmd) {
	c.versions = versions{this: this, earlier: c.program}
	c.program = this
	for i, n := range c.Nodes {
		n.earlier = i%2 == 0
		n.process.command = func() *exec.Cmd { return c.programOf(n)("serve", "--config", n.config) }
	}
	runs := 0
	c.witness.command = func() *exec.Cmd { // begins with the earlier version, and has the other one at each start
		runs++
		program := c.versions.earlier
		if runs%2 == 0 {
			program = this
		}
		return program("witness", "--config", filepath.Join(c.Dir, Witness+".toml"))
	}
}

// programOf is the program that a node runs now.
func (c *Country) programOf(n *Node) func(args ...string) *exec.Cmd {
	if n.earlier {
		return c.versions.earlier
	}
	return c.program
}

// written is how much its journal has.
func (p *process) written() int64 {
	info, err := os.Stat(p.journal)
	if err != nil {
		return 0
	}
	return info.Size()
}

// said is its journal from a place on.
func (p *process) said(from int64) string {
	b, err := os.ReadFile(p.journal)
	if err != nil || int64(len(b)) < from {
		return ""
	}
	return string(b[from:])
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
