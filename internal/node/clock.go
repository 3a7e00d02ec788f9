package node

import (
	"sync"
	"time"

	"tims/internal/record"
)

// A clock watches this node's time: records keep their order by index, and say how far the time beside it may be trusted.
type clock struct {
	now func() time.Time

	mu    sync.Mutex
	last  time.Time    // newest reading, with its monotonic part
	state record.Clock // as of last
	floor int64        // highest signed time seen, UTC ms
}

// read gives the time in UTC ms, the state of the clock, and the highest signed time seen.
func (c *clock) read() (ms int64, state record.Clock, floor int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.now()
	ms = t.UnixMilli()
	if !c.last.IsZero() {
		step := t.Round(0).Sub(c.last.Round(0)) - t.Sub(c.last)
		if step.Abs() > stepTolerance {
			c.state = record.Clock{State: record.Stepped, Since: ms}
		}
	}
	if c.state.State == record.Stepped && ms-c.state.Since > steppedFor.Milliseconds() {
		c.state = record.Clock{}
	}
	c.last = t
	behind := ms < c.floor-clockTolerance.Milliseconds()
	switch {
	case behind && c.state.State == record.Synchronised:
		c.state = record.Clock{State: record.Unsynchronised, Since: ms}
	case !behind && c.state.State == record.Unsynchronised:
		c.state = record.Clock{}
	}
	return ms, c.state, c.floor
}

// signed takes note of a time that stands in a verified record.
func (c *clock) signed(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor = max(c.floor, ms)
}

// up is told, after a start, when this node last wrote (UTC ms, 0 for never). Whoever was down for long has no evidence that
// the clock stayed right meanwhile: it counts as set now.
func (c *clock) up(last int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now().UnixMilli(); last > 0 && now-last > upAfter.Milliseconds() {
		c.state = record.Clock{State: record.Stepped, Since: now}
	}
}
