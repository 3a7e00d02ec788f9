package demo

import (
	"context"
	"errors"
	"net"
	"sync"
)

// lines are the network between the nodes, with a knife: the road to a node can be cut while both ends run on.
type lines struct {
	mu    sync.Mutex
	cut   map[string]bool
	conns map[string]map[net.Conn]bool // accepted by each node
}

func newLines() *lines {
	return &lines{cut: map[string]bool{}, conns: map[string]map[net.Conn]bool{}}
}

// dialer is the network of one node: cut off, it reaches nobody.
func (l *lines) dialer(name string) func(context.Context, string, string) (net.Conn, error) {
	var d net.Dialer
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if l.isCut(name) {
			return nil, errors.New("the line is cut")
		}
		return d.DialContext(ctx, network, address)
	}
}

func (l *lines) isCut(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut[name]
}

// set cuts the road to a node, with every connection on it, or mends it.
func (l *lines) set(name string, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut[name] = cut
	for c := range l.conns[name] {
		if cut {
			c.Close()
		}
	}
}

// tracked is a node's listener on these lines.
func (l *lines) tracked(name string, under net.Listener) net.Listener {
	return &listener{Listener: under, lines: l, name: name}
}

type listener struct {
	net.Listener
	lines *lines
	name  string
}

func (t *listener) Accept() (net.Conn, error) {
	for {
		c, err := t.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if t.lines.isCut(t.name) {
			c.Close()
			continue
		}
		t.lines.mu.Lock()
		if t.lines.conns[t.name] == nil {
			t.lines.conns[t.name] = map[net.Conn]bool{}
		}
		t.lines.conns[t.name][c] = true
		t.lines.mu.Unlock()
		return &conn{Conn: c, l: t}, nil
	}
}

type conn struct {
	net.Conn
	l *listener
}

func (c *conn) Close() error {
	c.l.lines.mu.Lock()
	delete(c.l.lines.conns[c.l.name], c.Conn)
	c.l.lines.mu.Unlock()
	return c.Conn.Close()
}
