package projection

import (
	"fmt"
	"slices"
	"testing"

	"tims/internal/border"
	"tims/internal/record"
)

// One alert of one traveller is one hit, whatever repeats it: the referral, the decision, another version of the alert. What only a
// decision says, such as an alert on a plate typed late, is a hit of its own.
func TestHitsStandOnce(t *testing.T) {
	with := func(r Record, alerts ...string) Record {
		r.Police = &record.PolicePart{}
		for _, a := range alerts {
			r.Police.Hits = append(r.Police.Hits, record.PoliceHit{Alert: a, List: a[:1], Action: uint8(border.ActSeize)})
		}
		return r
	}
	check := with(passage(alpha, 1, record.Check, border.Entry, 1, 8), "a1", "b1", "a1")
	referral := with(about(passage(alpha, 2, record.Referral, border.Entry, 1, 9), check), "a1", "b1")
	crossing := with(about(passage(alpha, 3, record.Crossing, border.Entry, 1, 10), referral), "a1", "b1", "b2")
	other := with(passage(alpha, 4, record.Check, border.Exit, 2, 11), "a1")
	none := with(passage(alpha, 5, record.Check, border.Exit, 3, 12))
	records := []Record{check, referral, crossing, other, none}
	for name, order := range map[string][]int{"as written": {0, 1, 2, 3, 4}, "the last first": {4, 3, 2, 1, 0}} {
		d := open(t)
		for _, i := range order {
			must(t, d.Fold(ctx, records[i:i+1], 0))
		}
		list := func(q HitQuery) (out []string, more bool) {
			if q.To == 0 {
				q.To = 1 << 60
			}
			hits, more, err := d.Hits(ctx, q)
			must(t, err)
			for _, h := range hits {
				out = append(out, fmt.Sprintf("%d %s %v", h.Ref.Index, h.Alert, h.Decided))
			}
			return out, more
		}
		all, more := list(HitQuery{})
		if want := []string{"4 a1 kind-0", "3 b2 kind-0", "1 a1 referral", "1 b1 referral"}; !slices.Equal(all, want) || more {
			t.Errorf("%s: %v, more %t", name, all, more)
		}
		if b, _ := list(HitQuery{List: "b"}); len(b) != 2 {
			t.Errorf("%s: of one list %v", name, b)
		}
		if two, more := list(HitQuery{Most: 2}); len(two) != 2 || !more {
			t.Errorf("%s: two of them %v, more %t", name, two, more)
		}
		if early, _ := list(HitQuery{To: other.Leaf.Written}); len(early) != 3 {
			t.Errorf("%s: before the exit %v", name, early)
		}
		if elsewhere, _ := list(HitQuery{Node: "nowhere"}); len(elsewhere) != 0 {
			t.Errorf("%s: of another node %v", name, elsewhere)
		}
		of, err := d.ReferralsOf(ctx, record.Ref{Origin: alpha, Index: 1}, "a", "a1")
		must(t, err)
		if len(of) != 1 || of[0].Index != 2 {
			t.Errorf("%s: referrals %v", name, of)
		}
		if of, err := d.ReferralsOf(ctx, record.Ref{Origin: alpha, Index: 1}, "b", "b2"); err != nil || len(of) != 0 {
			t.Errorf("%s: referrals that do not say the hit: %v, %v", name, of, err)
		}
		must(t, d.Close())
	}
}
