package node

import (
	"errors"
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A source is a log that this node can read: its own or a copy.
type source interface {
	Origin() string
	Leaf(index uint64) ([]byte, error)
	Part(index uint64, number uint8) (tlog.Part, error)
}

// Opened is a record as far as this node can open it.
type Opened struct {
	projection.Record
	LeafHash  [32]byte
	Shift     *record.ShiftBody
	List      *record.ListBody
	Change    *roster.Approved
	Keys      *record.KeysOpen
	Enrolment *roster.Enrolment
	Alarm     *record.AlarmOpen
	Isolation *record.IsolationOpen
	Single    *record.AlertBody
	Withdrawn *record.AlertChangeBody
}

// ReadOwn opens a record of this node's own log.
func (n *Node) ReadOwn(index uint64) (Opened, error) { return n.read(n.log, n.Name(), index) }

// Read opens a record of any log held here.
func (n *Node) Read(ref record.Ref) (Opened, error) {
	if ref.Origin == n.origin {
		return n.ReadOwn(ref.Index)
	}
	h, ok := n.mirrors.get(ref.Origin)
	if !ok {
		return Opened{}, fmt.Errorf("no copy of log %s is held here", ref.Origin)
	}
	return n.read(h, h.node, ref.Index)
}

func (n *Node) read(s source, node string, index uint64) (Opened, error) {
	leaf, err := s.Leaf(index)
	if err != nil {
		return Opened{}, fmt.Errorf("read record %d of %s: %w", index, s.Origin(), err)
	}
	return n.open(leaf, s.Origin(), node, index, func(p record.Part) (tlog.Part, error) { return s.Part(index, uint8(p)) })
}

// open decodes a leaf and the parts that this node may read. It never fails: what it could not open stands in Why.
func (n *Node) open(leaf []byte, origin, node string, index uint64, part func(record.Part) (tlog.Part, error)) (Opened, error) {
	o := Opened{Record: projection.Record{Origin: origin, Node: node, Index: index}, LeafHash: sumdb.RecordHash(leaf)}
	l, err := record.DecodeLeaf(leaf)
	if err != nil {
		o.Why = projection.WhyBad
		o.Leaf.Kind = record.KindOf(leaf)
		return o, nil
	}
	o.Leaf = l
	if !l.Kind.Known() {
		o.Why = projection.WhyKind
		return o, nil
	}
	for _, ref := range l.Parts {
		if !n.mayRead(l.Kind, ref.Part, node) {
			continue
		}
		p, err := part(ref.Part)
		if errors.Is(err, tlog.ErrNotHere) {
			o.Why = projection.WhyPart
			continue
		}
		if err != nil {
			return o, err
		}
		if err := n.openPart(&o, ref, p); errors.Is(err, errNoKey) {
			o.Why = projection.WhyKey
		} else if err != nil {
			o.Why = projection.WhyBad
		}
	}
	return o, nil
}

// mayRead says whether the readers' table gives this node a part of a record that `node` wrote.
func (n *Node) mayRead(k record.Kind, p record.Part, node string) bool {
	set := record.ClassOf(k, p).Readers()
	if set&record.Everybody != 0 || set&record.OwnPost != 0 && node == n.Name() {
		return true
	}
	if n.Self().Role == roster.Centre {
		return set&record.Centres != 0
	}
	return n.Self().Role == roster.Post && set&record.AllPosts != 0
}

// openPart decrypts one part and decodes it by the record's kind. A part that does not open leaves nothing in o.
func (n *Node) openPart(o *Opened, ref record.PartRef, p tlog.Part) error {
	with := *o
	into := target(&with, ref.Part)
	if into == nil {
		return nil
	}
	plain, err := n.vault.open(o.Origin, &o.Leaf, ref, p)
	if err != nil {
		return err
	}
	if err := record.Unmarshal(plain, into); err != nil {
		return err
	}
	if d, ok := deedBodies[o.Leaf.Kind]; ok && d.part == ref.Part {
		with.Deed = plain
	}
	*o = with
	return nil
}

// target makes the value that a part of a kind decodes into; nil where this node has no use for it.
func target(o *Opened, p record.Part) any {
	switch d, ok := deedBodies[o.Leaf.Kind]; {
	case ok && d.part == p && o.Leaf.Kind != record.Shift:
		return d.empty()
	case o.Leaf.Kind == record.ReferralOutcome && p == record.Body:
		o.Grey = new(record.GreyBody)
		return o.Grey
	}
	switch p {
	case record.Slip:
		o.Slip = new(record.SlipPart)
		return o.Slip
	case record.Person:
		o.Person = new(record.PersonPart)
		return o.Person
	case record.Police:
		o.Police = new(record.PolicePart)
		return o.Police
	}
	switch {
	case o.Leaf.Kind == record.Shift && p == record.Body:
		o.Shift = new(record.ShiftBody)
		return o.Shift
	case o.Leaf.Kind == record.List && p == record.Body:
		o.List = new(record.ListBody)
		return o.List
	case o.Leaf.Kind == record.Alert && p == record.Body:
		o.Single = new(record.AlertBody)
		return o.Single
	case o.Leaf.Kind == record.AlertChange && p == record.Body:
		o.Withdrawn = new(record.AlertChangeBody)
		return o.Withdrawn
	case (o.Leaf.Kind == record.Roster || o.Leaf.Kind == record.Rulebook) && p == record.Open:
		o.Change = new(roster.Approved)
		return o.Change
	case o.Leaf.Kind == record.Enrolment && p == record.Open:
		o.Enrolment = new(roster.Enrolment)
		return o.Enrolment
	case o.Leaf.Kind == record.Alarm && p == record.Open:
		o.Alarm = new(record.AlarmOpen)
		return o.Alarm
	case o.Leaf.Kind == record.Isolation && p == record.Open:
		o.Isolation = new(record.IsolationOpen)
		return o.Isolation
	case o.Leaf.Kind == record.Keys && p == record.Open:
		o.Keys = new(record.KeysOpen)
		return o.Keys
	}
	return nil
}
