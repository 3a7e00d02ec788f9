package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A key file is taken whole or not at all, and no error repeats what stands in it.
func TestKeyFile(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	encode := base64.StdEncoding.EncodeToString
	fields := []field{{"country", "al"}, {"approver", "one"}, {"public", encode(key.Public().(ed25519.PublicKey))}, {"private", encode(key.Seed())}}
	good := string(keyFile(authorityHeader, "A comment\nof two lines.", fields...))
	secret := encode(key.Seed())
	for _, c := range []struct {
		name, text, says string
	}{
		{"as written", good, ""},
		{"carried over another system", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"a share", string(keyFile(shareHeader, "", fields...)), "not a key file"},
		{"nothing", "", "not a key file"},
		{"another country's", strings.Replace(good, "country: al", "country: ax", 1), "the country \"ax\""},
		{"without a name", strings.Replace(good, "approver: one\n", "", 1), "damaged"},
		{"without the key", strings.Replace(good, "private: "+secret, "", 1), "damaged"},
		{"a key cut off", strings.Replace(good, secret, secret[:20], 1), "damaged"},
		{"a key twice", good + "private: " + secret + "\n", "stands twice"},
		{"a line of nothing", good + "nothing\n", "line 8"},
		{"another public key", strings.Replace(good, "public: ", "public: A", 1), "not that of its public key"},
		{"too long", good + strings.Repeat("#\n", maxKeyFile), "over"},
	} {
		path := filepath.Join(t.TempDir(), "x.key")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := readApprover(path, "al")
		if c.says == "" && (err != nil || a.name != "one" || !a.key.Equal(key)) {
			t.Errorf("%s: %+v, %v", c.name, a.name, err)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}
