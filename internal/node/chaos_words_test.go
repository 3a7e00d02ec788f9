package node_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A sim is what a simulation adds to a drill: disks and clocks of its own for each node, weather over the lines, and one source
// of chance.
type sim struct {
	rng   *rand.Rand
	sky   *sky
	disks map[string]*disk
	skew  map[string]*atomic.Int64 // of a node's clock, ns

	mu    sync.Mutex
	order int            // what booths asked and heard so far
	tally map[string]int // faults that were really injected
	gone  int            // acknowledged acts of which every copy was destroyed
	begun []*passing     // everything that booths began
	seen  map[string]*glimpse
	lists map[string]int // alerts in the newest list of a centre
}

// The words of a simulation. They never fail because a node is away: booths keep what they have no answer for.
//
//	simulate SEED CENTRE POST…                found a country whose chance comes from a seed; names that begin with centre are centres
//	try POST N entries|exits                  travellers come one after another
//	crash NAME kill|power OPS N               N travellers come at once, and at the OPS-th disk operation from now the machine stops
//	again                                     the booths ask for each act that they had no answer for
//	repeat-old POST N                         acts that have their receipt are asked for again
//	sky NAME mute|lossy|slow|double|fair      weather over a node's line
//	flap NAME N                               the line is cut and mended so often
//	disk NAME full|failing|sound              no room, or syncs that fail
//	restart NAME                              what a service manager does with a node that has stopped
//	clock NAME DURATION                       set a node's clock forward or back
//	lose NAME                                 wipe, and note which acknowledged acts have no copy left
//	replace NAME                              rebuild, and carry the change of the roster to every node by hand, as the recovery page says
//	new-list CENTRE, letter NAME              a release; a message to all
//	intrude NAME TO                           a stranger with a key of his own and a node's name asks TO
//	courier POST CENTRE                       a holder of the post's keys brings its log with one bit changed in each request
//	account                                   the list outside all nodes against every node
var simSteps = map[string]func(d *drill, a []string) ([]string, error){
	"try": (*drill).tryStep, "crash": (*drill).crashStep, "again": (*drill).again, "repeat-old": (*drill).repeatOld, "sky": (*drill).skyStep,
	"flap": (*drill).flap, "disk": (*drill).diskStep, "restart": (*drill).restart, "clock": (*drill).clockStep,
	"lose": (*drill).lose, "replace": (*drill).replace, "new-list": (*drill).newList, "letter": (*drill).letter, "intrude": (*drill).intrude,
	"courier": (*drill).courier, "account": (*drill).account,
}

