package node

import (
	"slices"
	"testing"
)

// The publisher remembers the newest status records of each log and no more.
func TestPublisherRemembersTheNewestStatuses(t *testing.T) {
	p := &publisher{statuses: map[string][]uint64{}}
	var all []uint64
	for i := range uint64(3 * statusesKept) {
		all = append(all, 7*i)
	}
	for _, part := range [][]uint64{all[10:50], all[:20], all[40:], {all[0], all[3]}} {
		p.note("al/kakavija/1", part)
	}
	if got := p.statuses["al/kakavija/1"]; !slices.Equal(got, all[len(all)-statusesKept:]) {
		t.Errorf("%d remembered, from %d on", len(got), got[0])
	}
	p.note("al/rinas/1", nil)
	if got := p.statuses["al/rinas/1"]; len(got) != 0 {
		t.Errorf("%v remembered of a log without any", got)
	}
}
