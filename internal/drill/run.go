// Package drill does hostile acts to a country of real processes on this machine, with travellers at its booths, and judges by
// a list kept outside all nodes whether the country has kept its promises. It is what an operator runs before he buys, and every
// quarter after.
//
// It trusts no node: whether an act was recorded, it reads from exported logs as an outsider does; how long a booth waited, it
// measures where the officer sits; and that an act was really done, it counts where it does it. A run that injected none of
// its faults has failed.
package drill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tims/internal/record"
)

// Options say what is exercised and how.
type Options struct {
	Acts    []Act
	Seed    uint64        // of travellers and of every choice; the same seed makes the same choices
	For     time.Duration // how long each act lasts
	Rate    float64       // crossings a second over the whole country
	Dir     string        // kept if given; otherwise a temporary one that is removed at the end
	By      string        // who ordered it, for the records; may be empty
	Program func(args ...string) *exec.Cmd
	// Previous is the program of an earlier release, nil for none. R4 cannot be run without it.
	Previous func(args ...string) *exec.Cmd
	Say      func(format string, args ...any) // what is being done now; may be nil
	Done     func(Result)                     // hears each act's result; may be nil
}

// Run exercises one act after another. A country that has broken a promise is not used again: the next act gets a new one, and so does
// an act that mixes versions. An error says that the exercise itself could not go on.
func Run(ctx context.Context, o Options) (s Score, err error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	dir, remove, err := place(o.Dir)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s = Score{Began: time.Now(), Seed: o.Seed, For: o.For.Seconds(), Rate: o.Rate, By: o.By}
	var c *Country
	defer func() {
		if c != nil {
			err = errors.Join(err, c.end(context.WithoutCancel(ctx), o))
		}
	}()
	leave := func() {
		if c == nil {
			return
		}
		if err := c.end(ctx, o); err != nil {
			o.Say("the country could not be ended in order: %v", err)
		}
		c = nil
	}
	for i, a := range o.Acts {
		if a.mixed {
			leave()
		}
		if a.mixed && o.Previous == nil {
			s.add(Result{ID: a.ID, Verdict: NotRun, Problems: []string{English.T("needs.previous")}}, o)
			continue
		}
		if c == nil {
			o.Say("founding a country for the exercise")
			if c, err = begin(ctx, filepath.Join(dir, fmt.Sprintf("%d", i+1)), o, a.mixed); ctx.Err() != nil {
				return s, ctx.Err()
			} else if err != nil { // the acts behind it are still run, and what was shown before is not lost
				s.add(Result{ID: a.ID, Verdict: Broken, Problems: []string{err.Error()}}, o)
				c, err = nil, nil
				continue
			}
		}
		r := c.exerciseOne(ctx, a, o)
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		if s.add(r, o); r.Verdict == Broken || a.mixed {
			leave()
		}
	}
	return s, nil
}

// add keeps a result and tells it.
func (s *Score) add(r Result, o Options) {
	s.Results = append(s.Results, r)
	if o.Done != nil {
		o.Done(r)
	}
}

// place gives the directory of an exercise. A temporary one has a short name: sockets below it must fit into a Unix address.
func place(dir string) (string, func() error, error) {
	if dir != "" {
		return dir, func() error { return nil }, os.MkdirAll(dir, 0o700)
	}
	tmp, err := os.MkdirTemp("", "td")
	return tmp, func() error { return os.RemoveAll(tmp) }, err
}

func ids(acts []Act) (out []string) {
	for _, a := range acts {
		out = append(out, a.ID)
	}
	return out
}

// begin founds a country, opens the exercise in every log and lets the first travellers through.
func begin(ctx context.Context, dir string, o Options, mixed bool) (*Country, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := found(ctx, dir, o, mixed)
	if err != nil {
		return nil, err
	}
	if err := c.exercise(ctx, true, record.DrillOpen{Acts: ids(o.Acts), Seed: o.Seed, By: o.By}); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// end closes the exercise in every log and ends the processes.
func (c *Country) end(ctx context.Context, o Options) error {
	return errors.Join(c.exercise(ctx, false, record.DrillOpen{Acts: ids(o.Acts), Seed: o.Seed, By: o.By}), c.close())
}

// exerciseOne runs one act: quiet traffic to compare with, the act, its end, and the judgement.
func (c *Country) exerciseOne(ctx context.Context, a Act, o Options) (res Result) {
	res = Result{ID: a.ID, Verdict: Broken}
	r := &run{Country: c, act: a, length: o.For, chance: rand.New(rand.NewPCG(o.Seed, seedOf(a.ID))), note: o.Say}
	trouble := func(what string, err error) {
		if err != nil {
			r.problems = append(r.problems, what+": "+err.Error())
		}
	}
	o.Say("%s: travellers cross, undisturbed", a.ID)
	t, err := c.start(ctx, o.Rate)
	if err != nil {
		trouble("opening the booths", err)
		res.Problems = r.problems
		return res
	}
	pause(ctx, warmFor)
	res.Start = time.Now()
	pause(ctx, min(o.For, quietFor))
	o.Say("%s: %s", a.ID, English.Act(a.ID).What)
	res.Injected = time.Now()
	trouble("the act", r.inject(ctx))
	res.Healing = time.Now()
	o.Say("%s: healing", a.ID)
	trouble("healing", r.heal(ctx))
	_, err = c.whole(ctx)
	trouble("healing", err)
	res.Healed = time.Now()
	if a.check != nil {
		trouble("the promise", a.check(ctx, r))
	}
	pause(ctx, min(o.For/2, quietFor))
	trouble("the booths", t.halt())
	res.End = time.Now()
	o.Say("%s: judging", a.ID)
	j, err := c.judge(ctx, r)
	trouble("judging", err)
	res.sum(c.oracle, r, j)
	return res
}

// inject does the act and lets it last.
func (r *run) inject(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, r.length)
	defer cancel()
	if err := r.act.inject(limited, r); err != nil && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	<-limited.Done()
	return ctx.Err()
}

func (r *run) heal(ctx context.Context) (err error) {
	for _, undo := range r.undo {
		err = errors.Join(err, undo(ctx))
	}
	if r.act.heal != nil {
		err = errors.Join(err, r.act.heal(ctx, r))
	}
	return errors.Join(err, r.up(ctx, r.Nodes...))
}

// judge waits until all that the booths were promised is at the centres, then reads every directory.
func (c *Country) judge(ctx context.Context, r *run) (Judgement, error) {
	_, settled := c.whole(ctx)
	w, unsound, err := c.read(ctx)
	if err != nil {
		return Judgement{}, errors.Join(settled, err)
	}
	found, err := c.verify(ctx)
	j := c.oracle.judge(w, r.wiped)
	j.Unsound = append(unsound, found...)
	return j, errors.Join(settled, err)
}

// seedOf makes each act's choices its own.
func seedOf(id string) (n uint64) {
	for _, b := range []byte(id) {
		n = n<<8 | uint64(b)
	}
	return n
}
