package node

import (
	"path/filepath"
	"testing"

	"tims/internal/keyring"
	"tims/internal/record"
)

// A node speaks of hits on its own records alone, and what this node told others it shows only of its own officers' alerts.
func TestWhoMaySayAHit(t *testing.T) {
	ring, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), "al", "durres", 1)
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{ring: ring}
	for _, c := range []struct {
		from, origin, list string
		want               bool
	}{
		{"kakavija", "al/kakavija/2", "sdn", true},
		{"kakavija", "al/rinas/1", "sdn", false},
		{"kakavija", "kakavija", "sdn", false},
		{"durres", "al/durres/1", "sdn", false},
		{"durres", "al/durres/1", "single:durres", true},
	} {
		l := &record.HitLetter{List: c.list, Of: record.Ref{Origin: c.origin}}
		if got := n.maySay(c.from, l); got != c.want {
			t.Errorf("%s about %s, list %s: %t", c.from, c.origin, c.list, got)
		}
	}
}
