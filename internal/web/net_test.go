package web

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// pipes is a listener and dialler in memory: a real socket would stop the fake
// clock of testing/synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// house is a served handler inside a synctest bubble.
type house struct {
	*pipes
	client *http.Client
	stop   context.CancelFunc
	ended  chan error
}

// serve runs Serve over pipes; the test calls leave at its end.
func serve(h http.Handler) *house {
	l := newPipes()
	ctx, stop := context.WithCancel(context.Background())
	one := &house{pipes: l, client: &http.Client{Transport: &http.Transport{DialContext: l.dial}}, stop: stop, ended: make(chan error, 1)}
	go func() { one.ended <- Serve(ctx, l, h) }()
	return one
}

func (h *house) leave(t *testing.T) {
	t.Helper()
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	h.client.CloseIdleConnections()
	time.Sleep(time.Second) // fake: lets the transport's goroutines end
}
