package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// invariants are what holds after each step of a drill: no receipt without a durable leaf; a copy is a beginning of its log;
// a directory is sound, and a projection folded anew equals the one that grew. All is read from the files, as somebody else
// would find them.
func (c *country) invariants() error {
	time.Sleep(2 * time.Second) // an idle log stores its newest checkpoint within one
	now := filesOf(c.dir)
	if now == c.seen[c.dir] {
		return nil // the step wrote nothing
	}
	c.seen[c.dir] = now
	all := map[string][]logFile{}
	defer func() {
		for _, files := range all {
			for _, f := range files {
				f.close()
			}
		}
	}()
	for _, name := range c.names {
		if c.spoilt[name] {
			continue
		}
		var err error
		if all[name], err = c.logs(name); err != nil {
			return fmt.Errorf("in the directory of %s: %w", name, err)
		}
	}
	return errors.Join(c.receiptsStand(all), c.copiesAgree(all), c.directoriesSound())
}

// A logFile is one log on disk: a node's own, or a copy.
type logFile struct {
	path string
	own  bool
	*tlog.Reader
	close func() error
}

// logs opens every log file of a node's directory to be read.
func (c *country) logs(name string) (out []logFile, err error) {
	dir := c.path(name)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, nil // wiped
	}
	statements, err := filepath.Glob(filepath.Join(dir, "mirror", "*", "epoch"))
	for _, path := range append(statements, filepath.Join(dir, "epoch")) {
		if err != nil {
			return out, err
		}
		var f logFile
		if f, err = openLogFile(filepath.Dir(path), filepath.Dir(path) == dir); err == nil {
			out = append(out, f)
		}
	}
	return out, err
}

// openLogFile opens the log, or the copy of one, whose epoch statement lies beside it.
func openLogFile(dir string, own bool) (logFile, error) {
	b, err := os.ReadFile(filepath.Join(dir, "epoch"))
	var e roster.SignedEpoch
	if err := errors.Join(err, record.Unmarshal(b, &e)); err != nil {
		return logFile{}, err
	}
	f := logFile{path: filepath.Join(dir, "log.db"), own: own}
	if own {
		l, err := tlog.Open(f.path, tlog.Options{Key: e.Epoch.LogKey, ReadOnly: true})
		if err != nil {
			return f, err
		}
		f.Reader, f.close = l.Reader, l.Close
		return f, nil
	}
	m, err := tlog.OpenMirror(f.path, tlog.MirrorOptions{Key: e.Epoch.LogKey, ReadOnly: true})
	if err != nil {
		return f, err
	}
	f.Reader, f.close = m.Reader, m.Close
	return f, nil
}

// receiptsStand looks for every receipt at its place, in the post's own log or in a copy of it if the post has lost its own.
func (c *country) receiptsStand(all map[string][]logFile) error {
	missing := map[record.Ref]*passing{}
	for _, x := range c.acts {
		missing[x.receipt.Ref] = x
	}
	for _, files := range all {
		for _, f := range files {
			if _, node, _, _ := roster.ParseOrigin(f.Origin()); !f.own && !c.lost(node, f.Origin()) {
				continue // the post itself must have it
			}
			leaves, err := f.Leaves(0, int(f.Size()))
			if err != nil {
				return err
			}
			for ref, x := range missing {
				if ref.Origin != f.Origin() || ref.Index >= uint64(len(leaves)) || !f.own && c.disputed(ref) {
					continue
				}
				if sumdb.RecordHash(leaves[ref.Index]) != x.receipt.LeafHash {
					return fmt.Errorf("record %d of %s is not the one of the receipt", ref.Index, ref.Origin)
				}
				delete(missing, ref)
			}
		}
	}
	for ref := range missing {
		if _, name, _, _ := roster.ParseOrigin(ref.Origin); !c.spoilt[name] && !(c.disputed(ref) && c.lost(name, ref.Origin)) {
			return fmt.Errorf("a receipt names record %d of %s, which is nowhere", ref.Index, ref.Origin)
		}
	}
	return nil
}

// lost says whether a post has no log of an origin any more: it was wiped, or came back under a later epoch.
func (c *country) lost(name, origin string) bool {
	b, err := os.ReadFile(filepath.Join(c.path(name), "epoch"))
	var e roster.SignedEpoch
	return err != nil || record.Unmarshal(b, &e) != nil || e.Epoch.Origin != origin
}

// copiesAgree compares each copy with the log that it copies, leaf by leaf. Where the log is gone, the longest copy counts.
func (c *country) copiesAgree(all map[string][]logFile) error {
	full := map[string]logFile{}
	for _, files := range all {
		for _, f := range files {
			if have, ok := full[f.Origin()]; !ok || f.own || !have.own && f.Size() > have.Size() {
				full[f.Origin()] = f
			}
		}
	}
	for _, files := range all {
		for _, f := range files {
			if err := c.isPrefix(f, full[f.Origin()]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *country) isPrefix(f, of logFile) error {
	size := f.Size()
	if depth, forked := c.forked[f.Origin()]; forked {
		size = min(size, depth) // behind it each copy keeps the history that it was shown
	}
	from := min(c.compared[f.path], size) // what was equal before stays so: VerifyDir guards the files
	if f.path == of.path || from == size {
		return nil
	}
	ours, err := f.Leaves(from, int(size-from))
	if err != nil {
		return err
	}
	theirs, err := of.Leaves(from, int(size-from))
	if err != nil {
		return err
	}
	if len(theirs) < len(ours) {
		return fmt.Errorf("the copy in %s has more records than the log", f.path)
	}
	for i := range ours {
		if !bytes.Equal(ours[i], theirs[i]) {
			return fmt.Errorf("record %d of the copy in %s is not that of the log", from+uint64(i), f.path)
		}
	}
	c.compared[f.path] = from + uint64(len(ours))
	return nil
}

// directoriesSound verifies every directory that has changed since it was verified last.
func (c *country) directoriesSound() error {
	for _, name := range c.names {
		now := filesOf(c.path(name))
		if c.spoilt[name] || now == "" || c.seen[name] == now {
			continue
		}
		v, err := node.VerifyDir(context.Background(), c.path(name), nil)
		if err != nil {
			return err
		}
		if len(v.Found) > 0 {
			return fmt.Errorf("%s: %v", name, v.Found)
		}
		c.seen[name] = now
	}
	return nil
}

// filesOf sums up what a directory's files look like from outside, "" where there is none.
func filesOf(dir string) string {
	var b strings.Builder
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") {
			return nil
		}
		if info, err := d.Info(); err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}
