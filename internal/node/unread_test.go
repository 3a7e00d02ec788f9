package node_test

import (
	"context"
	"path/filepath"
	"testing"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/projection"
	"tims/internal/record"
)

// A post runs with a projection in which an earlier version has set everything aside that a neighbouring version wrote: its own log as of
// unknown kinds, the copy of another's as of an unknown form. This version reads all of it at its start, and verifies.
func TestVersionReadsWhatStoodAside(t *testing.T) {
	deskCountry(t, func(c *country) {
		c.must(c.cross("kakavija", 5, border.Entry))
		c.must(c.cross("durres", 5, border.Entry))
		c.settle()
		n, d := c.nodes["kakavija"], &drill{country: c, t: t}
		aside := map[string][]projection.Record{}
		for origin, why := range map[string]string{n.Origin(): projection.WhyKind, c.nodes["durres"].Origin(): projection.WhyBad} {
			for i := uint64(0); ; i++ {
				o, err := n.Read(record.Ref{Origin: origin, Index: i})
				if err != nil {
					break // the end of the log
				}
				aside[origin] = append(aside[origin], projection.Record{Origin: origin, Node: o.Node, Index: i, Leaf: record.Leaf{Kind: 60_001}, Why: why})
			}
		}
		c.halt("kakavija")
		c.must(d.deleteProjection("kakavija"))
		ring, err := keyring.Open(filepath.Join(c.path("kakavija"), "keys"))
		c.must(err)
		shadow, err := projection.Open(filepath.Join(c.path("kakavija"), "shadow.db"), ring.Shadow())
		c.must(err)
		for _, records := range aside {
			if len(records) < 10 {
				t.Fatalf("%d records of a log", len(records))
			}
			c.must(shadow.Fold(context.Background(), records, uint64(len(records))))
		}
		c.must(shadow.Close())
		c.start("kakavija")
		h, err := c.nodes["kakavija"].Health(context.Background())
		c.must(err)
		if len(h.Aside) > 0 {
			t.Errorf("aside: %v", h.Aside)
		}
		if found, err := d.verify("kakavija"); err != nil || len(found) != 1 || found[0] != "sound: 3 logs" {
			t.Errorf("%q, %v", found, err)
		}
	})
}
