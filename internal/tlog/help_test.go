package tlog

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

const testOrigin = "xk/alpha/1"

// testKeys makes the key pair that a name always has in these tests.
func testKeys(t testing.TB, name string) (skey, vkey string) {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	pub := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	vkey, err := note.NewEd25519VerifierKey(name, pub)
	must(t, err)
	hash := strings.Split(vkey, "+")[1]
	return "PRIVATE+KEY+" + name + "+" + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...)), vkey
}

func testSigner(t testing.TB, name string) (note.Signer, string) {
	t.Helper()
	skey, vkey := testKeys(t, name)
	s, err := note.NewSigner(skey)
	must(t, err)
	return s, vkey
}

func testCosigner(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey := testKeys(t, name)
	s, err := fnote.NewSignerForCosignatureV1(skey)
	must(t, err)
	v, err := fnote.NewVerifierForCosignatureV1(vkey)
	must(t, err)
	return s, v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testOptions(t testing.TB) Options {
	t.Helper()
	s, vkey := testSigner(t, testOrigin)
	return Options{Key: vkey, Signer: s}
}

func openLog(t testing.TB, path string, o Options) *Log {
	t.Helper()
	l, err := Open(path, o)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func newLog(t testing.TB) *Log {
	t.Helper()
	return openLog(t, filepath.Join(t.TempDir(), "log.db"), testOptions(t))
}

// testLeaf names its parts in clear, so that testRefs can read them.
type testLeaf struct {
	N    int
	Salt string
	Refs []PartRef
}

// testEntry is the n-th entry; parts of the given numbers, told apart by salt.
func testEntry(n int, salt string, numbers ...uint8) Entry {
	e := Entry{Act: testAct(n, salt)}
	leaf := testLeaf{N: n, Salt: salt}
	for _, k := range numbers {
		body := bytes.Repeat(fmt.Appendf(nil, "body %d/%d/%s ", n, k, salt), 30)
		e.Parts = append(e.Parts, Part{k, fmt.Appendf(nil, "wrap %d", k), body})
		leaf.Refs = append(leaf.Refs, PartRef{k, sha256.Sum256(body), uint64(len(body))})
	}
	e.Leaf, _ = json.Marshal(leaf)
	return e
}

func testAct(n int, salt string) [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", salt, n))
	binary.BigEndian.PutUint64(sum[8:], uint64(n))
	return [16]byte(sum[:16])
}

func testRefs(leaf []byte) ([]PartRef, error) {
	var l testLeaf
	err := json.Unmarshal(leaf, &l)
	return l.Refs, err
}

// fill appends entries until the log has size n.
func fill(t testing.TB, l *Log, n int, numbers ...uint8) {
	t.Helper()
	fillSalted(t, l, n, "", numbers...)
}

func fillSalted(t testing.TB, l *Log, n int, salt string, numbers ...uint8) {
	t.Helper()
	l.ending.Do(func() { close(l.closing) })
	<-l.done // the writer has ended, so this goroutine may commit groups of its own making
	for from := int(l.Size()); from < n; from = int(l.Size()) {
		var group []*job
		for i := from; i < min(n, from+maxGroup); i++ {
			e := testEntry(i, salt, numbers...)
			group = append(group, &job{entry: e, reply: make(chan outcome, 1), leaf: sumdb.RecordHash(e.Leaf)})
		}
		l.commit(group)
		for _, j := range group {
			must(t, (<-j.reply).err)
		}
	}
	l.ending, l.closing, l.done = sync.Once{}, make(chan struct{}), make(chan struct{})
	go l.write()
}

func appendOne(t testing.TB, l *Log, e Entry) Appended {
	t.Helper()
	a, err := l.Append(context.Background(), e)
	must(t, err)
	return a
}

// editFile runs SQL on a file behind the back of this package.
func editFile(t testing.TB, path, sql string) {
	t.Helper()
	c, err := sqlite3.Open(path)
	must(t, err)
	defer c.Close()
	must(t, c.Exec(sql))
}

type mirrorSetup struct {
	*Mirror
	path     string
	opts     MirrorOptions
	verifier note.Verifier
}

func newMirror(t testing.TB, want func([]byte) ([]PartRef, error)) *mirrorSetup {
	t.Helper()
	_, vkey := testKeys(t, testOrigin)
	s, v := testCosigner(t, "mirror.example/m1")
	m := &mirrorSetup{path: filepath.Join(t.TempDir(), "mirror.db"), verifier: v,
		opts: MirrorOptions{Key: vkey, Cosigner: s, Want: want}}
	m.open(t)
	return m
}

func (m *mirrorSetup) open(t testing.TB) {
	t.Helper()
	var err error
	m.Mirror, err = OpenMirror(m.path, m.opts)
	must(t, err)
	opened := m.Mirror
	t.Cleanup(func() { opened.Close() })
}

func (m *mirrorSetup) reopen(t testing.TB) {
	t.Helper()
	must(t, m.Close())
	m.open(t)
}

// checkpointFor is the add-checkpoint request that takes m to the tree of size
// n of log l.
func checkpointFor(t testing.TB, l *Log, m *Mirror, n uint64) AddCheckpoint {
	t.Helper()
	_, old := m.Pending()
	proof, err := l.ConsistencyProof(old, n)
	must(t, err)
	return AddCheckpoint{Old: old, Proof: proof, Checkpoint: checkpointAt(t, l, n)}
}

// checkpointAt signs the tree of size n as l signed it.
func checkpointAt(t testing.TB, l *Log, n uint64) []byte {
	t.Helper()
	root, err := l.RootAt(n)
	must(t, err)
	cp, err := l.key.signCheckpoint(l.signer, n, root)
	must(t, err)
	return cp.note
}

// upload encodes the add-entries body of [start, end), at most limit packages.
func upload(t testing.TB, l *Log, start, end uint64, limit int) []byte {
	t.Helper()
	b := EntriesHeader{Origin: l.Origin(), Start: start, End: end}.AppendTo(nil)
	for ; start < end && limit > 0; limit-- {
		o, err := l.Offer(start, end)
		must(t, err)
		b = o.AppendTo(b)
		start += uint64(o.Len())
	}
	return b
}

func addEntries(m *Mirror, body []byte) ([]byte, error) {
	d, err := DecodeEntries(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return m.AddEntries(d)
}

// feed brings m to the tree of size n of l, with all parts.
func feed(t testing.TB, l *Log, m *Mirror, n uint64) []byte {
	t.Helper()
	must(t, m.AddCheckpoint(checkpointFor(t, l, m, n)))
	parts, _, err := l.Parts(m.Cursor(), n, 0, 1, 2, 3)
	must(t, err)
	start := m.Next()
	for start < n {
		o, err := l.Offer(start, n)
		must(t, err)
		start, err = m.Extend(n, o)
		must(t, err)
	}
	_, err = m.AddParts(parts)
	must(t, err)
	lines, err := m.Settle(n)
	must(t, err)
	return lines
}
