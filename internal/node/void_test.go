package node_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

func TestVoid(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, k2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2")
		void := func(d *desk, of uint64) node.Void {
			return node.Void{Act: act(), Shift: d.shift, Of: of, Reason: "wrong traveller"}
		}
		entry := k1.pass(border.Entry, 1)
		c.equal("after the entry", k2.stay(1), "in since 2026-11-21, 1 used")
		k2.refused(void(k2, entry), node.ErrNotYours)
		k1.refused(node.Void{Act: act(), Shift: k1.shift, Of: entry, Reason: " x "}, node.ErrWhy)
		k1.refused(node.Void{Act: act(), Shift: k1.shift, Of: entry, Reason: "not UTF-8 \xff"}, node.ErrWhy)
		c.desk("kakavija", "L-01", "K3").refused(node.Void{Act: act(), Shift: c.desk("kakavija", "L-01", "K3").shift, Of: entry, Reason: "wrong"},
			node.ErrDuty)
		k1.do(void(k1, entry))
		k1.refused(void(k1, entry), node.ErrNotStanding)
		c.equal("after the void", k2.stay(1), "out, 0 used")

		for name, of := range map[string]uint64{"check": k1.scan(border.Entry, passport(2)).Ref.Index, "shift": k1.shift.Ref.Index} {
			if _, err := k1.try(void(k1, of)); !errors.Is(err, node.ErrNotStanding) {
				t.Errorf("void of a %s: %v", name, err)
			}
		}
		if _, err := k1.try(void(k1, 1<<40)); err == nil {
			t.Error("a record that does not exist was taken back")
		}

		// To the millisecond: ten minutes are counted when the void is recorded, not when it is prepared.
		late := k1.pass(border.Entry, 3)
		time.Sleep(node.VoidWithin)
		k1.do(void(k1, late))
		later := k1.pass(border.Entry, 4)
		time.Sleep(node.VoidWithin - time.Millisecond)
		slow, err := k1.Prepare(context.Background(), void(k1, later))
		c.must(err)
		time.Sleep(2 * time.Millisecond)
		if _, err := k1.Commit(context.Background(), slow.Act, k1.sign(slow.Message)); !errors.Is(err, node.ErrVoidLate) {
			t.Errorf("prepared in time and recorded too late: %v", err)
		}
		k1.refused(void(k1, later), node.ErrVoidLate)

		// The same officer in his next shift is the same officer.
		mine := k1.pass(border.Entry, 5)
		c.must(k1.EndShift(context.Background(), k1.shift))
		k1.refused(void(k1, mine), node.ErrShift)
		k1 = c.desk("kakavija", "K-01", "K4")
		k1.do(void(k1, mine))

		// A refusal is taken back as well, and no longer told.
		refusal := k1.decide(k1.scan(border.Entry, passport(6)).Ref.Index, border.Refuse).Ref.Index
		if v := k1.scan(border.Entry, passport(6)); v.Check.Refused == nil {
			t.Error("a refusal is not known")
		}
		k1.do(void(k1, refusal))
		if v := k1.scan(border.Entry, passport(6)); v.Check.Refused != nil {
			t.Error("a refusal that was taken back is told")
		}
	})
}

// Two voids of one record that are prepared side by side: one of them is recorded.
func TestVoidTwiceAtOnce(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx, k1 := context.Background(), c.desk("kakavija", "K-01", "K1")
		entry := k1.pass(border.Entry, 1)
		var prepared [2]node.Prepared
		for i := range prepared {
			var err error
			prepared[i], err = k1.Prepare(ctx, node.Void{Act: act(), Shift: k1.shift, Of: entry, Reason: "twice"})
			c.must(err)
		}
		_, err := k1.Commit(ctx, prepared[0].Act, k1.sign(prepared[0].Message))
		c.must(err)
		if _, err := k1.Commit(ctx, prepared[1].Act, k1.sign(prepared[1].Message)); !errors.Is(err, node.ErrNotStanding) {
			t.Errorf("the second: %v", err)
		}
		b, err := k1.Books(ctx, c.desk("kakavija", "L-01", "L").shift, firstDay.UnixMilli(), k1.Now()+1)
		c.must(err)
		c.equal("voids", len(b.Voids), 1)
	})
}

