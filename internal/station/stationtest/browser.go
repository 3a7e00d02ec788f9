package stationtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tims/internal/node"
)

// A Browser is one without script: it keeps cookies, and remembers every address that it was sent to.
type Browser struct {
	*Country
	Shift *node.Shift
	Seen  []string

	client *http.Client
	key    *ecdsa.PrivateKey
}

// Browser gives a browser in which nobody is signed in.
func (c *Country) Browser() *Browser {
	jar, _ := cookiejar.New(nil)
	b := &Browser{Country: c}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		b.Seen = append(b.Seen, r.URL.String())
		return nil
	}}
	return b
}

// Enter opens a shift of an officer at a booth in this browser.
func (b *Browser) Enter(label, booth string) {
	b.Helper()
	var err error
	if b.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		b.Fatal(err)
	}
	point, err := b.key.PublicKey.Bytes()
	if err != nil {
		b.Fatal(err)
	}
	if b.Shift, err = b.Country.Post.StartShift(b.Context(), b.Officer(label), booth, point); err != nil {
		b.Fatal(err)
	}
	b.Resume()
}

// Resume opens the session of the shift by its key, as signin.js does.
func (b *Browser) Resume() {
	b.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal([]byte(b.Post("/resume/challenge").Body), &asked); err != nil {
		b.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		b.Fatal(err)
	}
	signature := b.Sign(append([]byte("tims/resume/1\n"), raw...))
	a := b.Post("/resume", "shift", strconv.FormatUint(b.Shift.Ref.Index, 10), "challenge", asked.Challenge, "signature", signature)
	if a.Status != http.StatusOK {
		b.Fatalf("resume: %d %s", a.Status, a.Body)
	}
}

// Again is another browser with the same shift and its key, in which no session is open.
func (b *Browser) Again() *Browser {
	n := b.Country.Browser()
	n.key, n.Shift = b.key, b.Shift
	return n
}

// An Answer is a page after all redirections.
type Answer struct {
	Status int
	Path   string
	Body   string
	Kind   string // Content-Type
}

func (b *Browser) do(r *http.Request) Answer {
	b.Helper()
	b.Seen = append(b.Seen, r.URL.String())
	r.Header.Set("Accept", "text/html")
	res, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return Answer{res.StatusCode, res.Request.URL.Path, string(body), res.Header.Get("Content-Type")}
}

// Get asks for a page.
func (b *Browser) Get(path string) Answer {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, b.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	return b.do(r)
}

// Post sends a form of names and values, as a browser without script does.
func (b *Browser) Post(path string, pairs ...string) Answer {
	b.Helper()
	return b.Step("", path, pairs...)
}

// Step sends a form with the header of a step towards signed records: "prepare" or "commit".
func (b *Browser) Step(sign, path string, pairs ...string) Answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if sign != "" {
		r.Header.Set("Tims-Sign", sign)
	}
	return b.do(r)
}

// A Signable is an act of a form, with what the booth key must sign; nil where it is recorded already.
type Signable struct {
	Act     string
	Message []byte
}

// Prepare asks what is to be signed of a form.
func (b *Browser) Prepare(path string, pairs ...string) (acts []Signable) {
	b.Helper()
	a := b.Step("prepare", path, pairs...)
	var p struct {
		Shift string
		Acts  []struct{ Act, Message string }
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil || p.Shift != strconv.FormatUint(b.Shift.Ref.Index, 10) {
		b.Fatalf("prepare: %v: %d %s", err, a.Status, a.Body)
	}
	for _, act := range p.Acts {
		s := Signable{Act: act.Act}
		if act.Message != "" {
			var err error
			if s.Message, err = base64.RawURLEncoding.DecodeString(act.Message); err != nil {
				b.Fatal(err)
			}
		}
		acts = append(acts, s)
	}
	return acts
}

// Commit sends a form with the booth's signatures of its acts.
func (b *Browser) Commit(acts []Signable, path string, pairs ...string) Answer {
	b.Helper()
	for _, act := range acts {
		signature := act.Act + ":"
		if act.Message != nil {
			signature += b.Sign(act.Message)
		}
		pairs = append(pairs[:len(pairs):len(pairs)], "signature", signature)
	}
	return b.Step("commit", path, pairs...)
}

// Signed sends a form in both steps, as deed.js does.
func (b *Browser) Signed(path string, pairs ...string) Answer {
	b.Helper()
	return b.Commit(b.Prepare(path, pairs...), path, pairs...)
}

// Sign is what Web Cryptography gives: r ‖ s.
func (b *Browser) Sign(message []byte) string {
	h := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		b.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// Has fails the test where a reader of the page does not see each of the texts.
func (a Answer) Has(t testing.TB, want ...string) {
	t.Helper()
	text := Plain(a.Body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%d %s has no %q in\n%s", a.Status, a.Path, w, text)
		}
	}
}

var (
	tags   = regexp.MustCompile(`(?s)<(head|template)\b.*?</(head|template)>|<[^>]*>`)
	blanks = regexp.MustCompile(`[\s\x{a0}]+`)
	hidden = regexp.MustCompile(`type="hidden" name="([a-z_]+)" value="([^"]*)"`)
	deeds  = regexp.MustCompile(`(?s)<form[^>]* data-deed[^>]*>.*?</form>`)
)

// Plain is what a reader sees of a page.
func Plain(body string) string {
	return blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " ")
}

var template = regexp.MustCompile(`(?s)<template\b.*?</template>`)

// Hiddens are the hidden fields of the page's first form that becomes records, and more beside them.
func (a Answer) Hiddens(t testing.TB, more ...string) []string {
	t.Helper()
	form := deeds.FindString(template.ReplaceAllString(a.Body, ""))
	if form == "" {
		t.Fatalf("no form of a deed on %s:\n%s", a.Path, a.Body)
	}
	var out []string
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		out = append(out, m[1], html.UnescapeString(m[2]))
	}
	return append(out, more...)
}
