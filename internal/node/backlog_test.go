package node_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"tims/internal/keyring"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/roster"
)

// A post that lost its projection folds a long log at its start in large batches, opened ahead of their folding and without indexes.
// It is the same projection as the one that was folded as the records were written.
func TestBacklogAtStartFoldsTheSame(t *testing.T) {
	dir := t.TempDir()
	_, err := node.Found(dir, node.Plan{Country: "al", TimeZone: "Europe/Tirane", Parent: "localhost", Approvers: []string{"director"}, Threshold: 1,
		Nodes:    []node.PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}, {Name: "kakavija", Role: roster.Post, Place: "Kakavija", Traffic: "road"}},
		Officers: []node.PlannedOfficer{{Label: "K-01", Duties: []roster.Duty{roster.BoothOfficer}}}})
	if err != nil {
		t.Fatal(err)
	}
	post := filepath.Join(dir, "kakavija")
	const crossings = 1_100 // of two records: more than a backlog needs
	n, err := node.Open(node.Options{Dir: post, Version: "test", SyncEvery: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if err := node.CrossForBench(context.Background(), n, 0, crossings, document); err != nil {
		t.Fatal(err)
	}
	if err := n.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	origin, size := n.Origin(), uint64(2*crossings)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	digest := func() (sum [32]byte) {
		t.Helper()
		ring, err := keyring.Open(filepath.Join(post, "keys"))
		if err != nil {
			t.Fatal(err)
		}
		shadow, err := projection.Open(filepath.Join(post, "shadow.db"), ring.Shadow())
		if err != nil {
			t.Fatal(err)
		}
		defer shadow.Close()
		heads, err := shadow.Folded(context.Background())
		if err != nil || heads[origin].Next < size {
			t.Fatalf("folded to %d, %v", heads[origin].Next, err)
		}
		if sum, err = shadow.DigestOf(context.Background(), origin, size); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	want := digest()
	for _, f := range []string{"shadow.db", "shadow.db-wal", "shadow.db-shm"} {
		if err := os.Remove(filepath.Join(post, f)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if n, err = node.Open(node.Options{Dir: post, Version: "test", SyncEvery: quiet}); err != nil {
		t.Fatal(err)
	}
	h, err := n.Health(context.Background())
	if err != nil || h.Indexing || h.Folding != 0 {
		t.Errorf("opened with %d records not folded, indexes to be made: %v, %v", h.Folding, h.Indexing, err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if got := digest(); got != want {
		t.Errorf("folded at once it is %x, as it was written %x", got, want)
	}
}
