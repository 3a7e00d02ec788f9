package node_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tims/internal/node"
	"tims/internal/roster"
)

// TestEpochBegunThroughEveryCrash lets the beginning of an epoch fall after each of its steps. Whatever is left, the next start ends
// in the same new epoch, with all records of the old one, and says once that the log was set back.
func TestEpochBegunThroughEveryCrash(t *testing.T) {
	dir := t.TempDir()
	founded, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"},
		Threshold: 1, Nodes: []node.PlannedNode{{Name: "kakavija", Role: roster.Post}}, Officers: drillOfficers})
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "kakavija")
	open := func(at string) *node.Node {
		t.Helper()
		n, err := node.Open(node.Options{Dir: at, Founding: founded.Founding.Hash(), Fence: at + ".fence"})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := open(home)
	for range 3 {
		if _, err := n.RegisterSheets(context.Background(), act(), 5); err != nil {
			t.Fatal(err)
		}
	}
	h, err := n.Health(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	for stage := range node.EpochStages + 1 {
		at := filepath.Join(dir, fmt.Sprint("stage", stage))
		if err := errors.Join(os.MkdirAll(at, 0o700), crashCopy(at, home)); err != nil {
			t.Fatal(err)
		}
		fence, err := os.ReadFile(home + ".fence")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at+".fence", fence, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := node.BeginEpochUpTo(at, stage); err != nil {
			t.Fatalf("stage %d: %v", stage, err)
		}
		var size uint64
		for again := range 2 {
			n := open(at)
			now, err := n.Health(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			r := now.Restored
			if now.Origin != "al/kakavija/2" || now.Stopped != "" || r == nil || r.Held != h.Size || r.Missing != 0 || r.At == 0 || r.Kept != h.Size {
				t.Errorf("after stage %d: %s, stopped %q, %+v, of a log of %d", stage, now.Origin, now.Stopped, r, h.Size)
			}
			if again == 1 && now.Size != size {
				t.Errorf("after stage %d: %d records at first, %d after a quiet restart", stage, size, now.Size)
			}
			size = now.Size
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
		}
		v, err := node.VerifyDir(context.Background(), at, nil)
		if err != nil || len(v.Found) > 0 {
			t.Errorf("after stage %d: found %v, %v", stage, v.Found, err)
		}
	}
}
