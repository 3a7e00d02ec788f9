// Package passkey verifies what officers' passkeys sign (WebAuthn level 3) by the country's parent domain and a public key
// alone: no server holds a session, no authority is asked, no clock decides. So a post that is cut off from everything judges
// a sign-in as well as the centre does, and an outsider with the roster judges it again years later.
//
// What a passkey signs here is never a bare challenge. For a shift the challenge is made of the node's nonce, the booth and the
// booth key (ShiftChallenge): the assertion says that this officer, verified by his authenticator, put this key in charge of
// this booth. Signature counters are not looked at: posts that are cut off from each other share no counter, and passkeys that
// are synchronised between devices have none.
//
// Trust: the signatures are verified by go-webauthn; the origin, the relying party and the user's verification are looked at
// here first, so that the officer hears what was wrong.
package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"tims/internal/record"
)

var (
	// ErrOrigin: the passkey was used at a place that is not the country's, or over an unencrypted line.
	ErrOrigin = errors.New("the passkey was used at an address that is not the country's")
	// ErrParty: the passkey signed for another relying party.
	ErrParty = errors.New("the passkey signed for another domain")
	// ErrUser: the authenticator has not verified who uses it.
	ErrUser = errors.New("the passkey was used without fingerprint, face or PIN")
	// ErrChallenge: it signed something else than what it was asked.
	ErrChallenge = errors.New("the passkey signed something else")
	// ErrSignature: the signature, or what it covers, is not of this passkey.
	ErrSignature = errors.New("the signature is not of this passkey")
	// ErrFormat: it is no answer of an authenticator, or one over the bounds.
	ErrFormat = errors.New("this is no answer of a passkey")
)

// A Party is the relying party, known by the parent domain of the country's booths: one passkey works at every post.
type Party struct{ Parent string }

// ShiftChallenge is what an officer's passkey signs to open a shift: SHA-256("tims/shift/1\n" ‖ nonce ‖ booth ‖ booth key).
// Nonce and booth key have fixed lengths, so that no two shifts share a challenge.
func ShiftChallenge(nonce []byte, booth string, boothKey []byte) [32]byte {
	return digest("tims/shift/1\n", nonce, []byte(booth), boothKey)
}

// EnrolChallenge is what a passkey signs when it is made: SHA-256("tims/passkey/1\n" ‖ nonce ‖ officer).
func EnrolChallenge(nonce []byte, officer [16]byte) [32]byte {
	return digest("tims/passkey/1\n", nonce, officer[:])
}

func digest(label string, of ...[]byte) [32]byte {
	return sha256.Sum256(append([]byte(label), bytes.Join(of, nil)...))
}

// VerifyShift checks the passkey of a shift by the public key (COSE_Key) that was enrolled for its credential.
func (p Party) VerifyShift(b record.ShiftBody, key []byte) error {
	if b.Passkey == nil || len(b.Passkey.Nonce) != NonceSize || len(b.BoothKey) != boothKeySize {
		return ErrFormat
	}
	return p.Verify(ShiftChallenge(b.Passkey.Nonce, b.Booth, b.BoothKey), key, *b.Passkey)
}

// Verify checks an assertion (WebAuthn level 3, section 7.2) over a challenge.
func (p Party) Verify(challenge [32]byte, key []byte, a record.Passkey) error {
	if len(a.Credential) == 0 || len(a.Credential) > maxCredential || len(a.Signature) > maxSignature || len(key) > maxKey {
		return ErrFormat
	}
	origin, err := p.check(challenge, "webauthn.get", a.ClientData, a.Authenticator)
	if err != nil {
		return err
	}
	parsed, err := protocol.CredentialAssertionResponse{
		PublicKeyCredential: credential(a.Credential),
		AssertionResponse: protocol.AuthenticatorAssertionResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: a.ClientData},
			AuthenticatorData:     a.Authenticator, Signature: a.Signature},
	}.Parse()
	if err != nil {
		return ErrFormat
	}
	if err := parsed.Verify(text(challenge), p.Parent, "", []string{origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, true, true, key, protocol.SignaturePolicy{}); err != nil {
		return ErrSignature
	}
	return nil
}

