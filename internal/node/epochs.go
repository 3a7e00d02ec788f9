package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tims/internal/keyring"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// beginEpoch ends the epoch of this directory's keys and opens the log of the next. Crash story, each line durable before the
// next, and a start goes on where the last one fell:
//
//	set-back      the decision; from here on the old key signs nothing but what a crash had left unsigned in its own file
//	log retired   its role becomes that of a copy, in one transaction; then it is moved below mirror/, where its old epoch
//	              statement lies already
//	tail          what peers hold beyond, as far as it comes at once
//	keys.next     new log and mirror keys
//	epoch         the statement, over the copy as it is then; nobody has seen it before the node has opened
//	keys          keys.next takes their place; the old log key is gone
//	log.db        an empty log, for which the second device begins anew
func (n *Node) beginEpoch(s setBack) error {
	if s.Epoch == 0 {
		s.Epoch = n.after(n.askPeers(nil).later)
	}
	n.opt.Journal.Error("the log was set back and ends; a new epoch begins", "node", n.Name(), "log", s.Origin, "held", s.Held,
		"known", s.Known, "why", s.Why, "epoch", s.Epoch)
	if err := n.writeSetBack(s); err != nil {
		return err
	}
	old := n.epoch
	if err := n.retire(old); err != nil {
		return err
	}
	n.takeBack(old)
	if err := n.ring.Next(filepath.Join(n.opt.Dir, nextKeysFile), s.Epoch); err != nil {
		return err
	}
	if err := n.turn(); err != nil {
		return err
	}
	var err error
	if n.ring, err = keyring.Open(filepath.Join(n.opt.Dir, keysFile)); err != nil {
		return err
	}
	if err := n.begin(); err != nil {
		return err
	}
	return n.openLog(true)
}

// retire makes the log of an epoch a copy like every other.
func (n *Node) retire(e roster.SignedEpoch) error {
	to := n.mirrorPath(e.Epoch.Origin)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("retire the log: %w", err)
	}
	if err := writeDurably(filepath.Join(to, epochFile), record.Marshal(e)); err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(to, wholeFile), nil); err != nil { // a node holds all parts of what it wrote
		return err
	}
	from := filepath.Join(n.opt.Dir, logFile)
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil // moved already, or lost: then all of it is pulled
	}
	signer, vkey, err := n.ring.Log(n.origin)
	if err != nil {
		return err
	}
	if err := tlog.Retire(from, tlog.Options{Key: vkey, Signer: signer, VFS: n.opt.VFS}); err != nil {
		return err
	}
	if err := keyring.Replace(from, filepath.Join(to, logFile)); err != nil {
		return fmt.Errorf("move the retired log: %w", err)
	}
	return syncDirectory(n.opt.Dir)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// turn puts the keys of keys.next in force, with the statement that names what is held of the log before. It is also asked at
// every start, for a crash may have come between.
func (n *Node) turn() error {
	path := filepath.Join(n.opt.Dir, nextKeysFile)
	next, err := keyring.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keys of the new epoch: %w", err)
	}
	old, err := keyring.Open(filepath.Join(n.opt.Dir, keysFile))
	if err != nil {
		return err
	}
	e, err := n.nextStatement(old, next)
	if err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(n.opt.Dir, epochFile), record.Marshal(e)); err != nil {
		return err
	}
	return keyring.Replace(path, filepath.Join(n.opt.Dir, keysFile))
}

func (n *Node) nextStatement(old, next *keyring.Ring) (roster.SignedEpoch, error) {
	origin := roster.Origin(next.Country(), next.Node(), next.Epoch())
	_, logKey, err := next.Log(origin)
	if err != nil {
		return roster.SignedEpoch{}, err
	}
	_, mirrorKey, err := next.Mirror(origin + mirrorSuffix)
	if err != nil {
		return roster.SignedEpoch{}, err
	}
	e := roster.Epoch{Number: next.Epoch(), Origin: origin, LogKey: logKey, MirrorKey: mirrorKey}
	before := roster.Origin(old.Country(), old.Node(), old.Epoch())
	_, oldKey, err := old.Log(before)
	if err != nil {
		return roster.SignedEpoch{}, err
	}
	m, err := tlog.OpenMirror(filepath.Join(n.mirrorPath(before), logFile), tlog.MirrorOptions{Key: oldKey, VFS: n.opt.VFS})
	if err != nil {
		return roster.SignedEpoch{}, fmt.Errorf("read the retired log: %w", err)
	}
	defer m.Close()
	if size, root := m.Head(); size > 0 {
		e.Predecessor = &roster.Head{Origin: before, Size: size, Root: root}
	}
	for _, c := range m.Cosigned() {
		cp, err := tlog.OpenCheckpoint(oldKey, c.Note)
		if err == nil && (e.Cosigned == nil || cp.Size > e.Cosigned.Size) {
			e.Cosigned = &roster.Head{Origin: before, Size: cp.Size, Root: cp.Root}
		}
	}
	return roster.SignEpoch(e, next.Identity()), nil
}

