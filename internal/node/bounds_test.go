package node

import (
	"math"
	"testing"
	"time"

	"tims/internal/record"
	"tims/internal/roster"
)

// A captured centre cannot use up the release numbers of a list, whatever order its records come in.
func TestReleaseNumbersAreBounded(t *testing.T) {
	w := &watching{wake: make(chan struct{}, 1)}
	release := func(number uint64) { w.announce(&Opened{List: &record.ListBody{List: "l", Release: number}}) }
	for _, row := range []struct{ number, top uint64 }{
		{2, 2}, {1, 2}, {0, 2}, {math.MaxUint64, 2}, {math.MaxInt64, 2}, {maxAhead + 3, 2}, {3, maxAhead + 3}, {2, maxAhead + 3},
	} {
		release(row.number)
		if top := w.highest("l"); top != row.top {
			t.Errorf("after %d: highest %d, want %d", row.number, top, row.top)
		}
	}
	if n := len(w.announced["l"]); n != 6 {
		t.Errorf("%d releases", n)
	}
	w.announce(&Opened{List: &record.ListBody{List: "single:durres", Release: 1}})
	if len(w.announced) != 1 {
		t.Error("a release takes the place of single alerts")
	}
}

// One shift's acts never take the room of another's, and an act that nobody signs is forgotten.
func TestPendingMakesRoom(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	p := pending{acts: map[record.Act]prepared{}}
	one, other := &Shift{Ref: record.Ref{Index: 1}}, &Shift{Ref: record.Ref{Index: 2}}
	put := func(s *Shift, n int, at time.Time) {
		p.makeRoom(s, at)
		p.acts[record.Act{byte(s.Ref.Index), byte(n), byte(n >> 8)}] = prepared{head: head{shift: s}, at: at}
	}
	put(other, 1, now)
	for i := range perShift + 10 {
		put(one, i, now.Add(time.Duration(i)*time.Millisecond))
	}
	if len(p.acts) != perShift+1 {
		t.Errorf("%d acts wait", len(p.acts))
	}
	if _, ok := p.acts[record.Act{1, 0}]; ok {
		t.Error("the oldest of a full shift is kept")
	}
	if _, ok := p.acts[record.Act{2, 1, 0}]; !ok {
		t.Error("another shift's act gave way")
	}
	p.makeRoom(one, now.Add(time.Hour))
	if len(p.acts) != 0 {
		t.Errorf("%d acts wait after an hour", len(p.acts))
	}
}

// Whoever was down for long does not believe its clock at once.
func TestClockAfterALongSleep(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	c := clock{now: func() time.Time { return at }}
	c.up(at.Add(-time.Hour).UnixMilli())
	if _, s, _ := c.read(); s.State != record.Synchronised {
		t.Errorf("after an hour: %d", s.State)
	}
	c.up(at.Add(-2 * upAfter).UnixMilli())
	if _, s, _ := c.read(); s.State != record.Stepped {
		t.Errorf("after two days: %d", s.State)
	}
}

func TestSameReaders(t *testing.T) {
	a := roster.Roster{Nodes: []roster.Node{{Name: "centre", Role: roster.Centre, Reader: []byte{1}}}}
	b := roster.Roster{Nodes: []roster.Node{{Name: "centre", Role: roster.Centre, Reader: []byte{2}}}}
	if !sameReaders(a, a, "p") || sameReaders(a, b, "p") {
		t.Error("a reader's new key is not seen, or seen where there is none")
	}
	dropped := roster.Roster{Nodes: []roster.Node{{Name: "centre", Role: roster.Centre, Reader: []byte{1}, Dropped: true}}}
	if sameReaders(a, dropped, "p") {
		t.Error("a dropped reader is not seen")
	}
}
