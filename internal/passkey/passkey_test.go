package passkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"tims/internal/record"
)

var kufi = Party{"kufi.example"}

const booth = "https://kakavija.kufi.example:8443"

// device is an officer's authenticator of somebody else's making: what it answers is judged, not what we would answer.
type device struct {
	auth virtual.Authenticator
	cred virtual.Credential
}

func newDevice(kind virtual.KeyType, options virtual.AuthenticatorOptions) device {
	return device{virtual.NewAuthenticatorWithOptions(options), virtual.NewCredential(kind)}
}

// bytesOf are the fields of a browser's answer by their paths.
func bytesOf(t *testing.T, answer string, names ...string) [][]byte {
	t.Helper()
	var a struct {
		RawID    string
		Response map[string]string
	}
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		t.Fatal(err)
	}
	a.Response["rawId"] = a.RawID
	var out [][]byte
	for _, name := range names {
		b, err := base64.RawURLEncoding.DecodeString(a.Response[name])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func (d device) make(t *testing.T, party, origin string, challenge [32]byte) Made {
	t.Helper()
	rp := virtual.RelyingParty{ID: party, Origin: origin}
	f := bytesOf(t, virtual.CreateAttestationResponse(rp, d.auth, d.cred, virtual.AttestationOptions{Challenge: challenge[:],
		RelyingPartyID: party}), "rawId", "clientDataJSON", "attestationObject")
	return Made{f[0], f[1], f[2]}
}

func (d device) sign(t *testing.T, party, origin string, challenge [32]byte) record.Passkey {
	t.Helper()
	rp := virtual.RelyingParty{ID: party, Origin: origin}
	f := bytesOf(t, virtual.CreateAssertionResponse(rp, d.auth, d.cred, virtual.AssertionOptions{Challenge: challenge[:],
		RelyingPartyID: party}), "rawId", "clientDataJSON", "authenticatorData", "signature")
	return record.Passkey{Credential: f[0], ClientData: f[1], Authenticator: f[2], Signature: f[3]}
}

// A passkey that is made can sign; whatever is not as it has to be is refused with the reason.
func TestForeignAuthenticator(t *testing.T) {
	made, asked := EnrolChallenge(make([]byte, NonceSize), [16]byte{1}), ShiftChallenge(make([]byte, NonceSize), "K1", make([]byte, 65))
	for _, kind := range []virtual.KeyType{virtual.KeyTypeEC2, virtual.KeyTypeRSA} {
		d := newDevice(kind, virtual.AuthenticatorOptions{})
		key, err := kufi.Register(made, d.make(t, kufi.Parent, booth, made))
		if err != nil {
			t.Fatalf("%v: %v", kind, err)
		}
		if err := kufi.Verify(asked, key, d.sign(t, kufi.Parent, booth, asked)); err != nil {
			t.Errorf("%v: %v", kind, err)
		}
		careless := d
		careless.auth.Options.UserNotVerified = true
		absent := d
		absent.auth.Options.UserNotPresent = true
		stranger := newDevice(kind, virtual.AuthenticatorOptions{})
		for name, c := range map[string]struct {
			a    record.Passkey
			want error
		}{
			"another site":         {d.sign(t, kufi.Parent, "https://kufi.example.evil", asked), ErrOrigin},
			"in clear":             {d.sign(t, kufi.Parent, "http://kakavija.kufi.example", asked), ErrOrigin},
			"localhost":            {d.sign(t, kufi.Parent, "http://localhost:8401", asked), ErrOrigin},
			"another domain":       {d.sign(t, "example", booth, asked), ErrParty},
			"no user verification": {careless.sign(t, kufi.Parent, booth, asked), ErrUser},
			"nobody there":         {absent.sign(t, kufi.Parent, booth, asked), ErrUser},
			"another challenge":    {d.sign(t, kufi.Parent, booth, made), ErrChallenge},
			"another passkey":      {stranger.sign(t, kufi.Parent, booth, asked), ErrSignature},
		} {
			if err := kufi.Verify(asked, key, c.a); !errors.Is(err, c.want) {
				t.Errorf("%v, %s: %v, want %v", kind, name, err, c.want)
			}
		}
		for name, c := range map[string]struct {
			m    Made
			want error
		}{
			"another site":         {d.make(t, kufi.Parent, "https://example", made), ErrOrigin},
			"another domain":       {d.make(t, "example", booth, made), ErrParty},
			"no user verification": {careless.make(t, kufi.Parent, booth, made), ErrUser},
			"another challenge":    {d.make(t, kufi.Parent, booth, asked), ErrChallenge},
		} {
			if _, err := kufi.Register(made, c.m); !errors.Is(err, c.want) {
				t.Errorf("%v made, %s: %v, want %v", kind, name, err, c.want)
			}
		}
		other := d.make(t, kufi.Parent, booth, made)
		other.Credential = bytes.Clone(other.Credential)
		other.Credential[0] ^= 1
		if _, err := kufi.Register(made, other); !errors.Is(err, ErrSignature) {
			t.Errorf("%v made under another id: %v", kind, err)
		}
	}
}

// An answer of one ceremony is never one of the other.
func TestCeremonies(t *testing.T) {
	challenge := [32]byte{7}
	d := newDevice(virtual.KeyTypeEC2, virtual.AuthenticatorOptions{})
	m := d.make(t, kufi.Parent, booth, challenge)
	key, err := kufi.Register(challenge, m)
	if err != nil {
		t.Fatal(err)
	}
	a := d.sign(t, kufi.Parent, booth, challenge)
	if _, err := kufi.Register(challenge, Made{m.Credential, a.ClientData, m.Attestation}); !errors.Is(err, ErrFormat) {
		t.Errorf("made with a sign-in: %v", err)
	}
	a.ClientData = m.ClientData
	if err := kufi.Verify(challenge, key, a); !errors.Is(err, ErrFormat) {
		t.Errorf("signed in with what was made: %v", err)
	}
}

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		parent, origin string
		want           bool
	}{
		{"kufi.example", "https://kufi.example", true},
		{"kufi.example", "https://kakavija.kufi.example", true},
		{"kufi.example", "https://kakavija.kufi.example:8443", true},
		{"kufi.example", "https://evilkufi.example", false},
		{"kufi.example", "https://kufi.example.evil", false},
		{"kufi.example", "https://kufi.example@evil", false},
		{"kufi.example", "https://kufi.example/", false},
		{"kufi.example", "https://", false},
		{"kufi.example", "http://kufi.example", false},
		{"kufi.example", "android:apk-key-hash:abc", false},
		{"", "https://x", false},
		{"", "https://.", false},
		{"localhost", "http://localhost:8401", true},
		{"localhost", "https://localhost:8401", true},
		{"localhost", "http://x.localhost", false},
		{"localhost", "http://127.0.0.1:8401", false},
		{"localhost", "http://localhost.evil", false},
	} {
		if got := (Party{c.parent}).within(c.origin); got != c.want {
			t.Errorf("%q under %q: %v", c.origin, c.parent, got)
		}
	}
}

