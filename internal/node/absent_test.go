package node_test

import (
	"testing"
	"testing/synctest"

	"tims/internal/border"
	"tims/internal/node"
)

// A decision that a post was asked for before its disk was lost becomes certain: it stands in the log that was taken back, or it
// is not recorded. Without a former log nothing is said here.
func TestAbsentAfterALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija", "durres")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(c.cross("kakavija", 2, border.Entry))
		stands := node.Decision{Act: c.acts[1].decide}
		never := node.Decision{Act: act()}
		says := func(d node.Decision) bool {
			t.Helper()
			gone, err := c.nodes["kakavija"].Absent(d)
			must(err)
			return gone
		}
		if says(stands) || says(never) {
			t.Error("a node that lost nothing says what only its log can tell")
		}
		c.settle()
		must(c.wipe("kakavija"))
		must(c.rebuild("kakavija", c.approve))
		c.settle()
		if says(stands) {
			t.Error("what was recorded and taken back is said not to be recorded")
		}
		if !says(never) {
			t.Error("what stands nowhere stays not known for ever")
		}
	})
}
