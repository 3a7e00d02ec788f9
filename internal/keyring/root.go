package keyring

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// How long certificates last. An expired one shows a warning in every booth's browser, so they outlive the machines they are
// for, and `tims serve` says in the journal when one has less than half a year to go.
const (
	rootYears  = 30
	peopleFor  = 5 // years
	RenewPages = 183 * 24 * time.Hour
)

// A Root is the country's own certificate authority for the pages that people open. Browsers of booths trust it; nodes do not:
// they know each other by the roster. It is kept off line. It can name servers under the country's parent domain alone, which
// is a critical constraint, and it signs in nobody.
type Root struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewRoot makes the root of a country.
func NewRoot(country, parent string, now time.Time) (*Root, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the root's key: %w", err)
	}
	nowhere := func(cidr string) *net.IPNet { _, all, _ := net.ParseCIDR(cidr); return all }
	template := &x509.Certificate{SerialNumber: new(big.Int).SetBytes(random(16)),
		Subject:   pkix.Name{CommonName: "TIMS root of " + country + ", " + parent},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(rootYears, 0, 0),
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		// RFC 5280, section 4.2.1.10: names under the parent domain, and no addresses at all.
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{parent},
		ExcludedIPRanges: []*net.IPNet{nowhere("0.0.0.0/0"), nowhere("::/0")}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the root's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make the root's certificate: %w", err)
	}
	return &Root{cert, key}, nil
}

const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "PRIVATE KEY" // PKCS #8
)

// PEM gives the certificate, which is public and is installed in the booths' browsers, and the private key.
func (r *Root) PEM() (cert, key []byte, err error) { return encodePair(r.cert.Raw, r.key) }

func encodePair(der []byte, key *ecdsa.PrivateKey) (cert, private []byte, err error) {
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode a private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: b}), nil
}

// ErrRoot says that the bytes are not the certificate and the key of a root, one behind the other.
var ErrRoot = errors.New("this is not a root's certificate with its private key")

// ReadRoot reads a certificate with its private key behind it, each as PEM gave it.
func ReadRoot(pair []byte) (*Root, error) {
	c, rest := pem.Decode(pair)
	k, _ := pem.Decode(rest)
	if c == nil || k == nil || c.Type != pemCertificate || k.Type != pemKey {
		return nil, ErrRoot
	}
	parsed, err := x509.ParseCertificate(c.Bytes)
	if err != nil || !parsed.IsCA || len(parsed.PermittedDNSDomains) != 1 {
		return nil, ErrRoot
	}
	private, err := x509.ParsePKCS8PrivateKey(k.Bytes)
	if err != nil {
		return nil, ErrRoot
	}
	ec, ok := private.(*ecdsa.PrivateKey)
	if !ok || !ec.PublicKey.Equal(parsed.PublicKey) {
		return nil, ErrRoot
	}
	return &Root{parsed, ec}, nil
}

// Parent is the domain under which the root can name servers.
func (r *Root) Parent() string { return r.cert.PermittedDNSDomains[0] }

// Issue makes the certificate, with a new private key, of the pages of a node: <node>.<parent>.
func (r *Root) Issue(node string, now time.Time) (cert, key []byte, err error) {
	if node == "" || strings.ContainsAny(node, ".* ") {
		return nil, nil, fmt.Errorf("node name %q is no single label of a domain", node)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make the key of node %s: %w", node, err)
	}
	name := node + "." + r.Parent()
	until := now.AddDate(peopleFor, 0, 0)
	if until.After(r.cert.NotAfter) {
		until = r.cert.NotAfter
	}
	template := &x509.Certificate{SerialNumber: new(big.Int).SetBytes(random(16)), Subject: pkix.Name{CommonName: name},
		DNSNames: []string{name}, NotBefore: now.Add(-time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, r.cert, private.Public(), r.key)
	if err != nil {
		return nil, nil, fmt.Errorf("make the certificate of node %s: %w", node, err)
	}
	return encodePair(der, private)
}
