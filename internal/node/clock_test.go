package node

import (
	"testing"
	"time"

	"tims/internal/record"
)

func TestClock(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	c := clock{now: func() time.Time { return at }}
	state := func() record.ClockState {
		_, s, _ := c.read()
		return s.State
	}
	if got := state(); got != record.Synchronised {
		t.Fatalf("at first: %d", got)
	}
	c.signed(at.Add(clockTolerance + time.Second).UnixMilli())
	if got := state(); got != record.Unsynchronised {
		t.Errorf("behind a signed time: %d", got)
	}
	at = at.Add(time.Minute)
	if got := state(); got != record.Synchronised {
		t.Errorf("after it caught up: %d", got)
	}
	c.state = record.Clock{State: record.Stepped, Since: at.UnixMilli()}
	if at = at.Add(steppedFor); state() != record.Stepped {
		t.Error("a set clock is believed too soon")
	}
	if at = at.Add(time.Second); state() != record.Synchronised {
		t.Error("a set clock is never believed again")
	}
	if _, _, floor := c.read(); floor != 1_800_000_000_000+clockTolerance.Milliseconds()+1000 {
		t.Errorf("floor %d", floor)
	}
}
