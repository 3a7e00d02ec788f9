package node

import (
	"context"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/watchlist"
)

// reached remembers when peers were last reached and what they are known to hold.
type reached struct {
	mu     sync.Mutex
	peers  map[string]*Peer
	centre int64 // UTC ms of the last exchange with any centre, or of this node's start
}

// A Peer is what this node knows of another: as a peer that it pushes to and pulls from, or that came to it.
type Peer struct {
	Node     string
	Role     roster.Role
	Place    string
	Traffic  string
	LastSeen int64  // UTC ms of the last exchange that succeeded, 0 where there was none
	Error    string // what the last failed exchange said, without personal data; empty after a success
	// Held is how much of the peer's living log is held here, Size how much it is known to have, Written the signed time of
	// its newest record folded here, UTC ms.
	Held, Size uint64
	Written    int64
	// Cosigned is how much of this node's log the peer has cosigned as its mirror.
	Cosigned uint64
	Safety   Safety     // of the peer's living log as far as it is known here; reckoned at a centre alone
	Restored *Restored  // how its log before the living one ended, nil where it has none
	Frozen   string     // why the copy of its log is frozen, empty where it is not
	Isolated *Isolation // that it says itself to be in, nil where there is none
}

func (r *reached) update(node string, f func(*Peer)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers == nil {
		r.peers = map[string]*Peer{}
	}
	p := r.peers[node]
	if p == nil {
		p = &Peer{Node: node}
		r.peers[node] = p
	}
	f(p)
}

// Health is the state of a node at one moment.
type Health struct {
	Node      string
	Role      roster.Role
	Origin    string
	Epoch     uint32
	Now       int64 // UTC ms
	Clock     record.Clock
	Size      uint64    // records in its own log
	Safety    Safety    // of its own log
	Witnesses []Witness // of the operator's policy
	Peers     []Peer    // every other living node of the roster
	Lists     []ListInForce
	// ListsOut are lists of which no release can come into force here: Refused and Why say which is newest and why. ListsOver counts
	// releases that were not even noted, of too many lists or too many of one.
	ListsOut  []ListInForce
	ListsOver int
	ListBytes int64 // of memory that lists take, by what this node counts, and how much they may
	ListRoom  int64
	Aside     map[string]int // records that could not be folded, by reason
	Folding   uint64         // records that are here and not folded yet
	Indexing  bool           // the projection has no indexes while a backlog is folded: searches are slow
	Stopped   string         // why the node takes no more acts, empty while it does
	StoppedBy string         // code of it: StoppedTwice, StoppedSetBack
	Restored  *Restored      // how the log before the living one ended, nil where there is none
	Fence     Fence          // the second device
	Damaged   []Damage       // on this node's disk and on others', as their alarms say, and not repaired
	Scrubbed  Scrubbed       // the last pass that read to the end since the start
	Frozen    []FrozenLog    // logs that contradict themselves, this node's own too
	Isolated  *Isolation     // on purpose; nil where it is not
	Canaries  CanaryState    // alerts that this node must find
	// Thresholds are the scores from which on an alert is a hit, and how many ordinary travellers hit one.
	Thresholds watchlist.Calibration
}

