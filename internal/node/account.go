package node

import (
	"context"
	"encoding/hex"

	"tims/internal/roster"
)

// A LogAccount says of one log what was expected of it and what is here.
type LogAccount struct {
	Node     string      `json:"node"`
	Role     roster.Role `json:"role"`
	Origin   string      `json:"origin"`
	Former   bool        `json:"former,omitempty"` // of an identity or epoch that its node has left behind
	Expected uint64      `json:"expected"`         // records that its newest checkpoint known here covers
	Received uint64      `json:"received"`         // of these, those that are here
	Parts    uint64      `json:"parts_missing"`    // wanted parts of these that are not here
	Counts   uint64      `json:"counts"`           // records that are whole under a checkpoint, and folded
	Root     string      `json:"root,omitempty"`   // of the first Counts records
	Digest   string      `json:"projection,omitempty"`
	Frozen   string      `json:"frozen,omitempty"`
}

// Missing is how many records are expected and not whole here.
func (a LogAccount) Missing() uint64 { return a.Expected - min(a.Counts, a.Expected) }

// Account tells of every log of others that is held here, former ones too, and of nodes of which nothing has come.
func (n *Node) Account(ctx context.Context) (out []LogAccount, err error) {
	heads, err := n.shadow.Folded(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[string]uint32{}
	for _, h := range n.mirrors.all() {
		newest[h.node] = max(newest[h.node], h.epoch.Epoch.Number)
	}
	newest[n.Name()] = n.ring.Epoch()
	for _, h := range n.mirrors.all() {
		_, pending := h.Pending()
		a := LogAccount{Node: h.node, Role: n.roleOf(h.node), Origin: h.Origin(), Former: h.epoch.Epoch.Number < newest[h.node],
			Expected: max(pending, h.Size()), Received: h.Next(), Counts: min(h.Size(), heads[h.Origin()].Next)}
		a.Frozen = n.whyFrozen(h)
		if err := n.fillAccount(ctx, h, &a); err != nil {
			return out, err
		}
		out = append(out, a)
	}
	for _, other := range n.State().Roster.Nodes {
		if _, came := newest[other.Name]; !came && !other.Dropped && other.Role != roster.Portal {
			out = append(out, LogAccount{Node: other.Name, Role: other.Role})
		}
	}
	return out, nil
}

func (n *Node) fillAccount(ctx context.Context, h *held, a *LogAccount) error {
	var err error
	if a.Parts, err = n.partsMissing(ctx, h); err != nil || a.Counts == 0 {
		return err
	}
	root, err := h.RootAt(a.Counts)
	if err != nil {
		return err
	}
	digest, err := n.shadow.DigestOf(ctx, h.Origin(), a.Counts)
	a.Root, a.Digest = root.String(), hex.EncodeToString(digest[:])
	return err
}

// partsMissing counts the wanted parts that are not here, from the first leaf that lacks one.
func (n *Node) partsMissing(ctx context.Context, h *held) (missing uint64, err error) {
	want := n.want(h)
	for at := h.Cursor(); at < h.Next(); {
		if err := ctx.Err(); err != nil {
			return missing, err
		}
		leaves, err := h.Leaves(at, maxBatch)
		if err != nil || len(leaves) == 0 {
			return missing, err
		}
		here := map[[2]uint64]bool{}
		for from, end := at, at+uint64(len(leaves)); from < end; {
			parts, next, err := h.Parts(from, end, partsToPush...)
			if err != nil {
				return missing, err
			}
			for _, p := range parts {
				here[[2]uint64{p.Index, uint64(p.Number)}] = true
			}
			from = next
		}
		for i, leaf := range leaves {
			refs, err := want(leaf)
			if err != nil {
				return missing, err
			}
			for _, r := range refs {
				if !here[[2]uint64{at + uint64(i), uint64(r.Number)}] {
					missing++
				}
			}
		}
		at += uint64(len(leaves))
	}
	return missing, nil
}
