package centre

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/web"
)

// state is all that the overview shows, in no language yet.
type state struct {
	health node.Health
	hours  node.Figures
	mins   node.Figures
	days   map[string]*node.PostDay
	chains []chain
}

// A chain is one governed state and the number of the change that made it.
type chain struct {
	Key    string // of its word
	Number uint64
}

// known is the newest state and what was made of it: the pages of an operations room cost one look, for all see the same.
type known struct {
	mu    sync.Mutex
	at    time.Time
	state *state
	news  map[string][]web.Event // by language
}

// look gives the state, asked of the node anew where it is older than freshFor. Who asked first pays; the others wait for him,
// and his going away takes nothing from them.
func (f *Face) look(ctx context.Context) (*state, error) {
	f.known.mu.Lock()
	defer f.known.mu.Unlock()
	if f.known.state != nil && time.Since(f.known.at) < freshFor {
		return f.known.state, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
	defer cancel()
	s, err := ask(ctx, f.Node)
	if err != nil {
		return nil, err
	}
	f.known.at, f.known.state, f.known.news = time.Now(), s, map[string][]web.Event{}
	return s, nil
}

func ask(ctx context.Context, n *node.Node) (s *state, err error) {
	s = new(state)
	if s.health, err = n.Health(ctx); err != nil {
		return nil, err
	}
	st := n.State()
	s.chains = []chain{{"centre.chain.roster", st.Number(roster.ChainRoster)}, {"centre.chain.rulebook", st.Number(roster.ChainRulebook)},
		{"centre.chain.authority", st.Number(roster.ChainAuthority)}}
	if s.hours, err = n.Figures(ctx, time.Hour, hourSlots); err != nil {
		return nil, err
	}
	if s.days, err = n.PostDays(ctx); err != nil {
		return nil, err
	}
	s.mins, err = n.Figures(ctx, time.Minute, minuteSlots)
	return s, err
}

// day is what a node's records of the last day say; never nil.
func (s *state) day(node string) *node.PostDay {
	if d := s.days[node]; d != nil {
		return d
	}
	return &noDay
}

var noDay node.PostDay

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
	Today   row
	Regime  string // key of the regime in force, "" where every passage is checked and recorded
	Until   int64  // UTC ms: when the regime ends by itself
	Canary  canary
	Tile    web.Level // of all that is wrong with it the worst
	Wait    wait
}

// A wait is the time in the queue as last measured.
type wait struct {
	Minutes int // rounded up: a queue of half a minute is one
	At      int64
	Booth   string // "" for the whole post
	Device  string // "" where an officer typed it
}

func (s *state) peers(w station.Words, role roster.Role) []peer {
	var out []peer
	today := map[string]row{}
	for _, r := range s.byPost(w).Rows {
		today[r.Code] = r
	}
	for _, p := range s.health.Peers {
		if p.Role == role {
			v := s.peer(w, p)
			v.Today = today[p.Node]
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b peer) int { return cmp.Compare(a.Label, b.Label) })
	return out
}

func (s *state) peer(w station.Words, p node.Peer) peer {
	v := peer{Peer: p, Label: w.Label(p.Node), Own: s.health.Size - min(p.Cosigned, s.health.Size), Lag: p.Size - min(p.Held, p.Size)}
	v.Reached = reached(s.health.Now, p)
	switch {
	case p.Frozen != "":
		v.Level, v.Word = web.Red, "centre.post.frozen"
	case p.LastSeen == 0:
		v.Level, v.Word = web.Grey, "centre.post.never"
	case v.Reached && v.Lag > 0:
		v.Level, v.Word = web.OK, "centre.post.catching"
	case v.Reached:
		v.Level, v.Word = web.OK, "centre.post.reached"
	case s.health.Now-p.LastSeen <= lostAfter.Milliseconds():
		v.Level, v.Word = web.Amber, "centre.post.cut"
	default:
		v.Level, v.Word = web.Red, "centre.post.cut"
	}
	switch p.Traffic {
	case "road", "sea", "air", "rail":
		v.Traffic = "centre.traffic." + p.Traffic
	}
	d := s.day(p.Node)
	if d.Regime != nil {
		v.Until, v.Regime = d.Regime.Until, "centre.regime.other"
		switch d.Regime.Regime {
		case node.Relaxed, node.Unrecorded:
			v.Regime = "centre.regime." + d.Regime.Regime
		}
	}
	if p.Role == roster.Post {
		v.Canary = s.canary(d)
	}
	v.Tile = worse(v.Level, v.Canary.Level)
	if d.Waiting > 0 {
		v.Wait = wait{(d.Waiting + 59) / 60, d.WaitingAt, d.WaitingBooth, d.WaitingBy}
	}
	return v
}

// A canary says whether a post finds the alerts that it must find. Word is "" where there is nothing to say.
type canary struct {
	Level      web.Level
	Word       string // key
	Missed, Of int
	At         int64
}

func (s *state) canary(d *node.PostDay) canary {
	c := canary{Level: web.OK, Word: "centre.canaries.found", Missed: d.CanariesMissed, Of: d.Canaries, At: d.CanariesAt}
	switch {
	case d.CanariesMissed > 0:
		c.Level, c.Word = web.Red, "centre.canaries.missed"
	case d.CanariesAt == 0 && s.health.Canaries.Count == 0:
		c.Word = ""
	case d.CanariesAt == 0 || s.health.Now-d.CanariesAt > canaryLate.Milliseconds():
		c.Level, c.Word = web.Amber, "centre.canaries.unsaid"
	}
	return c
}

// worse gives the graver of two levels that a tile can have.
func worse(a, b web.Level) web.Level {
	for _, l := range []web.Level{web.Red, web.Amber} {
		if a == l || b == l {
			return l
		}
	}
	return a
}

func reached(now int64, p node.Peer) bool {
	return p.LastSeen > 0 && now-p.LastSeen <= reachedWithin.Milliseconds()
}

// An outage is a stretch in which a post reached no centre or did not run.
type outage struct {
	Label    string
	Key      string // of its word
	From, To int64  // UTC ms; To is 0 where it goes on
	For      time.Duration
}

// outages has the posts that this node does not hear at present, and then what the posts signed, the newest first.
func (s *state) outages(w station.Words) []outage {
	var now, over []outage
	for _, p := range s.health.Peers {
		if p.Role != roster.Post {
			continue
		}
		if p.LastSeen > 0 && !reached(s.health.Now, p) {
			now = append(now, outage{w.Label(p.Node), "centre.outage.unheard", p.LastSeen, 0, millis(s.health.Now - p.LastSeen)})
		}
		told := s.day(p.Node).Outages
		for _, o := range told[:min(len(told), maxOutages)] {
			key := "centre.outage.cut"
			if o.Down {
				key = "centre.outage.down"
			}
			over = append(over, outage{w.Label(p.Node), key, o.From, o.To, millis(o.To - o.From)})
		}
	}
	slices.SortStableFunc(over, func(a, b outage) int { return cmp.Compare(b.To, a.To) })
	return append(now, over...)
}

func millis(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

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
