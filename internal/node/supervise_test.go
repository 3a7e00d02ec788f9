package node_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

func ms(d time.Duration) int64 { return d.Milliseconds() }

func TestRegime(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx, l1, k1 := context.Background(), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "K-01", "K1")
		begin := func(what string, lasts time.Duration) node.Regime {
			return node.Regime{Act: act(), Shift: l1.shift, Regime: what, Reason: "article 9, queue of 3 h", Until: l1.Now() + ms(lasts)}
		}
		end := func(passed int) node.Regime {
			return node.Regime{Act: act(), Shift: l1.shift, End: true, Passed: passed}
		}
		inForce := func() string {
			r, err := l1.RegimeInForce(ctx)
			c.must(err)
			if r == nil {
				return "none"
			}
			return r.Regime + " by " + r.Officer
		}
		for name, bad := range map[string]node.Regime{
			"unknown": begin("closed", time.Hour), "past": begin(node.Relaxed, 0), "too long": begin(node.Relaxed, 24*time.Hour+time.Millisecond),
		} {
			if _, err := l1.try(bad); !errors.Is(err, node.ErrRegime) {
				t.Errorf("%s: %v", name, err)
			}
		}
		silent := begin(node.Relaxed, time.Hour)
		silent.Reason = "  "
		l1.refused(silent, node.ErrWhy)
		l1.refused(end(0), node.ErrNoRegime)
		k1.refused(node.Regime{Act: act(), Shift: k1.shift, Regime: node.Relaxed, Reason: "why not", Until: l1.Now() + 1000}, node.ErrDuty)

		first := begin(node.Relaxed, 2*time.Hour)
		l1.do(first)
		c.equal("begun", inForce(), "relaxed by L-01")
		l1.refused(begin(node.Unrecorded, time.Hour), node.ErrRegime) // one at a time
		l1.refused(end(-1), node.ErrCount)
		l1.refused(end(100_001), node.ErrCount)
		l1.do(end(140))
		c.equal("ended", inForce(), "none")
		l1.refused(end(1), node.ErrNoRegime)
		if r, err := l1.try(first); err != nil || !r.Repeated { // also long after it ended
			t.Errorf("begun again by the same act: %v", err)
		}

		l1.do(begin(node.Unrecorded, 24*time.Hour))
		time.Sleep(24*time.Hour - time.Second)
		c.equal("on its last second", inForce(), "unrecorded by L-01")
		time.Sleep(time.Second)
		c.equal("ended by itself", inForce(), "none")
		l1.refused(end(1), node.ErrNoRegime)
		l1 = c.desk("kakavija", "L-01", "L")
		l1.do(begin(node.Relaxed, time.Hour))

		// Two that begin side by side.
		time.Sleep(2 * time.Hour)
		p1, err1 := l1.Prepare(ctx, begin(node.Relaxed, time.Hour))
		p2, err2 := l1.Prepare(ctx, begin(node.Unrecorded, time.Hour))
		c.must(errors.Join(err1, err2))
		_, err1 = l1.Commit(ctx, p1.Act, l1.sign(p1.Message))
		if _, err2 = l1.Commit(ctx, p2.Act, l1.sign(p2.Message)); err1 != nil || !errors.Is(err2, node.ErrRegime) {
			t.Errorf("two at once: %v, %v", err1, err2)
		}

		b, err := l1.Books(ctx, l1.shift, firstDay.UnixMilli(), firstDay.Add(time.Hour).UnixMilli())
		c.must(err)
		if len(b.Regimes) != 2 || b.Regimes[0].Passed != 140 || b.Regimes[0].Ended == 0 || b.Regimes[1].Ended != 0 {
			t.Errorf("regimes of the first hour: %+v", b.Regimes)
		}
	})
}

