package station

import (
	"time"

	"tims/internal/node"
	"tims/internal/web"
)

// restoredFor is how long a restored backup is on every page, if nothing is missing since: its shifts are over and accounted for.
const restoredFor = 30 * 24 * time.Hour

// restoredStates say which nodes came back with an older log than they had, what of it was taken back, and what nobody knows; and
// that this node has no second device by which it would notice.
func (st *Station) restoredStates(w Words, h node.Health) []web.State {
	var out []web.State
	add := func(name string, r *node.Restored) {
		if s, ok := restoredState(w, name, r, h.Now); ok {
			out = append(out, s)
		}
	}
	add("", h.Restored)
	for _, p := range h.Peers {
		add(p.Node, p.Restored)
	}
	if h.Fence.Lost != "" {
		out = append(out, web.State{Level: web.Amber, Text: w.T("station.state.nodevice")})
	}
	return out
}

func restoredState(w Words, name string, r *node.Restored, now int64) (s web.State, ok bool) {
	if r == nil || r.Missing == 0 && (r.At == 0 || now-r.At > restoredFor.Milliseconds()) {
		return s, false
	}
	if name == "" {
		name = w.T("station.state.thisnode")
	}
	s.Level, s.Text = web.Amber, w.T("station.state.restored", "node", name, "n", r.TakenBack, "m", r.Missing)
	switch {
	case r.At == 0:
		s.Text = w.T("station.state.lost", "node", name, "n", r.Missing)
	case r.Unproven && r.Missing == 0:
		s.Text = w.T("station.state.unproven", "node", name)
	}
	if r.At > 0 {
		s.Detail = w.At(r.At)
	}
	if r.Missing > 0 {
		s.Level = web.Red
	}
	return s, true
}
