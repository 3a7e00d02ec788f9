package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tims/internal/record"
	"tims/internal/roster"
)

// twoStatements says in words what record.TwoEpochs stands for.
const twoStatements = "its node's identity key has signed two statements for this epoch"

// twoEpochs is what a node knows of two statements for one epoch. The statements lie beside the copy, in secondFile; the rest is
// filled from the alarms in the logs.
type twoEpochs struct {
	statements roster.TwoEpochs
	alarm      record.Ref
	by         string // "" while no alarm is in a log that is folded here
	since      int64  // UTC ms, by the clock of who found it
}

// contested keeps two statements for one number that this node was shown: the log under that number grows no more here, and all
// others are told. Which of the two is the node's is for the roster to say.
func (n *Node) contested(first, second roster.SignedEpoch) error {
	two := roster.TwoEpochs{First: first, Second: second}
	if err := n.State().VerifyTwo(two); err != nil {
		return err
	}
	n.split.mu.Lock()
	defer n.split.mu.Unlock()
	return errors.Join(fmt.Errorf("a second epoch statement for %s: evidence, it waits for the roster", first.Epoch.Origin),
		n.keepTwo(two))
}

// keepTwo makes two statements durable and freezes their log. The caller holds split.mu.
func (n *Node) keepTwo(two roster.TwoEpochs) error {
	origin := two.First.Epoch.Origin
	if _, known := n.split.epochs[origin]; known {
		return nil
	}
	if !n.beside {
		if err := os.MkdirAll(n.mirrorPath(origin), 0o700); err != nil {
			return fmt.Errorf("keep two epoch statements: %w", err)
		}
		if err := writeDurably(filepath.Join(n.mirrorPath(origin), secondFile), record.Marshal(two)); err != nil {
			return err
		}
	}
	n.haltOn(two)
	n.opt.Journal.Error("a log is frozen: "+twoStatements, "node", n.Name(), "log", origin)
	return nil
}

// haltOn notes two statements and ends what is taken of their log. A copy that holds nothing yet first takes what its first giver
// has, as on every other evidence: that stays in force.
func (n *Node) haltOn(two roster.TwoEpochs) {
	if n.split.epochs == nil {
		n.split.epochs = map[string]twoEpochs{}
	}
	origin := two.First.Epoch.Origin
	if _, known := n.split.epochs[origin]; !known {
		n.split.epochs[origin] = twoEpochs{statements: two, since: n.Now()}
	}
	if h, ok := n.mirrors.get(origin); ok && h.Size() > 0 {
		h.Halt()
	}
}

// readTwo reads what lies beside the copies, and beside where a copy of this node's own log will lie once it is a former one.
func (n *Node) readTwo() error {
	files, err := filepath.Glob(filepath.Join(n.opt.Dir, mirrorDir, "*", secondFile))
	if err != nil {
		return err
	}
	n.split.mu.Lock()
	defer n.split.mu.Unlock()
	for _, path := range files {
		b, err := readBounded(path)
		if err != nil {
			return fmt.Errorf("read two epoch statements: %w", err)
		}
		var two roster.TwoEpochs
		if err = record.Unmarshal(b, &two); err == nil {
			err = n.State().VerifyTwo(two)
		}
		if err != nil {
			n.early = append(n.early, Finding{projectionName, 0, "a file of two epoch statements convicts nobody: " + err.Error()})
			continue
		}
		n.haltOn(two)
	}
	return nil
}

// heardTwo takes an alarm about two statements. The caller holds split.mu.
func (n *Node) heardTwo(o *Opened) {
	var two roster.TwoEpochs
	err := record.Unmarshal(o.Alarm.Evidence, &two)
	if err == nil {
		err = n.State().VerifyTwo(two)
	}
	if err == nil && two.First.Epoch.Origin != o.Alarm.Origin {
		err = errors.New("the statements are about another log")
	}
	if err != nil {
		n.opt.Journal.Warn("an alarm that convicts nobody is passed over", "node", n.Name(), "log", o.Origin, "record", o.Index, "error", err)
		return
	}
	if err := n.keepTwo(two); err != nil {
		n.opt.Journal.Error("a log of two epoch statements is not frozen yet", "node", n.Name(), "log", o.Alarm.Origin, "error", err)
		return
	}
	if known := n.split.epochs[o.Alarm.Origin]; known.by == "" || o.Alarm.From < known.since {
		known.alarm, known.by, known.since = record.Ref{Origin: o.Origin, Index: o.Index}, o.Node, o.Alarm.From
		n.split.epochs[o.Alarm.Origin] = known
	}
}

// sayTwo writes an alarm about each pair of statements of which no log folded here tells, and freezes copies that have come since.
func (n *Node) sayTwo(ctx context.Context) {
	n.split.mu.Lock()
	var untold []twoEpochs
	for _, two := range n.split.epochs {
		n.haltOn(two.statements)
		if two.by == "" {
			untold = append(untold, two)
		}
	}
	n.split.mu.Unlock()
	for _, two := range untold {
		e := two.statements.First.Epoch
		a := record.AlarmOpen{What: record.TwoEpochs, Origin: e.Origin, From: two.since, Evidence: record.Marshal(two.statements),
			Detail: twoStatements}
		at, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Open, a}}})
		if err != nil {
			n.opt.Journal.Error("an alarm is not recorded and is tried again", "node", n.Name(), "log", e.Origin, "error", err)
			continue
		}
		o := &Opened{Alarm: &a} // the folder finds it again and changes nothing
		o.Origin, o.Node, o.Index = n.origin, n.Name(), at.Index
		n.heardAlarm(o)
	}
}

func (n *Node) isContested(origin string) bool {
	n.split.mu.Lock()
	defer n.split.mu.Unlock()
	_, contested := n.split.epochs[origin]
	h, held := n.mirrors.get(origin)
	return contested && (!held || h.Size() > 0)
}

// whyFrozen says why a copy takes nothing more, "" while it does.
func (n *Node) whyFrozen(h *held) string {
	if e := h.Evidence(); e != nil {
		return e.What
	}
	if n.isContested(h.Origin()) {
		return twoStatements
	}
	return ""
}

// StatementsOf gives the two statements that froze a log, and the identity key that signed both, in hex; nil where none did.
func (n *Node) StatementsOf(origin string) (*roster.TwoEpochs, string) {
	n.split.mu.Lock()
	defer n.split.mu.Unlock()
	two, ok := n.split.epochs[origin]
	if !ok {
		return nil, ""
	}
	node, _ := n.State().Roster.Node(nodeOfOrigin(origin))
	for _, id := range node.Identities {
		if two.statements.First.SignedBy(id.Key) {
			return &two.statements, hex.EncodeToString(id.Key)
		}
	}
	return &two.statements, ""
}
