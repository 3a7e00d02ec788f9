package centre

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A country is a centre and two posts, each a whole node with listeners on this machine.
type country struct {
	*testing.T
	centre *node.Node
	posts  map[string]*node.Node
	codes  map[string]string
	shifts map[string]*node.Shift
	face   *Face
	server *httptest.Server
	said   *journal
}

// journal keeps what was logged, to be searched for what must not be there.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func found(t *testing.T, now func() time.Time, posts ...node.PlannedNode) *country {
	t.Helper()
	c := &country{T: t, posts: map[string]*node.Node{}, shifts: map[string]*node.Shift{}, said: new(journal)}
	dir, listeners := t.TempDir(), map[string]net.Listener{}
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: append([]node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}}, posts...),
		Officers: []node.PlannedOfficer{{Label: "Booth 1", Duties: []roster.Duty{roster.BoothOfficer}},
			{Label: "Line 2", Duties: []roster.Duty{roster.SecondLine}}, {Label: "Super 1", Duties: []roster.Duty{roster.Supervisor}},
			{Label: "Arta Hoxha", Duties: []roster.Duty{roster.Analyst}},
			{Label: "Ilir Dema", Duties: []roster.Duty{roster.Administrator}}}}
	for i := range plan.Nodes {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[plan.Nodes[i].Name], plan.Nodes[i].Address = l, l.Addr().String()
	}
	founded, err := node.Found(dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	c.codes = founded.Codes
	for _, p := range plan.Nodes {
		n := c.start(filepath.Join(dir, p.Name), listeners[p.Name], now)
		if p.Role == roster.Centre {
			c.centre = n
		} else {
			c.posts[p.Name] = n
		}
	}
	log := slog.New(slog.NewTextHandler(c.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.face = c.newFace(Options{Label: "Tirana", Demo: true, Journal: log})
	c.server = httptest.NewServer(c.face)
	t.Cleanup(func() { c.server.CloseClientConnections(); c.server.Close() })
	return c
}

// newFace makes the centre's pages anew, without a memory of sessions.
func (c *country) newFace(opt Options) *Face {
	c.Helper()
	f, err := New(c.centre, opt)
	if err != nil {
		c.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { f.Run(ctx); close(ended) }()
	c.Cleanup(func() { stop(); <-ended })
	return f
}

func (c *country) start(dir string, l net.Listener, now func() time.Time) *node.Node {
	c.Helper()
	n, err := node.Open(node.Options{Dir: dir, Now: now, Version: "test"})
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
	c.Cleanup(func() {
		cancel()
		l.Close()
		if err := <-served; err != nil {
			c.Errorf("serve peers: %v", err)
		}
		if err := n.Close(); err != nil {
			c.Errorf("close: %v", err)
		}
	})
	return n
}

func act() (a record.Act) {
	rand.Read(a[:])
	return a
}

func boothKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// shift is a booth's at a post.
func (c *country) shift(post string) *node.Shift { return c.shiftOf(post, "Booth 1") }

// shiftOf is an officer's at a post.
func (c *country) shiftOf(post, label string) *node.Shift {
	c.Helper()
	key := post + "/" + label
	if c.shifts[key] == nil {
		o, err := c.officerOf(label)
		if err != nil {
			c.Fatal(err)
		}
		s, err := c.posts[post].StartShift(context.Background(), o, "K1", boothKey(c.T))
		if err != nil {
			c.Fatal(err)
		}
		c.shifts[key] = s
	}
	return c.shifts[key]
}

// do records a deed at a post.
func (c *country) do(post string, d node.Deed) record.Ref {
	c.Helper()
	r, err := c.posts[post].Do(context.Background(), d)
	if err != nil {
		c.Fatal(err)
	}
	return r.Ref
}

// pass decides a traveller at a post; the ground makes it a refusal.
func (c *country) pass(post string, d border.Document, dir border.Direction, v node.Vehicle, ground border.Ground) record.Ref {
	c.Helper()
	ctx, n := context.Background(), c.posts[post]
	view, err := n.Scan(ctx, node.Scan{Act: act(), Shift: c.shift(post), Direction: dir, Document: d, Vehicle: v})
	if err != nil {
		c.Fatal(err)
	}
	decision := border.Admit
	if ground != "" {
		decision = border.Refuse
	}
	r, err := n.Do(ctx, node.Decision{Act: act(), Shift: c.shift(post), Check: view.Ref.Index, Decision: decision, Ground: ground, Vehicle: v})
	if err != nil {
		c.Fatal(err)
	}
	return r.Ref
}

func passport(t *testing.T, number, nation, surname, given string) border.Document {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: nation, Nationality: nation,
		DocumentNumber: number, BirthDate: "740812", Sex: "F", ExpiryDate: "330415", Primary: surname, Secondary: given})
	if err != nil {
		t.Fatal(err)
	}
	return border.ReadZone(lines, border.DayAt(time.Now().UnixMilli(), time.UTC))
}

// settle waits until the centre has folded every record of the posts.
func (c *country) settle() {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		h, err := c.centre.Health(ctx)
		if err != nil {
			c.Fatal(err)
		}
		there := h.Folding == 0
		for _, p := range h.Peers {
			n, err := c.posts[p.Node].Health(ctx)
			if err != nil {
				c.Fatal(err)
			}
			there = there && p.Held >= n.Size
		}
		if there {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// officer is a browser without script in which the officer of a label has a shift; without a label nobody has.
func (c *country) officer(label string) *http.Client {
	c.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if label == "" {
		return client
	}
	c.resume(client, label)
	return client
}

// resume opens a session of a new shift by its booth key, as signin.js does.
func (c *country) resume(client *http.Client, label string) {
	c.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		c.Fatal(err)
	}
	o, err := c.officerOf(label)
	if err != nil {
		c.Fatal(err)
	}
	shift, err := c.centre.StartShift(c.Context(), o, "centre", point)
	if err != nil {
		c.Fatal(err)
	}
	nonce := c.centre.Nonce()
	h := sha256.Sum256(append([]byte("tims/resume/1\n"), nonce...))
	r, s, err := ecdsa.Sign(rand.Reader, key, h[:])
	if err != nil {
		c.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	res, err := client.PostForm(c.server.URL+"/resume", url.Values{"shift": {strconv.FormatUint(shift.Ref.Index, 10)}, "challenge": {text(nonce)},
		"signature": {text(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))}})
	if err != nil {
		c.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.Fatalf("%s does not get in: %s", label, res.Status)
	}
}

func (c *country) officerOf(label string) (roster.Officer, error) {
	for _, o := range c.centre.State().Roster.Officers {
		if o.Label == label {
			return o, nil
		}
	}
	return roster.Officer{}, fmt.Errorf("no officer %s", label)
}

// get asks for a page; the language is given as browsers do.
func (c *country) get(client *http.Client, path, lang string) (*http.Response, string) {
	c.Helper()
	req, err := http.NewRequest(http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", lang)
	return c.answer(client.Do(req))
}

func (c *country) post(client *http.Client, path string, form url.Values) (*http.Response, string) {
	c.Helper()
	return c.answer(client.PostForm(c.server.URL+path, form))
}

func (c *country) answer(res *http.Response, err error) (*http.Response, string) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.Fatal(err)
	}
	return res, string(body)
}
