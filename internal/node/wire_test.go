package node_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A wire is a network in memory whose lines can be cut, one line a node: no real socket stops the fake clock of
// testing/synctest.
type wire struct {
	mu       sync.Mutex
	listener map[string]*wireListener // by address
	cut      map[string]bool          // by node
	open     []*line
	sky      *sky // what else befalls lines, nil for nothing
}

func newWire() *wire { return &wire{listener: map[string]*wireListener{}, cut: map[string]bool{}} }

// A line is one connection and the two nodes at its ends.
type line struct {
	from, to string
	ends     [2]*pipeEnd
}

var errNoRoad = errors.New("no road to this address")

// dialer is the outgoing side of a node.
func (w *wire) dialer(from string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		w.mu.Lock()
		l := w.listener[address]
		if l == nil || w.cut[from] || w.cut[l.node] {
			w.mu.Unlock()
			return nil, errNoRoad
		}
		here, there := newPipe()
		w.open = append(w.open, &line{from, l.node, [2]*pipeEnd{here, there}})
		sky := w.sky
		w.mu.Unlock()
		sky.over(here, there, from, l)
		select {
		case l.conns <- there:
			return here, nil
		case <-l.done:
			return nil, errNoRoad
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// sever cuts a node's line and breaks every connection on it; mend opens it again.
func (w *wire) sever(node string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut[node] = true
	var rest []*line
	for _, l := range w.open {
		if l.from != node && l.to != node {
			rest = append(rest, l)
			continue
		}
		l.ends[0].in.close() // what is under way is lost
		l.ends[1].in.close()
	}
	w.open = rest
}

func (w *wire) mend(node string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.cut, node)
}

// listen takes an address for a node until the listener is closed.
func (w *wire) listen(node, address string) *wireListener {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := &wireListener{w: w, node: node, address: address, conns: make(chan net.Conn), done: make(chan struct{})}
	w.listener[address] = l
	return l
}

type wireListener struct {
	w             *wire
	node, address string
	conns         chan net.Conn
	done          chan struct{}
	once          sync.Once
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
		defer l.w.mu.Unlock()
		if l.w.listener[l.address] == l {
			delete(l.w.listener, l.address)
		}
	})
	return nil
}

func (l *wireListener) Addr() net.Addr { return wireAddr(l.address) }

type wireAddr string

func (wireAddr) Network() string  { return "wire" }
func (a wireAddr) String() string { return string(a) }

// newPipe gives two ends of a connection that buffers what is written, as a socket does: net.Pipe would hold a writer, and
// with it the locks of TLS, until somebody reads.
func newPipe() (*pipeEnd, *pipeEnd) {
	a, b := newStream(), newStream()
	return &pipeEnd{in: a, out: b}, &pipeEnd{in: b, out: a}
}

// A stream is one direction.
type stream struct {
	mu       sync.Mutex
	buf      []byte
	closed   bool
	deadline time.Time
	timer    *time.Timer
	changed  chan struct{}
	via      func(s *stream, p []byte) (time.Duration, bool, error) // set once, before the first write
	due      time.Time                                              // of what is under way
}

func newStream() *stream { return &stream{changed: make(chan struct{})} }

// notify wakes readers; the caller holds mu.
func (s *stream) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stream) read(p []byte) (int, error) {
	for {
		s.mu.Lock()
		switch {
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			s.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(p, s.buf)
			s.buf = s.buf[n:]
			s.mu.Unlock()
			return n, nil
		case s.closed:
			s.mu.Unlock()
			return 0, io.EOF
		}
		changed := s.changed
		s.mu.Unlock()
		<-changed
	}
}

func (s *stream) write(p []byte) (int, error) {
	var delay time.Duration
	if s.via != nil {
		d, arrives, err := s.via(s, p)
		if err != nil || !arrives {
			return len(p), err
		}
		delay = d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	if delay > 0 || s.due.After(time.Now()) {
		p = append([]byte(nil), p...)
		s.later(delay, func() { s.buf = append(s.buf, p...) })
		return len(p), nil
	}
	s.buf = append(s.buf, p...)
	s.notify()
	return len(p), nil
}

// later does something once all that was written before has come, and the delay is over. The caller holds mu.
func (s *stream) later(delay time.Duration, do func()) {
	at := time.Now().Add(delay)
	if !at.After(s.due) {
		at = s.due.Add(time.Nanosecond)
	}
	s.due = at
	time.AfterFunc(time.Until(at), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			do()
			s.notify()
		}
	})
}

// end closes a stream behind what is under way.
func (s *stream) end() {
	s.mu.Lock()
	if s.due.After(time.Now()) && !s.closed {
		s.later(0, func() { s.closed = true })
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.close()
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	if !s.closed {
		s.closed = true
		s.notify()
	}
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.deadline = t
	if !t.IsZero() && !s.closed {
		s.timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.notify()
		})
	}
	s.notify()
}

type pipeEnd struct{ in, out *stream }

func (e *pipeEnd) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e *pipeEnd) Write(p []byte) (int, error) { return e.out.write(p) }

func (e *pipeEnd) Close() error {
	e.in.close()
	e.out.end()
	return nil
}

func (e *pipeEnd) SetReadDeadline(t time.Time) error {
	e.in.setDeadline(t)
	return nil
}

// Writes never wait, so they need no deadline.
func (e *pipeEnd) SetWriteDeadline(time.Time) error { return nil }
func (e *pipeEnd) SetDeadline(t time.Time) error    { return e.SetReadDeadline(t) }
func (e *pipeEnd) LocalAddr() net.Addr              { return wireAddr("here") }
func (e *pipeEnd) RemoteAddr() net.Addr             { return wireAddr("there") }
