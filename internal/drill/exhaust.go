package drill

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"tims/internal/tlog"
)

const (
	spareFiles  = 16  // file handles that a post may have beyond what it had: it starts, and has few to spare
	manyCallers = 200 // idle connections that use them up
	someBlocks  = 512 // blocks of 512 bytes that any file of a post may have: its log takes a few more records, then none
)

// exhaust lets no file of a post grow beyond a small size, then leaves it too few file handles to start with, then uses up those that it
// needs. The limits are those of the operating system for the process (setrlimit); the last ends by itself when the callers hang up.
func exhaust(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n := r.post()
	plain := n.process.command
	limited := func(limit string) func() *exec.Cmd {
		return func() *exec.Cmd {
			c := plain()
			shell := exec.Command("/bin/sh", append([]string{"-c", "ulimit " + limit + `; exec "$0" "$@"`, c.Path}, c.Args[1:]...)...)
			shell.Env = c.Env
			return shell
		}
	}
	r.onHeal(func(context.Context) error {
		n.process.stop()
		n.process.command = plain
		return n.process.start()
	})
	files, err := os.ReadDir(osFile(n.process.pid(), "fd"))
	if err != nil {
		return err
	}
	n.process.stop()
	n.process.command = limited(fmt.Sprintf("-f %d", someBlocks))
	if err := n.process.start(); err != nil {
		return err
	}
	if r.lacks(ctx, n) {
		r.hit()
	}
	pause(ctx, r.length/2)
	for _, handles := range []int{len(files) / 2, len(files) + spareFiles} {
		n.process.stop()
		n.process.command = limited(fmt.Sprintf("-n %d", handles))
		if err := n.process.start(); err != nil {
			return err
		}
		r.hit()
		pause(ctx, r.length/8)
	}
	for range manyCallers {
		if c, err := net.Dial("tcp", n.people); err == nil {
			defer c.Close()
		}
	}
	r.hit()
	pause(ctx, r.length/4)
	return nil
}

// lacks waits until a booth of the post is told in words that nothing is recorded: the limit was really reached.
func (r *run) lacks(ctx context.Context, n *Node) bool {
	seen := len(r.oracle.refusals(n.Name))
	return until(ctx, r.length, "the limit is reached", func() bool {
		return slices.Contains(r.oracle.refusals(n.Name)[seen:], true)
	}) == nil
}

// saysItPlainly: a post without room must have said "not recorded" at least once, and not only been silent. No copy of a log has
// become a bad one by it.
func saysItPlainly(_ context.Context, r *run) error {
	for _, n := range r.Posts() {
		if aside, err := filepath.Glob(filepath.Join(n.dir, "mirror", "*.bad-*")); err != nil || len(aside) > 0 {
			return errors.Join(err, fmt.Errorf("%s has set %d good copies aside because it could open no more files", n.Name, len(aside)))
		}
	}
	for _, n := range r.Posts() {
		if slices.Contains(r.oracle.refusals(n.Name), true) {
			return nil
		}
	}
	return errors.New("no booth was told in words that nothing is recorded")
}

// flipBits changes single bits of leaves in the file of a centre's copy, as a failing disk does: below SQL, in the bytes, while the
// node is down. Each time it is started again, and must name the damage and mend it from a good copy.
func flipBits(ctx context.Context, r *run) error {
	ctx = context.WithoutCancel(ctx) // an act that has begun is done to its end, however slow the machine
	n, post := r.Node(Reserve), r.post()
	h, err := r.health(ctx, post)
	if err != nil {
		return err
	}
	path := filepath.Join(n.dir, "mirror", tlog.DirName(h.Origin), "log.db")
	for range 3 {
		n.process.stop()
		if err := errors.Join(r.flipBit(ctx, path), n.process.start(), r.up(ctx, n)); err != nil {
			return err
		}
		r.hit()
		if err := r.scrubbed(ctx, n, h.Origin, fmt.Sprintf("a bit of %s was flipped at %s", h.Origin, n.Name)); err != nil {
			return err
		}
	}
	return nil
}

// flipBit flips one bit of a leaf where it lies in a file.
func (r *run) flipBit(ctx context.Context, path string) error {
	leaf, err := someLeaf(ctx, path)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := bytes.Index(b, leaf)
	if at < 0 {
		return errors.New("the leaf is not in the file")
	}
	b[at+r.chance.IntN(len(leaf))] ^= 1 << r.chance.IntN(8)
	return os.WriteFile(path, b, 0o600)
}

// someLeaf gives the bytes of a crossing, with the file's WAL carried into it, so that they lie in the file itself.
func someLeaf(ctx context.Context, path string) (leaf []byte, err error) {
	db, err := sql.Open("sqlite3", "file:"+url.PathEscape(path)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return nil, err
	}
	at, err := crossingIn(ctx, db)
	if err != nil {
		return nil, err
	}
	err = db.QueryRowContext(ctx, `SELECT bytes FROM leaf WHERE idx = ?`, at).Scan(&leaf)
	return leaf, err
}
