package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
)

// A stick is written and read by commands, beside running and stopped nodes, and a rebuild by sticks that is killed again and
// again goes on each time and ends whole, with one epoch used up and nothing doubled.
func TestRebuildKilled(t *testing.T) {
	dir := t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes: []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana", Address: "127.0.0.1:1"},
			{Name: "post", Role: roster.Post, Place: "Post", Traffic: "road", Address: "127.0.0.1:2"}},
		Officers: []node.PlannedOfficer{{Label: "A-01"}}})
	if err != nil {
		t.Fatal(err)
	}
	post, centre, stick := filepath.Join(dir, "post"), filepath.Join(dir, "rebuilt"), filepath.Join(dir, "stick")
	n, err := node.Open(node.Options{Dir: post, Dial: noNetwork})
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		var act record.Act
		for i := range act {
			act[i] = byte(rand.IntN(256))
		}
		if _, err := n.RegisterSheets(t.Context(), act, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	wrote := mustJSON[node.ParcelWritten](t, 0, "parcel", "write", stick, "--dir", post)
	if len(wrote.Logs) != 1 || wrote.Logs[0].Size < 40 {
		t.Fatalf("written %+v", wrote)
	}
	again := mustJSON[node.ParcelWritten](t, 0, "parcel", "write", stick, "--dir", post)
	if again.Logs[0].Size != wrote.Logs[0].Size {
		t.Errorf("written again %+v", again)
	}
	hash := founded.Founding.Hash()
	key := filepath.Join(dir, "one.key")
	private, encode := founded.Approvers["one"], base64.StdEncoding.EncodeToString
	text := keyFile(authorityHeader, "For this test.", field{"country", "al"}, field{"approver", "one"},
		field{"public", encode(private.Public().(ed25519.PublicKey))}, field{"private", encode(private.Seed())})
	if err := os.WriteFile(key, text, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"rebuild", "--dir", centre, "--name", "centre", "--founding", filepath.Join(post, "founding"),
		"--hash", hex.EncodeToString(hash[:]), "--authority", key, "--parcel", stick}
	killed := 0
	for range 12 {
		c := program(args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(250))*time.Millisecond, func() { c.Process.Kill() })
		err := c.Wait()
		timer.Stop()
		var exit *exec.ExitError
		if errors.As(err, &exit) && !exit.Exited() {
			killed++
		} else if err != nil {
			t.Fatalf("a rebuild that was not killed: %v", err)
		}
	}
	if killed == 0 {
		t.Error("no rebuild was killed")
	}
	r := mustJSON[rebuildReport](t, 0, args...)
	if !r.Whole || !r.Resumed || len(r.Logs) != 1 || r.Logs[0].Expected != wrote.Logs[0].Size || r.Logs[0].Missing != 0 || r.Logs[0].Root == "" {
		t.Errorf("rebuilt %+v", r)
	}
	must(t, 0, "verify", centre)
	must(t, 0, "parcel", "read", stick, "--dir", centre)
	opened, err := node.Open(node.Options{Dir: centre, Dial: noNetwork})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if !strings.HasSuffix(opened.Origin(), "/2") || len(opened.Changes()) != 1 {
		t.Errorf("the log is %s after %d changes", opened.Origin(), len(opened.Changes()))
	}
	if err := os.WriteFile(filepath.Join(dir, "other"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, 2, append([]string{"rebuild", "--dir", dir}, args[3:]...)...)
}
