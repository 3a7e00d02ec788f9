package node_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A tally is a day's account kept outside the node: of what its officers were told, in whole numbers.
type tally struct {
	entries, exits, refusals, vehiclesIn, vehiclesOut, waiting, open, byNode int
	voids, corrections, withdrawn, lates                                     int
	hours                                                                    map[string][2]int // recorded, by hour and booth
	travellers                                                               map[string]int    // by officer
	vehicles                                                                 map[string]int    // persons who stand, by direction and party
}

// moved counts persons of a passage who stand, or stand no more (by -1).
func (y *tally) moved(p passed, by int) {
	in := p.dir == border.Entry
	h := p.at - p.at%ms(time.Hour)
	for _, booth := range []string{"", p.booth} {
		k := fmt.Sprint(h, booth)
		v := y.hours[k]
		if in {
			v[0] += by
		} else {
			v[1] += by
		}
		y.hours[k] = v
	}
	count, vehicles := &y.entries, &y.vehiclesIn
	if !in {
		count, vehicles = &y.exits, &y.vehiclesOut
	}
	*count += by
	if p.party != (record.Act{}) {
		k := fmt.Sprint(p.dir, p.party)
		before := y.vehicles[k]
		y.vehicles[k] += by
		if before == 0 && by > 0 {
			*vehicles++
		} else if y.vehicles[k] == 0 {
			*vehicles--
		}
	}
}

// passed is a passage as the tally knows it.
type passed struct {
	of      uint64
	serial  int
	dir     border.Direction
	at      int64
	booth   string
	party   record.Act
	vehicle node.Vehicle
	desk    *desk
	kind    record.Kind
}

