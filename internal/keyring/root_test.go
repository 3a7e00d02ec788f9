package keyring

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"
)

var founded = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newRoot(t *testing.T) *Root {
	t.Helper()
	r, err := NewRoot("al", "kufi.example", founded)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trusts(r *Root, cert *x509.Certificate, name string, at time.Time, use x509.ExtKeyUsage) error {
	pool := x509.NewCertPool()
	pool.AddCert(r.cert)
	_, err := cert.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{use}})
	return err
}

// A certificate stands for its node's name, as a server, in its time, and for nothing else.
func TestRootIssues(t *testing.T) {
	r := newRoot(t)
	cert, key, err := r.Issue("kakavija", founded)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   time.Time
		use  x509.ExtKeyUsage
		ok   bool
	}{
		{"kakavija.kufi.example", founded, x509.ExtKeyUsageServerAuth, true},
		{"kakavija.kufi.example", founded.AddDate(5, 0, -1), x509.ExtKeyUsageServerAuth, true},
		{"kakavija.kufi.example", founded.AddDate(5, 0, 1), x509.ExtKeyUsageServerAuth, false},
		{"rinas.kufi.example", founded, x509.ExtKeyUsageServerAuth, false},
		{"kakavija.kufi.example", founded, x509.ExtKeyUsageClientAuth, false},
	} {
		if err := trusts(r, pair.Leaf, c.name, c.at, c.use); (err == nil) != c.ok {
			t.Errorf("%s at %v for %v: %v", c.name, c.at, c.use, err)
		}
	}
	for _, name := range []string{"", "a.b", "*", "a b"} {
		if _, _, err := r.Issue(name, founded); err == nil {
			t.Errorf("a certificate for node %q", name)
		}
	}
	late, _, err := r.Issue("kakavija", founded.AddDate(rootYears-1, 0, 0))
	if err != nil || !parse(t, late).NotAfter.Equal(r.cert.NotAfter) {
		t.Errorf("a certificate outlives its root: %v", err)
	}
}

func parse(t *testing.T, cert []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(cert)
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// Whoever steals the root names no other site, no address, and makes no authority below it.
func TestRootIsConstrained(t *testing.T) {
	r := newRoot(t)
	if !r.cert.PermittedDNSDomainsCritical || !r.cert.MaxPathLenZero || r.cert.MaxPathLen != 0 {
		t.Errorf("root %+v", r.cert)
	}
	sign := func(template, parent *x509.Certificate, by *ecdsa.PrivateKey) *x509.Certificate {
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), founded, founded.AddDate(1, 0, 0)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, r.key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for name, template := range map[string]*x509.Certificate{
		"bank.example":      {DNSNames: []string{"bank.example"}, ExtKeyUsage: server},
		"evilkufi.example":  {DNSNames: []string{"evilkufi.example"}, ExtKeyUsage: server},
		"10.0.0.1":          {IPAddresses: []net.IP{net.IPv4(10, 0, 0, 1)}, ExtKeyUsage: server},
		"kufi.example.evil": {DNSNames: []string{"kufi.example.evil"}, ExtKeyUsage: server},
	} {
		if err := trusts(r, sign(template, r.cert, r.key), name, founded, x509.ExtKeyUsageServerAuth); err == nil {
			t.Errorf("the root names %s", name)
		}
	}
	below := sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: server}, r.cert, r.key)
	leaf := sign(&x509.Certificate{DNSNames: []string{"kakavija.kufi.example"}, ExtKeyUsage: server}, below, r.key)
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	pool.AddCert(r.cert)
	between.AddCert(below)
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "kakavija.kufi.example", Roots: pool, Intermediates: between, CurrentTime: founded}); err == nil {
		t.Error("the root makes an authority")
	}
}

func TestReadRoot(t *testing.T) {
	r := newRoot(t)
	cert, key, err := r.PEM()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadRoot(append(bytes.Clone(cert), key...))
	if err != nil || back.Parent() != "kufi.example" || !bytes.Equal(back.cert.Raw, r.cert.Raw) {
		t.Fatalf("read back: %v", err)
	}
	_, other, err := newRoot(t).PEM()
	if err != nil {
		t.Fatal(err)
	}
	leaf, leafKey, err := r.Issue("kakavija", founded)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]byte{"another key": {cert, other}, "no key": {cert, nil}, "no certificate": {nil, key},
		"swapped": {key, cert}, "a node's": {leaf, leafKey}, "junk": {[]byte("x"), []byte("y")}} {
		if _, err := ReadRoot(append(bytes.Clone(pair[0]), pair[1]...)); !errors.Is(err, ErrRoot) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