// Once the second line has spoken, a referral is no longer one officer's own. And nothing follows one that was taken back.
func TestVoidOfReferral(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, s1 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "S-01", "S1")
		void := func(of uint64) node.Void {
			return node.Void{Act: act(), Shift: k1.shift, Of: of, Reason: "sent the wrong one"}
		}
		check, referral := k1.refer(border.Entry, 1)
		k1.do(void(referral))
		s1.refused(node.Outcome{Act: act(), Shift: s1.shift, Referral: referral, Outcome: record.Cleared}, node.ErrNotStanding)
		k1.refused(node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit, Referral: referral}, node.ErrNotStanding)
		k1.refused(node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit}, node.ErrDecided)

		_, referral = k1.refer(border.Entry, 2)
		s1.do(node.Outcome{Act: act(), Shift: s1.shift, Referral: referral, Outcome: record.Refused})
		k1.refused(void(referral), node.ErrAnswered)
	})
}

// What was taken back or corrected here is so at the other posts, at the centre, and after a rebuild.
func TestVoidElsewhere(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, k2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2")
		k1.pass(border.Entry, 1)
		k1.do(node.Void{Act: act(), Shift: k1.shift, Of: k1.pass(border.Entry, 2), Reason: "wrong traveller"})
		moved := correction(k1, k1.pass(border.Entry, 3), 3)
		moved.Day = border.DayAt(firstDay.UnixMilli(), time.UTC) - 4
		k2.do(node.Assent{Act: act(), Shift: k2.shift, Kind: record.Correction, Of: k1.do(moved).Ref.Index})
		waiting := correction(k1, k1.pass(border.Entry, 4), 4)
		waiting.Withdraw = true
		k1.do(waiting)
		c.settle()
		for _, post := range []string{"kakavija", "durres", "morina"} {
			d := c.desk(post, "K-01", "K9")
			c.equal("stands, at "+post, d.stay(1), "in since 2026-11-21, 1 used")
			c.equal("taken back, at "+post, d.stay(2), "out, 0 used")
			c.equal("corrected, at "+post, d.stay(3), "in since 2026-11-17, 5 used")
			c.equal("not yet withdrawn, at "+post, d.stay(4), "in since 2026-11-21, 1 used")
		}
		c.must(c.invariants())
		c.halt("durres")
		c.must((&drill{country: c, t: t}).deleteProjection("durres"))
		c.start("durres")
		d := c.desk("durres", "K-01", "K9")
		c.equal("corrected, folded anew", d.stay(3), "in since 2026-11-17, 5 used")
		c.equal("taken back, folded anew", d.stay(2), "out, 0 used")
	})
}

// correction proposes to leave everything as it is.
func correction(d *desk, of uint64, serial int) node.Correction {
	return node.Correction{Act: act(), Shift: d.shift, Of: of, Reason: "as the passport says", Direction: border.Entry, Document: passport(serial)}
}

