package witness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"

	"tims/internal/tlog"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noteKeys makes the key pair that a name always has in these tests, told apart by salt.
func noteKeys(t testing.TB, name, salt string) (skey, vkey string) {
	t.Helper()
	seed := sha256.Sum256([]byte(name + salt))
	vkey, err := note.NewEd25519VerifierKey(name, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	must(t, err)
	return "PRIVATE+KEY+" + name + "+" + strings.Split(vkey, "+")[1] + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...)), vkey
}

func noteSigner(t testing.TB, name, salt string) (note.Signer, string) {
	t.Helper()
	skey, vkey := noteKeys(t, name, salt)
	signer, err := note.NewSigner(skey)
	must(t, err)
	return signer, vkey
}

// A foreignLog is somebody else's log: leaves, hashes, notes and proofs by golang.org/x/mod alone.
type foreignLog struct {
	t      testing.TB
	vkey   string
	signer note.Signer
	size   int64
	hashes []sumdb.Hash
}

// newForeign makes a log of n leaves. Logs of another story are other logs under the same key.
func newForeign(t testing.TB, name, story string, n int64) *foreignLog {
	t.Helper()
	signer, vkey := noteSigner(t, name, "")
	l := &foreignLog{t: t, vkey: vkey, signer: signer}
	for ; l.size < n; l.size++ {
		hs, err := sumdb.StoredHashes(l.size, fmt.Append(nil, story, l.size), l)
		must(t, err)
		l.hashes = append(l.hashes, hs...)
	}
	return l
}

func (l *foreignLog) ReadHashes(indexes []int64) (out []sumdb.Hash, err error) {
	for _, i := range indexes {
		out = append(out, l.hashes[i])
	}
	return out, nil
}

func (l *foreignLog) root(n int64) sumdb.Hash {
	l.t.Helper()
	h, err := sumdb.TreeHash(n, l)
	must(l.t, err)
	return h
}

// at signs the checkpoint of the first n leaves, with extension lines behind it.
func (l *foreignLog) at(n int64, more ...string) []byte {
	l.t.Helper()
	root := l.root(n)
	if n == 0 {
		root = sha256.Sum256(nil)
	}
	return l.sign(fmt.Sprintf("%s\n%d\n%s\n%s", l.signer.Name(), n, base64.StdEncoding.EncodeToString(root[:]), strings.Join(more, "")))
}

func (l *foreignLog) sign(text string) []byte {
	l.t.Helper()
	msg, err := note.Sign(&note.Note{Text: text}, l.signer)
	must(l.t, err)
	return msg
}

func (l *foreignLog) proof(older, newer int64) []sumdb.Hash {
	l.t.Helper()
	if older == 0 || older == newer {
		return nil
	}
	p, err := sumdb.ProveTree(newer, older, l)
	must(l.t, err)
	return p
}

// body is an add-checkpoint request, written by hand as the specification has it.
func (l *foreignLog) body(older, newer int64) string {
	l.t.Helper()
	return request(older, l.proof(older, newer), l.at(newer))
}

func request(old any, proof []sumdb.Hash, checkpoint []byte) string {
	b := fmt.Sprintf("old %v\n", old)
	for _, h := range proof {
		b += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	return b + "\n" + string(checkpoint)
}

const witnessName = "witness.gjykata.example"

func optionsOf(t testing.TB, dir, salt string, logs ...string) Options {
	t.Helper()
	skey, vkey := noteKeys(t, witnessName, salt)
	signer, err := cosign.NewSignerForCosignatureV1(skey)
	must(t, err)
	vkey, err = cosign.VKeyToCosignatureV1(vkey)
	must(t, err)
	return Options{Dir: dir, Signer: signer, Key: vkey, Logs: logs}
}

func open(t testing.TB, o Options) *Witness {
	t.Helper()
	w, err := Open(o)
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return w
}

// A site is an open witness with its handler, which a test closes and opens again as a crash and a start do.
type site struct {
	t   testing.TB
	opt Options
	w   *Witness
	h   http.Handler
}

func newSite(t testing.TB, logs ...string) *site {
	t.Helper()
	s := &site{t: t, opt: optionsOf(t, filepath.Join(t.TempDir(), "witness"), "", logs...)}
	s.start()
	return s
}

func (s *site) start() {
	s.t.Helper()
	s.w = open(s.t, s.opt)
	s.h = s.w.Handler()
}

func (s *site) restart() {
	s.t.Helper()
	must(s.t, s.w.Close())
	s.start()
}

func (s *site) do(method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	rec := httptest.NewRecorder()
	s.h.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	return rec
}

// add submits a body and wants a status.
func (s *site) add(status int, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	rec := s.do(http.MethodPost, "/add-checkpoint", body)
	if rec.Code != status {
		s.t.Fatalf("status %d (%q), want %d", rec.Code, rec.Body, status)
	}
	return rec
}

// cosignedSize verifies the lines over a checkpoint with somebody else's code and gives the size they are for.
func cosignedSize(t testing.TB, l *foreignLog, checkpoint, lines []byte) uint64 {
	t.Helper()
	_, vkey := noteKeys(t, witnessName, "")
	own, err := cosign.NewVerifierForCosignatureV1(vkey)
	must(t, err)
	theirs, err := note.NewVerifier(l.vkey)
	must(t, err)
	n, err := note.Open(append(bytes.Clone(checkpoint), lines...), note.VerifierList(own, theirs))
	must(t, err)
	if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("%d signatures, %d unverified", len(n.Sigs), len(n.UnverifiedSigs))
	}
	head, err := tlog.ParseHead(n.Text)
	must(t, err)
	return head.Size
}
