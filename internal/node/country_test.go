package node_test

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// How often the nodes of a drill ask each other and sign that they live: days of fake time pass in it.
const (
	drillSync   = 20 * time.Minute
	drillStatus = 6 * time.Hour
)

// The drills begin on the morning of a winter's day.
var firstDay = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// A country is one centre and some posts in one process, each a whole node. What its booths were told is kept here, outside
// all nodes.
type country struct {
	t       *testing.T
	dir     string
	wire    *wire
	founded node.Founded
	names   []string
	nodes   map[string]*running
	hosts   []string          // names of the pages of nodes that are started from now on
	changes []roster.Approved // what the authority has approved since the founding

	mu     sync.Mutex
	acts   []*passing
	serial int   // travellers so far
	inside []int // travellers in the country, in the order in which they came

	compared map[string]uint64 // leaves of copies compared with their log, by file
	seen     map[string]string // state of a directory when it was last verified
	spoilt   map[string]bool   // directories that somebody tampered with
	forked   map[string]uint64 // by origin: records up to where somebody else with the key began another history

	seams func(name string, opt *node.Options) // what a simulation puts in the place of clock and disk
	dying map[string]bool                      // nodes whose machine has stopped: their closing fails
}

// running is a node with its listener and its booth.
type running struct {
	*node.Node
	stop  func()
	shift *node.Shift
	key   *ecdsa.PrivateKey
}

// A passing is one traveller at one booth, and what the booth was told.
type passing struct {
	post         string
	serial       int
	dir          border.Direction
	scan, decide record.Act
	receipt      *node.Receipt // nil while the booth has none

	begun, done int  // places in the order of what booths asked and heard, in a simulation
	halved      bool // all full copies were destroyed: leaf and slip are left
}

// newCountry founds a country and starts its nodes. Among the posts may be further centres.
func newCountry(t *testing.T, centre string, posts ...string) *country {
	t.Helper()
	c := foundCountry(t, centre, posts...)
	for _, name := range c.names {
		c.start(name)
	}
	return c
}

func foundCountry(t *testing.T, centre string, posts ...string) *country {
	t.Helper()
	time.Sleep(time.Until(firstDay))
	c := &country{t: t, dir: t.TempDir(), wire: newWire(), nodes: map[string]*running{}, compared: map[string]uint64{},
		seen: map[string]string{}, spoilt: map[string]bool{}, forked: map[string]uint64{}}
	rules := border.DefaultRulebook()
	rules.Since = map[string]border.Date{}
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Rulebook: rules, Nodes: []node.PlannedNode{{Name: centre, Role: roster.Centre, Place: "Tirana", Address: centre + ":1"}},
		Officers: drillOfficers}
	for _, p := range posts {
		if strings.HasPrefix(p, "centre") {
			plan.Nodes = append(plan.Nodes, node.PlannedNode{Name: p, Role: roster.Centre, Place: p, Address: p + ":1"})
			continue
		}
		post := plannedPost(p)
		plan.Nodes = append(plan.Nodes, post)
		rules.Since[post.Name] = border.DayAt(firstDay.AddDate(-1, 0, 0).UnixMilli(), time.UTC)
	}
	var err error
	if c.founded, err = node.Found(c.dir, plan); err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.Nodes {
		c.names = append(c.names, n.Name)
	}
	t.Cleanup(func() {
		for _, name := range c.names {
			c.halt(name)
		}
	})
	return c
}

// plannedPost reads NAME, NAME@PLACE or NAME~NEIGHBOUR~NEIGHBOUR…
func plannedPost(spec string) node.PlannedNode {
	neighbours := strings.Split(spec, "~")
	name, place, _ := strings.Cut(neighbours[0], "@")
	return node.PlannedNode{Name: name, Role: roster.Post, Place: cmp.Or(place, name), Traffic: "road", Address: name + ":1",
		Neighbours: neighbours[1:]}
}

func (c *country) path(name string) string { return filepath.Join(c.dir, name) }

func (c *country) start(name string) {
	c.t.Helper()
	c.must(c.open(name))
}