func TestCorrection(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, k2, l1 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2"), c.desk("kakavija", "L-01", "L")
		assent := func(d *desk, of uint64) node.Assent {
			return node.Assent{Act: act(), Shift: d.shift, Kind: record.Correction, Of: of}
		}
		today := border.DayAt(firstDay.UnixMilli(), time.UTC)
		entry := k1.pass(border.Entry, 1)
		first := correction(k1, entry, 1)
		first.Day = today - 2
		proposal := k1.do(first).Ref.Index
		c.equal("proposed", k2.stay(1), "in since 2026-11-21, 1 used")
		k1.refused(assent(k1, proposal), node.ErrSameOfficer)
		k1.refused(correction(k1, proposal, 1), node.ErrNotStanding) // it is not in force
		rival := k2.do(correction(k2, entry, 2)).Ref.Index
		l1.do(assent(l1, proposal))
		c.equal("in force", k2.stay(1), "in since 2026-11-19, 3 used")
		k2.refused(assent(k2, proposal), node.ErrAssented)
		k1.refused(assent(k1, rival), node.ErrNotStanding)        // the record was corrected meanwhile
		k1.refused(correction(k1, entry, 1), node.ErrNotStanding) // from here on, the correction is corrected
		k1.refused(node.Void{Act: act(), Shift: k1.shift, Of: entry, Reason: "too late"}, node.ErrNotStanding)

		// Of the correction: the document, and the direction.
		second := correction(k1, proposal, 2)
		proposal2 := k1.do(second).Ref.Index
		k2.do(assent(k2, proposal2))
		c.equal("first document", k2.stay(1), "out, 0 used")
		c.equal("second document", k2.stay(2), "in since 2026-11-19, 3 used")
		turned := correction(k1, k1.pass(border.Entry, 3), 3)
		turned.Direction = border.Exit
		k2.do(assent(k2, k1.do(turned).Ref.Index))
		c.equal("turned round", k2.stay(3), "out, 1 used")

		// The original stays visible, and says why it counts no longer.
		v := k1.scan(border.Entry, passport(1))
		if len(v.Seen) != 2 || v.Seen[0].Kind != record.Correction || v.Seen[1].Kind != record.Crossing || !v.Seen[0].Withdrawn || !v.Seen[1].Withdrawn {
			t.Errorf("of the first document is seen: %+v", v.Seen)
		}
		never := correction(k1, proposal2, 2)
		never.Withdraw = true
		k2.do(assent(k2, k1.do(never).Ref.Index))
		c.equal("withdrawn", k2.stay(2), "out, 0 used")

		for name, x := range map[string]node.Correction{
			"no reason":   {Of: entry, Direction: border.Entry, Document: passport(1)},
			"a check":     correction(k1, k1.scan(border.Entry, passport(9)).Ref.Index, 9),
			"no way":      {Of: k1.pass(border.Entry, 10), Reason: "somehow", Document: passport(10)},
			"no document": {Of: k1.pass(border.Entry, 11), Reason: "somehow", Direction: border.Entry},
			"tomorrow":    {Of: k1.pass(border.Entry, 12), Reason: "somehow", Direction: border.Entry, Document: passport(12), Day: today + 1},
		} {
			x.Act, x.Shift = act(), k1.shift
			if _, err := k1.try(x); err == nil {
				t.Errorf("%s: taken", name)
			}
		}
		b, err := l1.Books(context.Background(), l1.shift, firstDay.UnixMilli(), l1.Now()+1)
		c.must(err)
		c.equal("corrections", len(b.Corrections), 5)
		c.equal("first by and with", b.Corrections[0].Officer+" "+b.Corrections[0].Second, "K-01 L-01")
		c.equal("rival by and with", b.Corrections[1].Officer+" "+b.Corrections[1].Second, "K-02 ")
	})
}

// A correction that chooses no basis keeps the terms, also where the document changes.
func TestCorrectionKeepsTerms(t *testing.T) {
	deskCountry(t, func(c *country) {
		k1, k2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2")
		terms := border.Terms{Basis: border.Visa, Until: 20800, Paper: "ALB001", Visa: border.VisaTerms{Days: 30, Entries: 2, From: 20700}}
		check := k1.scan(border.Entry, passport(1)).Ref.Index
		entry := k1.do(node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit, Terms: terms}).Ref.Index
		proposal := k1.do(correction(k1, entry, 2)).Ref.Index
		k2.do(node.Assent{Act: act(), Shift: k2.shift, Kind: record.Correction, Of: proposal})
		o, err := k1.ReadOwn(proposal)
		c.must(err)
		c.equal("terms", []any{o.Slip.Basis, o.Slip.Until, o.Slip.VisaDays, o.Slip.VisaEntries, o.Slip.VisaFrom, o.Person.Paper},
			[]any{border.Visa, border.Date(20800), 30, 2, border.Date(20700), "ALB001"})
		c.equal("number", o.Person.Document.Number, number(2))
	})
}