// simulate founds a country under a seed. Every stream of chance is drawn from it.
func (d *drill) simulate(a []string) error {
	seed, err := strconv.ParseUint(a[0], 10, 64)
	if err != nil {
		return err
	}
	stream := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	d.country = foundCountry(d.t, a[1], a[2:]...)
	d.sim = &sim{rng: stream(0), sky: newSky(stream(1)), disks: map[string]*disk{}, skew: map[string]*atomic.Int64{}, tally: map[string]int{},
		lists: map[string]int{}, seen: map[string]*glimpse{}}
	d.wire.sky, d.dying = d.sim.sky, map[string]bool{}
	for i, name := range d.names {
		d.sim.disks[name], d.sim.skew[name] = newDisk(stream(uint64(2+i)), name), new(atomic.Int64)
	}
	d.seams = func(name string, opt *node.Options) {
		skew := d.sim.skew[name]
		opt.VFS = d.sim.disks[name].name
		opt.Now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
	}
	for _, name := range d.names {
		if err := d.open(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *sim) count(fault string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally[fault] += n
}

// begin takes an act into the list of what booths began.
func (s *sim) begin(x *passing) int {
	s.mu.Lock()
	s.begun = append(s.begun, x)
	s.mu.Unlock()
	return s.next()
}

func (s *sim) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order++
	return s.order
}

// attempt asks for an act, once more where a shift had ended, and keeps what the booth heard.
func (d *drill) attempt(x *passing) error {
	if x.begun == 0 {
		x.begun = d.sim.begin(x)
	}
	failed := d.sim.disks[x.post].syncsFailed() // before the act was asked for
	err := d.ask(x)
	if errors.Is(err, node.ErrShift) {
		d.mu.Lock()
		if r := d.nodes[x.post]; r != nil {
			r.shift = nil
		}
		d.mu.Unlock()
		err = d.ask(x)
	}
	if err != nil {
		x.receipt = nil
		d.mu.Lock()
		d.unheard = append(d.unheard, x)
		d.mu.Unlock()
		return nil
	}
	x.done = d.sim.next()
	d.note(x)
	if failed > 0 && !x.receipt.Repeated {
		return fmt.Errorf("%s acknowledged a new act after %d syncs of its log had failed", x.post, failed)
	}
	return nil
}

// travellers begins acts at a post. Who leaves is, if there is one, somebody who came there: where all of a traveller's records
// stand in one log, their order is known. Who cannot leave, because nobody is in the country, comes.
func (d *drill) travellers(post, n, dir string) (out []*passing, err error) {
	count, err := strconv.Atoi(n)
	for range count {
		if i := slices.IndexFunc(d.inside, func(serial int) bool { return d.cameBy(serial) == post }); i > 0 {
			d.inside[0], d.inside[i] = d.inside[i], d.inside[0]
		}
		x, perr := d.passing(post, direction(dir))
		if perr != nil {
			if x, perr = d.passing(post, border.Entry); perr != nil {
				return nil, perr
			}
		}
		out = append(out, x)
	}
	return out, err
}

// cameBy is the post at which a traveller entered last.
func (d *drill) cameBy(serial int) string {
	for _, x := range slices.Backward(d.acts) {
		if x.serial == serial {
			return x.post
		}
	}
	return ""
}

func (d *drill) tryStep(a []string) ([]string, error) {
	all, err := d.travellers(a[0], a[1], a[2])
	if err != nil {
		return nil, err
	}
	heard := 0
	for _, x := range all {
		if err := d.attempt(x); err != nil {
			return nil, err
		}
		if x.receipt != nil {
			heard++
		}
	}
	d.sim.count("crossings", heard)
	d.sim.count("unanswered", len(all)-heard)
	return nil, nil
}

func (d *drill) again([]string) ([]string, error) {
	all := d.unheard
	d.unheard = nil
	for _, x := range all {
		if err := d.attempt(x); err != nil {
			return nil, err
		}
		if x.receipt != nil && x.receipt.Repeated {
			d.sim.count("repeats of what stood unheard", 1)
		}
	}
	d.sim.count("repeats", len(all))
	return nil, nil
}

// repeatOld asks again for acts that this log has; a booth whose node is away or broken hears nothing.
func (d *drill) repeatOld(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[1])
	r := d.nodes[a[0]]
	if r == nil {
		return nil, err
	}
	var own []*passing
	for _, x := range d.acts {
		if x.receipt.Ref.Origin == r.Origin() {
			own = append(own, x)
		}
	}
	for range min(n, len(own)) {
		x := own[d.sim.rng.IntN(len(own))]
		again := *x
		if err := d.ask(&again); err != nil {
			continue
		}
		d.sim.count("repeats of acknowledged", 1)
		if got := again.receipt; got.Ref != x.receipt.Ref || got.LeafHash != x.receipt.LeafHash || got.Code != x.receipt.Code || !got.Repeated {
			return nil, fmt.Errorf("asked again, record %d has another receipt", x.receipt.Ref.Index)
		}
	}
	return nil, err
}

// crashStep stops a node's machine in the midst of an operation of its disk and starts it again.
func (d *drill) crashStep(a []string) ([]string, error) {
	name, how := a[0], a[1]
	ops, err := strconv.Atoi(a[2])
	if err != nil {
		return nil, err
	}
	disk, cut := d.sim.disks[name], d.wire.isCut(name)
	stopped := make(chan struct{})
	disk.died = func() { d.wire.sever(name); close(stopped) }
	disk.stopIn(ops)
	if strings.HasPrefix(name, "centre") {
		select {
		case <-stopped:
		case <-time.After(2 * drillSync):
		}
	} else if err := d.crowd(name, a[3]); err != nil {
		return nil, err
	}
	select {
	case <-stopped:
		d.sim.count(how+" amid operations", 1)
	default:
		d.sim.count(how+" while idle", 1)
	}
	if err := d.down(name, how == "power"); err != nil {
		return nil, err
	}
	if !cut {
		d.wire.mend(name)
	}
	if err := d.open(name); err != nil {
		return nil, fmt.Errorf("%s does not start after a crash: %w", name, err)
	}
	return nil, nil
}

// crowd lets travellers come to a post at once.
func (d *drill) crowd(post, n string) error {
	all, err := d.travellers(post, n, "entries")
	if err != nil {
		return err
	}
	var booths sync.WaitGroup
	errs := make([]error, len(all))
	for i, x := range all {
		booths.Go(func() { errs[i] = d.attempt(x) })
	}
	booths.Wait()
	for _, x := range all {
		if x.receipt != nil {
			d.sim.count("crossings", 1)
		} else {
			d.sim.count("unanswered", 1)
		}
	}
	return errors.Join(errs...)
}

// down ends a node whose machine stops now.
func (d *drill) down(name string, power bool) error {
	d.wire.sever(name)
	d.sim.disks[name].stop()
	d.dying[name] = true
	d.halt(name)
	delete(d.dying, name)
	d.forget(name)
	return errors.Join(dropShared(d.path(name)), d.sim.disks[name].restart(power))
}

// dropShared removes what is shared memory of living processes.
func dropShared(dir string) error {
	return filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "-shm") {
			err = os.Remove(path)
		}
		return err
	})
}

func (d *drill) skyStep(a []string) ([]string, error) {
	if d.sim.sky.set(a[0], weather(a[1])); a[1] != "fair" {
		d.sim.count("weather "+a[1], 1)
	}
	return nil, nil
}

