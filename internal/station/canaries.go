package station

import (
	"tims/internal/node"
	"tims/internal/web"
)

// canaryStates say that this node misses alerts that it must find, or has not looked. Nothing where all is well.
func canaryStates(w Words, h node.Health) []web.State {
	c := h.Canaries
	switch {
	case len(c.Missed) > 0:
		since := c.Missed[0].Since
		for _, m := range c.Missed {
			since = min(since, m.Since)
		}
		return []web.State{{Level: web.Red, Text: w.T("station.state.canaries.missed", "n", len(c.Missed), "of", c.Count), Detail: w.Ago(h.Now, since)}}
	case c.Count > 0 && h.Now-c.At > canariesWithin.Milliseconds():
		return []web.State{{Level: web.Amber, Text: w.T("station.state.canaries.old"), Detail: w.Ago(h.Now, c.At)}}
	}
	return nil
}
