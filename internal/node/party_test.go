package node_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// inParty reads a document into a party.
func (d *desk) inParty(party record.Act, doc border.Document) node.View {
	d.c.t.Helper()
	v, err := d.Scan(context.Background(), node.Scan{Act: act(), Shift: d.shift, Direction: border.Entry, Document: doc, Party: party,
		Vehicle: node.Vehicle{Kind: border.Bus, Plate: "AA123BC", Country: "ALB"}})
	d.c.must(err)
	return v
}

func TestPartyReadsADocumentOnce(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, l1, s1 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "S-01", "S")
		party, other := act(), act()
		first := k1.inParty(party, passport(1))
		again := k1.inParty(party, passport(1))
		if first.Again || !again.Again || again.Ref != first.Ref || again.Decided != nil {
			t.Errorf("read twice: %v again %t, after %v", again.Ref, again.Again, first.Ref)
		}
		if v := k1.inParty(other, passport(1)); v.Again || v.Ref == first.Ref {
			t.Error("another party gets the check of this one")
		}
		if v := k1.scan(border.Entry, passport(1)); v.Again || v.Ref == first.Ref {
			t.Error("one alone gets the check of a party")
		}
		if v, err := k1.Scan(context.Background(), node.Scan{Act: act(), Shift: k1.shift, Direction: border.Exit, Document: passport(1), Party: party}); err != nil || v.Again {
			t.Errorf("in the other direction: again %t, %v", v.Again, err)
		}
		admit := func(v node.View) node.Receipt {
			return k1.do(node.Decision{Act: act(), Shift: k1.shift, Check: v.Ref.Index, Decision: border.Admit, Vehicle: v.Vehicle,
				Details: node.Details{Driver: true}})
		}
		entry := admit(first)
		if v := k1.inParty(party, passport(1)); !v.Again || v.Decided == nil || v.Decided.Index != entry.Ref.Index {
			t.Errorf("read again after the decision: %+v", v.Decided)
		}

		// Taken back, he is read again and decided anew; so is one who came back from the second line.
		k1.do(node.Void{Act: act(), Shift: k1.shift, Of: entry.Ref.Index, Reason: "not the driver"})
		second := k1.inParty(party, passport(1))
		if second.Again || second.Ref == first.Ref || second.Decided != nil {
			t.Fatalf("read again after a void: %+v", second.Ref)
		}
		if v := k1.inParty(party, passport(1)); !v.Again || v.Ref != second.Ref {
			t.Error("the second check is not the one in force")
		}
		entry = admit(second)
		b := k1.inParty(party, passport(2))
		referral := k1.decide(b.Ref.Index, border.Refer).Ref.Index
		s1.do(node.Outcome{Act: act(), Shift: s1.shift, Referral: referral, Outcome: record.Cleared})
		after := k1.do(node.Decision{Act: act(), Shift: k1.shift, Check: b.Ref.Index, Decision: border.Admit, Referral: referral}).Ref.Index
		k1.do(node.Void{Act: act(), Shift: k1.shift, Of: after, Reason: "too early"})
		if v := k1.inParty(party, passport(2)); v.Again || v.Ref == b.Ref {
			t.Error("after the void of what followed a referral, the old check is given")
		}
		books, err := l1.Books(context.Background(), l1.shift, firstDay.UnixMilli(), l1.Now()+1)
		c.must(err)
		c.equal("persons and vehicles", []int{books.Entries, books.VehiclesIn, books.Exits, books.VehiclesOut}, "[1 1 0 0]")
		if _, err := k1.Scan(context.Background(), node.Scan{Act: act(), Shift: k1.shift, Direction: border.Entry, Document: passport(3),
			Vehicle: node.Vehicle{Plate: "\xff"}}); err == nil {
			t.Error("a plate that nobody could read back is taken")
		}
	})
}

// A bus of fifty is being committed when the power goes. After the restart exactly the receipts that were given stand; the same
// acts asked again complete the party, and nothing is doubled.
func TestPowerCutInMidParty(t *testing.T) {
	deskCountry(t, func(c *country) {
		const persons = 50
		ctx, k1 := context.Background(), c.desk("kakavija", "K-01", "K1")
		party, bus := act(), node.Vehicle{Kind: border.Bus, Plate: "AA123BC", Country: "ALB", Occupants: persons}
		type member struct {
			check  uint64
			decide record.Act
		}
		var of []member
		for i := range persons {
			of = append(of, member{k1.inParty(party, passport(i+1)).Ref.Index, act()})
		}
		decision := func(m member, d *desk) node.Decision {
			return node.Decision{Act: m.decide, Shift: d.shift, Check: m.check, Decision: border.Admit, Vehicle: bus}
		}
		var prepared []node.Prepared
		for _, m := range of { // the browser signs them all, then sends them one after the other
			p, err := k1.Prepare(ctx, decision(m, k1))
			c.must(err)
			prepared = append(prepared, p)
		}
		told := map[record.Act]node.Receipt{}
		done := make(chan error, 1)
		var dark atomic.Bool // from here on the booth hears nothing
		go func() {
			for _, p := range prepared {
				r, err := k1.Commit(ctx, p.Act, k1.sign(p.Message))
				if err != nil || dark.Load() {
					done <- err
					return
				}
				told[p.Act] = r
				time.Sleep(20 * time.Millisecond)
			}
			done <- errors.New("all fifty were committed")
		}()
		time.Sleep(510 * time.Millisecond)
		dark.Store(true)
		c.must(c.kill("kakavija"))
		<-done
		given := len(told)
		c.start("kakavija")
		k1 = c.desk("kakavija", "K-01", "K1")
		if given == 0 || given == persons {
			t.Fatalf("%d receipts before the power went", given)
		}
		stand := func() (crossings int) {
			for i := range persons {
				v := k1.scan(border.Exit, passport(i+1))
				if v.Advice.Stay.Inside {
					crossings++
				}
				if n := len(v.Check.History.Passages); n > 1 {
					t.Errorf("traveller %d has %d passages", i+1, n)
				}
			}
			return crossings
		}
		if n := stand(); n < given || n > given+1 { // the one under way may stand without its receipt
			t.Errorf("%d crossings stand, %d receipts were given", n, given)
		}
		for i, m := range of {
			first, known := told[m.decide]
			r, err := k1.try(decision(m, k1))
			if err != nil {
				t.Fatalf("person %d asked again: %v", i+1, err)
			}
			if known && (r.Ref != first.Ref || r.LeafHash != first.LeafHash || r.Code != first.Code || !r.Repeated) {
				t.Errorf("person %d has another receipt", i+1)
			}
			told[m.decide] = r
		}
		c.equal("crossings", stand(), persons)
		for i := range persons { // a scan of the bus once more finds each of them
			if v := k1.inParty(party, passport(i+1)); !v.Again || v.Decided == nil {
				t.Errorf("person %d is new to the party", i+1)
			}
		}
		l1 := c.desk("kakavija", "L-01", "L")
		b, err := l1.Books(ctx, l1.shift, firstDay.UnixMilli(), l1.Now()+1)
		c.must(err)
		c.equal("books", fmt.Sprint(b.Entries, b.VehiclesIn), "50 1")
		c.settle()
		day, err := c.nodes["centre"].Figures(ctx, time.Hour, 24)
		c.must(err)
		c.equal("at the centre", day.ByNode, "[{kakavija entry ITA 50}]")
	})
}