func (c *country) open(name string) error {
	opt := node.Options{Dir: c.path(name), Founding: c.founded.Founding.Hash(), Dial: c.wire.dialer(name), Hosts: c.hosts,
		Version: "drill", StatusEvery: drillStatus, SyncEvery: drillSync, ScrubEvery: -1} // scrubs are steps of their own
	if c.seams != nil {
		c.seams(name, &opt)
	}
	n, err := node.Open(opt)
	if err != nil {
		return err
	}
	l := c.wire.listen(name, n.Self().Address)
	secure, err := n.PeerListener(l)
	if err != nil {
		return errors.Join(err, l.Close(), n.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.ServePeers(ctx, secure) }()
	c.nodes[name] = &running{Node: n, stop: func() {
		cancel()
		l.Close()
		if err := <-served; err != nil {
			c.t.Errorf("serve peers of %s: %v", name, err)
		}
		if err := n.Close(); err != nil && !c.dying[name] {
			c.t.Errorf("close %s: %v", name, err)
		}
	}}
	return nil
}

// halt ends a node as a service manager would.
func (c *country) halt(name string) {
	if r := c.nodes[name]; r != nil {
		delete(c.nodes, name)
		r.stop()
	}
}

// booth gives a post's open shift. The key stays here, as it stays in the officer's browser.
func (c *country) booth(post string) (*running, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.nodes[post]
	if r == nil {
		return nil, fmt.Errorf("%s is not running", post)
	}
	if r.shift != nil {
		return r, nil
	}
	var err error
	if r.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	public, err := r.key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	r.shift, err = r.StartShift(context.Background(), r.State().Roster.Officers[0], "K1", public)
	return r, err
}

func act() (a record.Act) {
	rand.Read(a[:])
	return a
}

// passing begins the act of a new traveller, or of the one who has been inside longest. No receipt is there yet.
func (c *country) passing(post string, dir border.Direction) (*passing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := &passing{post: post, dir: dir, scan: act(), decide: act()}
	if dir == border.Entry {
		c.serial++
		x.serial = c.serial
	} else if len(c.inside) == 0 {
		return nil, fmt.Errorf("nobody is in the country")
	} else {
		x.serial, c.inside = c.inside[0], c.inside[1:]
	}
	return x, nil
}

// cross lets travellers pass and keeps their receipts.
func (c *country) cross(post string, count int, dir border.Direction) error {
	for range count {
		x, err := c.passing(post, dir)
		if err != nil {
			return err
		}
		if err := c.ask(x); err != nil {
			return err
		}
		c.note(x)
	}
	return nil
}

// note takes an acknowledged act into the list outside the nodes.
func (c *country) note(x *passing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acts = append(c.acts, x)
	if x.dir == border.Entry {
		c.inside = append(c.inside, x.serial)
	}
}

// ask does what a booth does for one act, also again: scan, decide, sign, commit. x has the receipt after it.
func (c *country) ask(x *passing) error {
	b, err := c.booth(x.post)
	if err != nil {
		return err
	}
	v, err := b.Scan(context.Background(), node.Scan{Act: x.scan, Shift: b.shift, Direction: x.dir, Document: passport(x.serial)})
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	r, err := b.admit(v.Ref.Index, x.decide, "")
	if err != nil {
		return err
	}
	x.receipt = &r
	return nil
}

// admit prepares a decision, signs it with the booth's key and commits it.
func (b *running) admit(check uint64, decide record.Act, notes string) (node.Receipt, error) {
	ctx := context.Background()
	p, err := b.Prepare(ctx, node.Decision{Act: decide, Shift: b.shift, Check: check, Decision: border.Admit, Notes: notes})
	if err != nil {
		return node.Receipt{}, fmt.Errorf("prepare: %w", err)
	}
	if p.Receipt != nil {
		return *p.Receipt, nil
	}
	h := sha256.Sum256(p.Message)
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		return node.Receipt{}, err
	}
	signature := make([]byte, record.BoothSignatureSize)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	receipt, err := b.Commit(ctx, decide, signature)
	if err != nil {
		return receipt, fmt.Errorf("commit: %w", err)
	}
	return receipt, nil
}

// surname is a name of the zone's letters for each traveller, so that no person tag joins two of them.
func surname(serial int) string {
	letters := []byte("ERIKSSON")
	for ; serial > 0; serial /= 26 {
		letters = append(letters[:3], append([]byte{byte('A' + serial%26)}, letters[3:]...)...)
	}
	return string(letters)
}

func number(serial int) string { return fmt.Sprintf("X%07d", serial) }

func passport(serial int) border.Document {
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: "ITA", Nationality: "ITA",
		DocumentNumber: number(serial), BirthDate: fmt.Sprintf("7408%02d", 1+serial%28), Sex: "F", ExpiryDate: "330415",
		Primary: surname(serial), Secondary: "ANNA MARIA"})
	if err != nil {
		panic(err)
	}
	return border.ReadZone(lines, border.DayAt(firstDay.UnixMilli(), time.UTC))
}

// settle gives the nodes time for several rounds, also those that backed off while a line was cut.
func (c *country) settle() { time.Sleep(9 * drillSync) }

// approve signs with the authority's key, which lies outside all nodes.
func (c *country) approve(change roster.Change) ([]roster.Approval, error) {
	return []roster.Approval{roster.Approve(change, "director", c.founded.Approvers["director"])}, nil
}

// wipe deletes a node's whole directory, keys and all.
func (c *country) wipe(name string) error {
	c.halt(name)
	delete(c.spoilt, name)
	clear(c.compared) // what comes back is another file
	return os.RemoveAll(c.path(name))
}

// rebuild makes a wiped node anew, with new keys, and starts it.
func (c *country) rebuild(name string, approve node.Approver) error {
	changes, err := node.Rebuild(c.path(name), name, c.founded.Founding, c.changes, time.Now(), approve)
	if err != nil {
		return err
	}
	c.changes = changes
	c.start(name)
	return nil
}

// join adds a post and starts it. It brings the change that names it to the centre itself.
func (c *country) join(name string) error {
	changes, err := node.Join(c.path(name), plannedPost(name), c.founded.Founding, c.changes, time.Now(), c.approve)
	if err != nil {
		return err
	}
	c.changes = changes
	c.names = append(c.names, name)
	c.start(name)
	return nil
}

// running lists the nodes that run, in the order of the script.
func (c *country) running() []*running {
	var out []*running
	for _, name := range c.names {
		if r := c.nodes[name]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

// kill ends a node without any closing: what its directory held at this moment is all that remains. The line goes first, so
// that nothing is told to others after that moment.
func (c *country) kill(name string) error {
	c.wire.sever(name)
	defer c.wire.mend(name)
	clear(c.compared)
	copied := c.path(name) + ".crashed"
	if err := crashCopy(copied, c.path(name)); err != nil {
		return err
	}
	c.halt(name)
	if err := os.RemoveAll(c.path(name)); err != nil {
		return err
	}
	return os.Rename(copied, c.path(name))
}
