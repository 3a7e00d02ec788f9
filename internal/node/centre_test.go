package node

import (
	"path/filepath"
	"testing"

	"tims/internal/roster"
)

// centreForTest is a country's only node, open until the test ends.
func centreForTest(t *testing.T) *Node {
	t.Helper()
	n, _ := foundedCentre(t)
	return n
}

// foundedCentre is centreForTest with what was handed out at the founding: one approver has the say.
func foundedCentre(t *testing.T, settings ...func(*Options)) (*Node, Founded) {
	t.Helper()
	dir := t.TempDir()
	founded, err := Found(dir, Plan{Country: "al", TimeZone: "UTC", Parent: "example", Approvers: []string{"one"}, Threshold: 1,
		Nodes: []PlannedNode{{Name: "centre", Role: roster.Centre, Place: "Tirana"}}})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: filepath.Join(dir, "centre")}
	for _, set := range settings {
		set(&o)
	}
	n, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n, founded
}
