package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Certificate is this node's TLS certificate for its peers: a key of its own, signed by the identity key. It bears the
// node's name and is made anew at each start.
func (r *Ring) Certificate(now time.Time) (tls.Certificate, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make TLS key: %w", err)
	}
	serial := new(big.Int).SetBytes(random(16))
	name := pkix.Name{CommonName: r.Node()}
	// The dates bind nobody: peers pin the identity key, so that a stopped clock or an expired date never stops a crossing.
	template := &x509.Certificate{SerialNumber: serial, Subject: name, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), DNSNames: []string{r.Node()}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	identity := r.Identity()
	issuer := &x509.Certificate{Subject: name, PublicKey: identity.Public()}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, public, identity)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make TLS certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// ErrPin says that a peer's certificate is not signed by the identity key that the roster has for its name.
var ErrPin = errors.New("peer's certificate is not signed by its identity key of the roster")

// VerifyPeer reads the node's name from a peer's certificate and checks that the identity key of that name signed it.
func VerifyPeer(raw [][]byte, identity func(name string) (ed25519.PublicKey, bool)) (name string, err error) {
	if len(raw) != 1 || len(raw[0]) > maxFile {
		return "", ErrPin
	}
	cert, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return "", ErrPin
	}
	key, ok := identity(cert.Subject.CommonName)
	if !ok || cert.SignatureAlgorithm != x509.PureEd25519 || !ed25519.Verify(key, cert.RawTBSCertificate, cert.Signature) {
		return "", ErrPin
	}
	return cert.Subject.CommonName, nil
}
