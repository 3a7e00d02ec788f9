package parcel

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/tlog"
)

const origin = "al/kakavija/1"

// numbers are the parts that the leaves of these tests have: a slip, and one more that only a whole copy wants.
var numbers = []uint8{1, 2}

// A writtenLog is a log with the key that signs it.
type writtenLog struct {
	*tlog.Log
	secret, key string
}

func newLog(t testing.TB, count int) *writtenLog {
	t.Helper()
	secret, key, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	return openLog(t, secret, key, count)
}

func openLog(t testing.TB, secret, key string, count int) *writtenLog {
	t.Helper()
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tlog.Open(filepath.Join(t.TempDir(), "log.db"), tlog.Options{Key: key, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &writtenLog{l, secret, key}
	w.grow(t, count, "")
	return w
}

// grow appends leaves, many at once. A leaf is the hashes and lengths of its parts, and a number with a salt.
func (w *writtenLog) grow(t testing.TB, count int, salt string) {
	t.Helper()
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() {
			e := tlog.Entry{}
			rand.Read(e.Act[:])
			for _, n := range numbers {
				p := tlog.Part{Number: n, Wrap: fmt.Appendf(nil, "wrap %d", i), Body: fmt.Appendf(nil, "body %d of %d%s", n, i, salt)}
				sum := sha256.Sum256(p.Body)
				e.Leaf = append(append(e.Leaf, n, byte(len(p.Body))), sum[:]...)
				e.Parts = append(e.Parts, p)
			}
			e.Leaf = append(binary.BigEndian.AppendUint64(e.Leaf, uint64(i)), salt...)
			if _, err := w.Append(context.Background(), e); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// wanted reads the parts of the given numbers from a leaf.
func wanted(of ...uint8) func([]byte) ([]tlog.PartRef, error) {
	return func(leaf []byte) (out []tlog.PartRef, err error) {
		for ; len(leaf) >= 34+8; leaf = leaf[34:] {
			for _, n := range of {
				if leaf[0] == n {
					out = append(out, tlog.PartRef{Number: n, Length: uint64(leaf[1]), Sealed: [32]byte(leaf[2:34])})
				}
			}
		}
		return out, nil
	}
}

func copyOf(t testing.TB, key string, of ...uint8) *tlog.Mirror {
	t.Helper()
	m, err := tlog.OpenMirror(filepath.Join(t.TempDir(), "log.db"), tlog.MirrorOptions{Key: key, Want: wanted(of...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func (w *writtenLog) parcel() Log {
	return Log{Reader: w.Reader, Epoch: []byte("statement"), Set: All, Numbers: numbers}
}

func write(t testing.TB, dir string, l Log) Written {
	t.Helper()
	s, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Write(context.Background(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t testing.TB, dir string, m *tlog.Mirror) (Taken, error) {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Read(context.Background(), tlog.DirName(m.Origin()), m, nil)
}

// names lists what lies on a stick.
func names(t testing.TB, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "stick")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
