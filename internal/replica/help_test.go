package replica

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

const origin = "xk/alpha/1"

var (
	ctx     = context.Background()
	numbers = []uint8{1, 2}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keys makes the note keys that a name always has here, told apart by salt.
func keys(t testing.TB, name, salt string) (skey, vkey string) {
	t.Helper()
	seed := sha256.Sum256([]byte(name + salt))
	vkey, err := note.NewEd25519VerifierKey(name, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	must(t, err)
	return "PRIVATE+KEY+" + name + "+" + strings.Split(vkey, "+")[1] + "+" +
		base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...)), vkey
}

// A leaf names its parts in clear. The hashes of their bodies stand once more behind it, as they are.
type leaf struct {
	N     int
	Story string
	Parts []tlog.PartRef
}

// newLog makes a log of n leaves with two parts each. Another story is another log of the same name.
func newLog(t testing.TB, n int, story, salt string) *tlog.Log {
	t.Helper()
	skey, vkey := keys(t, origin, salt)
	signer, err := note.NewSigner(skey)
	must(t, err)
	l, err := tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: vkey, Signer: signer})
	must(t, err)
	t.Cleanup(func() { l.Close() })
	grow(t, l, n, story)
	return l
}

// grow appends to the log until it has n leaves, many booths at once.
func grow(t testing.TB, l *tlog.Log, n int, story string) {
	t.Helper()
	var booths sync.WaitGroup
	for i := int(l.Size()); i < n; i++ {
		booths.Go(func() {
			e := tlog.Entry{}
			lf := leaf{N: i, Story: story}
			random := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, story, i)))
			random.Read(e.Act[:])
			for _, k := range numbers {
				body := make([]byte, 200)
				random.Read(body)
				e.Parts = append(e.Parts, tlog.Part{Number: k, Wrap: []byte{k}, Body: body})
				lf.Parts = append(lf.Parts, tlog.PartRef{Number: k, Sealed: sha256.Sum256(body), Length: uint64(len(body))})
			}
			e.Leaf, _ = json.Marshal(lf)
			e.Leaf = append(e.Leaf, '\n')
			for _, p := range lf.Parts {
				e.Leaf = append(e.Leaf, p.Sealed[:]...)
			}
			if _, err := l.Append(ctx, e); err != nil {
				t.Error(err)
			}
		})
	}
	booths.Wait()
}

func refs(b []byte) ([]tlog.PartRef, error) {
	var l leaf
	text, _, _ := bytes.Cut(b, []byte("\n"))
	err := json.Unmarshal(text, &l)
	return l.Parts, err
}

func newMirror(t testing.TB) (*tlog.Mirror, note.Verifier) {
	t.Helper()
	_, vkey := keys(t, origin, "")
	skey, ckey := keys(t, "mirror.example/m1", "")
	signer, err := cosign.NewSignerForCosignatureV1(skey)
	must(t, err)
	verifier, err := cosign.NewVerifierForCosignatureV1(ckey)
	must(t, err)
	m, err := tlog.OpenMirror(filepath.Join(t.TempDir(), "mirror.db"), tlog.MirrorOptions{Key: vkey, Cosigner: signer, Want: refs})
	must(t, err)
	t.Cleanup(func() { m.Close() })
	return m, verifier
}

// serve puts a copy and a source behind a socket, and gives a client whose connections are cut once they have carried
// `budget` bytes in both directions together; 0 is never.
func serve(t testing.TB, m *tlog.Mirror, src Source, budget int) *Client {
	t.Helper()
	s := Server{
		Mirror: func(o string) (*tlog.Mirror, bool) { return m, m != nil && o == origin },
		Source: func(o string) (Source, bool) { return src, src != nil && o == origin },
		Grown:  func(string, *http.Request) {},
	}
	return clientOf(t, s.Handler(), budget)
}

func clientOf(t testing.TB, h http.Handler, budget int) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	left := &purse{bytes: budget, open: budget == 0}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &meteredConn{conn, left}, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{HTTP: &http.Client{Transport: transport}, Base: server.URL}
}

// A purse is what a line still carries.
type purse struct {
	mu    sync.Mutex
	bytes int
	open  bool // without bound; bytes then counts what was carried
}

func (p *purse) take(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		p.bytes += n
		return n
	}
	n = min(n, p.bytes)
	p.bytes -= n
	return n
}

type meteredConn struct {
	net.Conn
	left *purse
}

var errCut = errors.New("the line was cut")

func (c *meteredConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b[:c.left.take(len(b))])
	if err == nil && n < len(b) {
		c.Close()
		err = errCut
	}
	return n, err
}

func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if may := c.left.take(n); may < n {
		c.Close()
		return may, errCut
	}
	return n, err
}

// same says whether a copy is the whole log: leaves, parts, and nothing wrong with either.
func same(t testing.TB, m *tlog.Mirror, l *tlog.Log) {
	t.Helper()
	if m.Size() != l.Size() || m.Cursor() != l.Size() {
		t.Fatalf("the copy has size %d, parts to %d, where the log has %d", m.Size(), m.Cursor(), l.Size())
	}
	prefix(t, m, l)
	troubles, err := m.Verify(ctx, tlog.VerifyOptions{Parts: refs})
	must(t, err)
	if len(troubles) > 0 {
		t.Fatal(troubles)
	}
}

// prefix says whether all that a copy holds is a beginning of the log.
func prefix(t testing.TB, m *tlog.Mirror, l *tlog.Log) {
	t.Helper()
	have, err := m.Leaves(0, int(m.Next()))
	must(t, err)
	want, err := l.Leaves(0, int(m.Next()))
	must(t, err)
	if uint64(len(have)) != m.Next() || len(want) != len(have) {
		t.Fatalf("%d leaves of %d", len(have), m.Next())
	}
	for i := range have {
		if !bytes.Equal(have[i], want[i]) {
			t.Fatalf("leaf %d of the copy is not that of the log", i)
		}
	}
}
