package roster

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"tims/internal/record"
)

// A Role says what a node is.
type Role string

const (
	Post   Role = "post"
	Centre Role = "centre"
	Portal Role = "portal"
)

// A Duty says what an officer may do.
type Duty string

const (
	BoothOfficer  Duty = "booth"
	SecondLine    Duty = "second-line"
	Supervisor    Duty = "supervisor"
	Analyst       Duty = "analyst"
	Administrator Duty = "administrator"
)

// A Roster is the governed state of chain 1: all nodes and officers with their public keys, in clear.
type Roster struct {
	Nodes    []Node    `cbor:"1,keyasint"`
	Officers []Officer `cbor:"2,keyasint"`
	Recovery []byte    `cbor:"3,keyasint"` // reader's key whose private half is kept in shares
	Auditor  []byte    `cbor:"4,keyasint"` // reader's key of the data-protection auditor
}

// A Node is one enrolled node. A node that lost its keys comes back under the same name with a further identity.
type Node struct {
	Name       string     `cbor:"1,keyasint"`
	Role       Role       `cbor:"2,keyasint"`
	Place      string     `cbor:"3,keyasint"` // site; mirrors count by place
	Traffic    string     `cbor:"4,keyasint"` // "road", "sea", "air", "rail"; empty for a centre
	Address    string     `cbor:"5,keyasint"` // host:port of its peers' listener
	Identities []Identity `cbor:"6,keyasint"` // in ascending order of epochs
	Reader     []byte     `cbor:"7,keyasint"` // reader's public key
	Dropped    bool       `cbor:"8,keyasint,omitempty"`
	// Neighbours are posts with which this one exchanges directly, centre or no centre: each mirrors the other's log whole. It is
	// enough that one of the two names the other. Nodes of one place are neighbours without being named.
	Neighbours []string `cbor:"9,keyasint,omitempty"`
}

// An Identity is an Ed25519 key and the epochs it may open: from FromEpoch until the next identity's.
type Identity struct {
	_         struct{} `cbor:",toarray"`
	Key       []byte
	FromEpoch uint32
}

// An Officer is known by a stable id; the label is what colleagues see.
type Officer struct {
	ID      [16]byte `cbor:"1,keyasint"`
	Label   string   `cbor:"2,keyasint"`
	Duties  []Duty   `cbor:"3,keyasint"`
	Enrol   []byte   `cbor:"4,keyasint,omitempty"` // Ed25519 public key of a one-time code: what it signs is his passkey
	Dropped bool     `cbor:"5,keyasint,omitempty"`
}

var (
	nodeName    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	countryName = regexp.MustCompile(`^[a-z]{2}$`)
)

// Valid says what is wrong with the roster, if anything.
func (r Roster) Valid() error {
	if len(r.Nodes) > maxNodes || len(r.Officers) > maxOfficers {
		return fmt.Errorf("roster of %d nodes and %d officers: at most %d and %d", len(r.Nodes), len(r.Officers), maxNodes, maxOfficers)
	}
	if len(r.Recovery) > maxReaderKey || len(r.Auditor) > maxReaderKey {
		return fmt.Errorf("recovery or auditor's key over %d bytes", maxReaderKey)
	}
	return errors.Join(validNodes(r.Nodes), validOfficers(r.Officers))
}

func validNodes(nodes []Node) error {
	names, keys := map[string]bool{}, map[string]bool{}
	for _, n := range nodes {
		if err := n.valid(); err != nil {
			return err
		}
		if names[n.Name] {
			return fmt.Errorf("node %s stands twice in the roster", n.Name)
		}
		names[n.Name] = true
		for _, id := range n.Identities {
			if keys[string(id.Key)] {
				return fmt.Errorf("an identity key of node %s stands twice in the roster", n.Name)
			}
			keys[string(id.Key)] = true
		}
	}
	return nil
}

func validOfficers(officers []Officer) error {
	ids := map[[16]byte]bool{}
	for _, o := range officers {
		if ids[o.ID] || o.Label == "" || len(o.Label) > maxText || len(o.Duties) > maxDuties ||
			len(o.Enrol) != 0 && len(o.Enrol) != 32 {
			return errors.New("an officer needs an id of his own, a label, and an enrolment key of 32 bytes or none")
		}
		ids[o.ID] = true
	}
	return nil
}

