package node_test

import (
	"context"
	"testing"
	"time"

	"tims/internal/border"
)

// Each side learns that the other holds its log: a post from the answer to its push, the centre from the posts that pull.
func TestCosignaturesComeBack(t *testing.T) {
	drillCountry(t, func(c *country) {
		c.must(c.cross("kakavija", 3, border.Entry))
		c.settle()
		time.Sleep(2 * drillStatus) // by then the centre has written something, and the posts have it
		for _, ask := range [][2]string{{"kakavija", "centre"}, {"centre", "kakavija"}, {"centre", "durres"}} {
			h, err := c.nodes[ask[0]].Health(context.Background())
			c.must(err)
			for _, p := range h.Peers {
				if p.Node == ask[1] && p.Cosigned == 0 {
					c.t.Errorf("%s does not know that %s holds its log", ask[0], ask[1])
				}
			}
		}
	})
}
