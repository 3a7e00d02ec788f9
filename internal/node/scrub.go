package node

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"sync"
	"time"

	"tims/internal/replica"
	"tims/internal/tlog"
)

// scrubbing is the reading again of all that lies on this node's disk, and the mending of what is bad.
type scrubbing struct {
	turn chan struct{} // holds one token while a pass is under way: whoever waits for a resting one can be told to stop
	mu   sync.Mutex    // guards the rest
	last Scrubbed
	// wants are what no peer could give that this node reaches out to: who comes by learns of them from its heads.
	wants []want
	// damage is what alarms have named and none has called repaired, of all nodes.
	damage map[harm]int64
	wake   chan struct{}
}

// Scrubbed says what a pass read and found. Of Found, Left is what is not repaired.
type Scrubbed struct {
	Begun   int64     `json:"begun"` // UTC ms
	Ended   int64     `json:"ended"` // UTC ms; 0 where no pass has ended yet
	Logs    int       `json:"logs"`
	Records uint64    `json:"records"`
	Found   []Finding `json:"found"`
	Left    []Finding `json:"left"`
}

// ScrubOptions say how a pass goes.
type ScrubOptions struct {
	Repair bool // mend what is found
	Paced  bool // leave the machine to the booths in between
}

// scrubLoop scrubs once in each ScrubEvery, the first time within half a day of it, and after somebody brought what was missing.
// Nodes do not do it at one hour: the name tells when.
func (n *Node) scrubLoop(ctx context.Context) {
	var next <-chan time.Time
	if n.opt.ScrubEvery > 0 {
		h := fnv.New32a()
		h.Write([]byte(n.Name()))
		next = time.After(n.opt.ScrubEvery / 24 * time.Duration(1+h.Sum32()%12))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.scrubs.wake:
		case <-next:
			next = time.After(n.opt.ScrubEvery)
		}
		if _, err := n.Scrub(ctx, ScrubOptions{Repair: true, Paced: true}); err != nil && ctx.Err() == nil {
			n.opt.Journal.Error("a scrub could not read to the end", "node", n.Name(), "error", err)
		}
	}
}

// Scrub reads this node's log, its copies of others and its projection again, names what is bad in the journal and in an alarm
// record, and mends it: a log from whoever else holds it, the projection from the logs. The rest goes on meanwhile.
func (n *Node) Scrub(ctx context.Context, o ScrubOptions) (Scrubbed, error) {
	select {
	case n.scrubs.turn <- struct{}{}:
	case <-ctx.Done():
		return Scrubbed{}, fmt.Errorf("scrub: %w", ctx.Err())
	}
	defer func() { <-n.scrubs.turn }()
	s := Scrubbed{Begun: n.Now(), Found: []Finding{}, Left: []Finding{}}
	pause := unpaced
	if o.Paced {
		pause = pacer()
	}
	err := n.scrubLog(ctx, &s, &subject{Reader: n.log.Reader, head: n.log.MendHead}, o, pause)
	for _, h := range n.mirrors.all() {
		if err == nil || ctx.Err() == nil {
			err = errors.Join(err, n.scrubLog(ctx, &s, &subject{Reader: h.Reader, head: h.MendHead, held: h}, o, pause))
		}
	}
	if err == nil && len(s.Left) == 0 { // a projection of damaged logs proves nothing
		err = n.scrubProjection(ctx, &s, o, pause)
	}
	if err != nil {
		return s, fmt.Errorf("scrub: %w", err)
	}
	s.Ended = n.Now()
	n.scrubs.mu.Lock()
	n.scrubs.last = s
	n.scrubs.mu.Unlock()
	n.opt.Journal.Info("scrubbed", "node", n.Name(), "logs", s.Logs, "records", s.Records, "found", len(s.Found), "left", len(s.Left))
	return s, nil
}

// A subject is one log that is scrubbed.
type subject struct {
	*tlog.Reader
	head func() error
	held *held // nil of the node's own
}

func (n *Node) scrubOptions(s *subject, pause func(context.Context)) tlog.VerifyOptions {
	o := tlog.VerifyOptions{Parts: allParts, Lawful: n.lawful(s.Origin(), s.Reader), Pause: pause}
	if s.held == nil {
		o.Act = actOf
	}
	return o
}

