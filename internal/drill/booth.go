package drill

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"tims/internal/passkey"
	"tims/internal/record"
)

// A booth is an officer with a browser, in software: it signs in with a passkey, reads zones, decides and signs over the same
// addresses as the pages of the product, and sees what they show. Nothing of the node is imported here but the formats.
type booth struct {
	post, code, name string
	base             string // address of the post's pages
	passkey          *passkey.Software
	officer          []byte // his id; nil before his passkey is made

	client *http.Client
	key    *ecdsa.PrivateKey
	shift  string // index of its record; empty before the first sign-in
}

var (
	// errUnsure: no answer, or one that says that it is not known. The act is asked again.
	errUnsure = errors.New("no certain answer")
	// errNotRecorded: the post says that nothing was recorded.
	errNotRecorded = errors.New("the post says: not recorded")
	// errKnown: the record named stands since an earlier question.
	errKnown = errors.New("the document was read before")
	// errMend: the officer is to put something right in the form; nothing was recorded. It is an answer.
	errMend = errors.New("the post asks to mend the form")
	// errSignedOut: the session is gone.
	errSignedOut = errors.New("the session is gone")
)

func newBooth(n *Node, code string) (*booth, error) {
	var seed [32]byte
	rand.Read(seed[:])
	soft, err := passkey.NewSoftware(seed)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(n.people)
	if err != nil {
		return nil, err
	}
	b := &booth{post: n.Name, code: code, name: "K1", base: "http://localhost:" + port, passkey: soft}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, n.people)
	}
	b.client = &http.Client{Jar: jar, Timeout: answerWithin, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b, nil
}

// page is an answer without its redirections followed.
type page struct {
	status int
	to     string // where it leads
	body   []byte
}

func (b *booth) send(ctx context.Context, method, path, sign string, form url.Values) (page, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, b.base+path, body)
	if err != nil {
		return page{}, err
	}
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if sign != "" {
		r.Header.Set("Tims-Sign", sign)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", errUnsure, err)
	}
	defer resp.Body.Close()
	p := page{status: resp.StatusCode, to: resp.Header.Get("Location")}
	if p.body, err = io.ReadAll(io.LimitReader(resp.Body, maxPage)); err != nil {
		return p, fmt.Errorf("%w: %w", errUnsure, err)
	}
	if p.status == http.StatusUnauthorized || strings.HasPrefix(p.to, "/resume") || strings.HasPrefix(p.to, "/enter") {
		return p, errSignedOut
	}
	return p, nil
}

func (b *booth) post1(ctx context.Context, path string, pairs ...string) (page, error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(ctx, http.MethodPost, path, "", form)
}

