// Package node opens a node and does what a node does: it gathers a check, commits acts to its log, carries logs to and
// from its peers, folds them, and says how it is. The faces (booth, centre, demo) ask it and nothing below it.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/border"
	"tims/internal/keyring"
	"tims/internal/projection"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/seal"
	"tims/internal/tlog"
)

// Options say where a node lives and through which seams it reaches the world. Zero values are the real world.
type Options struct {
	Dir      string
	Founding [32]byte // hash given by hand; zero takes the file on trust, for the demo and for tests
	Version  string
	// Hosts are the names of this node's pages in the addresses of browsers: a passkey that was used at another place opens no
	// shift here. None takes any place of the country, for the demo and for tests.
	Hosts []string

	Now          func() time.Time // clock
	Dial         func(ctx context.Context, network, address string) (net.Conn, error)
	VFS          string // SQLite's file system for the logs; empty is the operating system's
	Journal      *slog.Logger
	StatusEvery  time.Duration // an hour unless told
	SyncEvery    time.Duration // how often peers are asked when nothing pushes; 1 s unless told
	PublishEvery time.Duration // how often a portal is given what is new; 10 × SyncEvery unless told

	// ScrubEvery is how often all files are read again; a day unless told, and if negative only after somebody brought what was missing.
	ScrubEvery time.Duration

	// ListRoom bounds what all alert lists take in memory together, in bytes; listRoom unless told.
	ListRoom int64

	// WitnessPolicy is the operator's policy file of witnesses (C2SP tlog-policy), of which those with a URL are asked to cosign.
	// Empty takes witnessed.policy in Dir where it is there.
	WitnessPolicy string

	// Fence is the path of a small file on a second device that remembers the newest tree of this node's log, so that a restored
	// backup is noticed before it signs. Empty: only peers are asked.
	Fence string
}

// Files of a node's directory.
const (
	keysFile     = "keys"
	foundingFile = "founding"
	epochFile    = "epoch"
	changesFile  = "changes" // approved changes in force: what the roster needs before any log is opened
	logFile      = "log.db"
	shadowFile   = "shadow.db"
	reserveFile  = "reserve" // holds room on the disk
	mirrorDir    = "mirror"
	aliveFile    = "alive"        // time of the last sign of life, UTC ms
	secondFile   = "epoch.second" // beside a copy: two statements for its epoch
	isolatedFile = "isolated"     // there while this node is alone on purpose
)

// A Node is one open node.
type Node struct {
	opt    Options
	ring   *keyring.Ring
	origin string
	epoch  roster.SignedEpoch
	zone   *time.Location
	clock  clock
	log    *tlog.Log
	shadow *projection.DB
	vault  *vault

	gov        sync.Mutex // one change of governed state at a time
	state      atomic.Pointer[governed]
	mirrors    mirrors
	fold       folding
	watch      watching
	singles    singles
	shifts     shifts
	reserve    reserve
	pending    pending
	deeds      sync.Mutex // one deed that depends on others is recorded at a time
	letters    sync.Mutex // guards opened
	opened     map[record.Ref]*record.Letter
	notices    noticing
	looks      hitLooks
	canary     canaries
	thresholds thresholds
	worked     worked
	links      links
	reached    reached
	twice      twiceUsed
	split      splits
	fencing    fencing
	scrubs     scrubbing
	alone      isolation

	policies policies
	asked    asked

	strangers chan struct{} // unknown peers that hand over changes now

	beside bool      // opened to be read only, beside the running node
	early  []Finding // what was wrong at opening

	lock *os.File        // held as long as the node is open
	life context.Context // ends with the node
	stop context.CancelFunc
	done sync.WaitGroup
}

// governed is the governed state with what follows from it.
type governed struct {
	*roster.State
	rules border.Rulebook
}

// Open opens the node of a directory and starts its work. It ends with Close.
func Open(opt Options) (_ *Node, err error) {
	n := newNode(opt)
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open node %s: %w", opt.Dir, err), n.closeFiles())
		}
	}()
	if _, err := os.Stat(filepath.Join(opt.Dir, keysFile)); err != nil {
		return nil, err
	}
	if n.lock, err = lockDir(opt.Dir); err != nil {
		return nil, err
	}
	if err := n.turn(); err != nil {
		return nil, err
	}
	if n.ring, err = keyring.Open(filepath.Join(opt.Dir, keysFile)); err != nil {
		return nil, err
	}
	if err := n.begin(); err != nil {
		return nil, err
	}
	if err := n.openOwn(); err != nil {
		return nil, err
	}
	if err := n.openShadow(); err != nil {
		return nil, err
	}
	if err := errors.Join(n.openMirrors(), n.readTwo()); err != nil {
		return nil, err
	}
	if err := errors.Join(n.readWitnesses(), n.writePolicies()); err != nil {
		return nil, err
	}
	n.reserve.open(filepath.Join(n.opt.Dir, reserveFile))
	ctx, cancel := context.WithCancel(context.Background())
	n.life, n.stop = ctx, cancel
	if err := n.replay(ctx); err != nil {
		cancel()
		return nil, err
	}
	n.sayRestored(ctx)
	if err := n.settleIsolation(ctx); err != nil {
		n.opt.Journal.Error("the record of an isolation is not written", "node", n.Name(), "error", err)
	}
	n.run(ctx)
	return n, nil
}

