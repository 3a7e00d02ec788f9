package node

import (
	"maps"
	"slices"
	"strings"

	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Flags say how safe a record is. Each of the three stands by itself, and no booth waits for more than the first.
type Flags struct {
	Local bool // durable on this node, under a signed checkpoint

	Mirrored bool     // two mirrors in two other places hold it, leaf and parts, by the policy in the node's directory
	Short    bool     // it cannot be mirrored yet: fewer than two other places have a mirror
	Mirrors  []string // nodes whose cosignature says that they hold it, wherever they are

	ByPolicy  bool     // the operator has named witnesses; without them nothing is said of the next two
	Witnessed bool     // the quorum of witnesses has signed a checkpoint over it
	Witnesses []string // as the policy names them
}

// flags are those of a record of this node's own log as they are now.
func (n *Node) flags(index uint64) Flags { return n.flagsIn(n.log, index) }

// flagsIn are those of a record in a log that this node wrote, now or in a former epoch.
func (n *Node) flagsIn(l safeLog, index uint64) Flags {
	f := Flags{Local: index < l.Size()}
	cosigned := cosignedBy(l)
	for _, node := range slices.Sorted(maps.Keys(cosigned)) {
		if cosigned[node] > index {
			f.Mirrors = append(f.Mirrors, node)
		}
	}
	signed := signedBeyond(l.Cosigned(), index)
	m := n.mirroredBy(n.Name())
	f.Mirrored, f.Short = m.Policy != nil && m.Satisfied(signed), m.places < 2
	if w := n.policies.witnessed; w != nil {
		f.ByPolicy, f.Witnessed = true, w.Satisfied(signed)
		for _, named := range w.Named() {
			if signed(named.Key.Name(), named.Key.KeyHash()) {
				f.Witnesses = append(f.Witnesses, named.Name)
			}
		}
	}
	return f
}

func (n *Node) mirroredBy(writer string) mirrored {
	n.policies.mu.RLock()
	defer n.policies.mu.RUnlock()
	return n.policies.mirrored[writer]
}

// signedBeyond says who has cosigned a size that covers the record.
func signedBeyond(cosigned []tlog.Cosigned, index uint64) func(name string, hash uint32) bool {
	return func(name string, hash uint32) bool {
		return slices.ContainsFunc(cosigned, func(c tlog.Cosigned) bool { return c.Size > index && c.Name == name && c.KeyHash == hash })
	}
}

// A Safety is how far one log is safe, as far as it is known here.
type Safety struct {
	Size      uint64 // records known here
	Mirrored  uint64 // so many of the first are mirrored
	Short     bool   // fewer than two other places have a mirror: none can be
	Waiting   int64  // since when the oldest record that is not mirrored waits, UTC ms as it was signed; 0 where none does
	ByPolicy  bool   // the operator has named witnesses
	Witnessed uint64 // so many of the first are witnessed
}

// A safeLog is this node's own log or a copy.
type safeLog interface {
	Cosigned() []tlog.Cosigned
	Size() uint64
	Leaf(uint64) ([]byte, error)
}

func (n *Node) safety(writer string, l safeLog) Safety {
	cosigned := l.Cosigned()
	m := n.mirroredBy(writer)
	s := Safety{Size: l.Size(), Mirrored: satisfiedTo(m.Policy, cosigned), Short: m.places < 2,
		ByPolicy: n.policies.witnessed != nil, Witnessed: satisfiedTo(n.policies.witnessed, cosigned)}
	if s.Mirrored >= s.Size {
		return s
	}
	if b, err := l.Leaf(s.Mirrored); err == nil {
		if leaf, err := record.DecodeLeaf(b); err == nil {
			s.Waiting = leaf.Written
		}
	}
	return s
}

// satisfiedTo is the largest size that satisfies a policy: of those that somebody has signed, since between two of them nothing
// changes.
func satisfiedTo(p *proof.Policy, cosigned []tlog.Cosigned) uint64 {
	var best uint64
	for _, c := range cosigned {
		if p != nil && c.Size > best && p.Satisfied(signedBeyond(cosigned, c.Size-1)) {
			best = c.Size
		}
	}
	return best
}

// cosigned gives how much of this node's own log each mirror has cosigned, by the mirror's node.
func (n *Node) cosigned() map[string]uint64 { return cosignedBy(n.log) }

func cosignedBy(l safeLog) map[string]uint64 {
	out := map[string]uint64{}
	for _, c := range l.Cosigned() {
		origin, isMirror := strings.CutSuffix(c.Name, mirrorSuffix)
		if _, node, _, err := roster.ParseOrigin(origin); err == nil && isMirror {
			out[node] = max(out[node], c.Size)
		}
	}
	return out
}
