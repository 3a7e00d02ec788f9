package signin

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"tims/internal/node"
	"tims/internal/roster"
	"tims/internal/web"
)

func TestWords(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "rinas"}, Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range web.MissingKeys(pages, "signin.title", "signin.resume.title", "signin.error.booth", "signin.error.key",
		"signin.error.invite", "signin.error.officer", "signin.error.record", "signin.error.resume") {
		t.Error(missing)
	}
}

func TestChallenges(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c := newChallenges()
	b := c.issue(now)
	if !c.fresh(b, now) || !c.fresh(b, now.Add(challengeFor-time.Millisecond)) {
		t.Error("a new challenge is not fresh")
	}
	if c.fresh(b, now.Add(challengeFor)) || c.fresh(b, now.Add(-time.Millisecond)) {
		t.Error("a challenge is fresh outside its time")
	}
	for i := range b {
		forged := bytes.Clone(b)
		forged[i] ^= 1
		if c.fresh(forged, now) {
			t.Errorf("a challenge with byte %d changed is fresh", i)
		}
	}
	if newChallenges().fresh(b, now) || c.fresh(b[:challengeSize-1], now) || c.fresh(nil, now) {
		t.Error("a challenge of another process or length is fresh")
	}
	if !c.take(b, now) || c.take(b, now) || c.fresh(b, now) {
		t.Error("a challenge serves twice")
	}
	c.take(c.issue(now), now.Add(2*challengeFor))
	if len(c.used) != 1 {
		t.Errorf("%d used challenges are kept", len(c.used))
	}
}

func TestLocalPath(t *testing.T) {
	for to, want := range map[string]string{"/search": "/search", "//evil": "/h", "/\\evil": "/h", "https://evil": "/h", "": "/h",
		"/a\nb": "/h", "/" + strings.Repeat("a", maxPath): "/h"} {
		if got := localPath(to, "/h"); got != want {
			t.Errorf("%q: %q", to, got)
		}
	}
}

// A post is a real node with one officer; its sign-in may be replaced as a restart does.
type post struct {
	*testing.T
	node   *node.Node
	code   string
	server *httptest.Server
}