func (n *Node) scrubLog(ctx context.Context, all *Scrubbed, s *subject, o ScrubOptions, pause func(context.Context)) error {
	found, left, err := n.inspect(ctx, all, s, o, pause)
	n.sayDamaged(ctx, s.Origin(), found)
	if err != nil {
		return err
	}
	n.sayRepaired(ctx, s.Origin(), false, left)
	if len(left) < len(found) {
		err = n.refoldUnread(ctx, s.Origin(), unreadAfterMending...)
	}
	return err
}

// inspect reads one log and mends it, and says nothing of it.
func (n *Node) inspect(ctx context.Context, all *Scrubbed, s *subject, o ScrubOptions, pause func(context.Context)) (found, left []tlog.Trouble, err error) {
	all.Logs++
	all.Records += s.Size()
	opt := n.scrubOptions(s, pause)
	if found, err = s.Verify(ctx, opt); err != nil {
		return nil, nil, err
	}
	if left = found; len(found) == 0 {
		n.scrubs.want(s.Reader, nil)
	} else if o.Repair {
		left, err = n.heal(ctx, s, found, opt)
	}
	all.Found = append(all.Found, findings(s.Origin(), found)...)
	all.Left = append(all.Left, findings(s.Origin(), left)...)
	return found, left, err
}

func findings(origin string, troubles []tlog.Trouble) (out []Finding) {
	for _, t := range troubles {
		out = append(out, Finding{origin, t.Index, t.What})
	}
	return out
}

// heal mends what was found in one log and gives what is left. A copy whose file is torn is set aside and pulled again.
func (n *Node) heal(ctx context.Context, s *subject, found []tlog.Trouble, o tlog.VerifyOptions) ([]tlog.Trouble, error) {
	if slices.ContainsFunc(found, func(t tlog.Trouble) bool { return t.Harm == tlog.HarmHead }) {
		if err := s.head(); err != nil {
			return found, err
		}
	}
	givers, done := n.givers(s.Origin())
	defer done()
	left := found
	for range healRounds { // what stands below a leaf can be judged once the leaf is mended
		if err := s.Heal(ctx, left, o, givers...); err != nil {
			return left, err
		}
		before := left
		var err error
		if left, err = s.Verify(ctx, o); err != nil || len(left) == 0 || slices.Equal(left, before) {
			if err != nil {
				return left, err
			}
			break
		}
	}
	if s.held != nil && slices.ContainsFunc(left, func(t tlog.Trouble) bool { return t.Harm == tlog.HarmFile }) {
		n.scrubs.want(s.Reader, nil)
		return nil, n.setAside(s.held)
	}
	n.scrubs.want(s.Reader, left)
	return left, nil
}

// givers are the peers that this node reaches out to.
func (n *Node) givers(origin string) (out []tlog.Giver, done func()) {
	var ends []func()
	for _, p := range n.reachesOut() {
		c := n.clientFor(p.Name, true)
		ends = append(ends, c.CloseIdleConnections)
		out = append(out, &replica.Giver{Client: &replica.Client{HTTP: c, Base: "https://" + p.Address}, Origin: origin, Numbers: partsToPush})
	}
	return out, func() {
		for _, end := range ends {
			end()
		}
	}
}

// setAside puts a copy away whose file cannot be read, and begins an empty one in its place, as a start does.
func (n *Node) setAside(h *held) error {
	n.opt.Journal.Error("a copy of a log is set aside", "node", n.Name(), "log", h.Origin())
	n.mirrors.mu.Lock()
	delete(n.mirrors.held, h.Origin())
	n.mirrors.mu.Unlock()
	path := n.mirrorPath(h.Origin())
	err := h.Close()
	if rerr := os.Rename(path, fmt.Sprintf("%s.bad-%d", path, n.Now())); rerr != nil {
		return fmt.Errorf("set a bad copy aside: %w", errors.Join(err, rerr))
	}
	_, err = n.Admit(h.epoch)
	return err
}

// pacer makes pauses of three times what was worked, so that a scrub takes at most a quarter of one processor and of the disk.
func pacer() func(context.Context) {
	worked := time.Now()
	return func(ctx context.Context) {
		rest := min(max(3*time.Since(worked), minRest), maxRest)
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
		worked = time.Now()
	}
}

func (n *Node) scrubbed() Scrubbed {
	n.scrubs.mu.Lock()
	defer n.scrubs.mu.Unlock()
	return n.scrubs.last
}

func unpaced(context.Context) {}
