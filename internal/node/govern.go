package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// govern puts a governed state in force.
func (n *Node) govern(s *roster.State) error {
	g, err := readRules(s)
	if err == nil {
		n.state.Store(g)
	}
	return err
}

// readRules reads the rulebook of a state. It was approved; one that this version cannot read is refused whole.
func readRules(s *roster.State) (*governed, error) {
	rules, err := border.ParseRulebook(s.Rulebook)
	if err != nil {
		return nil, fmt.Errorf("rulebook number %d: %w", s.Number(roster.ChainRulebook), err)
	}
	return &governed{s, *rules}, nil
}

// apply puts one approved change in force. now is 0 for a change replayed from a log.
func (n *Node) apply(c roster.Approved, now int64) (bool, error) {
	n.gov.Lock()
	defer n.gov.Unlock()
	before := n.State().Roster
	next, err := n.State().Apply(c, now)
	if err != nil {
		return false, err
	}
	g, err := readRules(next) // before it is written: a node that cannot read what it holds does not start again
	if err != nil {
		return false, err
	}
	if !n.beside {
		if err := writeDurably(filepath.Join(n.opt.Dir, changesFile), roster.EncodeChanges(next.Changes)); err != nil {
			return false, err
		}
	}
	n.state.Store(g)
	if !sameReaders(before, next.Roster, n.Name()) {
		n.vault.renew()
	}
	if c.Change.Chain == roster.ChainAlertLosses {
		n.watch.nudge()
	}
	n.thresholds.nudge() // the rulebook may be another
	n.opt.Journal.Info("approved change in force", "node", n.Name(), "chain", c.Change.Chain, "number", c.Change.Number)
	return true, nil
}

// sameReaders says whether the keys that this node's parts are sealed to are the same in two rosters.
func sameReaders(a, b roster.Roster, own string) bool {
	const everyone = ^record.Readers(0)
	return slices.EqualFunc(a.ReaderKeys(everyone, own), b.ReaderKeys(everyone, own),
		func(x, y roster.ReaderKey) bool { return bytes.Equal(x.Key, y.Key) })
}

// Changes gives the changes in force since the founding, for peers that lack them.
func (n *Node) Changes() []roster.Approved { return n.State().Changes }

// A wrapping remembers to which readers this node has wrapped which keys, so that a new reader of the roster gets the
// living keys once.
type wrapping struct {
	mu   sync.Mutex
	done map[string]bool // key name ‖ reader id
}

// wrapForNew wraps every key that this node answers for to readers of the roster that have no wrap of it yet: the buckets
// of its own log and the stay keys. One keys record carries them; after a crash the rest follows at the next call, since
// what is done is read from the log.
func (n *Node) wrapForNew(ctx context.Context) {
	n.fold.wraps.mu.Lock()
	defer n.fold.wraps.mu.Unlock()
	var k record.KeysOpen
	for _, name := range n.ring.Names() {
		w, err := n.missingWraps(name)
		if err != nil {
			n.opt.Journal.Error("cannot wrap a key to a new reader", "node", n.Name(), "error", err)
			continue
		}
		if len(w.Wraps) > 0 {
			k.Keys = append(k.Keys, w)
		}
	}
	for len(k.Keys) > 0 {
		head := record.KeysOpen{Keys: k.Keys[:min(len(k.Keys), keysPerRecord)]}
		if _, err := n.append(ctx, draft{kind: record.Keys, act: newAct(), contents: []content{{record.Open, head}}}); err != nil {
			n.opt.Journal.Error("cannot log wraps for a new reader", "node", n.Name(), "error", err)
			return
		}
		n.markWraps(head)
		k.Keys = k.Keys[len(head.Keys):]
	}
}

// missingWraps wraps one key to the readers that lack it.
func (n *Node) missingWraps(name seal.KeyName) (record.WrappedKey, error) {
	var set record.Readers
	own := n.Name()
	if b, ok := name.Bucket(); ok && (nodeOfOrigin(b.Origin) == n.Name() || n.superseded(b.Origin)) {
		set = record.Class(b.Class).Readers()
		_, own, _, _ = roster.ParseOrigin(b.Origin) // a post that comes back with new keys reads what it wrote before
	} else if _, _, ok := name.Stay(); ok {
		set = stayReaders
	} else {
		return record.WrappedKey{}, nil
	}
	key, _ := n.ring.Key(name)
	var lacking []roster.ReaderKey
	for _, r := range n.State().Roster.ReaderKeys(set, own) {
		id, err := seal.ReaderIDOf(r.Key)
		if err != nil {
			return record.WrappedKey{}, err
		}
		if !n.fold.wraps.done[string(name.Bytes())+string(id[:])] {
			lacking = append(lacking, r)
		}
	}
	return wrapTo(name, key, lacking)
}

// superseded says whether a log's writer has lost its keys and come back under a later identity: then whoever holds its
// bucket keys wraps them to new readers in its place.
func (n *Node) superseded(origin string) bool {
	_, name, epoch, err := roster.ParseOrigin(origin)
	if err != nil {
		return false
	}
	node, ok := n.State().Roster.Node(name)
	return ok && epoch < node.Identities[len(node.Identities)-1].FromEpoch
}

// markWraps remembers the wraps of a keys record or of the founding.
func (n *Node) markWraps(k record.KeysOpen) {
	if n.fold.wraps.done == nil {
		n.fold.wraps.done = map[string]bool{}
	}
	for _, w := range k.Keys {
		for _, wrap := range w.Wraps {
			if id, err := seal.WrapReader(wrap); err == nil {
				n.fold.wraps.done[string(w.Name)+string(id[:])] = true
			}
		}
	}
}

func publicOf(r *keyring.Ring) ed25519.PublicKey { return r.Identity().Public().(ed25519.PublicKey) }
