package centre

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/web"
)

// state is all that the overview shows, in no language yet.
type state struct {
	health node.Health
	hours  node.Figures
	mins   node.Figures
	chains []chain
}

// A chain is one governed state and the number of the change that made it.
type chain struct {
	Key    string // of its word
	Number uint64
}

// look asks the node. The figures of the day are the costly half: one that is given is taken as it is.
func (f *face) look(ctx context.Context, figures *state) (*state, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	s, err := new(state), error(nil)
	if s.health, err = f.node.Health(ctx); err != nil {
		return nil, err
	}
	st := f.node.State()
	s.chains = []chain{{"centre.chain.roster", st.Number(roster.ChainRoster)}, {"centre.chain.rulebook", st.Number(roster.ChainRulebook)},
		{"centre.chain.authority", st.Number(roster.ChainAuthority)}}
	if figures != nil {
		s.hours, s.mins = figures.hours, figures.mins
		return s, nil
	}
	if s.hours, err = f.node.Figures(ctx, time.Hour, hourSlots); err != nil {
		return nil, err
	}
	s.mins, err = f.node.Figures(ctx, time.Minute, minuteSlots)
	return s, err
}

// A peer is another node as the overview shows it.
type peer struct {
	node.Peer
	Label   string
	Level   web.Level
	Word    string // key of its state in a word
	Lag     uint64 // records of its log that are known to exist and are not here
	Reached bool   // else there may be more records than Lag
	Own     uint64 // records of this node's log that it has not cosigned
	Traffic string // key of the kind of traffic, "" for a centre
	// Entries and Exits of today.
	Entries, Exits int
}

// label is a node's name as a word of a sentence: names in the roster are lower-case.
func label(name string) string {
	return strings.ToUpper(name[:min(len(name), 1)]) + name[min(len(name), 1):]
}

func (s *state) peers(role roster.Role) []peer {
	var out []peer
	today := map[string]row{}
	for _, r := range s.byPost().Rows {
		today[r.Code] = r
	}
	for _, p := range s.health.Peers {
		if p.Role == role {
			v := s.peer(p)
			v.Entries, v.Exits = today[p.Node].Entries, today[p.Node].Exits
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b peer) int { return cmp.Compare(a.Node, b.Node) })
	return out
}

func (s *state) peer(p node.Peer) peer {
	v := peer{Peer: p, Label: label(p.Node), Own: s.health.Size - min(p.Cosigned, s.health.Size), Lag: p.Size - min(p.Held, p.Size)}
	age := time.Duration(s.health.Now-p.LastSeen) * time.Millisecond
	v.Reached = p.LastSeen > 0 && age <= reachedWithin
	switch {
	case p.Frozen != "":
		v.Level, v.Word = web.Red, "centre.post.frozen"
	case p.LastSeen == 0:
		v.Level, v.Word = web.Grey, "centre.post.never"
	case v.Reached && v.Lag > 0:
		v.Level, v.Word = web.OK, "centre.post.catching"
	case v.Reached:
		v.Level, v.Word = web.OK, "centre.post.reached"
	case age <= lostAfter:
		v.Level, v.Word = web.Amber, "centre.post.cut"
	default:
		v.Level, v.Word = web.Red, "centre.post.cut"
	}
	switch p.Traffic {
	case "road", "sea", "air", "rail":
		v.Traffic = "centre.traffic." + p.Traffic
	}
	return v
}

// lag is how many records are known to exist and are not here.
func (s *state) lag() (n uint64) {
	for _, p := range s.health.Peers {
		n += p.Size - min(p.Held, p.Size)
	}
	return n
}

// mirrors counts the nodes that have cosigned the whole of this node's log, and those that are behind.
func (s *state) mirrors() (whole, behind int) {
	for _, p := range s.health.Peers {
		switch {
		case p.Cosigned > 0 && p.Cosigned >= s.health.Size:
			whole++
		case p.Cosigned > 0:
			behind++
		}
	}
	return whole, behind
}

// aside are the records that could not be folded, by reason.
type aside struct {
	Key   string
	Count int
}

var asideWords = map[string]string{"key": "centre.aside.key", "part": "centre.aside.part", "kind": "centre.aside.kind", "bad": "centre.aside.bad"}

func (s *state) aside() []aside {
	var out []aside
	for _, why := range slices.Sorted(maps.Keys(s.health.Aside)) {
		if n := s.health.Aside[why]; n > 0 {
			out = append(out, aside{cmp.Or(asideWords[why], "centre.aside.other"), n})
		}
	}
	return out
}

func clockState(c record.Clock) (web.Level, string) {
	switch c.State {
	case record.Synchronised:
		return web.OK, "centre.clock.ok"
	case record.Stepped:
		return web.Amber, "centre.clock.stepped"
	}
	return web.Amber, "centre.clock.off"
}
