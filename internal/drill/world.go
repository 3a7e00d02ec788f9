package drill

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	sumdb "golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A world is what a stranger reads of all nodes' directories: each copy of each log, from its export.
type world struct {
	Copies  []logCopy
	Centres []string // names of the nodes that must hold every post's log
}

// A logCopy is one node's copy of one log.
type logCopy struct {
	Node   string
	Origin string
	Leaves []leaf
}

type leaf struct {
	Act  record.Act
	Kind record.Kind
	Hash sumdb.Hash
}

// writer is the node whose log it is, in any epoch.
func (l logCopy) writer() string {
	_, name, _, err := roster.ParseOrigin(l.Origin)
	if err != nil {
		return ""
	}
	return name
}

// logs gives the longest copy of each log.
func (w world) logs() (out []logCopy) {
	for _, c := range w.Copies {
		i := slices.IndexFunc(out, func(o logCopy) bool { return o.Origin == c.Origin })
		if i < 0 {
			out = append(out, c)
		} else if len(c.Leaves) > len(out[i].Leaves) {
			out[i] = c
		}
	}
	return out
}

// disagreements names the copies that are not the beginning of the longest one of the same log.
func (w world) disagreements() (out []string) {
	for _, long := range w.logs() {
		for _, c := range w.Copies {
			if c.Origin != long.Origin {
				continue
			}
			for i, l := range c.Leaves {
				if l.Hash != long.Leaves[i].Hash {
					out = append(out, fmt.Sprintf("%s: record %d at %s is not the one at %s", c.Origin, i, c.Node, long.Node))
					break
				}
			}
		}
	}
	return out
}

// missing names a place where an act of a post must stand and does not: in the post's logs at whoever has them, and at each centre.
func (w world) missing(a record.Act, post string) string {
	has := map[string]bool{}
	for _, c := range w.Copies {
		if c.writer() == post && slices.ContainsFunc(c.Leaves, func(l leaf) bool { return l.Act == a }) {
			has[c.Node] = true
		}
	}
	if !has[post] && len(has) == 0 {
		return post
	}
	for _, centre := range w.Centres {
		if !has[centre] {
			return centre
		}
	}
	return ""
}

// read exports the logs of every node, verifies them as an outsider does, and reads them.
func (c *Country) read(ctx context.Context) (w world, unsound []string, err error) {
	to, err := os.MkdirTemp(c.Dir, "export-")
	if err != nil {
		return w, nil, err
	}
	defer os.RemoveAll(to)
	for _, n := range c.Nodes {
		if n.Role == roster.Portal {
			continue
		}
		if n.Role == roster.Centre {
			w.Centres = append(w.Centres, n.Name)
		}
		logs, err := node.Export(ctx, n.dir, filepath.Join(to, n.Name))
		if err != nil {
			unsound = append(unsound, err.Error())
			continue
		}
		for origin, dir := range logs {
			report, err := tlog.VerifyDir(ctx, dir, "", tlog.TilesOptions{})
			if err != nil {
				return w, unsound, fmt.Errorf("verify the export of %s by %s: %w", origin, n.Name, err)
			}
			for _, t := range report.Troubles {
				unsound = append(unsound, fmt.Sprintf("%s as exported by %s: record %d: %s", origin, n.Name, t.Index, t.What))
			}
			leaves, err := readLeaves(dir, report.Size)
			if err != nil {
				return w, unsound, fmt.Errorf("read the export of %s by %s: %w", origin, n.Name, err)
			}
			w.Copies = append(w.Copies, logCopy{n.Name, origin, leaves})
		}
	}
	return w, unsound, nil
}

const bundleSize = 256

// readLeaves reads the bundles of an exported log (C2SP tlog-tiles).
func readLeaves(dir string, size uint64) ([]leaf, error) {
	out := make([]leaf, 0, size)
	for n := uint64(0); n*bundleSize < size; n++ {
		path := filepath.Join(dir, "tile", "entries", tileName(n))
		if rest := size - n*bundleSize; rest < bundleSize {
			path = fmt.Sprintf("%s.p/%d", path, rest)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for len(b) > 0 {
			if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
				return nil, errors.New("a bundle is cut off")
			}
			text := b[2 : 2+int(binary.BigEndian.Uint16(b))]
			b = b[2+len(text):]
			l, err := record.DecodeLeaf(text)
			if err != nil {
				return nil, err
			}
			out = append(out, leaf{l.Act, l.Kind, sumdb.RecordHash(text)})
		}
	}
	return out, nil
}

// tileName writes a tile's number in groups of three digits, all but the last behind an x.
func tileName(n uint64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	return name
}

// verify runs `tims verify` on the directory of every node beside the running process, two at a time, and gives what it found.
func (c *Country) verify(ctx context.Context) (found []string, err error) {
	var mu sync.Mutex
	var nodes errgroup.Group
	nodes.SetLimit(2)
	for _, n := range c.Nodes {
		if n.Role == roster.Portal {
			continue
		}
		nodes.Go(func() error {
			more, err := c.verifyNode(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			found = append(found, more...)
			return err
		})
	}
	err = nodes.Wait()
	slices.Sort(found)
	return found, err
}

func (c *Country) verifyNode(ctx context.Context, n *Node) ([]string, error) {
	var v struct {
		Sound bool
		Found []node.Finding
	}
	if err := command(ctx, c.programOf(n), &v, "verify", n.dir); err != nil {
		return nil, err
	}
	var out []string
	for _, f := range v.Found {
		out = append(out, n.Name+": "+f.String())
	}
	if !v.Sound && len(out) == 0 {
		out = append(out, n.Name+": not sound")
	}
	return out, nil
}

// lies says whether a node has files.
func (n *Node) lies() bool {
	_, err := os.Stat(filepath.Join(n.dir, "keys"))
	return !errors.Is(err, fs.ErrNotExist)
}
