package post

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/mrz"
	"tims/internal/node"
	"tims/internal/roster"
)

// country is a founded country of which one post, kakavija, is open, and the centre if asked for.
type country struct {
	t      testing.TB
	dir    string
	peers  map[string]net.Listener
	n      *node.Node
	face   *Face
	server *httptest.Server
	url    string
	code   string // one-time code of the officer
	now    atomic.Int64
}

var noon = time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)

func found(t testing.TB) *country {
	t.Helper()
	c := &country{t: t, dir: t.TempDir(), peers: map[string]net.Listener{}}
	c.now.Store(noon.UnixMilli())
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "tims.al",
		Nodes: []node.PlannedNode{{Name: "qendra", Role: roster.Centre, Place: "tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "kakavija", Traffic: "road"},
			{Name: "durres", Role: roster.Post, Place: "durres", Traffic: "sea"}},
		Officers:  []node.PlannedOfficer{{Label: "A. Hoxha", Duties: []roster.Duty{roster.BoothOfficer}}},
		Approvers: []string{"director"}, Threshold: 1}
	for i := range plan.Nodes {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		c.peers[plan.Nodes[i].Name], plan.Nodes[i].Address = l, l.Addr().String()
	}
	out, err := node.Found(c.dir, plan)
	if err != nil {
		t.Fatal(err)
	}
	c.code = out.Codes["A. Hoxha"]
	c.open()
	return c
}

func (c *country) node(name string) *node.Node {
	c.t.Helper()
	n, err := node.Open(node.Options{Dir: c.dir + "/" + name, Now: c.clock, SyncEvery: 50 * time.Millisecond})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { n.Close() })
	return n
}

func (c *country) clock() time.Time { return time.UnixMilli(c.now.Load()) }

// open opens the post and serves its pages.
func (c *country) open() {
	c.t.Helper()
	c.n = c.node("kakavija")
	c.face = c.newFace()
	c.server = httptest.NewServer(c.face)
	c.url = c.server.URL
	ctx, stop := context.WithCancel(context.Background())
	go c.face.Run(ctx)
	server := c.server
	c.t.Cleanup(func() { stop(); server.CloseClientConnections(); server.Close() })
}

func (c *country) newFace() *Face {
	c.t.Helper()
	f, err := New(c.n, Options{Label: "Kakavijë", Demo: true, Journal: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// openCentre opens the centre, which releases a list, and waits until the post has it in force.
func (c *country) openCentre(alerts ...border.Alert) *node.Node {
	c.t.Helper()
	centre := c.node("qendra")
	l, err := centre.PeerListener(c.peers["qendra"])
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- centre.ServePeers(ctx, l) }()
	c.t.Cleanup(func() { stop(); <-served })
	if _, err := centre.Release(ctx, "demo", 0, alerts); err != nil {
		c.t.Fatal(err)
	}
	for range 400 {
		if len(c.n.Lists()) > 0 {
			return centre
		}
		time.Sleep(25 * time.Millisecond)
	}
	c.t.Fatal("the list did not reach the post in ten seconds")
	return nil
}

// browser is one without script: it keeps cookies, and remembers every address that it was sent to.
type browser struct {
	*country
	client *http.Client
	key    *ecdsa.PrivateKey
	shift  string
	seen   []string
}

func (c *country) browser() *browser {
	jar, _ := cookiejar.New(nil)
	b := &browser{country: c}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		b.seen = append(b.seen, r.URL.String())
		return nil
	}}
	return b
}

type answer struct {
	status int
	path   string
	body   string
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	b.seen = append(b.seen, r.URL.String())
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Request.URL.Path, string(body)}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, b.url+path, nil)
	r.Header.Set("Accept", "text/html")
	return b.do(r)
}

func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, _ := http.NewRequest(http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// enter opens the officer's shift at booth K1, as the script of the sign-in does.
func (b *browser) enter() {
	b.t.Helper()
	var err error
	if b.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		b.t.Fatal(err)
	}
	point, err := b.key.PublicKey.Bytes()
	if err != nil {
		b.t.Fatal(err)
	}
	a := b.post("/enter", "code", b.code, "booth", "k1", "key", base64.RawURLEncoding.EncodeToString(point))
	var opened struct{ Shift string }
	if err := json.Unmarshal([]byte(a.body), &opened); err != nil || a.status != http.StatusOK {
		b.t.Fatalf("enter: %d %s", a.status, a.body)
	}
	b.shift = opened.Shift
}

// resume opens the session of the shift again by its key.
func (b *browser) resume() {
	b.t.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal([]byte(b.post("/resume/challenge").body), &asked); err != nil {
		b.t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		b.t.Fatal(err)
	}
	signature := b.sign(append([]byte("tims/resume/1\n"), raw...))
	if a := b.post("/resume", "shift", b.shift, "challenge", asked.Challenge, "signature", signature); a.status != http.StatusOK {
		b.t.Fatalf("resume: %d %s", a.status, a.body)
	}
}

// sign is what Web Cryptography gives: r ‖ s.
func (b *browser) sign(message []byte) string {
	h := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		b.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// passport composes a valid TD3 zone.
func passport(t testing.TB, surname, given, number, nation string) string {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: nation, DocumentNumber: number,
		Nationality: nation, BirthDate: "740812", Sex: "F", ExpiryDate: "310415", Primary: surname, Secondary: given})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func (a answer) has(t testing.TB, want ...string) {
	t.Helper()
	text := plain(a.body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%d %s has no %q in\n%s", a.status, a.path, w, text)
		}
	}
}

var (
	tags   = regexp.MustCompile(`(?s)<(head|template)\b.*?</(head|template)>|<[^>]*>`)
	blanks = regexp.MustCompile(`[\s\x{a0}]+`)
)

// plain is what a reader sees of a page.
func plain(body string) string {
	return blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " ")
}

// hiddens are the hidden fields of a page's decision form.
func (a answer) hiddens(t testing.TB, more ...string) []string {
	t.Helper()
	_, form, ok := strings.Cut(a.body, `action="/decide"`)
	if !ok {
		t.Fatalf("no decision form on %s:\n%s", a.path, a.body)
	}
	form, _, _ = strings.Cut(form, "</form>")
	var out []string
	for _, m := range hiddenInput.FindAllStringSubmatch(form, -1) {
		out = append(out, m[1], html.UnescapeString(m[2]))
	}
	return append(out, more...)
}

var hiddenInput = regexp.MustCompile(`type="hidden" name="([a-z_]+)" value="([^"]*)"`)

func checkIndex(t testing.TB, a answer) uint64 {
	t.Helper()
	index, err := strconv.ParseUint(strings.TrimPrefix(a.path, "/check/"), 10, 64)
	if err != nil {
		t.Fatalf("no check at %d %s:\n%s", a.status, a.path, plain(a.body))
	}
	return index
}

// enterAgain opens a further shift with a link made at the node.
func (b *browser) enterAgain() {
	b.t.Helper()
	var err error
	if b.code, err = b.n.Invite(b.n.State().Roster.Officers[0].ID); err != nil {
		b.t.Fatal(err)
	}
	b.enter()
}