func open(t *testing.T) *post {
	t.Helper()
	dir := t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"},
		Threshold: 1, Nodes: []node.PlannedNode{{Name: "rinas", Role: roster.Post}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(node.Options{Dir: filepath.Join(dir, "rinas")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &post{T: t, node: n, code: founded.Codes["K-01"], server: httptest.NewServer(nil)}
	t.Cleanup(p.server.Close)
	p.restart()
	return p
}

func (p *post) restart() { p.Helper(); p.serve(Options{}) }

func (p *post) serve(opt Options) {
	p.Helper()
	pages, err := web.Open(web.Config{Node: "rinas"}, Files())
	if err != nil {
		p.Fatal(err)
	}
	mux := http.NewServeMux()
	pages.Mount(mux)
	s := New(p.node, pages, opt)
	s.Mount(mux)
	mux.HandleFunc("GET /who", s.Require(func(w http.ResponseWriter, _ *http.Request, shift *node.Shift) {
		w.Write([]byte(shift.Officer.Label + " at " + shift.Booth))
	}))
	p.server.Config.Handler = web.Guard{Pages: pages}.Wrap(mux)
}

// A browser has cookies and the key of a shift.
type browser struct {
	*http.Client
	p   *post
	key *ecdsa.PrivateKey
}

func (p *post) browser() *browser {
	p.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, p, key}
}

type reply struct {
	status                        int
	Shift, Home, Error, Challenge string
}

func (b *browser) post(path string, fields ...string) reply {
	b.p.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	res, err := b.PostForm(b.p.server.URL+path, form)
	if err != nil {
		b.p.Fatal(err)
	}
	defer res.Body.Close()
	r := reply{status: res.StatusCode}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if err := json.NewDecoder(res.Body).Decode(&r); err != nil {
			b.p.Fatal(err)
		}
	}
	return r
}

func (b *browser) public() string {
	b.p.Helper()
	public, err := b.key.PublicKey.Bytes()
	if err != nil {
		b.p.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(public)
}

// sign answers a challenge as signin.js does: r ‖ s.
func (b *browser) sign(challenge string) string {
	b.p.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(challenge)
	if err != nil {
		b.p.Fatal(err)
	}
	h := sha256.Sum256(append([]byte("tims/resume/1\n"), raw...))
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		b.p.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return base64.RawURLEncoding.EncodeToString(sig)
}

func (b *browser) who(accept string) (int, string, string) {
	b.p.Helper()
	req, err := http.NewRequest(http.MethodGet, b.p.server.URL+"/who", nil)
	if err != nil {
		b.p.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := b.Do(req)
	if err != nil {
		b.p.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	body.ReadFrom(res.Body)
	return res.StatusCode, body.String(), res.Header.Get("Location")
}

// A link asks for the booth alone; without one the page says how to come by it. The centre is one place and asks for nothing.
func TestEnterPage(t *testing.T) {
	p := open(t)
	for _, test := range []struct {
		booth, query string
		has, hasNot  []string
	}{
		{"", "?code=ABC", []string{`id="code-field" hidden`, `value="ABC"`, `placeholder="K1" spellcheck="false" autofocus`}, []string{"How to open a shift"}},
		{"", "", []string{"How to open a shift", "Confirm the booth", "numbered paper sheets"}, []string{`id="code-field" hidden`}},
		{"centre", "", []string{"How to open a shift", `value="centre"`}, []string{"Confirm the booth", "numbered paper sheets"}},
	} {
		p.serve(Options{Booth: test.booth})
		res, err := http.Get(p.server.URL + "/enter" + test.query)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for _, want := range test.has {
			if !strings.Contains(body.String(), want) {
				t.Errorf("booth %q, %q: no %q", test.booth, test.query, want)
			}
		}
		for _, not := range test.hasNot {
			if strings.Contains(body.String(), not) {
				t.Errorf("booth %q, %q: %q", test.booth, test.query, not)
			}
		}
	}
}

// A code opens one shift; the session is brought back by the shift's key alone; an ended shift never comes back.
func TestShift(t *testing.T) {
	p := open(t)
	b, thief := p.browser(), p.browser()
	if status, _, to := b.who("text/html"); status != http.StatusSeeOther || to != "/resume?to=%2Fwho" {
		t.Fatalf("a stranger is sent to %d %s", status, to)
	}
	if status, _, _ := b.who("text/event-stream"); status != http.StatusUnauthorized {
		t.Errorf("a stranger's stream is %d", status)
	}
	for _, bad := range [][]string{{"code", p.code, "key", b.public()}, {"code", p.code, "booth", "K1234567890123456", "key", b.public()},
		{"code", p.code, "booth", "K1", "key", "AAAA"}, {"code", "WRONG", "booth", "K1", "key", b.public()}} {
		if r := b.post("/enter", bad...); r.status < 400 || r.Error == "" {
			t.Errorf("%v opens a shift: %+v", bad[2:], r)
		}
	}
	in := b.post("/enter", "code", p.code, "booth", " k1 ", "key", b.public())
	if in.status != 200 || in.Home != "/" || in.Shift == "" {
		t.Fatalf("the shift is not open: %+v", in)
	}
	if _, body, _ := b.who("text/html"); body != "K-01 at K1" {
		t.Errorf("it is %q", body)
	}
	if r := thief.post("/enter", "code", p.code, "booth", "K1", "key", thief.public()); r.status != http.StatusForbidden {
		t.Errorf("a used code is %d", r.status)
	}

	p.restart()
	if status, _, _ := b.who("text/html"); status != http.StatusSeeOther {
		t.Errorf("a session outlives the process: %d", status)
	}
	challenge := b.post("/resume/challenge").Challenge
	if r := thief.post("/resume", "shift", in.Shift, "challenge", challenge, "signature", thief.sign(challenge)); r.status != 401 {
		t.Errorf("another key resumes: %d", r.status)
	}
	signature := b.sign(challenge)
	if r := b.post("/resume", "shift", in.Shift, "challenge", challenge, "signature", signature); r.status != 200 {
		t.Errorf("the key does not resume: %+v", r)
	}
	if _, body, _ := b.who("text/html"); body != "K-01 at K1" {
		t.Errorf("after resuming it is %q", body)
	}
	if r := thief.post("/resume", "shift", in.Shift, "challenge", challenge, "signature", signature); r.status != 401 {
		t.Errorf("a signature serves twice: %d", r.status)
	}

	if r := b.post("/leave"); r.status != http.StatusSeeOther {
		t.Errorf("leaving is %d", r.status)
	}
	if status, _, _ := b.who("text/html"); status != http.StatusSeeOther {
		t.Errorf("after leaving it is %d", status)
	}
	challenge = b.post("/resume/challenge").Challenge
	if r := b.post("/resume", "shift", in.Shift, "challenge", challenge, "signature", b.sign(challenge)); r.status != 401 {
		t.Errorf("an ended shift resumes: %d", r.status)
	}
}
