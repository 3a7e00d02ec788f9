package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A held log is a verified copy of another node's log.
type held struct {
	*tlog.Mirror
	node  string
	epoch roster.SignedEpoch
	full  atomic.Bool // all parts are wanted and sizes are cosigned: a mirror. Otherwise a follower
}

// complete is how many of the first records are here with all the parts that are wanted of them.
func (h *held) complete() uint64 { return min(h.Size(), h.Cursor()) }

// mirrors are the logs held here, by origin.
type mirrors struct {
	mu   sync.RWMutex
	held map[string]*held
}

func (m *mirrors) get(origin string) (*held, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	h, ok := m.held[origin]
	return h, ok
}

// all gives the held logs in order of their origins.
func (m *mirrors) all() []*held {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]*held, 0, len(m.held))
	for _, h := range m.held {
		out = append(out, h)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Origin() < out[j].Origin() })
	return out
}

func (m *mirrors) close() []error {
	var errs []error
	for _, h := range m.all() {
		errs = append(errs, h.Close())
	}
	return errs
}

// openMirrors opens the copies in this node's directory. Each was admitted by an epoch statement that lies beside it.
func (n *Node) openMirrors() error {
	n.mirrors.held = map[string]*held{}
	dirs, err := os.ReadDir(filepath.Join(n.opt.Dir, mirrorDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("list mirrors: %w", err)
	}
	for _, d := range dirs {
		if strings.Contains(d.Name(), ".bad-") {
			continue
		}
		b, err := readBounded(filepath.Join(n.opt.Dir, mirrorDir, d.Name(), epochFile))
		if errors.Is(err, os.ErrNotExist) {
			continue // a crash came before the statement was written: nothing was stored either
		}
		if err != nil {
			return fmt.Errorf("open mirror: %w", err)
		}
		var e roster.SignedEpoch
		if err := record.Unmarshal(b, &e); err != nil {
			return fmt.Errorf("open mirror: epoch statement: %w", err)
		}
		if err := n.openMirror(e); err != nil {
			if n.beside {
				if err := n.openMirrorBeside(e); err != nil {
					n.early = append(n.early, Finding{e.Epoch.Origin, 0, "the copy cannot be opened: " + err.Error()})
				}
				continue
			}
			if starved(filepath.Join(n.mirrorPath(e.Epoch.Origin), logFile)) {
				return err // the copy may be as good as ever: this process can open no more files
			}
			// A bad copy stops no booth. It is set aside under another name, and pulled again from whoever holds the log.
			n.opt.Journal.Error("a copy of a log is set aside", "node", n.Name(), "log", e.Epoch.Origin, "error", err)
			path := n.mirrorPath(e.Epoch.Origin)
			if err := os.Rename(path, fmt.Sprintf("%s.bad-%d", path, n.Now())); err != nil {
				return fmt.Errorf("set a bad copy aside: %w", err)
			}
		}
	}
	return nil
}

// starved says whether this process cannot open as many files as a copy needs, so that a failure says nothing about the copy.
func starved(path string) bool {
	for range filesOfCopy {
		f, err := os.Open(path)
		if err != nil {
			return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
		}
		defer f.Close()
	}
	return false
}

// openMirrorBeside tries again for a moment: the running node may be making the copy just now. One whose file is not there yet
// holds nothing.
func (n *Node) openMirrorBeside(e roster.SignedEpoch) (err error) {
	for range openTries {
		time.Sleep(reachPause)
		if err = n.openMirror(e); err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	return err
}

// Admit accepts an epoch statement on the identity key of the roster and opens a copy of its log, empty at first. The log of
// a dropped node is taken from those who hold it, so that a rebuilt centre has its records too; the node itself is refused as a
// peer, so what nobody held when it was dropped comes no more.
func (n *Node) Admit(e roster.SignedEpoch) (*held, error) {
	if h, ok := n.mirrors.get(e.Epoch.Origin); ok {
		if string(record.Marshal(h.epoch.Epoch)) != string(record.Marshal(e.Epoch)) {
			return nil, n.contested(h.epoch, e)
		}
		return h, nil
	}
	node, err := n.State().VerifyEpoch(e)
	if err != nil {
		return nil, err
	}
	if e.Epoch.Origin == n.origin {
		if string(record.Marshal(n.epoch.Epoch)) != string(record.Marshal(e.Epoch)) {
			return nil, n.contested(n.epoch, e)
		}
		return nil, errors.New("a node holds no copy of its own log")
	}
	n.mirrors.mu.Lock()
	defer n.mirrors.mu.Unlock()
	epochs := 0
	for _, h := range n.mirrors.held {
		if h.node == node.Name {
			epochs++
		}
	}
	if !room(len(n.mirrors.held), epochs) {
		return nil, fmt.Errorf("no more logs are accepted of %s: %d are held", node.Name, epochs)
	}
	if h, ok := n.mirrors.held[e.Epoch.Origin]; ok {
		return h, nil
	}
	if err := os.MkdirAll(n.mirrorPath(e.Epoch.Origin), 0o700); err != nil {
		return nil, fmt.Errorf("make mirror: %w", err)
	}
	if err := writeDurably(filepath.Join(n.mirrorPath(e.Epoch.Origin), epochFile), record.Marshal(e)); err != nil {
		return nil, err
	}
	return n.openHeld(e, node)
}

func (n *Node) mirrorPath(origin string) string {
	return filepath.Join(n.opt.Dir, mirrorDir, tlog.DirName(origin))
}

// openMirror opens a copy that lies on disk. Its epoch statement is verified again: whoever can write to the disk could have
// put a log of his own there.
func (n *Node) openMirror(e roster.SignedEpoch) error {
	node, err := n.State().VerifyEpoch(e)
	if err != nil {
		return err
	}
	_, err = n.openHeld(e, node)
	return err
}

// openHeld opens the file of a copy. The caller has admitted the statement.
func (n *Node) openHeld(e roster.SignedEpoch, node roster.Node) (*held, error) {
	was := n.wasWhole(e.Epoch.Origin)
	h := &held{node: node.Name, epoch: e}
	h.full.Store(was)
	opt := tlog.MirrorOptions{Key: e.Epoch.LogKey, Want: n.want(h), VFS: n.opt.VFS, ReadOnly: n.beside}
	if node.Name == n.Name() {
		opt.Act = actOf
	}
	if was && !n.beside {
		signer, err := n.cosigner(h)
		if err != nil {
			return nil, err
		}
		opt.Cosigner = signer
	}
	var err error
	if h.Mirror, err = tlog.OpenMirror(filepath.Join(n.mirrorPath(e.Epoch.Origin), logFile), opt); err != nil {
		return nil, fmt.Errorf("open mirror of %s: %w", e.Epoch.Origin, err)
	}
	if all := n.wantsAll(node.Name); all != was && !n.beside {
		if err := n.widen(h, all); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	n.mirrors.held[e.Epoch.Origin] = h
	return h, nil
}

// want gives the parts of a leaf that a copy must hold before its size counts.
func (n *Node) want(h *held) func([]byte) ([]tlog.PartRef, error) {
	return func(leaf []byte) ([]tlog.PartRef, error) {
		kind := record.KindOf(leaf)
		var out []tlog.PartRef
		for _, p := range record.PartsOf(leaf) {
			if wanted(h.full.Load(), kind, p.Part) {
				out = append(out, tlog.PartRef{Number: uint8(p.Part), Sealed: p.Sealed, Length: uint64(p.Length)})
			}
		}
		return out, nil
	}
}

// wanted says whether a copy holds a part: a mirror holds all but images, which are counted apart; a follower what every
// post may read.
func wanted(full bool, kind record.Kind, p record.Part) bool {
	if full {
		return p != record.Media
	}
	return record.ClassOf(kind, p).Readers()&(record.AllPosts|record.Everybody) != 0
}
