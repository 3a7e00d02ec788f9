package tlog

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestCosignatures(t *testing.T) {
	l := newLog(t)
	fill(t, l, 4)
	cosign := func(name string, n uint64) ([]byte, note.Verifier) {
		s, v := testCosigner(t, name)
		msg, err := note.Sign(mustOpen(t, l, checkpointAt(t, l, n)), s)
		must(t, err)
		return msg, v
	}
	at4, v1 := cosign("mirror.example/m1", 4)
	at3, v2 := cosign("mirror.example/m2", 3)
	known := note.VerifierList(v1, v2)
	for _, c := range []struct {
		msg  []byte
		kept int
	}{{at4, 1}, {at3, 1}, {at4, 0}, {checkpointAt(t, l, 4), 0}} {
		if n, err := l.AddCosignatures(c.msg, known); err != nil || n != c.kept {
			t.Fatalf("kept %d, want %d: %v", n, c.kept, err)
		}
	}
	if n, err := l.AddCosignatures(at3, note.VerifierList()); n != 0 || err != nil {
		t.Errorf("kept %d of unknown keys: %v", n, err)
	}
	bent := bytes.Replace(at4, []byte("\n4\n"), []byte("\n5\n"), 1)
	if _, err := l.AddCosignatures(bent, known); !errors.Is(err, ErrSignature) {
		t.Errorf("bent checkpoint: %v", err)
	}
	must(t, l.Close())
	l = openLog(t, l.db.path, testOptions(t))
	if c := l.Cosigned(); len(c) != 2 || c[0].Size != 4 || c[1].Size != 3 || c[1].Name != "mirror.example/m2" {
		t.Errorf("after reopening: %+v", c)
	}
	n, err := note.Open(l.Checkpoint(), knownKeys{l.key, known})
	must(t, err)
	if len(n.Sigs) != 2 {
		t.Errorf("%d signatures on the checkpoint, want the log's and m1's", len(n.Sigs))
	}
	root := sumEmpty
	forged, err := l.key.signCheckpoint(l.signer, 2, root)
	must(t, err)
	var lie *Evidence
	if _, err := l.AddCosignatures(forged.note, known); !errors.As(err, &lie) {
		t.Errorf("a checkpoint over another tree: %v", err)
	}
}

// The one that is furthest behind gives way, also on the disk, and a favoured
// one only where there is no other.
func TestTooManyCosigners(t *testing.T) {
	l := newLog(t)
	fill(t, l, maxCosigners+10)
	var all []note.Verifier
	add := func(i int, size uint64) int {
		s, v := testCosigner(t, fmt.Sprintf("mirror.example/m%d", i))
		all = append(all, v)
		msg, err := note.Sign(mustOpen(t, l, checkpointAt(t, l, size)), s)
		must(t, err)
		n, err := l.AddCosignatures(msg, note.VerifierList(v))
		must(t, err)
		return n
	}
	sizes := func() map[string]uint64 {
		out := map[string]uint64{}
		for _, c := range l.Cosigned() {
			out[c.Name] = c.Size
		}
		return out
	}
	for i := range maxCosigners {
		if n := add(i, uint64(i+3)); n != 1 {
			t.Fatalf("cosigner %d is not kept", i)
		}
	}
	l.Favour(func(name string, hash uint32) bool { return name == all[0].Name() && hash == all[0].KeyHash() })
	if n := add(100, 60); n != 1 {
		t.Error("the newest of too many is not kept")
	}
	if n := add(101, 2); n != 0 {
		t.Error("one behind all others is said to be kept")
	}
	want := sizes()
	if len(want) != maxCosigners || want["mirror.example/m0"] != 3 || want["mirror.example/m1"] != 0 || want["mirror.example/m100"] != 60 ||
		want["mirror.example/m101"] != 0 {
		t.Errorf("kept: %v", want)
	}
	must(t, l.Close())
	l = openLog(t, l.db.path, testOptions(t))
	if got := sizes(); !maps.Equal(got, want) {
		t.Errorf("after reopening: %v, want %v", got, want)
	}
	l.Favour(func(string, uint32) bool { return true })
	if n := add(102, 70); n != 1 || sizes()["mirror.example/m0"] != 0 {
		t.Error("where all are favoured the one furthest behind does not give way")
	}
}

func mustOpen(t testing.TB, l *Log, msg []byte) *note.Note {
	t.Helper()
	n, err := note.Open(msg, note.VerifierList(l.key))
	must(t, err)
	return n
}
