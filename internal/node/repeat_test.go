package node_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// The same act with other content is refused, whatever the deed, also where the deed would be impossible by now. What is
// recorded stays. And with the same content it is answered after a restart, and long afterwards.
func TestSameActOtherContent(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		_, err := c.nodes["centre"].Release(ctx, "sdn", 0, alerts("v1"))
		c.must(err)
		c.settle()
		k1, k2, l1, l2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2"), c.desk("kakavija", "L-01", "L"), c.desk("kakavija", "L-02", "L")
		s1, s2 := c.desk("kakavija", "S-01", "S"), c.desk("kakavija", "S-02", "S")
		l1.do(node.Sheets{Act: act(), Shift: l1.shift, Count: 10})
		foreign := c.desk("durres", "L-02", "L")
		sent := foreign.do(node.Message{Act: act(), Shift: foreign.shift, Priority: record.Routine, Text: "one"}).Ref
		sent2 := foreign.do(node.Message{Act: act(), Shift: foreign.shift, Priority: record.Routine, Text: "two"}).Ref
		c.settle()
		e1, e2, e3, e4 := k1.pass(border.Entry, 11), k1.pass(border.Entry, 12), k1.pass(border.Entry, 13), k1.pass(border.Entry, 14)
		_, r1 := k1.refer(border.Entry, 1)
		_, r4 := k1.refer(border.Entry, 4)
		c1, c2 := k1.scan(border.Entry, passport(15)).Ref.Index, k1.scan(border.Entry, passport(16)).Ref.Index
		now := k1.Now()
		p1, p2 := k1.do(correction(k1, e3, 13)).Ref.Index, k1.do(correction(k1, e4, 14)).Ref.Index
		once := sheet("KAKAVIJA", 1, 20, now-1000).by(k1)
		twice := sheet("KAKAVIJA", 1, 20, now-1000).by(k2)
		terms := border.Terms{Basis: border.Visa, Until: 20900, Paper: "V1"}
		for _, x := range []struct {
			by            *desk
			first, second node.Deed
		}{
			{k1, node.Void{Of: e1, Reason: "wrong"}, node.Void{Of: e1, Reason: "another reason"}},
			{k1, node.Void{Of: e2, Reason: "wrong"}, node.Correction{Of: e2, Reason: "wrong", Withdraw: true}},
			{k1, node.Correction{Of: e3, Reason: "why", Direction: border.Entry, Document: passport(13)},
				node.Correction{Of: e3, Reason: "why", Direction: border.Entry, Document: passport(99)}},
			{k1, node.Correction{Of: e3, Reason: "why", Direction: border.Entry, Document: passport(13), Terms: terms},
				node.Correction{Of: e3, Reason: "why", Direction: border.Entry, Document: passport(13)}},
			{k1, node.Correction{Of: e3, Reason: "why", Direction: border.Entry, Document: passport(13)},
				node.Correction{Of: e3, Reason: "why", Direction: border.Exit, Document: passport(13)}},
			{k2, node.Assent{Kind: record.Correction, Of: p1}, node.Assent{Kind: record.Correction, Of: p2}},
			{s1, node.Outcome{Referral: r1, Outcome: record.OtherPerson, Alert: "sdn:1", Notes: "n"},
				node.Outcome{Referral: r1, Outcome: record.OtherPerson, Alert: "sdn:1", Notes: "other notes"}},
			{s2, node.Outcome{Referral: r4, Outcome: record.Cleared}, node.Outcome{Referral: r4, Outcome: record.Refused}},
			{l1, node.Regime{Regime: node.Relaxed, Reason: "queue", Until: now + ms(time.Hour)},
				node.Regime{Regime: node.Relaxed, Reason: "queue", Until: now + ms(2*time.Hour)}},
			{l1, node.Regime{End: true, Passed: 5}, node.Regime{End: true, Passed: 6}},
			{l1, node.Count{CountBody: record.CountBody{From: now - 1000, To: now, Entries: 1}},
				node.Count{CountBody: record.CountBody{From: now - 1000, To: now, Entries: 2}}},
			{l1, node.Sheets{Count: 4}, node.Sheets{Count: 5}},
			{l1, node.Handover{From: now - 5000, Notes: "n"}, node.Handover{From: now - 5000, Notes: "m"}},
			{l1, node.Message{Priority: record.Flash, To: []string{"durres"}, Text: "a"}, node.Message{Priority: record.Flash, To: []string{"durres"}, Text: "b"}},
			{l1, node.Message{Priority: record.Flash, Text: "a"}, node.Message{Priority: record.Urgent, Text: "a"}},
			{k1, node.Acknowledge{Of: sent}, node.Acknowledge{Of: sent2}},
			{k1, once, sheet("KAKAVIJA", 1, 21, now-1000).by(k1)},
			{k2, twice, sheet("KAKAVIJA", 1, 20, now-2000).by(k2)},
			{k1, sheet("KAKAVIJA", 2, 22, now-1000).by(k1), sheet("KAKAVIJA", 2, 22, now-1000).with(func(l *node.Late) { l.Void = true }).by(k1)},
			{k1, node.Decision{Check: c1, Decision: border.Admit, Terms: terms}, node.Decision{Check: c1, Decision: border.Admit, Terms: border.Terms{Basis: border.Crew}}},
			{k1, node.Decision{Check: c2, Decision: border.Admit, Vehicle: node.Vehicle{Plate: "AA1"}}, node.Decision{Check: c2, Decision: border.Admit}},
		} {
			a := act()
			first, second := named(x.first, a, x.by.shift), named(x.second, a, x.by.shift)
			r := x.by.do(first)
			if _, err := x.by.try(second); !errors.Is(err, node.ErrOtherContent) {
				t.Errorf("%T with other content: %v", x.second, err)
			}
			if again, err := x.by.try(first); err != nil || again.Ref != r.Ref {
				t.Errorf("%T after that: %v", x.first, err)
			}
		}
		l2.refused(named(node.Regime{End: true}, act(), l2.shift), node.ErrNoRegime)
	})
}

// named gives a deed an act and a shift.
func named(d node.Deed, a record.Act, s *node.Shift) node.Deed {
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	v.FieldByName("Act").Set(reflect.ValueOf(a))
	v.FieldByName("Shift").Set(reflect.ValueOf(s))
	return v.Interface().(node.Deed)
}

// A booth adds a plate that is on a list, is shown the hit, decides, and loses the answer with the power. Asked again after the
// restart, the act gets its receipt, and is not sent back to look at the hit once more.
func TestRepeatAfterAPlateHit(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		_, err := c.nodes["centre"].Release(ctx, "cars", 0, []border.Alert{{ID: "car:1", List: "cars", Kind: border.VehicleAlert, Action: border.ActInform,
			Vehicles: []border.AlertVehicle{{Country: "ALB", Plate: "AA123BC"}}}})
		c.must(err)
		c.settle()
		k1 := c.desk("kakavija", "K-01", "K1")
		check := k1.scan(border.Entry, passport(1)).Ref.Index
		d := node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit, Vehicle: node.Vehicle{Kind: border.Car, Plate: "AA123BC", Country: "ALB"}}
		k1.refused(d, node.ErrPlateHit)
		r := k1.do(d)
		c.must(c.kill("kakavija"))
		c.start("kakavija")
		k1 = c.desk("kakavija", "K-01", "K1")
		d.Shift = k1.shift
		if again, err := k1.try(d); err != nil || again.Ref != r.Ref {
			t.Errorf("asked again: record %d after %d, %v", again.Ref.Index, r.Ref.Index, err)
		}
	})
}
