package node

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tims/internal/projection"
	"tims/internal/record"
)

// A post's day follows from its deeds in the order in which they were written; a body that cannot be read here adds nothing.
func TestPostDayTakes(t *testing.T) {
	const now, minute = int64(1e12), int64(60_000)
	ref := func(i uint64) record.Ref { return record.Ref{Origin: "al/rinas/1", Index: i} }
	begin := record.RegimeBody{Regime: Relaxed, Reason: "article 9", From: now - 50*minute, Until: now + 10*minute}
	ended := begin
	ended.Passed = 40
	first := ref(1)
	deeds := []projection.Deed{
		{Kind: record.Regime, Ref: first, Written: now - 50*minute, Body: record.Marshal(begin)},
		{Kind: record.Count, Written: now - 40*minute, Body: record.Marshal(record.CountBody{Booth: "K1", To: now - 45*minute, Waiting: 300})},
		{Kind: record.Alarm, Written: now - 30*minute, Body: record.Marshal(record.AlarmBody{What: wasDown, From: now - 40*minute, To: now - 30*minute})},
		{Kind: record.Count, Written: now - 20*minute, Body: record.Marshal(record.CountBody{To: now - 60*minute, Waiting: 900})}, // older, written later
		{Kind: record.Count, Written: now - 10*minute, Body: record.Marshal(record.CountBody{To: now - 10*minute})},               // waiting not measured
		{Kind: record.Alarm, Written: now - 5*minute, Body: record.Marshal(record.AlarmBody{What: "of a later version", From: 1, To: 2})},
		{Kind: record.Alarm, Written: now - 4*minute},
	}
	p, begun := new(PostDay), map[record.Ref]*RegimeOf{}
	for _, d := range deeds {
		if err := p.take(d, now, begun); err != nil && !errors.Is(err, errUnread) {
			t.Fatal(err)
		}
	}
	want := PostDay{Regime: &RegimeOf{RegimeBody: begin, Ref: first}, Waiting: 300, WaitingAt: now - 45*minute, WaitingBooth: "K1",
		Outages: []Outage{{From: now - 40*minute, To: now - 30*minute, Down: true}}}
	if diff := cmp.Diff(want, *p); diff != "" {
		t.Error(diff)
	}
	if !p.Regime.InForce(now) {
		t.Error("the regime is not in force")
	}
	if err := p.take(projection.Deed{Kind: record.Regime, Ref: ref(9), About: &first, Written: now, Body: record.Marshal(ended)}, now, begun); err != nil {
		t.Fatal(err)
	}
	if p.Regime.InForce(now) || p.Regime.Passed != 40 {
		t.Errorf("after its end: %+v", p.Regime)
	}
	if err := p.take(projection.Deed{Kind: record.Count, Body: record.Marshal(record.CountBody{To: now - waitingFor.Milliseconds(), Waiting: 60})}, now, begun); err != nil || p.Waiting != 300 {
		t.Errorf("a measure that is too old: %v, %d", err, p.Waiting)
	}
}
