package drill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"tims/internal/demo/traveller"
	"tims/internal/record"
)

// traffic is one booth at each post with invented travellers before it.
type traffic struct {
	c      *Country
	source *traveller.Source
	mu     sync.Mutex // of source
	every  time.Duration

	stop    context.CancelFunc
	workers sync.WaitGroup
	stuck   atomic.Int64 // acts that never became certain
	halted  atomic.Bool  // nobody steps up to the booths; open acts are asked to their end
}

// start opens the booths and lets travellers come, rate of them a second over the whole country.
func (c *Country) start(ctx context.Context, rate float64) (*traffic, error) {
	source, err := traveller.New(c.seed, traveller.Options{Start: time.Now(), Location: time.UTC, NoFaults: true})
	if err != nil {
		return nil, err
	}
	posts := c.Posts()
	t := &traffic{c: c, source: source, every: time.Duration(float64(len(posts)) / rate * float64(time.Second))}
	if len(c.booths) == 0 {
		for _, n := range posts {
			b, err := newBooth(n, c.codes[officerAt(n.Name)])
			if err != nil {
				return nil, err
			}
			if err := b.enter(ctx); err != nil {
				return nil, err
			}
			c.booths = append(c.booths, b)
		}
	}
	ctx, t.stop = context.WithCancel(ctx)
	for i, b := range c.booths {
		chance := rand.New(rand.NewPCG(c.seed, uint64(i)))
		t.workers.Go(func() { t.work(ctx, b, chance) })
	}
	return t, nil
}

// work is a booth's day: travellers step up at random moments, and one is dealt with before the next is looked at.
func (t *traffic) work(ctx context.Context, b *booth, chance *rand.Rand) {
	next := time.Now()
	for ctx.Err() == nil && !t.halted.Load() {
		t.mu.Lock()
		party := t.source.Next(time.Now(), b.post)
		t.mu.Unlock()
		next = next.Add(time.Duration(chance.ExpFloat64() * float64(len(party.Travellers)) * float64(t.every)))
		if late := time.Since(next); late > time.Second { // the queue went elsewhere while the booth stood still
			next = time.Now()
		}
		if !pause(ctx, time.Until(next)) {
			return
		}
		b.post1(ctx, "/party") // no act: where it gets no answer, these are counted to those before
		for _, who := range party.Travellers {
			if t.halted.Load() || ctx.Err() != nil {
				break
			}
			t.pass(ctx, b, who)
		}
	}
}

// pass deals with one traveller: check, then admission, each asked until it is certain.
func (t *traffic) pass(ctx context.Context, b *booth, who traveller.Traveller) {
	var check string
	if !t.ask(ctx, b, record.Check, func(a record.Act, _ bool) (at string, err error) {
		check, err = b.check(ctx, a, who.Zone)
		return check, err
	}) {
		return
	}
	t.ask(ctx, b, record.Crossing, func(a record.Act, again bool) (string, error) { return b.admit(ctx, a, check, again) })
}

// ask asks for an act until the answer is certain. Nothing recorded is certain too, and the traveller then goes to paper.
func (t *traffic) ask(ctx context.Context, b *booth, kind record.Kind, try func(a record.Act, again bool) (string, error)) bool {
	o, a := t.c.oracle, newAct()
	o.asked(a, b.post, kind)
	refused := 0
	var halted time.Time
	for again := false; ctx.Err() == nil; again = true {
		began := time.Now()
		index, err := try(a, again)
		took := time.Since(began)
		if errors.Is(err, errSignedOut) {
			if err = b.open(ctx); err == nil {
				continue // signing in again is no answer to the act
			}
			err = fmt.Errorf("%w: %w", errUnsure, err)
		}
		if ctx.Err() != nil {
			break
		}
		if errors.Is(err, errKnown) { // by this very act, whose first answer was lost, or by one before it
			if err = nil; o.another(a, index) { // he was dealt with, or went elsewhere
				o.forget(a)
				return false
			}
		}
		certain := err == nil || errors.Is(err, errMend)
		o.answered(Answer{began, b.post, took, certain, errors.Is(err, errNotRecorded)}, err)
		if errors.Is(err, errMend) { // the second line's, or paper: this officer in software mends nothing
			o.forget(a)
			return false
		}
		if err == nil {
			if o.told(a, index) == nil {
				return true
			}
		}
		if errors.Is(err, errNotRecorded) {
			if refused++; refused >= maxRefused {
				o.forget(a)
				return false
			}
		}
		b.idle()
		if t.halted.Load() && halted.IsZero() {
			halted = time.Now()
		}
		if !halted.IsZero() && time.Since(halted) > askWithin {
			t.stuck.Add(1)
			return false
		}
		pause(ctx, askAgain)
	}
	return false
}

// halt lets nobody step up any more and waits until every open act is certain.
func (t *traffic) halt() error {
	t.halted.Store(true)
	t.workers.Wait()
	t.stop()
	if n := t.stuck.Load(); n > 0 {
		return fmt.Errorf("%d acts did not become certain within %v", n, askWithin)
	}
	return nil
}