// A day of everything at one post, at random: every figure of the supervisor's books is the tally's.
func TestBooksEqualACountKeptOutside(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			deskCountry(t, func(c *country) { randomDay(c, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func randomDay(c *country, random *rand.Rand) {
	y := &tally{hours: map[string][2]int{}, travellers: map[string]int{}, vehicles: map[string]int{}}
	booths := []*desk{c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2")}
	s1, l1, l2 := c.desk("kakavija", "S-01", "S1"), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "L-02", "L")
	l1.do(node.Sheets{Act: act(), Shift: l1.shift, Count: 200})
	time.Sleep(time.Minute)
	var stand []passed
	next, number := 0, uint32(0)
	take := func() (p passed, ok bool) { // one that stands
		if len(stand) == 0 {
			return p, false
		}
		i := random.IntN(len(stand))
		p = stand[i]
		stand = slices.Delete(stand, i, i+1)
		return p, true
	}
	put := func(p passed) { stand = append(stand, p); y.moved(p, 1) }
	scan := func(d *desk, p *passed) uint64 {
		next++
		p.serial, p.desk, p.booth, p.dir, p.kind = next, d, d.shift.Booth, border.Direction(1+random.IntN(2)), record.Crossing
		v, err := d.Scan(context.Background(), node.Scan{Act: act(), Shift: d.shift, Direction: p.dir, Document: passport(next), Party: p.party, Vehicle: p.vehicle})
		c.must(err)
		return v.Ref.Index
	}
	decide := func(p *passed, x node.Decision) uint64 {
		x.Act, x.Shift, x.Vehicle = act(), p.desk.shift, p.vehicle
		if x.Decision == border.Refuse {
			x.Ground = border.NoPurpose
			if p.dir == border.Exit {
				x.Ground = border.ExitWanted
			}
		}
		p.at = p.desk.Now()
		if random.IntN(4) == 0 {
			y.byNode++
			r, err := p.desk.Do(context.Background(), x)
			c.must(err)
			return r.Ref.Index
		}
		return p.desk.do(x).Ref.Index
	}
	steps := []func(d *desk){
		func(d *desk) { // one alone, decided or left
			var p passed
			check := scan(d, &p)
			if random.IntN(5) == 0 {
				y.open++
				return
			}
			p.of = decide(&p, node.Decision{Check: check, Decision: border.Admit})
			y.travellers[d.shift.Officer.Label]++
			put(p)
		},
		func(d *desk) { // a car
			party, car := act(), node.Vehicle{Kind: border.Car, Plate: fmt.Sprintf("AA%03d", random.IntN(30)), Country: "ALB", Occupants: 3}
			dir := border.Direction(1 + random.IntN(2))
			for range 1 + random.IntN(4) {
				p := passed{party: party, vehicle: car, desk: d, booth: d.shift.Booth, dir: dir, kind: record.Crossing}
				next++
				p.serial = next
				v, err := d.Scan(context.Background(), node.Scan{Act: act(), Shift: d.shift, Direction: dir, Document: passport(next), Party: party, Vehicle: car})
				c.must(err)
				p.of = decide(&p, node.Decision{Check: v.Ref.Index, Decision: border.Admit})
				y.travellers[d.shift.Officer.Label]++
				put(p)
			}
		},
		func(d *desk) { // refused
			var p passed
			decide(&p, node.Decision{Check: scan(d, &p), Decision: border.Refuse})
			y.refusals++
			y.travellers[d.shift.Officer.Label]++
		},
		func(d *desk) { // to the second line, and perhaps back
			var p passed
			check := scan(d, &p)
			referral := decide(&p, node.Decision{Check: check, Decision: border.Refer})
			if random.IntN(3) == 0 {
				y.waiting++
				return
			}
			s1.do(node.Outcome{Act: act(), Shift: s1.shift, Referral: referral, Outcome: record.Cleared})
			if random.IntN(2) == 0 {
				p.of = decide(&p, node.Decision{Check: check, Decision: border.Admit, Referral: referral})
				y.travellers[d.shift.Officer.Label]++
				put(p)
			}
		},
		func(d *desk) { // taken back within ten minutes
			var p passed
			of := decide(&p, node.Decision{Check: scan(d, &p), Decision: border.Admit})
			d.do(node.Void{Act: act(), Shift: d.shift, Of: of, Reason: "wrong traveller"})
			y.voids++
		},
		func(d *desk) { // corrected: turned round, another day, or never was
			p, ok := take()
			if !ok {
				return
			}
			x := node.Correction{Act: act(), Shift: d.shift, Of: p.of, Reason: "as seen on the camera", Direction: 3 - p.dir, Document: passport(p.serial),
				Vehicle: p.vehicle, Withdraw: random.IntN(4) == 0}
			proposal := d.do(x).Ref.Index
			y.corrections++
			if random.IntN(3) == 0 {
				stand = append(stand, p) // nobody agrees
				return
			}
			l2.do(node.Assent{Act: act(), Shift: l2.shift, Kind: record.Correction, Of: proposal})
			y.moved(p, -1)
			if !x.Withdraw {
				p.of, p.dir = proposal, x.Direction
				put(p)
			} else {
				y.withdrawn++
			}
		},
		func(d *desk) { // from paper, typed once or twice
			number++
			next++
			p := passed{serial: next, dir: border.Entry, at: d.Now() - 1000, booth: "K1", kind: record.Late}
			x := sheet("KAKAVIJA", number, next, p.at)
			d.do(x.by(d))
			y.lates++
			if random.IntN(3) > 0 {
				p.of = l2.do(x.by(l2)).Ref.Index
				y.lates++
				put(p)
			}
		},
	}
	for range 90 {
		time.Sleep(time.Duration(random.IntN(240)) * time.Second)
		steps[random.IntN(len(steps))](booths[random.IntN(2)])
	}
	c.account(l1, y)
}

// account compares a day's books with the tally.
func (c *country) account(l *desk, y *tally) {
	c.t.Helper()
	b, err := l.Books(context.Background(), l.shift, firstDay.UnixMilli(), l.Now()+1)
	c.must(err)
	c.equal("entries, exits, refusals", []int{b.Entries, b.Exits, b.Refusals}, []int{y.entries, y.exits, y.refusals})
	c.equal("vehicles", []int{b.VehiclesIn, b.VehiclesOut}, []int{y.vehiclesIn, y.vehiclesOut})
	c.equal("waiting, open, by the node", []int{b.Waiting, len(b.Open), b.ByNode}, []int{y.waiting, y.open, y.byNode})
	c.equal("voids, corrections, sheets", []int{len(b.Voids), len(b.Corrections), len(b.Lates)}, []int{y.voids, y.corrections, y.lates})
	for _, h := range b.Hours {
		k := fmt.Sprint(h.Hour, h.Booth)
		c.equal("hour "+k, [2]int{h.RecordedIn, h.RecordedOut}, y.hours[k])
		delete(y.hours, k)
	}
	for k, v := range y.hours {
		c.equal("hour without a row "+k, v, [2]int{})
	}
	for _, booth := range b.Booths {
		if want := y.travellers[booth.Officer]; booth.Travellers != want {
			c.t.Errorf("%s at %s: %d travellers, want %d", booth.Officer, booth.Booth, booth.Travellers, want)
		}
	}
	if b.Entries+b.Exits < 20 || b.Waiting == 0 || len(b.Open) == 0 {
		c.t.Errorf("a day on which little happened: %d in, %d out, %d wait, %d open", b.Entries, b.Exits, b.Waiting, len(b.Open))
	}
	day, err := c.nodes["kakavija"].Figures(context.Background(), time.Hour, 24)
	c.must(err)
	all := 0
	for _, f := range day.ByNode {
		all += f.Count
	}
	c.equal("figures of the day", all, y.entries+y.exits)
}

// A passage belongs to the hour in which the traveller stood there, also where it is corrected in the next shift.
func TestBooksOfAnEarlierShift(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, l1, l2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "L-02", "L")
		books := func(from, to int64) string {
			b, err := l1.Books(context.Background(), l1.shift, from, to)
			c.must(err)
			return fmt.Sprintf("%d in, %d out, %d hours", b.Entries, b.Exits, len(b.Hours))
		}
		early := firstDay.UnixMilli()
		of := k1.pass(border.Entry, 1)
		k1.pass(border.Entry, 2)
		time.Sleep(8 * time.Hour)
		late := k1.Now()
		c.equal("the early shift", books(early, late), "2 in, 0 out, 2 hours")
		x := correction(k1, of, 1)
		x.Direction = border.Exit
		l2.do(node.Assent{Act: act(), Shift: l2.shift, Kind: record.Correction, Of: k1.do(x).Ref.Index})
		c.equal("the early shift, corrected", books(early, late), "1 in, 1 out, 2 hours")
		c.equal("the late shift", books(late, late+ms(time.Hour)), "0 in, 0 out, 0 hours")
		for _, bad := range [][2]int64{{late, late}, {late, early}, {early, early + ms(48*time.Hour) + 2}} {
			if _, err := l1.Books(context.Background(), l1.shift, bad[0], bad[1]); err == nil {
				t.Errorf("books from %d to %d", bad[0], bad[1])
			}
		}
		if _, err := l1.Books(context.Background(), k1.shift, early, late); err == nil {
			t.Error("a booth officer opens the books")
		}
	})
}
