package web

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiterHoldsFewVisitors(t *testing.T) {
	l := Limiter{Span: time.Minute, Each: 3, All: 1 << 20, Visitors: 50}
	now := time.UnixMilli(1e12)
	for i := range 1000 {
		l.Allow(fmt.Sprintf("10.%d.%d.1:1", i>>8, i&255), now)
	}
	if len(l.each) != 51 {
		t.Errorf("%d addresses in memory", len(l.each))
	}
	if l.Allow("192.0.2.1:1", now) {
		t.Error("those beyond the bound do not share one count")
	}
	if !l.Allow("10.0.0.1:1", now) {
		t.Error("one that is counted for itself is refused")
	}
	if !l.Allow("192.0.2.1:1", now.Add(time.Minute)) {
		t.Error("the next window does not begin with nothing")
	}
}

func TestTurns(t *testing.T) {
	all := Turns{Each: 2, All: 3}
	for i, c := range []struct {
		of  string
		let bool
	}{{"kakavija", true}, {"kakavija", true}, {"kakavija", false}, {"durres", true}, {"morina", false}} {
		if all.Take(c.of) != c.let {
			t.Errorf("request %d, of %s: not %v", i, c.of, c.let)
		}
	}
	all.Give("kakavija")
	if !all.Take("morina") || all.Take("durres") {
		t.Error("a request that ended still counts, or does not count for all")
	}
}
