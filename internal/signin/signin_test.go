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
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"tims/internal/node"
	"tims/internal/passkey"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/web"
)

func TestWords(t *testing.T) {
	pages, err := web.Open(web.Config{Node: "rinas"}, Files())
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"signin.title", "signin.resume.title", "signin.error.booth", "signin.error.format", "signin.error.record",
		"signin.error.resume", "signin.enrolled"}
	for _, t := range troubles {
		keys = append(keys, t.words)
	}
	for _, missing := range web.MissingKeys(pages, keys...) {
		t.Error(missing)
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

// A post is a real node with two officers; its sign-in may be replaced as a restart does.
type post struct {
	*testing.T
	node   *node.Node
	codes  map[string]string
	server *httptest.Server
}

func open(t *testing.T) *post {
	t.Helper()
	dir := t.TempDir()
	booth := []roster.Duty{roster.BoothOfficer}
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"},
		Threshold: 1, Nodes: []node.PlannedNode{{Name: "rinas", Role: roster.Post}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: booth}, {Label: "K-02", Duties: booth}}})
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
	p := &post{T: t, node: n, codes: founded.Codes, server: httptest.NewServer(nil)}
	t.Cleanup(p.server.Close)
	p.restart()
	return p
}

func (p *post) restart() { p.Helper(); p.config(Options{}, false) }

func (p *post) config(opt Options, demo bool) {
	p.Helper()
	pages, err := web.Open(web.Config{Node: "rinas", Demo: demo}, Files())
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

// A browser has cookies, the key of a shift, and an officer's passkey at hand.
type browser struct {
	*http.Client
	p      *post
	key    *ecdsa.PrivateKey
	device *passkey.Software
	origin string
}

func (p *post) browser(seed byte) *browser {
	p.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.Fatal(err)
	}
	device, err := passkey.NewSoftware([32]byte{seed})
	if err != nil {
		p.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, p, key,
		device, "http://localhost:8402"}
}

// enrol makes the passkey of whoever has the code, as signin.js does.
func (b *browser) enrol(code string) reply {
	b.p.Helper()
	o := b.post("/enrol/options", "code", code)
	if o.status != http.StatusOK {
		return o
	}
	made, err := b.device.Make(passkey.Party{Parent: o.Party}, b.origin, passkey.EnrolChallenge(b.raw(o.Nonce), [16]byte(b.raw(o.Officer))))
	if err != nil {
		b.p.Fatal(err)
	}
	return b.post("/enrol", "code", code, "nonce", o.Nonce, "credential", text(made.Credential), "client", text(made.ClientData),
		"attestation", text(made.Attestation))
}

// sign lets the passkey sign a shift at a booth and gives the fields of /enter.
func (b *browser) signed(officer int, booth string) []string {
	b.p.Helper()
	begun := b.post("/enter/nonce", "booth", booth)
	if begun.status != http.StatusOK {
		b.p.Fatalf("no nonce: %+v", begun)
	}
	public, err := b.key.PublicKey.Bytes()
	if err != nil {
		b.p.Fatal(err)
	}
	id := b.p.node.State().Roster.Officers[officer].ID
	s, err := b.device.SignShift(passkey.Party{Parent: begun.Party}, b.origin, b.raw(begun.Nonce),
		record.ShiftBody{Officer: id, Booth: begun.Booth, BoothKey: public})
	if err != nil {
		b.p.Fatal(err)
	}
	return []string{"officer", text(id[:]), "booth", booth, "key", text(public), "nonce", begun.Nonce, "credential", text(s.Passkey.Credential),
		"client", text(s.Passkey.ClientData), "authenticator", text(s.Passkey.Authenticator), "signature", text(s.Passkey.Signature)}
}

func (b *browser) raw(s string) []byte {
	b.p.Helper()
	out, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		b.p.Fatal(err)
	}
	return out
}

// with gives the fields with another value for one of them.
func with(fields []string, name, value string) []string {
	out := slices.Clone(fields)
	out[slices.Index(fields, name)+1] = value
	return out
}

