package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// A founded post whose log key has signed a second history: verify names it, evidence writes what an outsider checks.
func TestEvidenceForACourt(t *testing.T) {
	dir := t.TempDir()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "kakavija", Role: roster.Post, Place: "kakavija", Traffic: "road"}}}
	if _, err := node.Found(dir, plan); err != nil {
		t.Fatal(err)
	}
	post, to := filepath.Join(dir, "kakavija"), filepath.Join(dir, "court")
	n, err := node.Open(node.Options{Dir: post})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	key := signTwice(t, post, n.Origin(), 0)
	if out := must(t, 0, "evidence", "write", post, "--to", to); !strings.Contains(out, "No log is frozen") {
		t.Errorf("before: %s", out)
	}
	must(t, 0, "verify", post)

	signTwice(t, post, n.Origin(), 3)
	if out := must(t, 1, "verify", post); !strings.Contains(out, n.Origin()+" is frozen") || !strings.Contains(out, "tims rebuild") {
		t.Errorf("verify: %s", out)
	}
	must(t, 0, "evidence", "write", post, "--to", to)
	files := filepath.Join(to, tlog.DirName(n.Origin()))
	proof := filepath.Join(files, "evidence.json")
	got := mustJSON[checkedEvidence](t, 0, "evidence", "check", proof, "--key", key)
	if !got.Convicts || got.Smaller != 3 || got.Larger < 3 || got.Origin != n.Origin() {
		t.Errorf("checked: %+v", got)
	}
	if b, err := os.ReadFile(filepath.Join(files, "vkey")); err != nil || string(b) != key+"\n" {
		t.Errorf("vkey %q: %v", b, err)
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"smaller.note", "larger.note"} {
		b, err := os.ReadFile(filepath.Join(files, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := note.Open(b, note.VerifierList(verifier)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	stranger, err := note.NewEd25519VerifierKey(n.Origin(), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if out := must(t, 1, "evidence", "check", proof, "--key", stranger); !strings.Contains(out, "Does NOT convict") {
		t.Errorf("another key: %s", out)
	}
	must(t, 1, "evidence", "check", filepath.Join(files, "vkey"), "--key", key)
	must(t, 2, "evidence", "check", proof)
	must(t, 2, "evidence", "check", proof, "--key", "no key")
	must(t, 2, "evidence", "write", to, "--to", to)
}

// signTwice brings the post's log to at least a size and, unless that is 0, gives it a checkpoint of another tree of that size.
func signTwice(t *testing.T, post, origin string, size uint64) (key string) {
	t.Helper()
	ring, err := keyring.Open(filepath.Join(post, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	signer, key, err := ring.Log(origin)
	if err != nil {
		t.Fatal(err)
	}
	if size == 0 {
		return key
	}
	n, err := node.Open(node.Options{Dir: post, StatusEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for h := (node.Health{}); h.Size < size; {
		if h, err = n.Health(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tlog.Open(filepath.Join(post, "log.db"), tlog.Options{Key: key, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	root := tlog.Hash{1}
	msg, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.Compare(msg)
	if err == nil {
		err = l.Freeze(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return key
}

// Two statements for one epoch, as a node that was shown both writes them for a court.
func TestTwoStatementsForACourt(t *testing.T) {
	dir := t.TempDir()
	plan := node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"},
			{Name: "kakavija", Role: roster.Post, Place: "kakavija", Traffic: "road"}}}
	if _, err := node.Found(dir, plan); err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(filepath.Join(dir, "kakavija", "keys"))
	if err != nil {
		t.Fatal(err)
	}
	origin := roster.Origin("al", "kakavija", 1)
	state := func(seed byte) roster.SignedEpoch {
		e := roster.Epoch{Number: 1, Origin: origin}
		public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)).Public().(ed25519.PublicKey)
		var err error
		if e.LogKey, err = note.NewEd25519VerifierKey(origin, public); err != nil {
			t.Fatal(err)
		}
		if _, e.MirrorKey, err = ring.Mirror(origin + roster.MirrorSuffix); err != nil {
			t.Fatal(err)
		}
		return roster.SignEpoch(e, ring.Identity())
	}
	centre := filepath.Join(dir, "centre")
	n, err := node.Open(node.Options{Dir: centre})
	if err != nil {
		t.Fatal(err)
	}
	_, first := n.Admit(state(1))
	_, second := n.Admit(state(2))
	if err := n.Close(); err != nil || first != nil || second == nil {
		t.Fatal(err, first, second)
	}
	to := filepath.Join(dir, "court")
	must(t, 0, "evidence", "write", centre, "--to", to)
	files := filepath.Join(to, tlog.DirName(origin))
	b, err := os.ReadFile(filepath.Join(files, "identity"))
	key := strings.TrimSpace(string(b))
	if err != nil || key != hex.EncodeToString(ring.Identity().Public().(ed25519.PublicKey)) {
		t.Fatalf("identity %q: %v", b, err)
	}
	both, one, other := filepath.Join(files, "evidence.epochs"), filepath.Join(files, "first.epoch"), filepath.Join(files, "second.epoch")
	for _, args := range [][]string{{both}, {one, other}, {other, one}} {
		got := mustJSON[checkedEvidence](t, 0, append([]string{"evidence", "check", "--key", key}, args...)...)
		if !got.Convicts || got.Origin != origin || got.Code != record.TwoEpochs {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if out := must(t, 0, "evidence", "check", both, "--key", key); !strings.Contains(out, "two different statements for "+origin) {
		t.Error(out)
	}
	stranger := strings.Repeat("7f", 32)
	for _, args := range [][]string{{both, "--key", stranger}, {one, one, "--key", key}, {one, "--key", key}, {both, other, "--key", key},
		{filepath.Join(files, "identity"), "--key", key}} {
		if out := must(t, 1, append([]string{"evidence", "check"}, args...)...); !strings.Contains(out, "Does NOT convict this identity key") {
			t.Errorf("%v: %s", args, out)
		}
	}
	must(t, 2, "evidence", "check", both, "--key", key[2:])
	must(t, 2, "evidence", "check", both, one, other, "--key", key)
}
