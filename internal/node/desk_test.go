package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// deskCountry runs fn in a country of three posts under fake time and holds the invariants at the end: among them, that a
// projection folded anew from the logs is the one that grew.
func deskCountry(t *testing.T, fn func(c *country)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres", "morina")
		fn(c)
		c.must(c.invariants())
	})
}

// A desk is one officer in a shift of his own at a node.
type desk struct {
	*node.Node
	c     *country
	shift *node.Shift
	key   *ecdsa.PrivateKey
}

// desk opens a shift of an officer, who is named by his label.
func (c *country) desk(name, label, booth string) *desk {
	c.t.Helper()
	d, err := c.openDesk(name, label, booth)
	c.must(err)
	return d
}

func (c *country) openDesk(name, label, booth string) (*desk, error) {
	r := c.nodes[name]
	if r == nil {
		return nil, fmt.Errorf("%s is not running", name)
	}
	officers := r.State().Roster.Officers
	i := slices.IndexFunc(officers, func(o roster.Officer) bool { return o.Label == label })
	if i < 0 {
		return nil, fmt.Errorf("no officer %s", label)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	s, err := r.StartShift(context.Background(), officers[i], booth, public)
	return &desk{r.Node, c, s, key}, err
}

// try does a deed as a browser with the booth's key does it.
func (d *desk) try(deed node.Deed) (node.Receipt, error) {
	ctx := context.Background()
	p, err := d.Prepare(ctx, deed)
	if err != nil {
		return node.Receipt{}, err
	}
	if p.Receipt != nil {
		return *p.Receipt, nil
	}
	return d.Commit(ctx, p.Act, d.sign(p.Message))
}

func (d *desk) sign(message []byte) []byte {
	h := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, d.key, h[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, record.BoothSignatureSize)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signature
}

// do does a deed, and asks for the same act again: every kind of deed gives its first receipt.
func (d *desk) do(deed node.Deed) node.Receipt {
	d.c.t.Helper()
	r, err := d.try(deed)
	if err != nil {
		d.c.t.Fatalf("%T: %v", deed, err)
	}
	again, err := d.try(deed)
	if err != nil || again.Ref != r.Ref || !again.Repeated || again.LeafHash != r.LeafHash {
		d.c.t.Fatalf("%T asked again: record %d after %d, %v", deed, again.Ref.Index, r.Ref.Index, err)
	}
	return r
}

// refused expects that a deed is not done, and why.
func (d *desk) refused(deed node.Deed, want error) {
	d.c.t.Helper()
	if _, err := d.try(deed); !errors.Is(err, want) {
		d.c.t.Errorf("%T: %v, want %v", deed, err, want)
	}
}

func (d *desk) scan(dir border.Direction, doc border.Document) node.View {
	d.c.t.Helper()
	v, err := d.Scan(context.Background(), node.Scan{Act: act(), Shift: d.shift, Direction: dir, Document: doc})
	d.c.must(err)
	return v
}

func (d *desk) decide(check uint64, what border.Decision) node.Receipt {
	d.c.t.Helper()
	deed := node.Decision{Act: act(), Shift: d.shift, Check: check, Decision: what}
	if what == border.Refuse {
		deed.Ground = border.NoPurpose
	}
	return d.do(deed)
}

// pass lets a traveller through and gives the index of the crossing.
func (d *desk) pass(dir border.Direction, serial int) uint64 {
	d.c.t.Helper()
	return d.decide(d.scan(dir, passport(serial)).Ref.Index, border.Admit).Ref.Index
}

// refer sends a traveller to the second line, and gives check and referral.
func (d *desk) refer(dir border.Direction, serial int) (check, referral uint64) {
	d.c.t.Helper()
	check = d.scan(dir, passport(serial)).Ref.Index
	return check, d.decide(check, border.Refer).Ref.Index
}

// stay says in one line how a traveller's stay is counted here, and whether only in doubt.
func (d *desk) stay(serial int) string {
	d.c.t.Helper()
	v := d.scan(border.Exit, passport(serial))
	s := v.Advice.Stay
	if !s.Inside {
		return fmt.Sprintf("out, %d used", s.Used)
	}
	return fmt.Sprintf("in since %v, %d used", s.Entered, s.Used)
}

func (c *country) equal(what string, got, want any) {
	c.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// lonePost opens one post whose centre is away, with a clock of its own, and gives what opens shifts there.
func lonePost(t *testing.T, now func() time.Time) (*node.Node, func(label string) *desk) {
	t.Helper()
	dir := t.TempDir()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}, plannedPost("kakavija")}, Officers: drillOfficers}
	founded, err := node.Found(dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "kakavija"), Version: "test", Now: now, SyncEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	c := &country{t: t, dir: dir, founded: founded, nodes: map[string]*running{"kakavija": {Node: n}}}
	return n, func(label string) *desk { return c.desk("kakavija", label, label) }
}

var drillOfficers = []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer, roster.Analyst}},
	{Label: "K-02", Duties: []roster.Duty{roster.BoothOfficer}}, {Label: "S-01", Duties: []roster.Duty{roster.SecondLine}},
	{Label: "S-02", Duties: []roster.Duty{roster.SecondLine}}, {Label: "L-01", Duties: []roster.Duty{roster.Supervisor}},
	{Label: "L-02", Duties: []roster.Duty{roster.Supervisor}}}