// ask posts a form and reads the JSON that answers the pages' scripts.
func (b *booth) ask(ctx context.Context, into any, path string, pairs ...string) error {
	p, err := b.post1(ctx, path, pairs...)
	if err != nil && !errors.Is(err, errSignedOut) {
		return err
	}
	if p.status != http.StatusOK {
		return fmt.Errorf("%s answers %d: %w", path, p.status, errUnsure)
	}
	if err := json.Unmarshal(p.body, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

var text = base64.RawURLEncoding.EncodeToString

func (b *booth) party() passkey.Party { return passkey.Party{Parent: "localhost"} }

// open signs the officer in, with a passkey that he makes first of his one-time code.
func (b *booth) open(ctx context.Context) error {
	if b.shift != "" && b.resume(ctx) == nil {
		return nil
	}
	if b.officer == nil {
		if err := b.enrol(ctx); err != nil {
			return err
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return err
	}
	var began struct{ Nonce, Booth string }
	if err := b.ask(ctx, &began, "/enter/nonce", "booth", b.name); err != nil {
		return err
	}
	nonce, err := base64.RawURLEncoding.DecodeString(began.Nonce)
	if err != nil {
		return err
	}
	signed, err := b.passkey.SignShift(b.party(), b.base, nonce, record.ShiftBody{Officer: [16]byte(b.officer), Booth: began.Booth, BoothKey: point})
	if err != nil {
		return err
	}
	var in struct{ Shift string }
	if err := b.ask(ctx, &in, "/enter", "booth", began.Booth, "key", text(point), "credential", text(signed.Passkey.Credential),
		"nonce", text(nonce), "client", text(signed.Passkey.ClientData), "authenticator", text(signed.Passkey.Authenticator),
		"signature", text(signed.Passkey.Signature), "officer", text(b.officer)); err != nil {
		return err
	}
	b.key, b.shift = key, in.Shift
	return nil
}

func (b *booth) enrol(ctx context.Context) error {
	var o struct{ Nonce, Officer string }
	if err := b.ask(ctx, &o, "/enrol/options", "code", b.code); err != nil {
		return err
	}
	nonce, nerr := base64.RawURLEncoding.DecodeString(o.Nonce)
	officer, err := base64.RawURLEncoding.DecodeString(o.Officer)
	if nerr != nil || err != nil || len(officer) != 16 {
		return errors.New("the post names no officer")
	}
	made, err := b.passkey.Make(b.party(), b.base, passkey.EnrolChallenge(nonce, [16]byte(officer)))
	if err != nil {
		return err
	}
	var said struct{ Said string }
	if err := b.ask(ctx, &said, "/enrol", "code", b.code, "credential", text(made.Credential), "client", text(made.ClientData),
		"attestation", text(made.Attestation), "nonce", o.Nonce); err != nil {
		return err
	}
	b.officer = officer
	return nil
}

// resume opens the session of the shift again with the booth key, as the page does by itself after a restart of the post.
func (b *booth) resume(ctx context.Context) error {
	var asked struct{ Challenge string }
	if err := b.ask(ctx, &asked, "/resume/challenge"); err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		return err
	}
	var done struct{}
	return b.ask(ctx, &done, "/resume", "shift", b.shift, "challenge", asked.Challenge, "signature",
		b.sign(append([]byte("tims/resume/1\n"), raw...)))
}

// sign is what Web Cryptography gives: r ‖ s.
func (b *booth) sign(message []byte) string {
	h := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, b.key, h[:])
	if err != nil {
		panic(err) // a P-256 key signs any hash
	}
	return text(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// follow reads the page that an answer leads to: the officer has waited for it too.
func (b *booth) follow(ctx context.Context, p page, want string) (string, error) {
	path, _, _ := strings.Cut(p.to, "?")
	name, ok := strings.CutPrefix(path, want)
	if p.status != http.StatusSeeOther || !ok {
		return "", fmt.Errorf("the post answers %d %q: %w", p.status, p.alert(), outcome(p))
	}
	_, err := b.send(ctx, http.MethodGet, p.to, "", nil)
	if errors.Is(err, errSignedOut) {
		err = nil // it was recorded; the page of it comes after the next sign-in
	}
	return name, err
}

var (
	alerts = regexp.MustCompile(`(?s)role="alert">.*?<strong>([^<]*)</strong>`)
	inert  = regexp.MustCompile(`(?s)<template.*?</template>`) // what the page's script may show later
)

// shown is the part of a page that is shown.
func (p page) shown() []byte { return inert.ReplaceAll(p.body, nil) }

// alert is the first trouble that a page says in words. It names no traveller.
func (p page) alert() string {
	if m := alerts.FindSubmatch(p.shown()); m != nil {
		return html.UnescapeString(string(m[1]))
	}
	return ""
}

// outcome reads what a page without a receipt says: certainly nothing, or not known.
func outcome(p page) error {
	if p.status == http.StatusUnprocessableEntity {
		return errMend
	}
	shown := string(p.shown())
	if strings.Contains(shown, `name="again"`) || p.status >= 500 && !strings.Contains(shown, "<form") {
		return errUnsure
	}
	return errNotRecorded
}

// check puts a document on the reader and gives the number of the check's record. A document that the party before the booth has
// shown already leads to its first check and makes no record: the error is then errKnown beside the number.
func (b *booth) check(ctx context.Context, act record.Act, zone []string) (string, error) {
	p, err := b.post1(ctx, "/scan", "act", hex.EncodeToString(act[:]), "zone", strings.Join(zone, "\n"))
	if err != nil {
		return "", err
	}
	index, err := b.follow(ctx, p, "/check/")
	if err == nil && strings.HasSuffix(p.to, "?again=1") {
		err = errKnown
	}
	return index, err
}

// admit decides on a check: the form is prepared, signed and committed as the page's script does. It gives the receipt's number.
func (b *booth) admit(ctx context.Context, act record.Act, check string, again bool) (string, error) {
	form := url.Values{"act": {hex.EncodeToString(act[:])}, "check": {check}, "decision": {"admit"}, "confirm": {"1"}}
	if again {
		form.Set("again", "1")
	}
	p, err := b.send(ctx, http.MethodPost, "/decide", "prepare", form)
	if err != nil {
		return "", err
	}
	var asked struct {
		Acts []struct{ Act, Message string }
	}
	if p.status != http.StatusOK || json.Unmarshal(p.body, &asked) != nil {
		return "", fmt.Errorf("the post answers %d %q: %w", p.status, p.alert(), outcome(p))
	}
	for _, a := range asked.Acts {
		signature := a.Act + ":"
		if a.Message != "" {
			message, err := base64.RawURLEncoding.DecodeString(a.Message)
			if err != nil {
				return "", err
			}
			signature += b.sign(message)
		}
		form.Add("signature", signature)
	}
	if p, err = b.send(ctx, http.MethodPost, "/decide", "commit", form); err != nil {
		return "", err
	}
	return b.follow(ctx, p, "/receipt/")
}

func newAct() (a record.Act) {
	rand.Read(a[:])
	return a
}

// enter opens the shift, trying for as long as a country's start may take.
func (b *booth) enter(ctx context.Context) error {
	var last error
	err := until(ctx, startWithin, "an officer signs in at "+b.post, func() bool {
		last = b.open(ctx)
		return last == nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	return nil
}

// idle closes the booth's connections: those to a node that was killed are of no use.
func (b *booth) idle() { b.client.CloseIdleConnections() }
