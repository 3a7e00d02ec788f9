package amend

import (
	"testing"

	"tims/internal/record"
)

func TestTries(t *testing.T) {
	var c tries
	one, other := record.Ref{Origin: "al/kakavija/1", Index: 1}, record.Ref{Origin: "al/kakavija/1", Index: 2}
	now := int64(1_000_000)
	for i := range maxTries {
		if !c.take(one, now+int64(i)) {
			t.Fatalf("the %dth is refused", i)
		}
	}
	if c.take(one, now+triesFor.Milliseconds()-1) || !c.take(other, now) {
		t.Error("the bound is not that of a shift and a minute")
	}
	c.give(one)
	if !c.take(one, now+1) || c.take(one, now+1) {
		t.Error("a right code is counted")
	}
	if !c.take(one, now+triesFor.Milliseconds()) || !c.take(one, now-1) {
		t.Error("a window does not end, or not with a clock that was set back")
	}
	for i := range uint64(2 * maxShifts) {
		c.take(record.Ref{Origin: "al/kakavija/1", Index: i}, now)
	}
	if len(c.by) > maxShifts {
		t.Errorf("%d are kept", len(c.by))
	}
	if !c.take(other, now+2*triesFor.Milliseconds()) || len(c.by) > 1 {
		t.Errorf("%d are kept after their minute", len(c.by))
	}
}
