package node

import (
	"errors"
	"fmt"
	"testing"

	"tims/internal/record"
	"tims/internal/tlog"
)

// An act without an outcome is remembered until one is known, whichever.
func TestUnknownOutcome(t *testing.T) {
	var p pending
	of := prepared{head: head{act: record.Act{7}, shift: &Shift{Booth: "K2"}}}
	of.leaf.Kind = record.Crossing
	lost := fmt.Errorf("%w: the disk did not say", tlog.ErrNotKnown)
	for _, c := range []struct {
		err  error
		want int
	}{{tlog.ErrNotRecorded, 0}, {lost, 1}, {lost, 1}, {nil, 0}, {lost, 1}, {errors.Join(tlog.ErrNotRecorded), 0}} {
		p.outcome(of, c.err, 1000)
		if len(p.unknown) != c.want {
			t.Errorf("after %v: %d unknown, want %d", c.err, len(p.unknown), c.want)
		}
	}
	p.outcome(of, lost, 2000)
	if u := p.unknown[of.act]; u.Booth != "K2" || u.At != 2000 || u.Kind != record.Crossing {
		t.Errorf("%+v", u)
	}
}
