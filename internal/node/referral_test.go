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

func TestReferral(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		k1, k2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "K-02", "K2")
		s1, s2, l1 := c.desk("kakavija", "S-01", "S1"), c.desk("kakavija", "S-02", "S2"), c.desk("kakavija", "L-01", "L")
		outcome := func(d *desk, of uint64, o record.Outcome) node.Outcome {
			return node.Outcome{Act: act(), Shift: d.shift, Referral: of, Outcome: o, Notes: "seen"}
		}
		follow := func(check, referral uint64, what border.Decision, g border.Ground) node.Decision {
			return node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: what, Ground: g, Referral: referral}
		}
		check, referral := k1.refer(border.Entry, 1)
		other, otherReferral := k2.refer(border.Entry, 2)

		list := func(d *desk) int {
			r, err := d.Referrals(ctx, d.shift)
			c.must(err)
			return len(r)
		}
		c.equal("lists", []int{list(k1), list(k2), list(s1), list(l1)}, []int{1, 1, 2, 2})

		k1.refused(follow(check, referral, border.Admit, ""), node.ErrReferral)           // nobody has answered
		k1.refused(follow(check, 0, border.Admit, ""), node.ErrDecided)                   // the second line has it
		k1.refused(outcome(k1, referral, record.Cleared), node.ErrDuty)                   // the booth does not answer itself
		s1.refused(outcome(s1, check, record.Cleared), node.ErrNotStanding)               // no referral
		s1.refused(outcome(s1, referral, "perhaps"), node.ErrOutcome)                     // none of the five
		s1.refused(outcome(s1, referral, record.SamePerson), node.ErrOutcome)             // there is no hit
		s1.refused(outcome(s1, referral, record.OtherPerson), node.ErrOutcome)            //
		if _, err := s1.Dossier(ctx, k1.shift, referral); !errors.Is(err, node.ErrDuty) { // all that is known is for the second line
			t.Errorf("a booth officer's dossier: %v", err)
		}
		dossier, err := s1.Dossier(ctx, s1.shift, referral)
		c.must(err)
		c.equal("dossier", []any{dossier.Referred.Check, dossier.View.Check.Document.Number, len(dossier.History), dossier.History[0].Why},
			[]any{check, number(1), 1, "document"})

		s1.do(outcome(s1, referral, record.Cleared))
		s2.refused(outcome(s2, referral, record.Refused), node.ErrAnswered)
		k1.refused(follow(other, referral, border.Admit, ""), node.ErrReferral) // it is another traveller's
		k1.do(follow(check, referral, border.Admit, ""))
		k1.refused(follow(check, referral, border.Admit, ""), node.ErrDecided)
		c.equal("admitted after the answer", k1.stay(1), "in since 2026-11-21, 1 used")

		s1.do(outcome(s1, otherReferral, record.Refused))
		refusal := k1.do(follow(other, otherReferral, border.Refuse, border.NoPurpose))
		c.equal("check of the receipt", refusal.Check, other)
		if v := k1.scan(border.Entry, passport(2)); v.Check.Refused == nil {
			t.Error("a refusal after the second line is not known")
		}

		// Two answers prepared side by side: one is recorded.
		_, third := k1.refer(border.Entry, 3)
		p1, err1 := s1.Prepare(ctx, outcome(s1, third, record.Cleared))
		p2, err2 := s2.Prepare(ctx, outcome(s2, third, record.Refused))
		c.must(errors.Join(err1, err2))
		_, err1 = s1.Commit(ctx, p1.Act, s1.sign(p1.Message))
		_, err2 = s2.Commit(ctx, p2.Act, s2.sign(p2.Message))
		if err1 != nil || !errors.Is(err2, node.ErrAnswered) {
			t.Errorf("two answers at once: %v, %v", err1, err2)
		}

		// An answer is there after a restart; so is what follows it.
		check4, fourth := k1.refer(border.Entry, 4)
		s1.do(outcome(s1, fourth, record.Cleared))
		c.halt("kakavija")
		c.start("kakavija")
		k1 = c.desk("kakavija", "K-01", "K1")
		k1.do(follow(check4, fourth, border.Admit, ""))
		k1.refused(follow(check4, fourth, border.Admit, ""), node.ErrDecided)
	})
}

// alerts are two on the travellers 1 and 2: one to inform, one to arrest.
func alerts(reason string) []border.Alert {
	alert := func(n int, a border.Action) border.Alert {
		return border.Alert{ID: fmt.Sprintf("sdn:%d", n), List: "sdn", Kind: border.DocumentAlert, Action: a, Reason: reason,
			Documents: []border.AlertDocument{{Issuer: "ITA", Number: number(n)}}}
	}
	return []border.Alert{alert(1, border.ActInform), alert(2, border.ActArrest), alert(3, border.ActProtect), alert(4, border.ActInform),
		alert(5, border.ActDiscreet)}
}