func newNode(opt Options) *Node {
	n := &Node{opt: withDefaults(opt)}
	n.clock.now = n.opt.Now
	n.fold.wake, n.watch.wake = make(chan struct{}, 1), make(chan struct{}, 1)
	n.thresholds.wake = make(chan struct{}, 1)
	n.watch.heard = n.heardOf
	n.watch.base = func(list string) rank { return settled(n.State().Losses, list) }
	n.fencing.ended = make(chan struct{})
	n.scrubs.wake, n.scrubs.turn = make(chan struct{}, 1), make(chan struct{}, 1)
	n.notices.wake = make(chan struct{}, 1)
	n.strangers = make(chan struct{}, maxStrangers)
	return n
}

func withDefaults(opt Options) Options {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	}
	if opt.Journal == nil {
		opt.Journal = slog.New(slog.DiscardHandler)
	}
	if opt.StatusEvery == 0 {
		opt.StatusEvery = time.Hour
	}
	if opt.SyncEvery == 0 {
		opt.SyncEvery = time.Second
	}
	if opt.ScrubEvery == 0 {
		opt.ScrubEvery = scrubDaily
	}
	if opt.ListRoom == 0 {
		opt.ListRoom = listRoom
	}
	if opt.PublishEvery == 0 {
		opt.PublishEvery = publishEach * opt.SyncEvery
	}
	return opt
}

// begin reads the founding and states which log this node writes.
func (n *Node) begin() error {
	founding, err := ReadFounding(n.opt.Dir)
	if err != nil {
		return err
	}
	if n.opt.Founding != [32]byte{} && founding.Hash() != n.opt.Founding {
		return errors.New("the founding in this directory is not the one whose hash was given")
	}
	if n.zone, err = time.LoadLocation(founding.TimeZone); err != nil {
		return fmt.Errorf("time zone of the founding: %w", err)
	}
	s, err := roster.Begin(founding)
	if err != nil {
		return err
	}
	if err := n.govern(s); err != nil {
		return err
	}
	if err := n.readChanges(); err != nil {
		return err
	}
	for _, k := range founding.StayKeys {
		if name, err := seal.ParseKeyName(k.Name); err == nil {
			n.ring.Open(name, k.Wraps, n.isStayKey)
		}
	}
	if err := n.readIsolation(); err != nil {
		return err
	}
	n.origin = roster.Origin(n.ring.Country(), n.ring.Node(), n.ring.Epoch())
	return n.stateEpoch()
}

// openLog opens this node's own log. take lets the second device begin anew with it.
func (n *Node) openLog(take bool) error {
	signer, vkey, err := n.ring.Log(n.origin)
	if err != nil {
		return err
	}
	opt := tlog.Options{Key: vkey, Signer: signer, VFS: n.opt.VFS, ReadOnly: n.beside}
	if !n.beside {
		opt.Fence, opt.TakeFence = n.opt.Fence, take
	}
	log, err := tlog.Open(filepath.Join(n.opt.Dir, logFile), opt)
	if err != nil {
		return err
	}
	n.log = log
	n.vault = &vault{ring: n.ring, origin: n.origin, now: n.opt.Now,
		state:   func() *roster.State { return n.state.Load().State },
		buckets: map[record.Class]bucket{}, highest: map[seal.BucketID]byte{},
		write: func(ctx context.Context, k record.KeysOpen) error {
			_, err := n.append(ctx, draft{kind: record.Keys, act: newAct(), contents: []content{{record.Open, k}}})
			return err
		}}
	return nil
}

// openShadow opens the projection. One that cannot be read is deleted: the log gives it again.
func (n *Node) openShadow() (err error) {
	path := filepath.Join(n.opt.Dir, shadowFile)
	if n.shadow, err = projection.Open(path, n.ring.Shadow()); err == nil {
		return nil
	}
	n.opt.Journal.Warn("projection cannot be read and is folded again from the logs", "node", n.Name())
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove unreadable projection: %w", err)
		}
	}
	n.shadow, err = projection.Open(path, n.ring.Shadow())
	return err
}

// run starts what a node does by itself.
func (n *Node) run(ctx context.Context) {
	for _, work := range []func(context.Context){n.foldLoop, n.watchLoop, n.syncLoop, n.statusLoop, n.aliveLoop, n.publishLoop, n.witnessLoop, n.scrubLoop, n.noticeLoop, n.canaryLoop, n.thresholdLoop} {
		n.done.Go(func() { work(ctx) })
	}
}

// Close ends the node's work and closes its files. What was acknowledged is on disk already.
func (n *Node) Close() error {
	n.stop()
	n.done.Wait()
	return n.closeFiles()
}

func (n *Node) closeFiles() error {
	var errs []error
	if n.log != nil {
		errs = append(errs, n.log.Close())
	}
	if n.shadow != nil {
		errs = append(errs, n.shadow.Close())
	}
	errs = append(errs, n.mirrors.close()...)
	if n.lock != nil {
		errs = append(errs, n.lock.Close())
	}
	return errors.Join(errs...)
}

// Name is the node's name in the roster.
func (n *Node) Name() string { return n.ring.Node() }

// Origin is the origin of the log that this node writes.
func (n *Node) Origin() string { return n.origin }

// Zone is where days are counted.
func (n *Node) Zone() *time.Location { return n.zone }

// Rules is the rulebook in force.
func (n *Node) Rules() border.Rulebook { return n.state.Load().rules }

// State is the governed state in force.
func (n *Node) State() *roster.State { return n.state.Load().State }

// Self is this node's entry in the roster.
func (n *Node) Self() roster.Node {
	self, _ := n.State().Roster.Node(n.Name())
	return self
}

// Now is this node's time in UTC ms, and Today the civil date of it where days are counted.
func (n *Node) Now() int64         { return n.opt.Now().UnixMilli() }
func (n *Node) Today() border.Date { return border.DayAt(n.Now(), n.zone) }
