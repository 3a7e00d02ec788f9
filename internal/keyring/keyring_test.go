package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/seal"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, name string) (*Ring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	r, err := Create(path, "al", name, 3)
	must(t, err)
	return r, path
}

func TestCreateAndOpen(t *testing.T) {
	made, path := create(t, "durres")
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode().Perm())
	}
	read, err := Open(path)
	must(t, err)
	if read.Country() != "al" || read.Node() != "durres" || read.Epoch() != 3 || !read.Identity().Equal(made.Identity()) ||
		read.Reader().ID() != made.Reader().ID() || read.Shadow() != made.Shadow() {
		t.Error("what was read is not what was made")
	}
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := Create(path, "al", "durres", 3); !errors.Is(err, fs.ErrExist) {
		t.Errorf("keys were made over keys: %v", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file was touched")
	}
}

func TestOpenRefuses(t *testing.T) {
	_, good := create(t, "durres")
	text, err := os.ReadFile(good)
	must(t, err)
	for name, c := range map[string]struct {
		text string
		mode fs.FileMode
		want string
	}{
		"readable by others": {string(text), 0o640, "mode 0600"},
		"too long":           {string(text) + strings.Repeat(" ", maxFile), 0o600, "under"},
		"cut off":            {string(text[:len(text)/2]), 0o600, "damaged"},
		"empty":              {"", 0o600, "damaged"},
		"a key missing":      {strings.Replace(string(text), `"mirror"`, `"mirrow"`, 1), 0o600, "missing"},
		"no epoch":           {strings.Replace(string(text), `"epoch":3`, `"epoch":0`, 1), 0o600, "missing"},
		"no reader":          {strings.Replace(string(text), `"reader"`, `"reeder"`, 1), 0o600, "malformed"},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		must(t, os.WriteFile(path, []byte(c.text), 0o600))
		must(t, os.Chmod(path, c.mode))
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "identity\":") {
			t.Errorf("%s: the error shows what is in the file", name)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "keys")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Each key has one use: what the log key signs is no cosignature, and the other way round.
func TestNoteKeys(t *testing.T) {
	r, _ := create(t, "durres")
	log, logKey, err := r.Log("al/durres/3")
	must(t, err)
	mirror, mirrorKey, err := r.Mirror("al/durres/3/mirror")
	must(t, err)
	text := "al/kakavija/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	msg, err := note.Sign(&note.Note{Text: text}, log, mirror)
	must(t, err)
	byLog, err := note.NewVerifier(logKey)
	must(t, err)
	byMirror, err := cosign.NewVerifierForCosignatureV1(mirrorKey)
	must(t, err)
	n, err := note.Open(msg, note.VerifierList(byLog, byMirror))
	must(t, err)
	if len(n.Sigs) != 2 || byLog.Name() != "al/durres/3" || byMirror.Name() != "al/durres/3/mirror" {
		t.Errorf("signatures %+v", n.Sigs)
	}
	if strings.Split(logKey, "+")[2] == strings.Split(mirrorKey, "+")[2] {
		t.Error("log and mirror share a key")
	}
}

func TestNamedKeys(t *testing.T) {
	r, _ := create(t, "durres")
	other, _ := create(t, "morina")
	name, err := seal.StayName("al", 1)
	must(t, err)
	later, err := seal.StayName("al", 2)
	must(t, err)
	key, err := seal.NewKey(rand.Reader)
	must(t, err)
	toOther, err := seal.WrapToReader(name, key, other.Reader().Public())
	must(t, err)
	toUs, err := seal.WrapToReader(name, key, r.Reader().Public())
	must(t, err)
	for what, wraps := range map[string][][]byte{"none": nil, "another's": {toOther}, "no wrap": {{1, 2, 3}}} {
		if r.Open(name, wraps, nil) {
			t.Errorf("%s opened", what)
		}
	}
	if r.Open(later, [][]byte{toUs}, nil) {
		t.Error("a wrap opened under a name that is not its own")
	}
	if r.Open(name, [][]byte{toUs}, func(seal.Key) bool { return false }) {
		t.Error("a key that the caller does not accept was kept")
	}
	if !r.Open(name, [][]byte{{1}, toOther, toUs}, func(k seal.Key) bool { return k == key }) {
		t.Fatal("our wrap did not open")
	}
	if got, ok := r.Key(name); !ok || got != key {
		t.Error("another key than was wrapped")
	}
	wrong, err := seal.NewKey(rand.Reader)
	must(t, err)
	again, err := seal.WrapToReader(name, wrong, r.Reader().Public())
	must(t, err)
	if !r.Open(name, [][]byte{again}, nil) {
		t.Error("a known key is not known")
	}
	if got, _ := r.Key(name); got != key {
		t.Error("a later wrap took the place of a key that is in use")
	}
	if names := r.Names(); len(names) != 1 || string(names[0].Bytes()) != string(name.Bytes()) {
		t.Errorf("%d names", len(names))
	}
}

func TestVerifyPeer(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	durres, _ := create(t, "durres")
	thief, _ := create(t, "durres") // the name, with keys of its own
	stranger, _ := create(t, "stranger")
	roster := func(name string) (ed25519.PublicKey, bool) {
		return durres.Identity().Public().(ed25519.PublicKey), name == "durres"
	}
	raw := func(r *Ring, at time.Time) [][]byte {
		c, err := r.Certificate(at)
		must(t, err)
		return c.Certificate
	}
	good := raw(durres, now)
	changed := [][]byte{bytes.Clone(good[0])}
	changed[0][len(changed[0])-1] ^= 1
	renamed := [][]byte{bytes.Replace(good[0], []byte("durres"), []byte("morina"), -1)}
	for _, c := range []struct {
		what string
		raw  [][]byte
		ok   bool
	}{
		{"its certificate", good, true},
		{"one of ten years ago", raw(durres, now.AddDate(-10, 0, 0)), true}, // an expired date never stops a crossing
		{"none", nil, false},
		{"two", append(raw(durres, now), good...), false},
		{"no certificate", [][]byte{{1, 2, 3}}, false},
		{"too long", [][]byte{bytes.Repeat([]byte{0}, maxFile+1)}, false},
		{"signature changed", changed, false},
		{"name changed", renamed, false},
		{"name of the roster, another key", raw(thief, now), false},
		{"name not in the roster", raw(stranger, now), false},
		{"signed by itself", selfSigned(t, now), false},
	} {
		name, err := VerifyPeer(c.raw, roster)
		if c.ok != (err == nil) || c.ok && name != "durres" || !c.ok && !errors.Is(err, ErrPin) {
			t.Errorf("%s: %q, %v", c.what, name, err)
		}
	}
}

// selfSigned is a certificate in the name of durres whose key the roster does not know.
func selfSigned(t *testing.T, now time.Time) [][]byte {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "durres"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
	must(t, err)
	return [][]byte{der}
}

func TestCosigner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "witness.key")
	vkey, err := CreateCosigner(path, "witness.court.example")
	must(t, err)
	signer, again, err := OpenCosigner(path)
	must(t, err)
	v, err := cosign.NewVerifierForCosignatureV1(vkey)
	must(t, err)
	msg, err := note.Sign(&note.Note{Text: "al/durres/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}, signer)
	must(t, err)
	if n, err := note.Open(msg, note.VerifierList(v)); err != nil || len(n.Sigs) != 1 || again != vkey {
		t.Errorf("the key that was read does not cosign as the one that was made: %v", err)
	}
	if _, err := CreateCosigner(path, "witness.court.example"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was made over a key: %v", err)
	}
	if _, err := CreateCosigner(path+"2", "two words"); err == nil {
		t.Error("a name that no note can carry")
	}
	must(t, os.Chmod(path, 0o640))
	if _, _, err := OpenCosigner(path); err == nil {
		t.Error("a key that others may read was opened")
	}
	must(t, os.WriteFile(path+"3", []byte(`{"name":"witness.court.example"}`), 0o600))
	if _, _, err := OpenCosigner(path + "3"); err == nil {
		t.Error("half a key was opened")
	}
}