// Made is what a browser gives of a passkey that it has made.
type Made struct {
	Credential  []byte // id
	ClientData  []byte // clientDataJSON
	Attestation []byte // attestationObject
}

// Algorithms are those of passkeys that are taken, in the order of preference: ES256, EdDSA, RS256.
var Algorithms = []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256}

// Register checks a new passkey (WebAuthn level 3, section 7.1) and gives its public key. No attestation is asked for: which
// make of authenticator an officer has proves nothing that the one-time code does not.
func (p Party) Register(challenge [32]byte, m Made) (key []byte, err error) {
	if len(m.Credential) == 0 || len(m.Credential) > maxCredential || len(m.Attestation) > maxAttestation {
		return nil, ErrFormat
	}
	parsed, err := protocol.CredentialCreationResponse{
		PublicKeyCredential: credential(m.Credential),
		AttestationResponse: protocol.AuthenticatorAttestationResponse{
			AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: m.ClientData}, AttestationObject: m.Attestation},
	}.Parse()
	if err != nil {
		return nil, ErrFormat
	}
	origin, err := p.check(challenge, "webauthn.create", m.ClientData, parsed.Response.AttestationObject.RawAuthData)
	if err != nil {
		return nil, err
	}
	var params []protocol.CredentialParameter
	for _, a := range Algorithms {
		params = append(params, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	if _, err := parsed.Verify(text(challenge), p.Parent, []string{origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, true, true, nil, params, protocol.AttestationPolicy{}, protocol.SignaturePolicy{}); err != nil {
		return nil, ErrSignature
	}
	key = parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey
	if len(key) > maxKey {
		return nil, ErrFormat
	}
	return key, nil
}

// check looks at what an officer can have got wrong, and gives the origin, which go-webauthn compares again.
func (p Party) check(challenge [32]byte, ceremony string, clientData, authenticator []byte) (origin string, err error) {
	if len(clientData) > maxClientData || len(authenticator) < minAuthenticator || len(authenticator) > maxAttestation {
		return "", ErrFormat
	}
	var c struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
		Origin    string `json:"origin"`
	}
	if err := json.Unmarshal(clientData, &c); err != nil || c.Type != ceremony {
		return "", ErrFormat
	}
	party := sha256.Sum256([]byte(p.Parent))
	flags := authenticator[32]
	switch {
	case !p.within(c.Origin):
		return "", ErrOrigin
	case !bytes.Equal(authenticator[:32], party[:]):
		return "", ErrParty
	case flags&flagPresent == 0 || flags&flagVerified == 0:
		return "", ErrUser
	case c.Challenge != text(challenge):
		return "", ErrChallenge
	}
	return c.Origin, nil
}

// UsedAt reports whether the browser says that a passkey was used on a page of one of these hosts. Only the browser knows where
// an officer is: every place of the country can hand him another place's nonce as its own, and passkeys tell by the parent
// domain alone. Whoever opens a shift asks this beside Verify, by the names of his own pages.
func UsedAt(a record.Passkey, hosts []string) bool {
	var c struct {
		Origin string `json:"origin"`
	}
	if len(a.ClientData) > maxClientData || json.Unmarshal(a.ClientData, &c) != nil {
		return false
	}
	u, err := url.Parse(c.Origin)
	return err == nil && slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, u.Hostname()) })
}

// within says whether an origin is one of the country's: https at the parent domain or under it. Browsers call localhost a
// secure place without a certificate; it is one only where it is the country's own domain, as in the demonstration.
func (p Party) within(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || strings.TrimPrefix(origin, u.Scheme+"://"+u.Host) != "" {
		return false
	}
	host := u.Hostname()
	switch u.Scheme {
	case "https":
		return p.Parent != "" && (host == p.Parent || strings.HasSuffix(host, "."+p.Parent))
	case "http":
		return p.Parent == "localhost" && host == "localhost"
	}
	return false
}

func credential(id []byte) protocol.PublicKeyCredential {
	return protocol.PublicKeyCredential{RawID: id,
		Credential: protocol.Credential{ID: base64.RawURLEncoding.EncodeToString(id), Type: string(protocol.PublicKeyCredentialType)}}
}

func text(challenge [32]byte) string { return base64.RawURLEncoding.EncodeToString(challenge[:]) }