func (n Node) valid() error {
	switch {
	case !nodeName.MatchString(n.Name):
		return fmt.Errorf("node name %q: lower-case letters, digits and hyphens, at most 31", n.Name)
	case n.Role != Post && n.Role != Centre && n.Role != Portal:
		return fmt.Errorf("node %s: role %q is none of post, centre, portal", n.Name, n.Role)
	case len(n.Identities) == 0 || len(n.Identities) > maxIdentities:
		return fmt.Errorf("node %s: %d identity keys", n.Name, len(n.Identities))
	case len(n.Neighbours) > maxNeighbours || slices.ContainsFunc(n.Neighbours, func(o string) bool { return !nodeName.MatchString(o) }):
		return fmt.Errorf("node %s: at most %d neighbours, by their names", n.Name, maxNeighbours)
	case len(n.Place) > maxText || len(n.Traffic) > maxText || len(n.Address) > maxText || len(n.Reader) > maxReaderKey:
		return fmt.Errorf("node %s: place, traffic or address over %d bytes, or reader's key over %d", n.Name, maxText, maxReaderKey)
	}
	last := uint32(0)
	for _, id := range n.Identities {
		if len(id.Key) != ed25519.PublicKeySize || id.FromEpoch <= last {
			return fmt.Errorf("node %s: identity keys are 32 bytes, in ascending order of epochs", n.Name)
		}
		last = id.FromEpoch
	}
	return nil
}

// Identity is the key that stands for the node now.
func (n Node) Identity() ed25519.PublicKey { return n.Identities[len(n.Identities)-1].Key }

// identityAt is the key that may open an epoch.
func (n Node) identityAt(epoch uint32) (ed25519.PublicKey, bool) {
	for i := len(n.Identities) - 1; i >= 0; i-- {
		if epoch >= n.Identities[i].FromEpoch {
			return n.Identities[i].Key, true
		}
	}
	return nil, false
}

// Node finds a node by name, dropped ones too.
func (r Roster) Node(name string) (Node, bool) {
	for _, n := range r.Nodes {
		if n.Name == name {
			return n, true
		}
	}
	return Node{}, false
}

// ByIdentity finds the living node whose present identity key this is.
func (r Roster) ByIdentity(key ed25519.PublicKey) (Node, bool) {
	for _, n := range r.Nodes {
		if !n.Dropped && n.Identity().Equal(key) {
			return n, true
		}
	}
	return Node{}, false
}

// Living gives the nodes of a role that are not dropped.
func (r Roster) Living(role Role) []Node {
	var out []Node
	for _, n := range r.Nodes {
		if n.Role == role && !n.Dropped {
			out = append(out, n)
		}
	}
	return out
}

// Officer finds a living officer.
func (r Roster) Officer(id [16]byte) (Officer, bool) {
	for _, o := range r.Officers {
		if o.ID == id && !o.Dropped {
			return o, true
		}
	}
	return Officer{}, false
}

// May reports whether the officer has the duty.
func (o Officer) May(d Duty) bool {
	for _, have := range o.Duties {
		if have == d {
			return true
		}
	}
	return false
}

// A ReaderKey is the public key of one reader and whose it is.
type ReaderKey struct {
	Name string // node's name, "recovery" or "auditor"
	Key  []byte
}

// ReaderKeys resolves a set of reader classes for a part written by the node `own` to the keys that stand now.
func (r Roster) ReaderKeys(set record.Readers, own string) []ReaderKey {
	var out []ReaderKey
	for _, n := range r.Nodes {
		if n.Dropped || len(n.Reader) == 0 {
			continue
		}
		ownPost := set&record.OwnPost != 0 && n.Name == own
		centre := set&record.Centres != 0 && n.Role == Centre
		post := set&record.AllPosts != 0 && n.Role == Post
		if ownPost || centre || post {
			out = append(out, ReaderKey{n.Name, n.Reader})
		}
	}
	if set&record.Recovery != 0 && len(r.Recovery) > 0 {
		out = append(out, ReaderKey{"recovery", r.Recovery})
	}
	if set&record.Auditor != 0 && len(r.Auditor) > 0 {
		out = append(out, ReaderKey{"auditor", r.Auditor})
	}
	return out
}

// MirrorsWhole says whether the node `holder` mirrors all that another writes: a centre everybody, a post the centres and its
// neighbours. A portal mirrors nobody.
func (r Roster) MirrorsWhole(holder, writer string) bool {
	h, ok := r.Node(holder)
	if !ok || holder == writer || h.Role == Portal {
		return false
	}
	if h.Role == Centre {
		return true
	}
	w, ok := r.Node(writer)
	return ok && (w.Role == Centre || slices.ContainsFunc(r.NeighboursOf(holder), func(o Node) bool { return o.Name == writer }))
}

// NeighboursOf lists the living posts that exchange directly with a post, in order of the roster.
func (r Roster) NeighboursOf(name string) []Node {
	self, ok := r.Node(name)
	if !ok || self.Role != Post {
		return nil
	}
	var out []Node
	for _, o := range r.Nodes {
		if o.Name == name || o.Dropped || o.Role != Post {
			continue
		}
		if o.Place != "" && o.Place == self.Place || slices.Contains(self.Neighbours, o.Name) || slices.Contains(o.Neighbours, name) {
			out = append(out, o)
		}
	}
	return out
}
