package main

import (
	"testing"

	"tims/internal/node"
	"tims/internal/roster"
)

// The account is whole only when whoever had to come has come and nothing is missing.
func TestSettle(t *testing.T) {
	peer := func(role roster.Role, held, size uint64, seen int64, trouble, frozen string) node.Peer {
		return node.Peer{Node: "p", Role: role, Held: held, Size: size, LastSeen: seen, Error: trouble, Frozen: frozen}
	}
	const post, centre = roster.Post, roster.Centre
	for _, c := range []struct {
		name    string
		role    roster.Role
		folding uint64
		peer    node.Peer
		whole   bool
		reason  bool
	}{
		{"a post came whole", centre, 0, peer(post, 9, 9, 1, "", ""), true, false},
		{"it is still being read", centre, 1, peer(post, 9, 9, 1, "", ""), false, false},
		{"a post came in part", centre, 0, peer(post, 8, 9, 1, "", ""), false, true},
		{"a post's log came by another", centre, 0, peer(post, 9, 9, 0, "", ""), false, true},
		{"a post is away", centre, 0, peer(post, 0, 0, 0, "not reachable", ""), false, true},
		{"a post came with nothing yet", centre, 0, peer(post, 0, 0, 1, "", ""), false, true},
		{"a post's log is frozen", centre, 0, peer(post, 9, 9, 1, "", "split view"), false, true},
		{"a second centre is away", centre, 0, peer(centre, 0, 0, 0, "not reachable", ""), true, false},
		{"a second centre came in part", centre, 0, peer(centre, 1, 2, 1, "", ""), false, true},
		{"for a post, the centre came", post, 0, peer(centre, 9, 9, 1, "", ""), true, false},
		{"for a post, the centre is away", post, 0, peer(centre, 9, 9, 0, "", ""), false, true},
		{"for a post, another came by the centre", post, 0, peer(post, 9, 9, 0, "", ""), true, false},
	} {
		account, whole := settle(node.Health{Role: c.role, Folding: c.folding, Peers: []node.Peer{c.peer}})
		a := account[0]
		if whole != c.whole || (a.Reason != "") != c.reason || a.Missing != c.peer.Size-c.peer.Held {
			t.Errorf("%s: whole %v, account %+v", c.name, whole, a)
		}
	}
}