// byAct finds the record of an act in this node's own log or in one of its former ones, so that an act which is asked for again
// after an epoch began is never recorded twice.
func (n *Node) byAct(act record.Act) (record.Ref, bool, error) {
	index, found, err := n.log.ByAct(act)
	if err != nil || found {
		return record.Ref{Origin: n.origin, Index: index}, found, err
	}
	for _, h := range n.formerLogs() {
		if index, found, err = h.ByAct(act); err != nil || found {
			return record.Ref{Origin: h.Origin(), Index: index}, found, err
		}
	}
	return record.Ref{}, false, nil
}

// Absent says of a deed that was begun before this epoch whether it is certain that it is not recorded: its act stands neither in
// the living log nor in a former one, and of the former ones nothing is known to be missing, in which it might stand. It is false
// for a node that has no former log: there only preparing and committing the deed again can tell.
func (n *Node) Absent(d Deed) (bool, error) {
	_, found, err := n.byAct(d.head().act)
	if err != nil || found {
		return false, err
	}
	r := n.restored(n.Name(), n.epoch)
	return r != nil && r.Missing == 0, nil
}

// formerCheck finds the check that was made for the same act in a former epoch. It is written anew in this one, about the first:
// a booth's pages number the checks of the living log alone, and who decided the first decided both.
func (n *Node) formerCheck(act record.Act, again record.PersonPart) ([]record.Ref, error) {
	at, found, err := n.byAct(act)
	if err != nil || !found || at.Origin == n.origin {
		return nil, err
	}
	o, err := n.Read(at)
	if err != nil {
		return nil, fmt.Errorf("compare a repeated scan: %w", err)
	}
	if o.Leaf.Kind != record.Check || o.Person == nil || reading(*o.Person) != reading(again) {
		return nil, ErrOtherContent
	}
	return []record.Ref{at}, nil
}

// decidingAct gives the act that decided a check, or the check of a former epoch that it was written anew for; nil while it is
// open.
func (n *Node) decidingAct(ctx context.Context, check record.Ref) (*record.Act, error) {
	act, err := n.shadow.DecidedBy(ctx, check)
	if err != nil || act != nil || len(n.formerLogs()) == 0 {
		return act, err
	}
	o, err := n.Read(check)
	if err != nil || o.Leaf.Kind != record.Check || len(o.Leaf.About) == 0 || !n.former(o.Leaf.About[0].Origin) {
		return nil, err
	}
	return n.shadow.DecidedBy(ctx, o.Leaf.About[0])
}

// readAgain gives a check of this epoch that was written anew for the one that a record of a former epoch is about.
func (n *Node) readAgain(check uint64, of record.Ref) (Opened, error) {
	o, err := n.ReadOwn(check)
	if err != nil {
		return o, err
	}
	before, err := n.Read(of)
	if err == nil && before.Leaf.Kind == record.Referral && len(before.Leaf.About) > 0 {
		before, err = n.Read(before.Leaf.About[0])
	}
	if err == nil && before.Leaf.Act != o.Leaf.Act {
		err = ErrOtherContent
	}
	return o, err
}

// flagsAt are those of a record that this node wrote, in whatever epoch.
func (n *Node) flagsAt(at record.Ref) Flags {
	if h, ok := n.mirrors.get(at.Origin); ok {
		return n.flagsIn(h.Mirror, at.Index)
	}
	return n.flags(at.Index)
}

// formerLogs are the copies of what this node wrote in earlier epochs.
func (n *Node) formerLogs() []*held {
	var out []*held
	for _, h := range n.mirrors.all() {
		if h.node == n.Name() {
			out = append(out, h)
		}
	}
	return out
}

// actOf reads the act of a leaf.
func actOf(leaf []byte) ([16]byte, bool) {
	l, err := record.DecodeLeaf(leaf)
	return l.Act, err == nil
}

// former says whether its node has begun a later epoch than that of the origin: then the node itself may lack some of it.
func (n *Node) former(origin string) bool {
	_, name, epoch, err := roster.ParseOrigin(origin)
	if err != nil {
		return false
	}
	if name == n.Name() {
		return epoch < n.ring.Epoch()
	}
	for _, h := range n.mirrors.all() {
		if h.node == name && h.epoch.Epoch.Number > epoch {
			return true
		}
	}
	return n.superseded(origin)
}