func TestCounts(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx, l1, k1 := context.Background(), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "K-01", "k1")
		k1.pass(border.Entry, 1)
		k1.pass(border.Entry, 2)
		k1.pass(border.Exit, 1)
		time.Sleep(time.Hour)
		from := firstDay.UnixMilli()
		count := func(x record.CountBody) node.Count { return node.Count{Act: act(), Shift: l1.shift, CountBody: x} }
		hour := record.CountBody{Booth: " k1 ", From: from, To: from + ms(time.Hour), Entries: 3, Exits: 1, Vehicles: 2, Waiting: 900}
		for name, change := range map[string]func(*record.CountBody){
			"negative":  func(b *record.CountBody) { b.Entries = -1 },
			"too many":  func(b *record.CountBody) { b.Exits = 100_001 },
			"backwards": func(b *record.CountBody) { b.To = b.From },
			"two days":  func(b *record.CountBody) { b.From -= ms(24 * time.Hour) },
			"an age":    func(b *record.CountBody) { b.From = math.MinInt64 },
			"future":    func(b *record.CountBody) { b.To = l1.Now() + ms(time.Hour) },
			"booth":     func(b *record.CountBody) { b.Booth = "the booth at the far end" },
			"waiting":   func(b *record.CountBody) { b.Waiting = -5 },
		} {
			bad := hour
			change(&bad)
			if _, err := l1.try(count(bad)); !errors.Is(err, node.ErrCount) {
				t.Errorf("%s: %v", name, err)
			}
			if err := l1.CountByDevice(ctx, "gate-1", act(), bad); !errors.Is(err, node.ErrCount) {
				t.Errorf("%s, by a device: %v", name, err)
			}
		}
		k1.refused(node.Count{Act: act(), Shift: k1.shift, CountBody: hour}, node.ErrDuty)
		l1.do(count(hour))
		whole, gate := hour, act()
		whole.Booth, whole.Entries, whole.Waiting = "", 2, 0
		for range 3 {
			c.must(l1.CountByDevice(ctx, "gate-1", gate, whole))
		}
		whole.Entries++
		if err := l1.CountByDevice(ctx, "gate-1", gate, whole); !errors.Is(err, node.ErrOtherContent) {
			t.Errorf("another count by the same act: %v", err)
		}
		for _, name := range []string{"", "a device with a long name"} {
			if err := l1.CountByDevice(ctx, name, act(), hour); err == nil {
				t.Errorf("device %q is taken", name)
			}
		}
		b, err := l1.Books(ctx, l1.shift, from, from+ms(time.Hour)) // both were written after that hour
		c.must(err)
		got := ""
		for _, h := range b.Hours {
			got += fmt.Sprintf("%q %s recorded %d/%d counted %d/%d differ %d/%d waiting %d; ", h.Booth, h.Device, h.RecordedIn, h.RecordedOut,
				h.CountedIn, h.CountedOut, h.DifferIn, h.DiffOut, h.Waiting)
		}
		c.equal("hours", got, `"" gate-1 recorded 2/1 counted 2/1 differ 0/0 waiting 0; "K1"  recorded 2/1 counted 3/1 differ 1/0 waiting 900; `)
	})
}