// Health tells how the node is.
func (n *Node) Health(ctx context.Context) (Health, error) {
	now, state, _ := n.clock.read()
	h := Health{Node: n.Name(), Role: n.Self().Role, Origin: n.origin, Epoch: n.ring.Epoch(), Now: now, Clock: state,
		Size: n.log.Size(), Lists: n.watch.lists(), Frozen: n.Frozen(), Safety: n.safety(n.Name(), n.log),
		Witnesses: n.witnesses()}
	h.Restored = n.restored(n.Name(), n.epoch)
	h.StoppedBy, h.Stopped = n.stopped()
	h.Fence, h.Isolated = n.fence(), n.Isolated()
	h.Damaged, h.Scrubbed, h.Canaries = n.Damaged(), n.scrubbed(), n.Canaries()
	h.Thresholds = n.Thresholds()
	h.ListsOut, h.ListsOver = n.ListsOut(), n.watch.notNoted()
	h.ListBytes, h.ListRoom = n.ListRoom()
	var err error
	if h.Aside, err = n.shadow.Aside(ctx); err != nil {
		return h, err
	}
	written, err := n.shadow.Horizons(ctx)
	if err != nil {
		return h, err
	}
	heads, err := n.shadow.Folded(ctx)
	if err != nil {
		return h, err
	}
	h.Folding = n.log.Size() - heads[n.origin].Next
	h.Indexing = n.fold.bare.now.Load()
	held := map[string]*held{}
	for _, m := range n.mirrors.all() {
		h.Folding += m.Size() - min(m.Size(), heads[m.Origin()].Next) // one that was set aside begins again
		if cur := held[m.node]; cur == nil || m.epoch.Epoch.Number > cur.epoch.Epoch.Number {
			held[m.node] = m
		}
	}
	h.Peers = n.peers(held, written)
	return h, nil
}

func (n *Node) peers(held map[string]*held, written map[string]int64) []Peer {
	cosigned := n.cosigned()
	n.reached.mu.Lock()
	defer n.reached.mu.Unlock()
	var out []Peer
	for _, node := range n.State().Roster.Nodes {
		if node.Dropped || node.Name == n.Name() {
			continue
		}
		p := Peer{Node: node.Name}
		if known := n.reached.peers[node.Name]; known != nil {
			p = *known
		}
		p.Role, p.Place, p.Traffic, p.Written = node.Role, node.Place, node.Traffic, written[node.Name]
		p.Cosigned = cosigned[node.Name]
		p.Isolated = n.isolationOf(node.Name)
		if m := held[node.Name]; m != nil {
			p.Held, p.Restored = m.Size(), n.restored(node.Name, m.epoch)
			if n.Self().Role == roster.Centre {
				p.Safety = n.safety(node.Name, m)
			}
			_, pending := m.Pending()
			p.Size = max(p.Size, pending, p.Held)
			p.Frozen = n.whyFrozen(m)
		}
		out = append(out, p)
	}
	return out
}

// Figures are the day's counts for the centre's page.
type Figures struct {
	Day            border.Date
	ByNode         []projection.Figure
	From, Step     int64 // of the series, UTC ms
	Entries, Exits []int
}

// Figures counts the crossings of the present civil day and the series of its hours so far, 24 slots or as told.
func (n *Node) Figures(ctx context.Context, step time.Duration, slots int) (Figures, error) {
	now := n.Now()
	f := Figures{Day: n.Today(), Step: step.Milliseconds()}
	f.From = now - now%f.Step - int64(slots-1)*f.Step
	var err error
	if f.ByNode, err = n.shadow.Figures(ctx, f.Day); err != nil {
		return f, err
	}
	f.Entries, f.Exits, err = n.shadow.Series(ctx, f.From, f.Step, slots)
	return f, err
}

// OpenChecks lists this node's checks of the last day that nobody decided, newest first.
func (n *Node) OpenChecks(ctx context.Context) ([]projection.Sighting, error) {
	open, err := n.shadow.OpenChecks(ctx, n.Name(), n.Now()-24*time.Hour.Milliseconds())
	if err != nil || len(n.formerLogs()) == 0 {
		return open, err
	}
	out := open[:0]
	for _, c := range open { // one that was written anew in this epoch may have been decided in the one before
		act, err := n.decidingAct(ctx, record.RefOf(c.Ref))
		if err != nil {
			return nil, err
		}
		if act == nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// ByAct gives every record folded here that was made for the act.
func (n *Node) ByAct(ctx context.Context, act record.Act) ([]projection.Sighting, error) {
	return n.shadow.ByAct(ctx, act)
}
