package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tims/internal/border"
	"tims/internal/demo/traveller"
	"tims/internal/lists"
	"tims/internal/node"
	"tims/internal/record"
)

func tirana() *time.Location {
	zone, err := time.LoadLocation("Europe/Tirane")
	if err != nil {
		panic(err) // the time zone data is embedded
	}
	return zone
}

// Traffic is the invented travellers on their way through the booths.
type Traffic struct {
	c      *Country
	oracle *oracle
	seed   uint64

	mu     sync.Mutex // the source is for one caller at a time
	source *traveller.Source
	booths map[string]*booth
}

// NewTraffic opens a booth at every post and writes the travellers' past, so that stays have something to count.
func (c *Country) NewTraffic(ctx context.Context) (*Traffic, error) {
	start, seed := time.Now(), c.opt.Seed
	if c.again {
		seed ^= uint64(start.UnixNano()) // other people than the last time: their documents are in the logs already
	}
	source, err := traveller.New(seed, traveller.Options{Start: start, Location: tirana(), Posts: Posts()})
	if err != nil {
		return nil, err
	}
	t := &Traffic{c: c, oracle: newOracle(), source: source, booths: map[string]*booth{}, seed: seed}
	if !c.again {
		c.CutLink(true) // the past is carried in one go afterwards
		err := t.past(ctx, start)
		c.CutLink(false)
		if err != nil {
			return nil, fmt.Errorf("write the past: %w", err)
		}
	}
	for _, post := range Posts() {
		if t.booths[post], err = c.openBooth(ctx, c.Node(post)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// past writes crossings of the last months at the times at which they were invented to happen, at all posts side by side.
func (t *Traffic) past(ctx context.Context, start time.Time) error {
	today := border.DayAt(start.UnixMilli(), tirana())
	history := map[string][]traveller.Past{}
	for _, h := range t.source.History(today.AddDays(-pastDays), today.AddDays(-1), pastParties) {
		history[h.Party.Post] = append(history[h.Party.Post], h)
	}
	var posts errgroup.Group
	for post, of := range history {
		posts.Go(func() error { return t.pastOf(ctx, post, of) })
	}
	return posts.Wait()
}

func (t *Traffic) pastOf(ctx context.Context, post string, history []traveller.Past) error {
	n, clock := t.c.Node(post), t.c.clocks[post]
	defer clock.Store(0)
	clock.Store(history[0].At.UnixMilli())
	b, err := t.c.openBooth(ctx, n)
	if err != nil {
		return err
	}
	for _, h := range history {
		clock.Store(h.At.UnixMilli())
		for _, who := range h.Party.Travellers {
			if _, err := b.admit(ctx, n, who, h.Party.Direction, vehicle(h.Party)); err != nil {
				return err
			}
		}
	}
	return nil
}

// admit lets a traveller of the past through whatever the advice: it happened.
func (b *booth) admit(ctx context.Context, n *node.Node, t traveller.Traveller, dir border.Direction, v node.Vehicle) (node.Receipt, error) {
	view, err := n.Scan(ctx, node.Scan{Act: newAct(), Shift: b.shift, Direction: dir, Document: border.ReadZone(t.Zone, n.Today()), Vehicle: v})
	if err != nil {
		return node.Receipt{}, err
	}
	return n.Do(ctx, node.Decision{Act: newAct(), Shift: b.shift, Check: view.Ref.Index, Decision: border.Admit, Vehicle: v,
		Terms: border.Terms{Basis: t.Basis, Nation: t.Document.Nationality, Visa: t.Visa, Until: t.Until}})
}

func vehicle(p traveller.Party) node.Vehicle {
	if p.Vehicle == nil {
		return node.Vehicle{}
	}
	return node.Vehicle{Plate: p.Vehicle.Plate, Country: p.Vehicle.Country, Occupants: len(p.Travellers)}
}

// Run lets travellers cross at `rate` crossings a second over the whole country until ctx ends. A party whose booth is busy
// waits, as it would.
func (t *Traffic) Run(ctx context.Context, rate float64) {
	posts := map[string]chan traveller.Party{}
	var booths sync.WaitGroup
	for _, post := range Posts() {
		posts[post] = make(chan traveller.Party, 64)
		booths.Go(func() { t.work(ctx, post, posts[post]) })
	}
	booths.Go(func() { t.Release(ctx) })
	arrivals := rand.New(rand.NewPCG(t.seed, 2))
	next := time.Now()
	for ctx.Err() == nil {
		t.mu.Lock()
		party := t.source.Next(time.Now(), t.source.Post())
		t.mu.Unlock()
		select {
		case posts[party.Post] <- party:
		case <-ctx.Done():
		}
		next = next.Add(time.Duration(arrivals.ExpFloat64() * float64(len(party.Travellers)) / rate * float64(time.Second)))
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(next)):
		}
	}
	for _, queue := range posts {
		close(queue)
	}
	booths.Wait()
}

// Release puts the alert list in force and gives the source some of its persons, who then try to cross.
func (t *Traffic) Release(ctx context.Context) {
	if err := t.c.release(ctx); err != nil {
		t.oracle.fail(err)
		return
	}
	for ctx.Err() == nil {
		var listed []traveller.Listed
		if centre := t.c.Node(CentreName); centre != nil {
			alerts := centre.Alerts(string(lists.OFACSDN))
			for i := range alerts {
				if who, ok := traveller.FromAlert(&alerts[i]); ok {
					listed = append(listed, who)
				}
			}
		}
		if len(listed) > 0 {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.source.Watch(listed)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// work is one booth's day.
func (t *Traffic) work(ctx context.Context, post string, queue <-chan traveller.Party) {
	acts := context.WithoutCancel(ctx) // who stands at the booth when the day ends is still dealt with
	for party := range queue {
		if ctx.Err() != nil {
			continue
		}
		for _, who := range party.Travellers {
			t.one(acts, post, party, who)
		}
	}
}

func (t *Traffic) one(ctx context.Context, post string, party traveller.Party, who traveller.Traveller) {
	n := t.c.Node(post)
	if n == nil {
		t.oracle.fail(fmt.Errorf("%s is switched off", post))
		return
	}
	p, err := t.booths[post].pass(ctx, n, who, party.Direction, vehicle(party))
	if err != nil {
		t.oracle.fail(err)
		return
	}
	t.oracle.note(post, p)
	if p.kind != record.Crossing {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.source.TurnedBack(party.Trip)
	}
}

// Settle waits until every accepted crossing is at the centre, 15 s at most, and sums up.
func (t *Traffic) Settle(ctx context.Context, seconds float64) (Summary, error) {
	deadline := time.Now().Add(settleFor)
	var s Summary
	for {
		centre := t.c.Node(CentreName)
		if centre == nil {
			break
		}
		found, doubled, err := t.oracle.compare(ctx, centre)
		if err != nil {
			return s, err
		}
		s.AtCentre, s.Doubled = found, doubled
		if found == len(t.oracle.accepted) || time.Now().After(deadline) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	o := t.oracle
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Accepted, s.OtherActs, s.NotRecorded, s.Seconds = len(o.accepted), o.others, o.failed, seconds
	s.Lost = s.Accepted - s.AtCentre
	s.CheckP50, s.CheckP99 = percentile(o.checks, 0.5), percentile(o.checks, 0.99)
	s.CommitP50, s.CommitP99 = percentile(o.commits, 0.5), percentile(o.commits, 0.99)
	return s, nil
}
