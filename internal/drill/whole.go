package drill

import (
	"context"
	"fmt"
	"time"

	"tims/internal/node"
)

// peer is what a node knows of another.
func peer(h node.Health, name string) node.Peer {
	for _, p := range h.Peers {
		if p.Node == name {
			return p
		}
	}
	return node.Peer{}
}

// whole waits until every centre holds and has folded all that every post has now, and gives how long that took. What comes in
// meanwhile is not waited for: travellers go on crossing.
func (c *Country) whole(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	sizes := map[string]uint64{}
	err := until(ctx, healWithin, "everything accepted is at the centres", func() bool { return c.wholeNow(ctx, sizes) })
	if err != nil {
		err = fmt.Errorf("%w: %s", err, c.lacking(ctx, sizes))
	}
	return time.Since(began), err
}

// wholeNow takes the size of each post's log at the first time that the post answers.
func (c *Country) wholeNow(ctx context.Context, sizes map[string]uint64) bool {
	for _, n := range c.Posts() {
		if _, known := sizes[n.Name]; known {
			continue
		}
		h, err := c.health(ctx, n)
		if err != nil {
			return false
		}
		sizes[n.Name] = h.Size
	}
	return c.lacking(ctx, sizes) == ""
}

// lacking says what the centres lack of posts' logs of known sizes, empty for nothing.
func (c *Country) lacking(ctx context.Context, sizes map[string]uint64) string {
	for _, n := range c.Centres() {
		h, err := c.health(ctx, n)
		if err != nil {
			return fmt.Sprintf("%s does not answer: %v", n.Name, err)
		}
		for post, size := range sizes {
			p := peer(h, post)
			if p.Held < size || p.Written == 0 {
				return fmt.Sprintf("%s holds %d of %d records of %s %s", n.Name, p.Held, size, post, p.Error)
			}
		}
	}
	return ""
}
