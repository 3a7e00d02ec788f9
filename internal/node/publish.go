package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"tims/internal/keyring"
	"tims/internal/proof"
	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
)

// Bounds of publishing. A portal is the last to be served: no booth and no other node waits for it.
const (
	publishEach   = 10                    // of SyncEvery between two rounds, unless PublishEvery says otherwise: 10 s
	publishBackup = 6                     // of them at most between two tries, while a portal is away
	publishOthers = 3                     // rounds that a centre gives another node to publish its log by itself
	publishPause  = 20 * time.Millisecond // between two pushes of 8,192 hashes: a booth's reads come in between
	statusesKept  = replica.MaxHeldTold   // indexes of a log's newest status records remembered here
	statusesBack  = 16 << 10              // leaves looked through for them once, at the first round after a start
)

// publishLoop pushes checkpoints, leaf hashes, cosignatures and status records to every living portal of the roster: this
// node's own, and from a centre what it holds of others too, so that posts behind it show. A portal reaches into nobody.
func (n *Node) publishLoop(ctx context.Context) {
	if n.Self().Role == roster.Portal {
		return
	}
	started := map[string]bool{}
	for {
		for _, p := range n.State().Roster.Living(roster.Portal) {
			if p.Address != "" && !started[p.Name] {
				started[p.Name] = true
				n.done.Go(func() { n.publishTo(ctx, p.Name) })
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(n.opt.SyncEvery):
		}
	}
}

// publishTo serves one portal until ctx ends, and backs off while it is away.
func (n *Node) publishTo(ctx context.Context, name string) {
	p := &publisher{n: n, portal: name, statuses: map[string][]uint64{}, cosigned: map[string]uint64{}, told: map[string]bool{}, late: map[string]lateness{}}
	defer p.close()
	every := n.opt.PublishEvery
	for wait := every; ctx.Err() == nil; {
		if err := p.round(ctx); err != nil {
			p.close()
			n.reached.update(name, func(p *Peer) { p.Error = briefly(err) })
			wait = min(2*wait, publishBackup*every)
		} else {
			now := n.Now()
			n.reached.update(name, func(p *Peer) { p.LastSeen, p.Error = now, "" })
			wait = every
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// A publisher is this node's side towards one portal.
type publisher struct {
	n        *Node
	portal   string
	client   *http.Client
	statuses map[string][]uint64 // by origin: indexes of the newest status records, ascending
	cosigned map[string]uint64   // by origin and cosigner: size of the cosignature sent last
	told     map[string]bool     // by origin: what froze a log was shown to the portal
	late     map[string]lateness // by origin: others' logs that the portal lacks part of
}

// A lateness is how many rounds have found the portal at one size of a log that has grown.
type lateness struct {
	size   uint64
	rounds int
}

// overdue says whether a centre shall publish another node's log: its writer, who does so at each round, has let some pass.
func (p *publisher) overdue(origin string, held replica.Published, size uint64) bool {
	at := lateness{}
	for _, l := range held.Logs {
		if l.Origin == origin {
			at.size = l.Size
		}
	}
	if was := p.late[origin]; was.size == at.size && at.size < size {
		at.rounds = was.rounds + 1
	}
	p.late[origin] = at
	return at.rounds >= publishOthers
}

func (p *publisher) close() {
	if p.client != nil {
		p.client.CloseIdleConnections()
		p.client = nil
	}
	clear(p.cosigned)
	clear(p.told)
}

var errAlone = errors.New("this node is isolated")

var errPortalGone = errors.New("portal is no longer in the roster")

// round tells the portal what it lacks. One log that is refused does not hold up the others.
func (p *publisher) round(ctx context.Context) error {
	if p.n.silent() {
		return errAlone
	}
	node, ok := p.n.State().Roster.Node(p.portal)
	if !ok || node.Dropped || node.Role != roster.Portal {
		return errPortalGone
	}
	if p.client == nil {
		p.client = p.n.clientFor(p.portal, true)
	}
	c := &replica.Client{HTTP: p.client, Base: "https://" + node.Address}
	held, err := p.held(ctx, c)
	if err != nil {
		return err
	}
	errs := []error{p.evidence(ctx, c, held)}
	if err := errs[0]; err == nil || refused(err) {
		errs = append(errs, p.log(ctx, c, held, p.n.epoch, p.n.log))
	}
	if p.n.Self().Role == roster.Centre {
		for _, h := range p.n.mirrors.all() {
			if err := errs[len(errs)-1]; err != nil && !refused(err) {
				break
			}
			if !p.overdue(h.Origin(), held, h.Size()) {
				continue
			}
			errs = append(errs, p.log(ctx, c, held, h.epoch, h))
		}
	}
	return errors.Join(errs...)
}

// held asks what the portal has, and hands it the approved changes that it lacks: with them it knows this node.
func (p *publisher) held(ctx context.Context, c *replica.Client) (replica.Published, error) {
	at, err := c.Published(ctx)
	var status *replica.StatusError
	changes := p.n.Changes()
	stranger := errors.As(err, &status) && status.Status == http.StatusForbidden
	if errors.Is(err, keyring.ErrPin) || err != nil && !stranger {
		return at, err
	}
	if len(changes) > at.Changes && (stranger || err == nil) {
		if perr := c.Post(ctx, replica.PathChanges, roster.EncodeChanges(changes)); perr != nil {
			return at, errors.Join(err, fmt.Errorf("hand over approved changes: %w", perr))
		}
		return c.Published(ctx)
	}
	return at, err
}

// log brings the portal up to one log. Of a frozen one the portal has what is in force, and takes no more.
func (p *publisher) log(ctx context.Context, c *replica.Client, held replica.Published, e roster.SignedEpoch, src publishable) error {
	origin := e.Epoch.Origin
	if src.Size() == 0 || p.told[origin] {
		return nil
	}
	i := slices.IndexFunc(held.Logs, func(l replica.PublishedLog) bool { return l.Origin == origin })
	at := replica.PublishedLog{Origin: origin}
	if i >= 0 {
		at = held.Logs[i]
	}
	return p.bring(ctx, c, at, e, src, i >= 0)
}

// bring states the epoch of a log that the portal does not know, and pushes what it lacks.
func (p *publisher) bring(ctx context.Context, c *replica.Client, at replica.PublishedLog, e roster.SignedEpoch, src publishable, known bool) error {
	origin := e.Epoch.Origin
	if !known {
		if err := c.Post(ctx, replica.PathEpoch, record.Marshal(e)); err != nil {
			return fmt.Errorf("state the epoch of %s: %w", origin, err)
		}
	}
	if src.Size() == 0 {
		return nil
	}
	if err := p.look(origin, src); err != nil {
		return err
	}
	at, seen, err := c.Publish(ctx, src, at, p.statuses[origin], proof.Keep, pause)
	p.note(origin, seen)
	if disputed(err) {
		err = errors.Join(err, p.contradicted(ctx, c, origin))
	}
	if err != nil {
		return fmt.Errorf("publish %s: %w", origin, err)
	}
	for _, x := range src.Cosigned() {
		key := origin + "\n" + x.Name
		if x.Size > at.Size || x.Size <= p.cosigned[key] {
			continue
		}
		if err := c.Post(ctx, replica.PathCosignatures, x.Note); err != nil {
			return fmt.Errorf("publish a cosignature of %s: %w", origin, err)
		}
		p.cosigned[key] = x.Size
	}
	return nil
}

// publishable is a log that is read to be published: this node's own, or a copy.
type publishable interface {
	replica.PublishSource
	Leaves(from uint64, limit int) ([][]byte, error)
}

// look finds the newest status records of a log once after a start: a portal that lost them, or was given the hashes by somebody
// who had them not, gets them again.
func (p *publisher) look(origin string, src publishable) error {
	if _, known := p.statuses[origin]; known {
		return nil
	}
	size := src.Size()
	from := size - min(size, statusesBack)
	var found []uint64
	for next := from; next < size; {
		leaves, err := src.Leaves(next, maxBatch)
		if err != nil || len(leaves) == 0 {
			return errors.Join(err, errors.New("look for status records"))
		}
		for i, leaf := range leaves {
			if _, ok := proof.Keep(leaf); ok {
				found = append(found, next+uint64(i))
			}
		}
		next += uint64(len(leaves))
	}
	p.statuses[origin] = []uint64{}
	p.note(origin, found)
	return nil
}

// note remembers status records that were read on the way.
func (p *publisher) note(origin string, seen []uint64) {
	all := map[uint64]bool{}
	for _, i := range append(p.statuses[origin], seen...) {
		all[i] = true
	}
	sorted := slices.Sorted(maps.Keys(all))
	p.statuses[origin] = sorted[max(0, len(sorted)-statusesKept):]
}

// pause leaves the machine to the booths between two pushes.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(publishPause):
		return nil
	}
}
