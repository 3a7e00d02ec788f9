// Package demo is a country on one machine: a centre and four posts, each a whole node with its own directory, keys and
// listeners, and invented travellers who cross all the time.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // days are counted in Europe/Tirane on any machine

	"tims/internal/control"
	"tims/internal/demo/traveller"
	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

// CentreName is the node that the attacks are about.
const CentreName = "centre"

// places are the nodes of the country in the order of their ports. With one centre each post has a neighbour: its records are
// mirrored at two other places.
var places = []node.PlannedNode{
	{Name: CentreName, Role: roster.Centre, Place: "Tirana"},
	{Name: traveller.Kakavija, Role: roster.Post, Place: "Kakavijë", Traffic: "road",
		Neighbours: []string{traveller.Rinas}},
	{Name: traveller.Durres, Role: roster.Post, Place: "Durrës", Traffic: "sea", Neighbours: []string{traveller.Rinas}},
	{Name: traveller.Rinas, Role: roster.Post, Place: "Rinas", Traffic: "air"},
	{Name: traveller.Morina, Role: roster.Post, Place: "Morinë", Traffic: "road", Neighbours: []string{traveller.Durres}},
}

// Posts are the names of the posts in the order of their ports.
func Posts() []string {
	var out []string
	for _, p := range places {
		if p.Role == roster.Post {
			out = append(out, p.Name)
		}
	}
	return out
}

// Options say what to run.
type Options struct {
	Dir     string // kept if given; otherwise a temporary one that is removed at the end
	Listen  string // host:port of the first listener
	Seed    uint64 // of the invented travellers
	Version string
	Journal *slog.Logger
	// Face puts pages on a node; nil runs without any.
	Face func(*node.Node) (http.Handler, error)
}

// A Country is running.
type Country struct {
	opt      Options
	dir      string
	made     bool // dir is ours to remove
	again    bool // dir held a country already
	founding roster.Founding
	passkeys passkeys
	host     string
	port     int
	lines    *lines
	public   *publicFace
	clocks   map[string]*atomic.Int64 // of each node: UTC ms while its past is written, 0 for now

	mu    sync.Mutex
	nodes map[string]*running
}

// running is one node with its listeners.
type running struct {
	*node.Node
	cancel context.CancelFunc
	served sync.WaitGroup
}

// Start founds the country, or opens the one in Options.Dir again, and starts its nodes.
func Start(opt Options) (_ *Country, err error) {
	c := &Country{opt: opt, nodes: map[string]*running{}, lines: newLines(), clocks: map[string]*atomic.Int64{}}
	for _, p := range places {
		c.clocks[p.Name] = new(atomic.Int64)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := c.address(); err != nil {
		return nil, err
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	if err := c.found(); err != nil {
		return nil, err
	}
	for _, p := range places {
		if err := c.open(p.Name); err != nil {
			return nil, err
		}
	}
	return c, c.openPortal()
}

func (c *Country) address() error {
	host, port, err := net.SplitHostPort(c.opt.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q: give host:port, such as 127.0.0.1:8400", c.opt.Listen)
	}
	if c.port, err = strconv.Atoi(port); err != nil || c.port < 1 || c.port > 65535-portsNeeded {
		return fmt.Errorf("--listen %q: the first port must leave room for %d more", c.opt.Listen, portsNeeded)
	}
	c.host = host
	return nil
}

// Ports: the start page first, then for each node its people, peers and public listeners.
func (c *Country) at(offset int) string { return net.JoinHostPort(c.host, strconv.Itoa(c.port+offset)) }

func index(name string) int {
	for i, p := range places {
		if p.Name == name {
			return i
		}
	}
	panic("demo: no such place")
}

// StartAddress is where the start page and the attack panel are.
func (c *Country) StartAddress() string { return c.at(0) }

// PeopleAddress is where a node's pages are.
func (c *Country) PeopleAddress(name string) string { return c.at(1 + index(name)) }

// PublicAddress is where anybody reads a node's checkpoints and hash tiles.
func (c *Country) PublicAddress(name string) string { return c.at(1 + 2*len(places) + index(name)) }

func (c *Country) peersAddress(name string) string {
	if name == PortalName {
		return c.portalPeers()
	}
	return c.at(1 + len(places) + index(name))
}

// free says early and clearly which port is taken.
func (c *Country) free() error {
	for i := range portsNeeded {
		l, err := net.Listen("tcp", c.at(i))
		if err != nil {
			return fmt.Errorf("port %d is taken; choose another first port with --listen %s:PORT (%d ports from there are needed)",
				c.port+i, c.host, portsNeeded)
		}
		l.Close()
	}
	return nil
}

// open opens a node and its listeners.
func (c *Country) open(name string) error {
	n, err := node.Open(node.Options{Dir: filepath.Join(c.dir, name), Founding: c.founding.Hash(), Version: c.opt.Version,
		Now: func() time.Time { return c.now(name) }, Dial: c.lines.dialer(name), Journal: c.opt.Journal, StatusEvery: statusEvery, SyncEvery: syncEvery,
		PublishEvery: publishEvery})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Node: n, cancel: cancel}
	if err := c.serve(ctx, r, name); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", name, err), r.close())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[name] = r
	return nil
}

// serve opens the node's listeners: commands, peers, the public and people.
func (c *Country) serve(ctx context.Context, r *running, name string) error {
	socket, err := control.Listen(filepath.Join(c.dir, name))
	if err != nil {
		return err
	}
	r.served.Go(func() { socket.Serve(ctx, r.Node, "http://"+c.PublicName(c.PeopleAddress(name))) })
	peers, err := net.Listen("tcp", c.peersAddress(name))
	if err != nil {
		return err
	}
	secure, err := r.PeerListener(c.lines.tracked(name, peers))
	if err != nil {
		return errors.Join(err, peers.Close())
	}
	r.served.Go(func() { r.ServePeers(ctx, secure) })
	handlers := map[string]http.Handler{c.PublicAddress(name): r.PublicHandler()}
	if c.opt.Face != nil {
		h, err := c.opt.Face(r.Node)
		if err != nil {
			return err
		}
		handlers[c.PeopleAddress(name)] = c.withPasskeys(r.Node, h)
		if live, ok := h.(interface{ Run(context.Context) }); ok {
			r.served.Go(func() { live.Run(ctx) })
		}
	}
	for address, h := range handlers {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		r.served.Go(func() { web.Serve(ctx, l, h) })
	}
	return nil
}

func (r *running) close() error {
	r.cancel()
	r.served.Wait()
	return r.Node.Close()
}

// now is the time of a node: the machine's, except while its past is written.
func (c *Country) now(name string) time.Time {
	if ms := c.clocks[name].Load(); ms != 0 {
		return time.UnixMilli(ms)
	}
	return time.Now()
}

// Node gives a running node, nil where it is switched off.
func (c *Country) Node(name string) *node.Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.nodes[name]; r != nil {
		return r.Node
	}
	return nil
}

// stop ends a node as a service manager would; its files stay.
func (c *Country) stop(name string) error {
	c.mu.Lock()
	r := c.nodes[name]
	delete(c.nodes, name)
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.close()
}

// Close ends the country.
func (c *Country) Close() error {
	errs := []error{c.public.close()}
	for _, p := range places {
		errs = append(errs, c.stop(p.Name))
	}
	if c.made {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}

// Dir is where the country lies.
func (c *Country) Dir() string { return c.dir }