type reply struct {
	status                              int
	Shift, Home, Error, Challenge       string
	Nonce, Booth, Party, Officer, Label string
	Said                                string
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

// The page asks for what the address does not say. The centre is one place and asks for no booth. Only the demonstration has
// passkeys of its own.
func TestEnterPage(t *testing.T) {
	p := open(t)
	for _, test := range []struct {
		booth, query string
		demo         bool
		has, hasNot  []string
	}{
		{"", "", false, []string{"How to open a shift", "numbered paper sheets", `placeholder="K1"`, "One-time code", `data-begin`}, []string{"software"}},
		{"", "?code=ABC", false, []string{`value="ABC"`}, []string{"How to open a shift", "software"}},
		{"centre", "", false, []string{"How to open a shift", `value="centre"`}, []string{"numbered paper sheets", "software"}},
		{"", "?booth=K1&officer=K-02", true, []string{`value="K1"`, `value="software" data-begin`, "<option selected>K-02", "<option>K-01"}, nil},
		{"", "?booth=K1&officer=K-02", false, []string{`value="K1"`, `value="passkey" data-begin`}, []string{"software", "K-02"}},
		{"", "?left", false, []string{"key is thrown away", "data-forget"}, []string{"could not be recorded"}},
		{"", "?left=unrecorded", false, []string{"could not be recorded", "data-forget"}, nil},
	} {
		p.config(Options{Booth: test.booth}, test.demo)
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

// A code makes one passkey and opens nothing.
func TestEnrol(t *testing.T) {
	p := open(t)
	b, thief := p.browser(1), p.browser(2)
	if r := b.post("/enter", b.signed(0, "K1")...); r.status != http.StatusForbidden || !strings.Contains(r.Error, "not known at this node") {
		t.Errorf("before a passkey is made: %+v", r)
	}
	for _, code := range []string{"", "WRONG", p.codes["K-01"] + "A"} {
		if r := b.enrol(code); r.status != http.StatusForbidden || r.Error == "" {
			t.Errorf("code %q: %+v", code, r)
		}
	}
	typed := " " + strings.ToLower(p.codes["K-01"][:16]) + " " + p.codes["K-01"][16:]
	if r := b.enrol(typed); r.status != http.StatusOK || !strings.Contains(r.Said, "K-01") {
		t.Fatalf("not enrolled: %+v", r)
	}
	if status, _, _ := b.who("text/html"); status != http.StatusSeeOther {
		t.Errorf("a code opens a shift: %d", status)
	}
	if r := thief.enrol(p.codes["K-01"]); r.status != http.StatusForbidden || !strings.Contains(r.Error, "made a passkey already") {
		t.Errorf("a used code: %+v", r)
	}
	if r := thief.post("/enter", thief.signed(0, "K1")...); r.status != http.StatusForbidden {
		t.Errorf("another passkey: %+v", r)
	}
	far := p.browser(3)
	far.origin = "https://localhost.evil"
	if r := far.enrol(p.codes["K-02"]); r.status != http.StatusForbidden || !strings.Contains(r.Error, "own name") {
		t.Errorf("made elsewhere: %+v", r)
	}
}

// A passkey opens a shift; the session is brought back by the shift's key alone; an ended shift never comes back.
func TestShift(t *testing.T) {
	p := open(t)
	b, thief := p.browser(1), p.browser(2)
	if r := b.enrol(p.codes["K-01"]); r.status != http.StatusOK {
		t.Fatalf("not enrolled: %+v", r)
	}
	if status, _, to := b.who("text/html"); status != http.StatusSeeOther || to != "/resume?to=%2Fwho" {
		t.Fatalf("a stranger is sent to %d %s", status, to)
	}
	if status, _, _ := b.who("text/event-stream"); status != http.StatusUnauthorized {
		t.Errorf("a stranger's stream is %d", status)
	}
	if r := b.post("/enter/nonce", "booth", "K1234567890123456"); r.status != http.StatusBadRequest || r.Error == "" {
		t.Errorf("a long booth: %+v", r)
	}
	fields := b.signed(0, " k1 ")
	for name, bad := range map[string][]string{"no signature": with(fields, "signature", ""), "no base64": with(fields, "key", "%"),
		"another officer": with(fields, "officer", text(p.node.State().Roster.Officers[1].ID[:])), "a short officer": with(fields, "officer", "AAAA"),
		"another booth": with(fields, "booth", "K2"), "another key": with(fields, "key", with(thief.signed(0, "K1"), "booth", "")[5])} {
		if r := b.post("/enter", bad...); r.status < 400 || r.Error == "" {
			t.Errorf("%s opens a shift: %+v", name, r)
		}
	}
	in := b.post("/enter", fields...)
	if in.status != 200 || in.Home != "/" || in.Shift == "" {
		t.Fatalf("the shift is not open: %+v", in)
	}
	if _, body, _ := b.who("text/html"); body != "K-01 at K1" {
		t.Errorf("it is %q", body)
	}
	if r := thief.post("/enter", fields...); r.status != http.StatusForbidden || !strings.Contains(r.Error, "used already") {
		t.Errorf("a replay: %+v", r)
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
	p.restart()
	challenge = b.post("/resume/challenge").Challenge
	if r := b.post("/resume", "shift", in.Shift, "challenge", challenge, "signature", b.sign(challenge)); r.status != 401 {
		t.Errorf("an ended shift resumes: %d", r.status)
	}
}
