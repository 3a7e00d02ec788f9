package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A wire is a network in memory whose lines can be cut: no real socket stops the fake clock of testing/synctest.
type wire struct {
	mu      sync.Mutex
	answers map[string]chan net.Conn // by address
	cut     map[string]bool          // addresses that cannot be reached
	open    map[string][]net.Conn
}

func newWire() *wire {
	return &wire{answers: map[string]chan net.Conn{}, cut: map[string]bool{}, open: map[string][]net.Conn{}}
}

func (w *wire) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	answer, ok := w.answers[address]
	down := w.cut[address]
	w.mu.Unlock()
	if !ok || down {
		return nil, errors.New("no road to this address")
	}
	here, there := net.Pipe()
	select {
	case answer <- there:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[address] = append(w.open[address], here, there)
	return here, nil
}

// sever cuts the road to an address and every connection on it; mend opens the road again.
func (w *wire) sever(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut[address] = true
	for _, c := range w.open[address] {
		c.Close()
	}
	w.open[address] = nil
}

func (w *wire) mend(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.cut, address)
}

// listen takes an address until the listener is closed.
func (w *wire) listen(address string) net.Listener {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := &wireListener{w: w, address: address, conns: make(chan net.Conn), done: make(chan struct{})}
	w.answers[address] = l.conns
	return l
}

type wireListener struct {
	w       *wire
	address string
	conns   chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func (l *wireListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *wireListener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.w.mu.Lock()
		delete(l.w.answers, l.address)
		l.w.mu.Unlock()
		l.w.sever(l.address)
		l.w.mend(l.address)
	})
	return nil
}

func (l *wireListener) Addr() net.Addr { return wireAddr(l.address) }

type wireAddr string

func (wireAddr) Network() string  { return "wire" }
func (a wireAddr) String() string { return string(a) }

// A country is one centre and some posts in one process, each a whole node.
type country struct {
	t       *testing.T
	dir     string
	wire    *wire
	founded node.Founded
	nodes   map[string]*node.Node
	stop    map[string]func()
	shifts  map[string]*node.Shift
	serial  int
	oracle  map[record.Act]node.Receipt // every acknowledged act, kept outside the nodes
}

func newCountry(t *testing.T, posts ...string) *country {
	t.Helper()
	c := &country{t: t, dir: t.TempDir(), wire: newWire(), nodes: map[string]*node.Node{}, stop: map[string]func(){},
		shifts: map[string]*node.Shift{}, oracle: map[record.Act]node.Receipt{}}
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: "centre:1"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer, roster.Analyst}}}}
	for _, p := range posts {
		plan.Nodes = append(plan.Nodes, node.PlannedNode{Name: p, Role: roster.Post, Place: p, Traffic: "road", Address: p + ":1"})
	}
	var err error
	if c.founded, err = node.Found(c.dir, plan); err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.Nodes {
		c.start(n.Name)
	}
	t.Cleanup(func() {
		for name := range c.nodes {
			c.halt(name)
		}
	})
	return c
}

func (c *country) start(name string) {
	c.t.Helper()
	n, err := node.Open(node.Options{Dir: filepath.Join(c.dir, name), Dial: c.wire.dial, Version: "test"})
	if err != nil {
		c.t.Fatal(err)
	}
	l := c.wire.listen(n.Self().Address)
	secure, err := n.PeerListener(l)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.ServePeers(ctx, secure) }()
	c.nodes[name] = n
	c.stop[name] = func() {
		cancel()
		l.Close()
		<-served
		if err := n.Close(); err != nil {
			c.t.Errorf("close %s: %v", name, err)
		}
	}
}

// halt ends a node as a service manager would.
func (c *country) halt(name string) {
	c.stop[name]()
	delete(c.nodes, name)
	delete(c.stop, name)
	delete(c.shifts, name)
}

func (c *country) shift(post string) *node.Shift {
	c.t.Helper()
	if s := c.shifts[post]; s != nil {
		return s
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		c.t.Fatal(err)
	}
	n := c.nodes[post]
	s, err := n.StartShift(context.Background(), n.State().Roster.Officers[0], "K1", public)
	if err != nil {
		c.t.Fatal(err)
	}
	c.shifts[post] = s
	return s
}

// cross lets n new travellers enter or leave at a post and keeps their receipts.
func (c *country) cross(post string, count int, dir border.Direction) {
	c.t.Helper()
	for range count {
		c.serial++
		c.traveller(post, c.serial, dir, act())
	}
}

func act() (a record.Act) {
	rand.Read(a[:])
	return a
}

// traveller lets the traveller of a serial number cross.
func (c *country) traveller(post string, serial int, dir border.Direction, decide record.Act) node.Receipt {
	c.t.Helper()
	ctx, n := context.Background(), c.nodes[post]
	v, err := n.Scan(ctx, node.Scan{Act: act(), Shift: c.shift(post), Direction: dir, Document: passport(c.t, serial)})
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := n.Decide(ctx, node.Decision{Act: decide, Shift: c.shift(post), Check: v.Ref.Index, Decision: border.Admit})
	if err != nil {
		c.t.Fatal(err)
	}
	c.oracle[decide] = r
	return r
}

func passport(t *testing.T, serial int) border.Document {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: "UTO", Nationality: "ITA",
		DocumentNumber: fmt.Sprintf("X%07d", serial), BirthDate: "740812", Sex: "F", ExpiryDate: "330415",
		Primary: "ERIKSSON", Secondary: "ANNA MARIA"})
	if err != nil {
		t.Fatal(err)
	}
	today, err := border.ParseDate("2026-11-21")
	if err != nil {
		t.Fatal(err)
	}
	return border.ReadZone(lines, today)
}

// settled waits until the centre has folded every acknowledged act, or fails.
func (c *country) settled(within time.Duration) {
	c.t.Helper()
	deadline := time.Now().Add(within)
	for {
		missing := 0
		for a := range c.oracle {
			if c.found("centre", a) == 0 {
				missing++
			}
		}
		if missing == 0 {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%d of %d acknowledged acts are not at the centre after %v", missing, len(c.oracle), within)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// found counts the records of an act that a node has folded.
func (c *country) found(name string, a record.Act) int {
	c.t.Helper()
	seen, err := c.nodes[name].ByAct(context.Background(), a)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(seen)
}

func TestCrossingReachesTheCentre(t *testing.T) {
	c := newCountry(t, "kakavija", "durres")
	c.cross("kakavija", 3, border.Entry)
	c.cross("durres", 2, border.Entry)
	c.settled(20 * time.Second)
	_ = os.Remove
}
