package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/border"
	"tims/internal/node"
)

// TestSplitViewFreezesEverywhereWithinAMinute lets nodes meet that were shown two histories, and measures from their first
// contact until every node of the country has frozen the log.
func TestSplitViewFreezesEverywhereWithinAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := foundCountry(t, "centre", "kapshtica", "rinas", "qafe~rinas", "hani~qafe")
		c.seams = func(_ string, opt *node.Options) { opt.SyncEvery, opt.StatusEvery = time.Second, time.Hour }
		for _, name := range c.names {
			c.start(name)
		}
		d := &drill{country: c, t: t}
		c.must(c.cross("kapshtica", 3, border.Entry))
		time.Sleep(5 * time.Second)
		if _, err := c.steal("kapshtica"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"kapshtica", "hani"} {
			c.wire.sever(name)
		}
		if _, err := c.forge("kapshtica", 4, "centre"); err != nil {
			t.Fatal(err)
		}
		c.must(c.cross("kapshtica", 2, border.Entry))
		time.Sleep(5 * time.Second)
		for _, name := range c.names {
			if f := c.nodes[name].Frozen(); len(f) > 0 {
				t.Fatalf("%s accuses before anybody met: %+v", name, f)
			}
		}
		for _, name := range []string{"kapshtica", "hani"} {
			c.wire.mend(name)
		}
		met := time.Now()
		for waiting := c.names; len(waiting) > 0; {
			if time.Since(met) > time.Minute {
				t.Fatalf("not frozen at %v a minute after the contact", waiting)
			}
			time.Sleep(time.Second)
			var still []string
			for _, name := range waiting {
				if len(c.nodes[name].Frozen()) == 0 {
					still = append(still, name)
				}
			}
			waiting = still
		}
		t.Logf("frozen at all %d nodes %v after the contact", len(c.names), time.Since(met).Round(time.Second))
		for _, name := range []string{"rinas", "qafe", "hani"} { // the logs of others go on
			c.must(c.cross(name, 2, border.Entry))
		}
		time.Sleep(10 * time.Second)
		for _, name := range []string{"rinas", "qafe", "hani"} {
			if got, err := d.evidence(name, "kapshtica"); err != nil || got[0] == "none" {
				t.Errorf("%s: %v %v", name, got, err)
			}
			h, err := c.nodes["centre"].Health(t.Context())
			c.must(err)
			for _, p := range h.Peers {
				if p.Node == name && (p.Frozen != "" || p.Held < size(c, name)) {
					t.Errorf("the centre has %d records of %s, which has %d: %s", p.Held, name, size(c, name), p.Frozen)
				}
			}
		}
	})
}

func size(c *country, name string) uint64 {
	h, err := c.nodes[name].Health(c.t.Context())
	c.must(err)
	return h.Size
}
