package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"path/filepath"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
)

// A Plan says what a country begins with.
type Plan struct {
	Country  string // two lower-case letters
	TimeZone string
	Parent   string // domain of the booths

	Nodes     []PlannedNode
	Officers  []PlannedOfficer
	Approvers []string
	Threshold int // more than half of the approvers

	Rulebook *border.Rulebook // border.DefaultRulebook unless told
}

// A PlannedNode is a node before it has keys.
type PlannedNode struct {
	Name    string
	Role    roster.Role
	Place   string
	Traffic string
	Address string // host:port of its peers' listener
	// Neighbours are posts with which a post exchanges directly. It is enough that one of two names the other.
	Neighbours []string
}

// describe puts what was planned into the node's entry of the roster.
func (p PlannedNode) describe(entry *roster.Node) {
	entry.Place, entry.Traffic, entry.Address, entry.Neighbours = p.Place, p.Traffic, p.Address, p.Neighbours
}

// A PlannedOfficer gets an id and a one-time code.
type PlannedOfficer struct {
	Label  string
	Duties []roster.Duty
}

// Founded is what a founding makes besides the nodes' directories. All of it is handed to persons and kept outside all nodes.
type Founded struct {
	Founding  roster.Founding
	Approvers map[string]ed25519.PrivateKey // by name
	Codes     map[string]string             // one-time codes by officer's label
	Shares    [][]byte                      // of the recovery key: any two of three, for different institutions
	Auditor   []byte                        // private reader's key of the data-protection auditor
}

// Found makes a country: keys and founding of every node in DIR/NAME, the authority, the first roster and rulebook, the
// stay key wrapped to all. Nothing leaves this machine; what is secret of it is for the caller to hand out.
func Found(dir string, p Plan) (Founded, error) {
	out := Founded{Approvers: map[string]ed25519.PrivateKey{}, Codes: map[string]string{}}
	f := roster.Founding{Country: p.Country, TimeZone: p.TimeZone, Parent: p.Parent, Authority: roster.Authority{Threshold: p.Threshold}}
	for _, name := range p.Approvers {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return out, fmt.Errorf("make approver's key: %w", err)
		}
		out.Approvers[name] = private
		f.Authority.Approvers = append(f.Authority.Approvers, roster.Approver{Name: name, Key: public})
	}
	for _, o := range p.Officers {
		officer, code := enrol(o)
		f.Roster.Officers = append(f.Roster.Officers, officer)
		out.Codes[o.Label] = code
	}
	if err := out.readers(&f.Roster); err != nil {
		return out, err
	}
	rules := p.Rulebook
	if rules == nil {
		rules = border.DefaultRulebook()
	}
	var err error
	if f.Rulebook, err = rules.Text(); err != nil {
		return out, fmt.Errorf("founding rulebook: %w", err)
	}
	for _, n := range p.Nodes {
		entry, err := CreateKeys(filepath.Join(dir, n.Name), p.Country, n.Name, n.Role, 1)
		if err != nil {
			return out, err
		}
		n.describe(&entry)
		f.Roster.Nodes = append(f.Roster.Nodes, entry)
	}
	if f.StayKeys, f.StayKeyHash, err = stayKeys(f); err != nil {
		return out, err
	}
	if err := f.Valid(); err != nil {
		return out, fmt.Errorf("founding: %w", err)
	}
	out.Founding = f
	for _, n := range p.Nodes {
		if err := WriteFounding(filepath.Join(dir, n.Name), f); err != nil {
			return out, err
		}
	}
	return out, nil
}

func enrol(o PlannedOfficer) (roster.Officer, string) {
	var secret [20]byte
	rand.Read(secret[:])
	code := base32.StdEncoding.EncodeToString(secret[:])
	officer := roster.Officer{Label: o.Label, Duties: o.Duties, Enrol: roster.EnrolPublic(code)}
	rand.Read(officer.ID[:])
	return officer, code
}

// readers makes the keys that no node holds: the recovery key, of which only shares are kept, and the auditor's.
func (out *Founded) readers(r *roster.Roster) error {
	recovery, err := seal.GenerateReader(rand.Reader)
	if err != nil {
		return fmt.Errorf("make recovery key: %w", err)
	}
	if out.Shares, err = seal.Split(rand.Reader, recovery.Private(), 3, 2); err != nil {
		return fmt.Errorf("split recovery key: %w", err)
	}
	auditor, err := seal.GenerateReader(rand.Reader)
	if err != nil {
		return fmt.Errorf("make auditor's key: %w", err)
	}
	out.Auditor = auditor.Private()
	r.Recovery, r.Auditor = recovery.Public(), auditor.Public()
	return nil
}

// stayKeys makes the nation's first stay key and wraps it to all who may hold it.
func stayKeys(f roster.Founding) (_ []record.WrappedKey, hash [32]byte, err error) {
	name, err := seal.StayName(f.Country, 1)
	if err != nil {
		return nil, hash, err
	}
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		return nil, hash, err
	}
	w, err := wrapTo(name, key, f.Roster.ReaderKeys(stayReaders, ""))
	return []record.WrappedKey{w}, stayKeyHash(key), err
}

// stayReaders hold the stay keys.
const stayReaders = record.AllPosts | record.Centres | record.Recovery
