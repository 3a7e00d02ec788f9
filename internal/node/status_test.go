package node

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tims/internal/proof"
)

// A clock that is set back leaves status records that every reader takes: a portal that refused one would never hear of the post again.
func TestStatusOfAClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64
		n, _ := foundedCentre(t, func(o *Options) {
			o.StatusEvery = time.Hour
			o.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		})
		time.Sleep(2*time.Hour + time.Minute)
		back.Store(int64(90 * time.Minute))
		time.Sleep(3 * time.Hour)
		g, err := n.log.Growth(0, proof.Keep)
		if err != nil {
			t.Fatal(err)
		}
		empty := 0
		for _, x := range g.Held {
			switch open, err := proof.OpenStatus(x.Leaf, x.Part.Body); {
			case err != nil:
				t.Errorf("leaf %d: %v", x.Index, err)
			case open.To == open.From:
				empty++
			}
		}
		if len(g.Held) < 4 || empty != 1 {
			t.Errorf("%d status records, %d of them of no time", len(g.Held), empty)
		}
	})
}