func TestHandover(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx, k1 := context.Background(), c.desk("kakavija", "K-01", "K1")
		l1, l2 := c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "L-02", "L")
		from := firstDay.UnixMilli()
		k1.pass(border.Entry, 1)
		k1.pass(border.Exit, 1)
		k1.do(node.Void{Act: act(), Shift: k1.shift, Of: k1.pass(border.Entry, 2), Reason: "wrong"})
		k1.scan(border.Entry, passport(3))
		k1.refer(border.Entry, 4)
		time.Sleep(time.Second)
		over := func(d *desk, since int64) node.Handover {
			return node.Handover{Act: act(), Shift: d.shift, From: since, Notes: "booth 2 has no reader"}
		}
		assent := func(d *desk, of uint64) node.Assent {
			return node.Assent{Act: act(), Shift: d.shift, Kind: record.Handover, Of: of}
		}
		l1.refused(over(l1, l1.Now()+1), node.ErrStretch)
		l1.refused(over(l1, l1.Now()-ms(48*time.Hour)-1), node.ErrStretch)
		k1.refused(over(k1, from), node.ErrDuty)
		bad := over(l1, from)
		bad.Notes = "\xff"
		if _, err := l1.try(bad); err == nil {
			t.Error("notes that nobody could read back are recorded")
		}
		of := l1.do(over(l1, from)).Ref.Index
		o, err := l1.ReadOwn(of)
		c.must(err)
		var body record.HandoverBody
		c.must(record.Unmarshal(o.Deed, &body))
		c.equal("account", []int{body.Entries, body.Exits, body.Refusals, body.Referrals, body.Open, body.Voids}, []int{1, 1, 0, 1, 1, 1})
		l1.refused(assent(l1, of), node.ErrSameOfficer)
		k1.refused(assent(k1, of), node.ErrDuty)
		accepted := l2.do(assent(l2, of)).Ref.Index
		l2.refused(assent(l2, of), node.ErrAssented)
		l1.refused(assent(l1, accepted), node.ErrNotStanding) // nobody assents to an assent
		b, err := l2.Books(ctx, l2.shift, from, l2.Now()+1)
		c.must(err)
		if len(b.Handovers) != 1 || b.Handovers[0].Officer != "L-01" || b.Handovers[0].Accepted != "L-02" {
			t.Errorf("hand-overs: %+v", b.Handovers)
		}
	})
}

// Outages are records: when, who worked, who passed; of the time on paper too.
func TestOutages(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		books := func(l *desk) string {
			b, err := l.Books(ctx, l.shift, l.Now()-ms(40*time.Hour), l.Now()+1)
			c.must(err)
			out := ""
			for _, o := range b.Outages {
				word, lasts := "cut off", "still"
				if o.Down {
					word = "down"
				}
				if o.To != 0 {
					lasts = fmt.Sprintf("%dh", (o.To-o.From+ms(30*time.Minute))/ms(time.Hour))
				}
				out += fmt.Sprintf("%s %s, %d passed, %v; ", word, lasts, o.Passed, o.Officers)
			}
			return out
		}
		l1, k1 := c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "K-01", "K1")
		sheets := l1.do(node.Sheets{Act: act(), Shift: l1.shift, Count: 10})
		c.equal("nothing happened", books(l1), "")
		k1.pass(border.Entry, 1)
		time.Sleep(drillSync + time.Minute) // the centre is reached after it
		c.wire.sever("kakavija")
		time.Sleep(2 * time.Hour)
		k1.pass(border.Entry, 2)
		c.desk("kakavija", "K-02", "K2").pass(border.Entry, 3)
		c.equal("still cut off", books(l1), "cut off still, 2 passed, [K-01 K-02]; ")
		time.Sleep(8 * time.Hour)
		c.wire.mend("kakavija")
		time.Sleep(3 * time.Hour)
		l1 = c.desk("kakavija", "L-01", "L")
		c.equal("cut off", books(l1), "cut off 11h, 2 passed, [K-01 K-02]; ")

		c.halt("kakavija")
		time.Sleep(5 * time.Hour)
		paper := time.Now().Add(-time.Hour).UnixMilli()
		c.start("kakavija")
		l1 = c.desk("kakavija", "L-01", "L")
		c.equal("down", books(l1), "cut off 11h, 2 passed, [K-01 K-02]; down 5h, 0 passed, []; ")
		if sheets.Written >= paper {
			t.Fatal("the sheets were printed too late")
		}
		x := sheet("KAKAVIJA", 1, 4, paper)
		l1.do(x.by(l1))
		k2 := c.desk("kakavija", "K-02", "K2")
		k2.do(x.by(k2))
		c.equal("down, on paper", books(l1), "cut off 11h, 2 passed, [K-01 K-02]; down 5h, 1 passed, [A. Hoxha]; ")
		c.equal("after the paper", k2.stay(4), "in since 2026-11-22, 1 used")
	})
}
