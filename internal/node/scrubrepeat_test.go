package node_test

import (
	"context"
	"testing"
	"testing/synctest"

	"tims/internal/node"
)

// An operator who asks for repair again and again does not keep it from happening. A centre reaches out to no post: posts learn
// from its heads what it wants, and a pass that has just begun wants what the one before it could not get.
func TestRepairAskedForAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCountry(t, "centre", "kakavija")
		c.must(c.cross("kakavija", 4, direction("entries")))
		c.settle()
		d, centre := &drill{country: c, t: t}, c.nodes["centre"]
		if _, err := d.tamper("centre", "leaf"); err != nil {
			t.Fatal(err)
		}
		if s, err := centre.Scrub(context.Background(), node.ScrubOptions{Repair: true}); err != nil || len(s.Left) != 1 {
			t.Fatalf("left %v, %v", s.Left, err)
		}
		ended := make(chan error)
		go func() {
			_, err := centre.Scrub(context.Background(), node.ScrubOptions{Repair: true, Paced: true})
			ended <- err
		}()
		synctest.Wait() // the second pass rests while it reads the centre's own log
		select {
		case <-ended:
			t.Fatal("the second pass did not rest")
		default:
		}
		if n := node.WantedForTest(centre.Node); n != 1 {
			t.Errorf("while the second pass goes on, %d pieces are wanted", n)
		}
		c.must(<-ended)
		c.settle()
		if s, err := centre.Scrub(context.Background(), node.ScrubOptions{Repair: true}); err != nil || len(s.Found) != 0 {
			t.Errorf("in the end %v, %v", s.Found, err)
		}
		if n := node.WantedForTest(centre.Node); n != 0 {
			t.Errorf("of a whole log %d pieces are wanted", n)
		}
		_, err := d.verify("centre")
		c.must(err)
		c.must(c.invariants())
	})
}