func (d *drill) flap(a []string) ([]string, error) {
	n, err := strconv.Atoi(a[1])
	for range n {
		d.wire.sever(a[0])
		time.Sleep(time.Duration(d.sim.rng.Int64N(int64(drillSync))))
		d.wire.mend(a[0])
		time.Sleep(time.Duration(d.sim.rng.Int64N(int64(drillSync))))
		d.sim.count("flaps", 1)
	}
	return nil, err
}

func (d *drill) diskStep(a []string) ([]string, error) {
	d.sim.disks[a[0]].set(a[1] == "full", a[1] == "failing")
	return nil, nil
}

// restart ends a node in whatever state it is, and starts it.
func (d *drill) restart(a []string) ([]string, error) {
	d.dying[a[0]] = true
	d.halt(a[0])
	delete(d.dying, a[0])
	if err := d.sim.disks[a[0]].restart(false); err != nil {
		return nil, err
	}
	d.sim.count("restarts", 1)
	return nil, d.open(a[0])
}

func (d *drill) clockStep(a []string) ([]string, error) {
	by, err := time.ParseDuration(a[1])
	if by == 0 {
		d.sim.skew[a[0]].Store(0)
		return nil, err
	}
	d.sim.skew[a[0]].Add(int64(by))
	d.sim.count("clocks set", 1)
	return nil, err
}

func (d *drill) newList(a []string) ([]string, error) {
	list := "sdn-" + a[0]
	n := d.sim.lists[list] + 1
	if d.nodes[a[0]] == nil {
		return nil, nil
	}
	if _, err := d.releaseStep([]string{a[0], list, strconv.Itoa(n)}); err == nil {
		d.sim.lists[list] = n
		d.sim.count("releases", 1)
	}
	return nil, nil
}

func (d *drill) letter(a []string) ([]string, error) {
	k, err := d.openDesk(a[0], "L-01", "L")
	if err != nil {
		return nil, nil
	}
	if _, err := k.try(node.Message{Act: act(), Shift: k.shift, Priority: record.Urgent, Text: "drill"}); err == nil {
		d.sim.count("messages", 1)
	}
	return nil, nil
}

// lose wipes a node. What is then left of each acknowledged act is read from the directories of the others.
func (d *drill) lose(a []string) ([]string, error) {
	name := a[0]
	d.dying[name] = true
	d.halt(name)
	delete(d.dying, name)
	if err := d.wipe(name); err != nil {
		return nil, err
	}
	d.forget(name)
	d.sim.disks[name].wiped()
	d.sim.disks[name].set(false, false) // a lost machine is replaced with its disk
	if err := d.sim.disks[name].restart(false); err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	left, whole := map[string]uint64{}, map[string]uint64{}
	for _, other := range d.names {
		seen, err := d.glimpses(other)
		if err != nil {
			return nil, err
		}
		for _, g := range seen {
			n := uint64(len(g.leaves))
			if g.own {
				n = math.MaxUint64 // also where its disk takes no checkpoint now
			}
			left[g.origin] = max(left[g.origin], n)
			if g.own || strings.HasPrefix(other, "centre") || strings.Contains(g.origin, "/"+other+"/") {
				whole[g.origin] = max(whole[g.origin], n)
			}
		}
	}
	before := len(d.acts)
	d.acts = slices.DeleteFunc(d.acts, func(x *passing) bool { return x.receipt.Ref.Index >= left[x.receipt.Ref.Origin] })
	for _, x := range d.acts {
		x.halved = x.halved || x.receipt.Ref.Index >= whole[x.receipt.Ref.Origin]
	}
	d.sim.gone += before - len(d.acts)
	if strings.HasPrefix(name, "centre") {
		d.sim.count("wiped centres", 1)
	} else {
		d.sim.count("wiped posts", 1)
	}
	return nil, nil
}

// replace rebuilds a node. Its change of the roster is void a day later, so somebody carries it to whomever no line reaches.
func (d *drill) replace(a []string) ([]string, error) {
	if err := d.rebuild(a[0], d.approve); err != nil {
		return nil, err
	}
	for _, r := range d.running() {
		_, err := r.Learn(context.Background(), d.changes)
		if err != nil && !d.behind(r.Name()) { // one whose disk takes nothing has it in force, and logs it when it is started again
			return nil, fmt.Errorf("%s does not take the change: %w", r.Name(), err)
		}
	}
	return nil, nil
}

func (w *wire) isCut(node string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut[node]
}

// injected counts what was really done to the nodes.
func (d *drill) injected() map[string]int {
	for _, disk := range d.sim.disks {
		disk.mu.Lock()
		d.sim.tally["operations that found the disk full"] += disk.refused
		d.sim.tally["syncs that failed"] += disk.failed
		d.sim.tally["writes that a power cut took"] += disk.lost
		disk.mu.Unlock()
	}
	for w, n := range d.sim.sky.count {
		d.sim.tally["felt the weather "+string(w)] += n
	}
	d.sim.tally["acknowledged acts of which every copy was destroyed"] += d.sim.gone
	return d.sim.tally
}
