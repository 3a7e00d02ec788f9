package post

import (
	"context"
	"sync"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/projection"
	"tims/internal/station"
)

// A tally counts whom a shift let pass as the police publish it: persons, and each party's vehicle once in its direction. What
// an officer can still take back is counted anew each time, what is older once. It is the booth's own line, no book: a
// correction by two officers stands in the supervisor's.
type tally struct {
	mu      sync.Mutex
	counted int64 // UTC ms: what was written before is counted in settled
	settled counts
	parties map[string]bool // whose vehicle is counted in settled
}

type counts struct{ In, Out, VehiclesIn, VehiclesOut int }

func (c *counts) add(f projection.Found, seen func(string) bool) {
	in := f.Direction == border.Entry
	persons, vehicles := &c.In, &c.VehiclesIn
	if !in {
		persons, vehicles = &c.Out, &c.VehiclesOut
	}
	*persons++
	if f.Vehicle == 0 && f.Plate == "" {
		return
	}
	party := string(f.Party)
	if party == "" {
		party = f.Plate
	}
	if !seen(f.Direction.String() + party) {
		*vehicles++
	}
}

// of brings the tally up to now.
func (t *tally) of(ctx context.Context, f *Face, b booth) (counts, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counted == 0 {
		t.counted, t.parties = b.shift.Began, map[string]bool{}
	}
	passed, err := f.Node.PassedBy(ctx, b.shift, t.counted)
	if err != nil {
		return counts{}, err
	}
	for len(passed) > 0 && passed[0].Written < f.Node.Now()-node.VoidWithin.Milliseconds()-time.Minute.Milliseconds() {
		t.settled.add(passed[0], func(party string) bool { was := t.parties[party]; t.parties[party] = true; return was })
		t.counted = passed[0].Written + 1
		passed = passed[1:]
	}
	now, fresh := t.settled, map[string]bool{}
	for _, p := range passed {
		now.add(p, func(party string) bool {
			was := t.parties[party] || fresh[party]
			fresh[party] = true
			return was
		})
	}
	return now, nil
}

// tallyLine says the counts in a line; empty where they cannot be had, which the states of the page explain.
func (f *Face) tallyLine(ctx context.Context, b booth, w station.Words) string {
	c, err := b.memory.tally.of(ctx, f, b)
	if err != nil {
		return ""
	}
	line := func(way string, persons, vehicles int) string {
		return w.T("way."+way) + ": " + w.T("post.persons", "n", persons) + ", " + w.T("post.vehicles", "n", vehicles)
	}
	return line("entry", c.In, c.VehiclesIn) + " · " + line("exit", c.Out, c.VehiclesOut)
}
