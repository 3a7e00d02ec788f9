package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tims/internal/record"
	"tims/internal/replica"
	"tims/internal/roster"
	"tims/internal/tlog"
)

// Files by which a start knows what an earlier one decided.
const (
	setBackFile  = "set-back"  // why the log of an epoch signs no more
	displaceFile = "displaced" // why this directory signs nothing more at all
	nextKeysFile = "keys.next" // keys of the epoch that is being begun
)

// Why a log was found to be set back. Codes stand in files and records.
const (
	whyFence   = "fence"   // the second device has seen more, or another tree
	whyMissing = "missing" // the second device is missing, new, or was left behind: nothing proves that the log is whole
	whyPeer    = "peer"    // a peer holds more that this log's key signed
	whyDamaged = "damaged" // the file was torn and nobody could mend it: it was given up by hand
	whyLater   = "later"   // a later epoch of this node is known
)

// Why a node takes no more acts, as the pages have words for it.
const (
	StoppedTwice   = "twice"    // another machine runs this node
	StoppedSetBack = "set-back" // its log came back shorter than it had been, and goes on in a new epoch
)

// A setBack is the decision that the log of an origin signs no more.
type setBack struct {
	Origin string
	Held   uint64 // records that were here
	Known  uint64 // records that it is known to have had; Held where nobody knows of more
	Epoch  uint32 // the epoch that begins; 0 where the next start is to ask
	At     int64  // UTC ms
	Why    string
}

// fencing is what a node knows of itself as the one writer of its log.
type fencing struct {
	agreed bool   // the second device agreed at the start
	opened uint64 // size of the log then

	mu       sync.Mutex
	ended    chan struct{} // closed when this process must sign nothing more and be opened anew
	why      string        // in words, once it takes no more acts
	code     string        // of it
	restored map[string]record.AlarmOpen
}

// openOwn opens this node's log if it is the newest, and begins a new epoch if it is not. Before anything is signed:
//
//	the log and the second device agree       it signs; peers are asked at the first exchange
//	there is no second device                 peers are asked for askWithin; nobody knows more: it signs
//	the second device has seen more           tail taken back from peers for askWithin, new epoch
//	it is missing, new, or was left behind    the same, for nothing proves that the log is whole
//	it is still missing, as when this epoch began   peers are asked, as where there is none
//	it is of a later epoch, or peers know one an epoch after that one
//	peers hold more of this log               tail taken back, new epoch
//	an earlier start decided so               new epoch
//	another machine was seen to run it        no act is taken any more (displaced)
//	peers hold another history of this log    it is convicted and frozen (split.go): that waits for the roster
func (n *Node) openOwn() error {
	if decided, err := n.readSetBack(); err != nil {
		return err
	} else if decided.Origin == n.origin {
		return n.beginEpoch(decided)
	}
	if later, err := n.displacedBy(); err != nil {
		return err
	} else if later != "" {
		return n.openDisplaced(later)
	}
	err := n.openLog(false)
	var fence *tlog.FenceError
	if errors.As(err, &fence) && fence.Key == "" && n.beganWithoutDevice() {
		err = n.openLog(true)
	}
	switch {
	case errors.As(err, &fence) && n.log == nil:
		return n.judged(fence)
	case errors.As(err, new(*tlog.Evidence)):
		return fmt.Errorf("%w; it signs nothing more until `tims scrub --repair` has mended it from another copy (recovery.md)", err)
	case err != nil:
		return err
	}
	n.fencing.opened = n.log.Size()
	if path, lost := n.log.Fence(); path != "" && lost == nil {
		n.fencing.agreed = true
		return nil
	}
	asked := n.askPeers(n.log)
	if n.log.Evidence() != nil || asked.ahead <= n.log.Size() && asked.later == 0 {
		return nil
	}
	s := setBack{Origin: n.origin, Held: n.log.Size(), Known: max(n.log.Size(), asked.ahead), At: n.Now(), Why: whyPeer,
		Epoch: n.after(asked.later)}
	if asked.later > 0 {
		s.Why = whyLater
	}
	err = n.log.Close()
	n.log = nil
	if err != nil {
		return err
	}
	return n.beginEpoch(s)
}

