package portal

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A country of one centre, two posts and a portal, all whole, in one process.
type country struct {
	*testing.T
	dir     string
	founded node.Founded
	nodes   map[string]*node.Node
	stops   map[string]func()
	portal  *Portal
	opt     Options
	listen  net.Listener // of the portal's peers
	server  *httptest.Server
	serial  int
	behind  map[string]bool // nodes that have no road to the portal
}

var places = []Place{{"kakavija", "Kakavijë", 39.906, 20.363}, {"rinas", "Rinas", 41.415, 19.720}}

func found(t *testing.T, behind ...string) *country {
	t.Helper()
	c := &country{T: t, dir: t.TempDir(), nodes: map[string]*node.Node{}, stops: map[string]func(){}, behind: map[string]bool{}}
	for _, name := range behind {
		c.behind[name] = true
	}
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"},
			{Name: "rinas", Role: roster.Post, Place: "Rinas", Traffic: "air"},
			{Name: "portal", Role: roster.Portal, Place: "Tirana, public"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}}
	listeners := map[string]net.Listener{}
	for i := range plan.Nodes {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[plan.Nodes[i].Name], plan.Nodes[i].Address = l, l.Addr().String()
	}
	var err error
	if c.founded, err = node.Found(c.dir, plan); err != nil {
		t.Fatal(err)
	}
	c.opt = Options{Dir: filepath.Join(c.dir, "portal"), Founding: c.founded.Founding.Hash(), Places: places, Demo: true, Static: t.TempDir()}
	c.listen = listeners["portal"]
	c.open()
	for _, n := range plan.Nodes[:3] {
		c.start(n.Name, listeners[n.Name])
	}
	return c
}

// open opens the portal with its listeners, until the test ends or close is called.
func (c *country) open() {
	c.Helper()
	var err error
	if c.portal, err = Open(c.opt); err != nil {
		c.Fatal(err)
	}
	if c.listen == nil {
		self, _ := c.portal.State().Roster.Node("portal")
		if c.listen, err = net.Listen("tcp", self.Address); err != nil {
			c.Fatal(err)
		}
	}
	secure, err := c.portal.PeerListener(c.listen)
	if err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	p := c.portal
	go func() { p.ServePeers(ctx, secure); ended <- struct{}{} }()
	go func() { p.Run(ctx); ended <- struct{}{} }()
	c.server = httptest.NewServer(p.Handler())
	server, closed := c.server, false
	c.stops["portal"] = func() {
		if closed {
			return
		}
		closed = true
		cancel()
		<-ended
		<-ended
		server.Close()
		c.listen = nil
		if err := p.Close(); err != nil {
			c.Errorf("close the portal: %v", err)
		}
	}
	c.Cleanup(c.stops["portal"])
}

func (c *country) start(name string, l net.Listener) {
	c.Helper()
	portal := c.listen.Addr().String()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == portal && c.behind[name] {
			return nil, errors.New("no road to the portal")
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	n, err := node.Open(node.Options{Dir: filepath.Join(c.dir, name), Version: "test", Dial: dial, SyncEvery: 40 * time.Millisecond,
		StatusEvery: time.Second})
	if err != nil {
		c.Fatal(err)
	}
	secure, err := n.PeerListener(l)
	if err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- n.ServePeers(ctx, secure) }()
	closed := false
	c.nodes[name] = n
	c.stops[name] = func() {
		if closed {
			return
		}
		closed = true
		cancel()
		l.Close()
		<-served
		if err := n.Close(); err != nil {
			c.Errorf("close %s: %v", name, err)
		}
	}
	c.Cleanup(c.stops[name])
}

// cross lets a new traveller enter and gives his receipt and its text.
func (c *country) cross(post string) (node.Receipt, string) {
	c.Helper()
	ctx, n := context.Background(), c.nodes[post]
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.Fatal(err)
	}
	public, _ := key.PublicKey.Bytes()
	shift, err := n.StartShift(ctx, n.State().Roster.Officers[0], "K1", public)
	if err != nil {
		c.Fatal(err)
	}
	c.serial++
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: "ITA", Nationality: "ITA",
		DocumentNumber: fmt.Sprintf("YA%07d", c.serial), BirthDate: "740812", Sex: "F", ExpiryDate: "330415", Primary: "ROSSI", Secondary: "ANNA"})
	if err != nil {
		c.Fatal(err)
	}
	var acts [2]record.Act
	rand.Read(acts[0][:])
	rand.Read(acts[1][:])
	view, err := n.Scan(ctx, node.Scan{Act: acts[0], Shift: shift, Direction: border.Entry, Document: border.ReadZone(lines, n.Today())})
	if err != nil {
		c.Fatal(err)
	}
	r, err := n.Do(ctx, node.Decision{Act: acts[1], Shift: shift, Check: view.Ref.Index, Decision: border.Admit})
	if err != nil {
		c.Fatal(err)
	}
	text, err := n.ReceiptText(r.Ref.Index)
	if err != nil {
		c.Fatal(err)
	}
	return r, text
}

// until waits for something that nodes bring about.
func (c *country) until(what string, so func() bool) {
	c.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.Fatalf("not in 30 s: %s", what)
		}
	}
}

func (c *country) get(path string) (int, string) {
	c.Helper()
	return c.answer(http.Get(c.server.URL + path))
}

func (c *country) post(path string, form url.Values) (int, string) {
	c.Helper()
	return c.answer(http.PostForm(c.server.URL+path, form))
}

func (c *country) answer(resp *http.Response, err error) (int, string) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// holds waits until the portal's copy of a post's log covers an index.
func (c *country) holds(r node.Receipt) {
	c.Helper()
	c.until("the portal holds the record", func() bool {
		l, ok := c.portal.log(r.Ref.Origin)
		return ok && l.Size() > r.Ref.Index
	})
}

// newRecorder keeps an answer.
func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func mustContain(t testing.TB, page string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(page, w) {
			t.Errorf("%q does not stand in:\n%s", w, page)
		}
	}
}