// hits says of each hit that a booth shows whether it is grey.
func (d *desk) hits(serial int) string {
	d.c.t.Helper()
	out := ""
	for _, h := range d.scan(border.Entry, passport(serial)).Hits {
		if out += h.AlertID; h.Grey {
			out += " grey"
		}
	}
	return out
}

func TestOtherPerson(t *testing.T) {
	deskCountry(t, func(c *country) {
		ctx := context.Background()
		_, err := c.nodes["centre"].Release(ctx, "sdn", 0, alerts("v1"))
		c.must(err)
		c.settle()
		k1, s1, s2 := c.desk("kakavija", "K-01", "K1"), c.desk("kakavija", "S-01", "S1"), c.desk("kakavija", "S-02", "S2")
		other := func(d *desk, referral uint64, alert string) node.Outcome {
			return node.Outcome{Act: act(), Shift: d.shift, Referral: referral, Outcome: record.OtherPerson, Alert: alert, Notes: "another face"}
		}
		assent := func(d *desk, of uint64) node.Assent {
			return node.Assent{Act: act(), Shift: d.shift, Kind: record.ReferralOutcome, Of: of}
		}
		check, referral := k1.refer(border.Entry, 1)
		s1.refused(other(s1, referral, "sdn:2"), node.ErrOutcome) // this traveller has no such hit
		for serial, want := range map[int]error{2: node.ErrRemember, 3: node.ErrRemember, 5: node.ErrOutcome} {
			_, r := k1.refer(border.Entry, serial) // to arrest, to protect, and what nobody at the booth may know of
			s1.refused(other(s1, r, fmt.Sprintf("sdn:%d", serial)), want)
		}
		proposal := s1.do(other(s1, referral, "sdn:1")).Ref.Index
		c.equal("proposed", k1.hits(1), "sdn:1")
		k1.refused(node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit, Referral: referral}, node.ErrReferral)
		s1.refused(assent(s1, proposal), node.ErrSameOfficer)
		s2.do(assent(s2, proposal))
		k1.refused(assent(k1, proposal), node.ErrAssented)
		c.equal("found by two", k1.hits(1), "sdn:1 grey")
		k1.do(node.Decision{Act: act(), Shift: k1.shift, Check: check, Decision: border.Admit, Referral: referral})

		// An outcome that one officer gives alone is no proposal, and an assent is none either.
		_, r4 := k1.refer(border.Entry, 4)
		same := s1.do(node.Outcome{Act: act(), Shift: s1.shift, Referral: r4, Outcome: record.SamePerson, Alert: "sdn:4"}).Ref.Index
		s2.refused(assent(s2, same), node.ErrNotStanding)
		c.equal("the same person", k1.hits(4), "sdn:4")

		c.settle()
		d := c.desk("durres", "K-01", "K1")
		c.equal("at another post", d.hits(1), "sdn:1 grey")
		c.equal("another document", d.hits(4), "sdn:4")
		c.must(c.invariants())

		// A new release with the same alert changes nothing; a changed alert is a hit again.
		release := func(reason string) {
			_, err := c.nodes["centre"].Release(ctx, "sdn", 0, alerts(reason))
			c.must(err)
			c.settle()
		}
		release("v1")
		c.equal("the same alert again", d.hits(1), "sdn:1 grey")
		release("v2")
		c.equal("changed, here", c.desk("kakavija", "K-01", "K1").hits(1), "sdn:1")
		c.equal("changed, elsewhere", d.hits(1), "sdn:1")
		release("v1")
		c.equal("as it was found", d.hits(1), "sdn:1 grey")
	})
}

// Twelve months, and not a day more.
func TestOtherPersonEnds(t *testing.T) {
	t.Parallel()
	var days atomic.Int64
	began := time.Now()
	n, desk := lonePost(t, func() time.Time { return began.AddDate(0, 0, int(days.Load())) })
	node.WatchForTest(n, "sdn", alerts("v1"))
	k1, s1, s2 := desk("K-01"), desk("S-01"), desk("S-02")
	_, referral := k1.refer(border.Entry, 1)
	p := s1.do(node.Outcome{Act: act(), Shift: s1.shift, Referral: referral, Outcome: record.OtherPerson, Alert: "sdn:1"}).Ref.Index
	s2.do(node.Assent{Act: act(), Shift: s2.shift, Kind: record.ReferralOutcome, Of: p})
	for _, later := range []struct {
		days int64
		want string
	}{{0, "sdn:1 grey"}, {365, "sdn:1 grey"}, {366, "sdn:1"}} {
		days.Store(later.days)
		k1.c.equal(fmt.Sprintf("after %d days", later.days), k1.hits(1), later.want)
	}
}