// beganWithoutDevice says that this epoch began because the second device was missing. If it still is at a later start, peers are
// asked as where there is none: otherwise a post with a broken device would begin an epoch at each start, until nobody accepts
// another.
func (n *Node) beganWithoutDevice() bool {
	s, err := n.readSetBack()
	return err == nil && s.Why == whyMissing && s.Epoch == n.ring.Epoch()
}

// judged decides what follows from a second device that does not agree.
func (n *Node) judged(f *tlog.FenceError) error {
	s := setBack{Origin: n.origin, Held: f.Log.Size, Known: f.Log.Size, At: n.Now(), Why: whyMissing}
	var later uint32
	if f.Key != "" {
		origin, _, _ := strings.Cut(f.Key, "+")
		country, node, epoch, err := roster.ParseOrigin(origin)
		switch {
		case err != nil || country != n.ring.Country() || node != n.Name():
			return fmt.Errorf("the second device is that of log %s", origin)
		case epoch < n.ring.Epoch() && f.Log.Size == 0:
			return n.openLog(true) // this epoch was begun, and has written nothing yet
		case epoch > n.ring.Epoch():
			s.Why, later = whyLater, epoch
		case origin == n.origin && f.Fence.Size >= f.Log.Size:
			s.Why, s.Known = whyFence, f.Fence.Size
		}
	}
	s.Epoch = n.after(max(later, n.askPeers(nil).later))
	return n.beginEpoch(s)
}

func (n *Node) after(later uint32) uint32 { return max(n.ring.Epoch(), later) + 1 }

// A selfElsewhere is what peers say of this node's own logs. ahead counts only with a checkpoint that the log's key signed, and
// is asked for an open log alone; later only with the identity key's statement.
type selfElsewhere struct {
	ahead uint64
	later uint32
}

// askPeers asks all peers at once, for askWithin: a booth starts in five seconds, whoever is silent.
func (n *Node) askPeers(own *tlog.Log) selfElsewhere {
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	var mu sync.Mutex
	var all selfElsewhere
	var peers sync.WaitGroup
	for _, p := range n.reachesOut() {
		peers.Go(func() {
			one := n.askPeer(ctx, p, own)
			mu.Lock()
			defer mu.Unlock()
			all.ahead, all.later = max(all.ahead, one.ahead), max(all.later, one.later)
		})
	}
	peers.Wait()
	return all
}

func (n *Node) askPeer(ctx context.Context, p roster.Node, own *tlog.Log) (a selfElsewhere) {
	x := &exchange{n: n, peer: p.Name, client: n.clientFor(p.Name, true), base: "https://" + p.Address}
	defer x.close()
	if err := x.fetchHeads(ctx, x.base); err != nil {
		return a
	}
	for _, l := range x.theirs.Logs {
		_, node, epoch, err := roster.ParseOrigin(l.Epoch.Epoch.Origin)
		switch {
		case err != nil || node != n.Name():
		case epoch > n.ring.Epoch():
			if _, err := n.State().VerifyEpoch(l.Epoch); err == nil {
				a.later = max(a.later, epoch)
			}
		case l.Epoch.Epoch.Origin != n.origin || own == nil:
		case l.Size > own.Size() || l.Size > 0 && !rootIs(own, l):
			if got, err := x.replica().Compare(ctx, own); err == nil {
				a.ahead = max(a.ahead, got.Ahead)
			}
		}
	}
	return a
}

func rootIs(own *tlog.Log, l logHead) bool {
	root, err := own.RootAt(l.Size)
	return err == nil && root == l.Root
}

// displaced is what a node does when somebody shows a later epoch of it: the same node runs elsewhere, and goes on there. This
// directory signs nothing more, also after a restart. Two machines would otherwise begin epoch after epoch against each other.
// The way out is to end this one for good, or a roster change that gives the node a new identity.
func (n *Node) displaced(later string) {
	n.stopActs(StoppedTwice, twice(later))
	if err := writeDurably(filepath.Join(n.opt.Dir, displaceFile), []byte(n.origin+"\n"+later+"\n")); err != nil {
		n.opt.Journal.Error("it is not kept that this node is displaced", "node", n.Name(), "error", err)
	}
}