// A nonce of one place that another place handed out is told by where the browser was, and by nothing else.
func TestUsedAt(t *testing.T) {
	s := software(t, 1)
	for origin, want := range map[string]bool{booth: true, "https://KAKAVIJA.kufi.example": true, "https://other.kufi.example:8443": false,
		"https://kakavija.kufi.example.evil": false, "": false} {
		a, err := s.Sign(kufi, origin, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if got := UsedAt(a, []string{"10.0.0.1", "kakavija.kufi.example"}); got != want {
			t.Errorf("%q: %v", origin, got)
		}
	}
	if UsedAt(record.Passkey{ClientData: []byte(`{"origin":""}`)}, []string{"kakavija.kufi.example"}) {
		t.Error("no origin at all")
	}
}

func software(t *testing.T, seed byte) *Software {
	t.Helper()
	s, err := NewSoftware([32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The passkey in software is verified as any other is, and signs nonce, booth and booth key of a shift.
func TestSoftware(t *testing.T) {
	s, challenge := software(t, 1), [32]byte{9}
	m, err := s.Make(kufi, booth, challenge)
	if err != nil {
		t.Fatal(err)
	}
	key, err := kufi.Register(challenge, m)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, NonceSize)
	b, err := s.SignShift(kufi, booth, nonce, record.ShiftBody{Officer: [16]byte{1}, Booth: "K1", BoothKey: make([]byte, 65)})
	if err != nil {
		t.Fatal(err)
	}
	if err := kufi.VerifyShift(b, key); err != nil {
		t.Fatal(err)
	}
	changed := func(change func(*record.ShiftBody, *record.Passkey)) record.ShiftBody {
		c, p := b, *b.Passkey
		c.BoothKey, p.Nonce = bytes.Clone(b.BoothKey), bytes.Clone(b.Passkey.Nonce)
		p.Signature = bytes.Clone(p.Signature)
		change(&c, &p)
		c.Passkey = &p
		return c
	}
	for name, c := range map[string]struct {
		b    record.ShiftBody
		want error
	}{
		"another booth":     {changed(func(b *record.ShiftBody, _ *record.Passkey) { b.Booth = "K2" }), ErrChallenge},
		"another booth key": {changed(func(b *record.ShiftBody, _ *record.Passkey) { b.BoothKey[64] = 1 }), ErrChallenge},
		"another nonce":     {changed(func(_ *record.ShiftBody, p *record.Passkey) { p.Nonce[0] = 1 }), ErrChallenge},
		"a short nonce":     {changed(func(_ *record.ShiftBody, p *record.Passkey) { p.Nonce = p.Nonce[1:] }), ErrFormat},
		"a short booth key": {changed(func(b *record.ShiftBody, _ *record.Passkey) { b.BoothKey = b.BoothKey[1:] }), ErrFormat},
		"signature":         {changed(func(_ *record.ShiftBody, p *record.Passkey) { p.Signature[20] ^= 1 }), ErrSignature},
		"no passkey":        {record.ShiftBody{Booth: "K1", BoothKey: make([]byte, 65)}, ErrFormat},
		"a huge client": {changed(func(_ *record.ShiftBody, p *record.Passkey) {
			p.ClientData = bytes.Repeat([]byte(" "), maxClientData+1)
		}), ErrFormat},
	} {
		if err := kufi.VerifyShift(c.b, key); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	again, other := software(t, 1), software(t, 2)
	if !bytes.Equal(again.Credential(), s.Credential()) || bytes.Equal(other.Credential(), s.Credential()) {
		t.Error("a seed gives another passkey, or two seeds the same")
	}
}

// The challenges are fixed: records of years are judged by them.
func TestChallengesAreFixed(t *testing.T) {
	nonce := bytes.Repeat([]byte{1}, NonceSize)
	if got := text(ShiftChallenge(nonce, "K1", bytes.Repeat([]byte{2}, 65))); got != "N8XviAUFJePIqCUOeTUg0aJtHsA-BVh0swjza2vJmiM" {
		t.Errorf("shift: %s", got)
	}
	if got := text(EnrolChallenge(nonce, [16]byte{3})); got != "t4CsEpTZ38NZN4IvDdC1IQ_2eXcVvFipSXIzl7TArJc" {
		t.Errorf("enrolment: %s", got)
	}
}

func TestNonces(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var n Nonces
	b := n.Issue(now)
	if !n.Fresh(b, now) || !n.Fresh(b, now.Add(NonceFor-time.Millisecond)) {
		t.Error("a new nonce is not fresh")
	}
	if n.Fresh(b, now.Add(NonceFor)) || n.Fresh(b, now.Add(-time.Millisecond)) {
		t.Error("a nonce is fresh outside its time")
	}
	for i := range b {
		forged := bytes.Clone(b)
		forged[i] ^= 1
		if n.Fresh(forged, now) || n.Take(forged, now) {
			t.Errorf("a nonce with byte %d changed is fresh", i)
		}
	}
	var other Nonces
	if other.Fresh(b, now) || n.Fresh(b[:NonceSize-1], now) || n.Fresh(nil, now) {
		t.Error("a nonce of another process or length is fresh")
	}
	if !n.Take(b, now) || n.Take(b, now) || n.Fresh(b, now) {
		t.Error("a nonce serves twice")
	}
	later := now.Add(2 * NonceFor)
	if !n.Take(n.Issue(later), later) || len(n.used) != 1 {
		t.Errorf("%d used nonces are kept", len(n.used))
	}
}

// Whatever stands in a log, judging it ends with an answer.
func FuzzVerify(f *testing.F) {
	s, err := NewSoftware([32]byte{1})
	if err != nil {
		f.Fatal(err)
	}
	m, err := s.Make(kufi, booth, [32]byte{})
	if err != nil {
		f.Fatal(err)
	}
	a, err := s.Sign(kufi, booth, [32]byte{})
	if err != nil {
		f.Fatal(err)
	}
	key, err := kufi.Register([32]byte{}, m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(a.ClientData, a.Authenticator, a.Signature, key, m.Attestation)
	f.Fuzz(func(t *testing.T, client, authenticator, signature, key, attestation []byte) {
		got := kufi.Verify([32]byte{}, key, record.Passkey{Credential: []byte{1}, ClientData: client, Authenticator: authenticator, Signature: signature})
		if got == nil && !strings.Contains(string(client), kufi.Parent) {
			t.Errorf("accepted %q", client)
		}
		if made, err := kufi.Register([32]byte{}, Made{[]byte{1}, client, attestation}); err == nil && len(made) == 0 {
			t.Error("a passkey without a key")
		}
	})
}
