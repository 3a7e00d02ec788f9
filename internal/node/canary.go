package node

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/record"
	"tims/internal/watchlist"
)

// noCanary is the word of an alarm about a canary that was not found.
const noCanary = "canary"

// A CanaryMiss is an alert that this node must find and does not: booths let others like it pass, too.
type CanaryMiss struct {
	List, ID string
	Since    int64 // UTC ms of the first look that did not find it
}

// CanaryState is the last look for canaries.
type CanaryState struct {
	Count  int   // that must be found, by the logs
	At     int64 // UTC ms of the last look, 0 before the first
	Missed []CanaryMiss
}

// canaries remember the last look.
type canaries struct {
	mu    sync.Mutex
	state CanaryState
	found map[watchlist.Key]int64 // when each was found last, UTC ms
	saw   string                  // what was in force then

	reading sync.Mutex
	chunks  map[[32]byte][]border.Alert // canaries of each chunk in force, by its hash; guarded by reading
}

// Canaries tells how the last look for canaries ended.
func (n *Node) Canaries() CanaryState {
	n.canary.mu.Lock()
	defer n.canary.mu.Unlock()
	s := n.canary.state
	s.Missed = slices.Clone(s.Missed)
	return s
}

// canaryLoop looks for each canary once a day, at an hour of this node's own, and whenever a release or a rulebook came into force. An
// index may be broken by what nobody changed: therefore daily too.
func (n *Node) canaryLoop(ctx context.Context) {
	h := fnv.New32a()
	h.Write([]byte(n.Name()))
	daily := canaryDaily - canaryDaily/24*time.Duration(h.Sum32()%12)/12
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(canaryEach, n.opt.SyncEvery)):
		}
		n.canary.mu.Lock()
		due := n.canary.state.At == 0 || n.Now()-n.canary.state.At >= daily.Milliseconds() || n.canary.saw != n.inForceNow()
		n.canary.mu.Unlock()
		if due {
			n.lookForCanaries(ctx)
		}
	}
}

// inForceNow names what a match follows from.
func (n *Node) inForceNow() string {
	rules, out := n.Rules(), strings.Builder{}
	fmt.Fprint(&out, rules.Version, n.Thresholds().Least())
	for _, l := range n.Lists() {
		fmt.Fprintf(&out, " %s/%d/%d/%d", l.List, l.Release, l.Count, l.Waiting)
	}
	return out.String()
}

// mustFind are the canaries that stand on a day, as the chunks of releases and the records of single alerts say: never as the index
// does, which is on trial. A chunk is opened once: its name is the hash of what it holds.
func (n *Node) mustFind(on border.Date) (out []border.Alert, err error) {
	n.canary.reading.Lock()
	defer n.canary.reading.Unlock()
	var lists map[string]*inForce
	if in := n.watch.now.Load(); in != nil {
		lists = in.lists
	}
	stand := map[[32]byte][]border.Alert{}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		f := lists[name]
		if f.of.body.Numbers != nil {
			continue // bare numbers have no room for a canary
		}
		n.watch.mu.Lock()
		chunks := slices.Clone(f.of.chunks)
		n.watch.mu.Unlock()
		for i, hash := range chunks {
			known, read := n.canary.chunks[hash]
			if !read {
				alerts, err := n.alertsOf(f.of, i)
				if err != nil {
					return nil, fmt.Errorf("read the canaries of list %s: %w", name, err)
				}
				known = canariesAmong(alerts)
			}
			stand[hash], out = known, append(out, known...)
		}
		out = append(out, canariesAmong(f.held)...)
	}
	n.canary.chunks = stand // of chunks that are in force no longer nothing is kept
	out = append(out, n.singles.canaries()...)
	return slices.DeleteFunc(out, func(a border.Alert) bool { return !a.InForce(on) }), nil
}

func canariesAmong(alerts []border.Alert) (out []border.Alert) {
	for _, a := range alerts {
		if a.Canary {
			out = append(out, a)
		}
	}
	return out
}

// canaries gives the single alerts that are canaries, in their newest versions.
func (s *singles) canaries() (out []border.Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range slices.Sorted(maps.Keys(s.lists)) {
		for _, id := range slices.Sorted(maps.Keys(s.lists[list])) {
			if x := s.lists[list][id]; len(x.versions) > 0 && !x.withdrawn {
				out = append(out, canariesAmong([]border.Alert{x.versions[len(x.versions)-1].alert})...)
			}
		}
	}
	return out
}

// lookForCanaries matches each canary as a traveller is matched, and raises an alarm for each that is not found.
func (n *Node) lookForCanaries(ctx context.Context) {
	saw, today, now := n.inForceNow(), n.Today(), n.Now()
	must, err := n.mustFind(today)
	if err != nil { // it is asked again in a minute, and the day without a look is told
		n.opt.Journal.Error("the canaries cannot be read", "node", n.Name(), "error", err)
		return
	}
	finds := make([]bool, len(must))
	for i := range must { // before the lock: every page waits for it
		finds[i] = n.findsCanary(&must[i], today)
	}
	var missed []CanaryMiss
	n.canary.mu.Lock()
	before := n.canary.state
	if n.canary.found == nil {
		n.canary.found = map[watchlist.Key]int64{}
	}
	for i := range must {
		key := watchlist.KeyOf(&must[i])
		if finds[i] {
			n.canary.found[key] = now
			continue
		}
		if len(missed) == maxMissed {
			continue
		}
		miss := CanaryMiss{key.List, key.ID, now}
		if at := slices.IndexFunc(before.Missed, func(m CanaryMiss) bool { return m.List == key.List && m.ID == key.ID }); at >= 0 {
			miss.Since = before.Missed[at].Since
		}
		missed = append(missed, miss)
	}
	n.canary.state, n.canary.saw = CanaryState{len(must), now, missed}, saw
	var alarms []record.AlarmBody
	for _, m := range missed {
		if m.Since == now {
			alarms = append(alarms, record.AlarmBody{What: noCanary, From: n.canary.found[watchlist.Key{List: m.List, ID: m.ID}], To: now, List: m.List, Alert: m.ID})
		}
	}
	n.canary.mu.Unlock()
	for _, a := range alarms {
		n.opt.Journal.Error("a canary is not found: the booths of this node miss alerts", "node", n.Name(), "list", a.List, "alert", a.Alert)
		if _, err := n.append(ctx, draft{kind: record.Alarm, act: newAct(), contents: []content{{record.Body, a}}}); err != nil {
			n.opt.Journal.Error("an alarm is not recorded", "node", n.Name(), "what", noCanary, "error", err)
		}
	}
}

// findsCanary asks the index as a booth asks it, with the scores in use and its number of hits, for each probe of the canary.
func (n *Node) findsCanary(a *border.Alert, on border.Date) bool {
	in := n.watch.now.Load()
	probes := a.Probes()
	if in == nil || in.index == nil || len(probes) == 0 {
		return false
	}
	for _, p := range probes {
		q := watchlist.QueryOf(p.Document)
		q.Plate, q.Country, q.VIN, q.On, q.Least, q.Canaries = p.Plate, p.Country, p.VIN, on, n.Thresholds().Least(), true
		if !slices.ContainsFunc(in.index.Match(q), func(h border.Hit) bool { return h.List == a.List && h.AlertID == a.ID }) {
			return false
		}
	}
	return true
}