// isLaterSelf says whether a statement is of a later epoch of this very node, and if so displaces it.
func (n *Node) isLaterSelf(e roster.SignedEpoch) bool {
	if nodeOfOrigin(e.Epoch.Origin) != n.Name() || e.Epoch.Number <= n.ring.Epoch() {
		return false
	}
	if _, err := n.State().VerifyEpoch(e); err == nil {
		n.displaced(e.Epoch.Origin)
	}
	return true
}

func twice(later string) string {
	return "another machine runs this node under " + later + ": end one of the two (recovery.md)"
}

// displacedBy names the later epoch that displaced this one, "" where none did.
func (n *Node) displacedBy() (string, error) {
	b, err := readBounded(filepath.Join(n.opt.Dir, displaceFile))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read why this node is displaced: %w", err)
	}
	own, later, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if own != n.origin {
		return "", nil
	}
	return later, nil
}

// openDisplaced opens a log that signs no more: it is read, shown and pushed on. The second device stays as it is.
func (n *Node) openDisplaced(later string) error {
	n.opt.Fence = ""
	if err := n.openLog(false); err != nil {
		return err
	}
	n.stopActs(StoppedTwice, twice(later))
	return nil
}

// stopActs ends the taking of acts: each is answered "not recorded".
func (n *Node) stopActs(code, why string) {
	n.fencing.mu.Lock()
	defer n.fencing.mu.Unlock()
	if n.fencing.why == "" {
		n.opt.Journal.Error("no more acts are taken: "+why, "node", n.Name())
	}
	n.fencing.code, n.fencing.why = code, why
	n.log.Halt()
}

// isSetBack says, when a peer shows more of this node's own log than is here, that the log was set back: no second device
// agreed at the start, and nothing was signed since, or the longer log would have parted from it. Then no act is taken any more,
// and the next start begins a new epoch. Otherwise somebody else holds the key, which is for split.go.
func (n *Node) isSetBack(ahead uint64) bool {
	if n.fencing.agreed || n.log.Size() != n.fencing.opened {
		return false
	}
	n.stopActs(StoppedSetBack, "a peer holds more of this node's log than is here; it goes on in a new epoch")
	s := setBack{Origin: n.origin, Held: n.log.Size(), Known: ahead, At: n.Now(), Why: whyPeer}
	if err := n.writeSetBack(s); err != nil {
		n.opt.Journal.Error("it is not kept that the log was set back", "node", n.Name(), "error", err)
		return true
	}
	n.fencing.mu.Lock()
	defer n.fencing.mu.Unlock()
	select {
	case <-n.fencing.ended:
	default:
		close(n.fencing.ended)
	}
	return true
}

// MustReopen is closed when this node found that its log was set back: whoever opened it closes it and opens it again.
func (n *Node) MustReopen() <-chan struct{} { return n.fencing.ended }

func (n *Node) readSetBack() (s setBack, err error) {
	b, err := readBounded(filepath.Join(n.opt.Dir, setBackFile))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		err = fmt.Errorf("read why an epoch ended: %w", err)
	}
	return s, err
}

func (n *Node) writeSetBack(s setBack) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write why an epoch ends: %w", err)
	}
	return writeDurably(filepath.Join(n.opt.Dir, setBackFile), b)
}

// takeBack pulls what peers hold of the retired log beyond what is here, for askWithin. What does not come now comes later in
// the ordinary exchange, under the old origin.
func (n *Node) takeBack(e roster.SignedEpoch) {
	node, err := n.State().VerifyEpoch(e)
	if err != nil {
		return
	}
	n.mirrors.held = map[string]*held{}
	h, err := n.openHeld(e, node)
	if err != nil {
		n.opt.Journal.Error("the retired log cannot be taken back now", "node", n.Name(), "error", err)
		return
	}
	defer h.Close()
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	for _, p := range n.reachesOut() {
		c := &replica.Client{HTTP: n.clientFor(p.Name, true), Base: "https://" + p.Address}
		if _, err := c.Pull(ctx, h.Mirror, partsToPull(true)); err != nil {
			n.opt.Journal.Info("no tail from a peer", "node", n.Name(), "peer", p.Name, "error", briefly(err))
		}
		c.HTTP.CloseIdleConnections()
	}
}

// askWithin bounds each of the two waits of a start that peers may answer: together under the five seconds in which a booth
// starts.
const askWithin = 1500 * time.Millisecond
