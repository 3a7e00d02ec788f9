package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
)

// Scopes of an isolation, as its record names them.
const (
	AloneFromCentres = "centre" // a post speaks with its neighbours and no centre, and takes no centre's log from anybody
	StoppedAll       = "all"    // a centre speaks with nobody, and answers nobody but whoever ends it
)

var (
	// ErrIsolation: name or reason is missing or too long, the node is no post and no centre, or it is isolated already.
	ErrIsolation = errors.New("an isolation needs a name and a reason, of a node that is not isolated yet")
	// ErrNotIsolated: there is nothing to rejoin from.
	ErrNotIsolated = errors.New("this node is not isolated")
)

// An Isolation is a node's being alone on purpose. It outlasts restarts.
type Isolation struct {
	Scope  string
	By     string
	Reason string
	Since  int64 // UTC ms
	// Proving says that the node wants to come back and is proving its log; Trouble why it could not the last time.
	Proving bool
	Trouble string
}

// isolated is the file by which an isolation outlasts a restart.
type isolated struct {
	Act    record.Act `cbor:"1,keyasint"`
	Scope  string     `cbor:"2,keyasint"`
	By     string     `cbor:"3,keyasint"`
	Reason string     `cbor:"4,keyasint"`
	Since  int64      `cbor:"5,keyasint"`
}

// isolation is the state beside the file.
type isolation struct {
	now     atomic.Pointer[isolated]
	proving atomic.Pointer[proving]
	trouble atomic.Pointer[string]
	others  heardIsolations
}

// Isolated gives the isolation of this node, nil where there is none.
func (n *Node) Isolated() *Isolation {
	i := n.alone.now.Load()
	if i == nil {
		return nil
	}
	out := &Isolation{Scope: i.Scope, By: i.By, Reason: i.Reason, Since: i.Since, Proving: n.alone.proving.Load() != nil}
	if t := n.alone.trouble.Load(); t != nil {
		out.Trouble = *t
	}
	return out
}

// Isolate cuts this node off on purpose, as a normal act: a post from the centres, a centre from everybody. by names who wants
// it, reason says why; both stand in a record.
//
// Crash story: the file comes first, so that a node that was told to be alone is alone at every start after it; the record
// follows, at the next start at the latest, under the act that the file names, so that there is one.
func (n *Node) Isolate(ctx context.Context, by, reason string) error {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	i := &isolated{Act: newAct(), By: by, Reason: reason, Since: n.Now(), Scope: AloneFromCentres}
	switch role := n.Self().Role; {
	case by == "" || reason == "" || !text(maxDeedText, by) || !text(maxDeedText, reason), role != roster.Post && role != roster.Centre:
		return ErrIsolation
	case role == roster.Centre:
		i.Scope = StoppedAll
	}
	n.deeds.Lock()
	defer n.deeds.Unlock()
	if n.alone.now.Load() != nil {
		return ErrIsolation
	}
	if err := writeDurably(filepath.Join(n.opt.Dir, isolatedFile), record.Marshal(*i)); err != nil {
		return fmt.Errorf("isolate this node: %w", err)
	}
	n.alone.now.Store(i)
	n.alone.trouble.Store(nil)
	n.unlink()
	n.opt.Journal.Warn("this node isolates itself on purpose", "node", n.Name(), "scope", i.Scope)
	return n.sayIsolated(ctx, i)
}

// sayIsolated writes the record of an isolation unless it stands.
func (n *Node) sayIsolated(ctx context.Context, i *isolated) error {
	_, err := n.append(ctx, draft{kind: record.Isolation, act: i.Act,
		contents: []content{{record.Open, record.IsolationOpen{Scope: i.Scope, By: i.By, Reason: i.Reason}}}})
	return err
}

// endAct is the act of the record that ends an isolation: one for each, so that no crash makes two.
func endAct(begin record.Act) record.Act {
	sum := sha256.Sum256(append([]byte("tims/rejoin/1\n"), begin[:]...))
	return record.Act(sum[:16])
}

// sayRejoined writes the record that ends an isolation and then forgets it.
func (n *Node) sayRejoined(ctx context.Context, i *isolated, by, reason string, proven []string) error {
	at, found, err := n.log.ByAct(i.Act)
	if err != nil {
		return fmt.Errorf("end an isolation: %w", err)
	}
	d := draft{kind: record.Isolation, act: endAct(i.Act), contents: []content{{record.Open,
		record.IsolationOpen{Ends: true, Scope: i.Scope, By: by, Reason: reason, Since: i.Since, Proven: proven}}}}
	if found { // else it stands in the log of an epoch before
		d.about = []record.Ref{{Origin: n.origin, Index: at}}
	}
	if _, err := n.append(ctx, d); err != nil {
		return err
	}
	return n.forgetIsolation()
}

func (n *Node) forgetIsolation() error {
	if err := removeDurably(filepath.Join(n.opt.Dir, isolatedFile)); err != nil {
		return fmt.Errorf("end an isolation: %w", err)
	}
	n.alone.now.Store(nil)
	n.alone.trouble.Store(nil)
	n.opt.Journal.Warn("this node is no longer isolated", "node", n.Name())
	return nil
}

// readIsolation finds at a start whether the node was alone when it ended.
func (n *Node) readIsolation() error {
	b, err := readBounded(filepath.Join(n.opt.Dir, isolatedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	i := new(isolated)
	if err == nil {
		err = record.Unmarshal(b, i)
	}
	if err != nil { // whoever spoilt the file brings nobody out of an isolation
		n.opt.Journal.Error("it cannot be read why this node is isolated; it stays so", "node", n.Name(), "error", err)
		i = &isolated{Act: newAct(), Scope: StoppedAll, By: "-", Reason: "its file cannot be read", Since: n.Now()}
		if n.Self().Role == roster.Post {
			i.Scope = AloneFromCentres
		}
	}
	n.alone.now.Store(i)
	return nil
}

// settleIsolation makes good after a start what a crash left: the record of an isolation, or its end.
func (n *Node) settleIsolation(ctx context.Context) error {
	i := n.alone.now.Load()
	if i == nil || n.beside {
		return nil
	}
	if _, ended, err := n.log.ByAct(endAct(i.Act)); err != nil || ended {
		return errors.Join(err, n.forgetIsolation())
	}
	if _, said, err := n.log.ByAct(i.Act); err != nil || said {
		return err
	}
	return n.sayIsolated(ctx, i)
}

// silent says whether this node speaks with nobody now.
func (n *Node) silent() bool {
	i := n.alone.now.Load()
	return i != nil && i.Scope == StoppedAll
}

// shuns says whether nothing is exchanged with a node, and nothing of its log taken from anybody.
func (n *Node) shuns(node string) bool {
	i := n.alone.now.Load()
	return i != nil && (i.Scope == StoppedAll || n.roleOf(node) == roster.Centre)
}

// bars says whether an isolation keeps a request of a peer out; name is "" where the roster does not know the peer's key. While a
// silent node proves itself it is told by those whom the roster knows what they hold of its log.
func (n *Node) bars(name, path string) bool {
	if !n.silent() {
		return name != "" && n.shuns(name)
	}
	return name == "" || n.alone.proving.Load() == nil || !slices.Contains([]string{pathHeads, pathAgree, replica.PathCompare}, path)
}

// unlink ends at once what is under way with those that are shunned, so that nothing comes or goes after the isolation's record.
func (n *Node) unlink() {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	for name, cancel := range n.links.started {
		if n.shuns(name) {
			cancel()
			delete(n.links.started, name)
		}
	}
}
