package node

import (
	"fmt"
	"slices"
	"strings"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A FrozenLog is a log that no node of the country takes any more: its key has signed two histories, or the node's identity key
// two statements for its epoch.
type FrozenLog struct {
	Code   record.LogAlarm `json:"code"`
	Origin string          `json:"origin"`
	Node   string          `json:"node"`
	Own    bool            `json:"own"`   // this node's own log: it is recorded here, and nobody takes it
	Past   bool            `json:"past"`  // the node goes on under a later identity: nothing is left to be done
	Held   uint64          `json:"held"`  // records here
	Below  uint64          `json:"below"` // size of the smaller of the two checkpoints: the histories part below it
	Since  int64           `json:"since"` // UTC ms, by the clock of who found it; 0 where his alarm is not here
	By     string          `json:"by"`    // node that raised the alarm
	Alarm  record.Ref      `json:"-"`     // its record
	What   string          `json:"what"`
}

// Frozen lists the frozen logs, those first of which something is to be done.
func (n *Node) Frozen() []FrozenLog {
	var out []FrozenLog
	add := func(l replica.Comparable, node string, held uint64) {
		e := l.Evidence()
		n.split.mu.Lock()
		c := n.split.known[l.Origin()]
		two, contested := n.split.epochs[l.Origin()]
		n.split.mu.Unlock()
		if e == nil {
			if contested {
				out = append(out, FrozenLog{Code: record.TwoEpochs, Origin: l.Origin(), Node: node, Own: l.Origin() == n.origin,
					Past: n.superseded(l.Origin()), Held: held, Since: two.since, By: two.by, Alarm: two.alarm, What: twoStatements})
			}
			return
		}
		below, _ := e.Sizes()
		out = append(out, FrozenLog{Code: record.SplitView, Origin: l.Origin(), Node: node, Own: l.Origin() == n.origin, Past: n.superseded(l.Origin()), Held: held,
			Below: below, Since: c.since, By: c.by, Alarm: c.alarm, What: e.What})
	}
	if n.log != nil { // a verification may find that it cannot be opened
		add(n.log, n.Name(), n.log.Size())
	}
	for _, h := range n.mirrors.all() {
		add(h, h.node, h.Size())
	}
	slices.SortStableFunc(out, func(a, b FrozenLog) int {
		switch {
		case a.Past == b.Past:
			return strings.Compare(a.Origin, b.Origin)
		case b.Past:
			return -1
		}
		return 1
	})
	return out
}

// EvidenceOf gives the two histories that froze a log, and the key that they convict; nil where none did.
func (n *Node) EvidenceOf(origin string) (e *tlog.Evidence, key string) {
	l, held := n.comparable(origin)
	if !held || l.Evidence() == nil {
		return nil, ""
	}
	return l.Evidence(), l.Key()
}

// A Conviction is a frozen log with what froze it and the key that it convicts: two histories, or two statements.
type Conviction struct {
	FrozenLog
	Statements *roster.TwoEpochs // then the key is the node's identity key, in hex
	Evidence   *tlog.Evidence
	Key        string
}

// Convictions reads from a node's directory, also beside the running node, what its frozen logs were frozen on.
func Convictions(dir string) ([]Conviction, error) {
	n, err := openBeside(dir)
	if err != nil {
		return nil, fmt.Errorf("read evidence in %s: %w", dir, err)
	}
	defer n.closeFiles()
	var out []Conviction
	for _, f := range n.Frozen() {
		c := Conviction{FrozenLog: f}
		if c.Evidence, c.Key = n.EvidenceOf(f.Origin); c.Evidence == nil {
			c.Statements, c.Key = n.StatementsOf(f.Origin)
		}
		out = append(out, c)
	}
	return out, nil
}
