package border

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// reference counts with a set of days and asks of each day anew how many of the window's days are in the set. It knows
// visa-free stays without doubts only.
type reference struct {
	present      map[Date]bool
	openFrom     Date // zero where not inside
	days, window int
}

func refer(ps []Passage, dir Direction, today Date, days, window int) reference {
	r := reference{present: map[Date]bool{}, days: days, window: window}
	for i, p := range ps {
		r.present[p.Day] = true
		if p.Direction == Entry {
			r.openFrom = p.Day
			continue
		}
		if i > 0 && ps[i-1].Direction == Entry {
			for d := ps[i-1].Day; d <= p.Day; d++ {
				r.present[d] = true
			}
		}
		r.openFrom = 0
	}
	if r.openFrom != 0 && dir != Entry {
		for d := r.openFrom; d <= today; d++ {
			r.present[d] = true
		}
	}
	return r
}

func (r reference) used(on Date) (n int) {
	for k := range r.window {
		if r.present[on-Date(k)] {
			n++
		}
	}
	return n
}

func (r reference) overstay(dir Direction, today Date) (n int) {
	if r.openFrom == 0 || dir == Entry {
		return 0
	}
	for d := r.openFrom; d <= today; d++ {
		if r.used(d) > r.days {
			n++
		}
	}
	return n
}

func (r reference) lastDay(today Date) (last Date, left int) {
	for d := today; ; d++ {
		fresh := !r.present[d]
		r.present[d] = true
		if r.used(d) > r.days {
			return last, left
		}
		last = d
		if fresh {
			left++
		}
	}
}

var origin = Date(20454) // 2026-01-01

// someHistory draws passages of 400 days, often several a day, sometimes with a missing end.
func someHistory(t *rapid.T) (ps []Passage, today Date) {
	d, dir := origin, Entry
	for range rapid.IntRange(0, 25).Draw(t, "passages") {
		d += Date(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 10, 29, 30, 89, 90}).Draw(t, "days on"))
		if rapid.IntRange(0, 9).Draw(t, "miss") == 0 {
			dir = 3 - dir
		}
		ps = append(ps, Passage{Direction: dir, Day: d, Basis: VisaFree, Nation: "ITA", Node: "durres"})
		dir = 3 - dir
	}
	return ps, d + Date(rapid.IntRange(0, 200).Draw(t, "days to today"))
}

func atNoon(d Date) time.Time { return time.Unix(int64(d)*secondsOfDay+secondsOfDay/2, 0).UTC() }

// bookOf limits Italians to days in a window.
func bookOf(days, window int) *Rulebook {
	rb := DefaultRulebook()
	rb.VisaFree = []Group{{Name: "drawn", Days: days, Window: window, Nations: Nations{"ITA"}}}
	return rb
}

var italian = Terms{Basis: VisaFree, Nation: "ITA"}

func TestStayAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps, today := someHistory(t)
		window := rapid.SampledFrom([]int{2, 3, 10, 180, 455}).Draw(t, "window")
		days := min(window-1, rapid.SampledFrom([]int{1, 2, 5, 90, 365}).Draw(t, "days"))
		dir := rapid.SampledFrom([]Direction{0, Entry, Exit}).Draw(t, "direction")
		now := atNoon(today)

		s := bookOf(days, window).StayOf(italian, dir, History{ps, knownAll(now)}, now)
		r := refer(ps, dir, today, days, window)
		used, over := r.used(today), r.overstay(dir, today)
		last, left := r.lastDay(today)
		if s.Used != used || s.Overstay != over || s.LastDay != last || s.Left != left || s.Inside != (r.openFrom != 0) {
			t.Fatalf("%d in %d on %v: got %s\nwant used %d left %d to %v over %d", days, window, today, tell(s), used, left, last, over)
		}
		if s.Proven.Overstay != over {
			t.Fatalf("proven %d of %d without a doubt", s.Proven.Overstay, over)
		}
		if s.LastDay != 0 && s.Overstay > 0 && r.used(today) > days {
			t.Fatal("lawful today and beyond the limit today")
		}
	})
}

// Whatever is doubted or not known, nobody becomes more of an overstayer, and nobody is left with less.
func TestDoubtFavours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps, today := someHistory(t)
		dir := rapid.SampledFrom([]Direction{0, Entry, Exit}).Draw(t, "direction")
		now := atNoon(today)
		rb := bookOf(10, 30)
		sure := rb.StayOf(italian, dir, History{ps, knownAll(now)}, now)

		doubted := append([]Passage(nil), ps...)
		for i := range doubted {
			doubted[i].Doubtful = rapid.IntRange(0, 4).Draw(t, "doubt") == 0
		}
		hs := []Horizon{{
			Node:    "rinas",
			KnownTo: now.UnixMilli() - int64(rapid.IntRange(0, 300).Draw(t, "behind"))*86_400_000,
			Since:   origin + Date(rapid.IntRange(-200, 300).Draw(t, "since")),
		}}
		got := rb.StayOf(italian, dir, History{doubted, hs}, now)
		if got.Figures != withLast(sure.Figures, got.Last) {
			t.Fatalf("doubts change the stated figures: %s\n%s", tell(got), tell(sure))
		}
		p := got.Proven
		if p.Overstay > sure.Overstay || p.Left < sure.Left || p.LastDay < sure.LastDay || p.Used > sure.Used {
			t.Fatalf("doubt harms: %+v\n%+v", p, sure.Figures)
		}
		if p != got.Figures && got.Certain() {
			t.Fatalf("certain, yet %+v\n%+v", p, got.Figures)
		}
	})
}

func withLast(f Figures, last Passage) Figures {
	f.Last = last
	return f
}

// Passages joined by the person tag alone never change the stated figures and never raise what is proven.
func TestPersonTagOnlyProposes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps, today := someHistory(t)
		dir := rapid.SampledFrom([]Direction{0, Entry, Exit}).Draw(t, "direction")
		now := atNoon(today)
		rb := bookOf(10, 30)
		var alone []Passage
		for i := range ps {
			if ps[i].ByPerson = rapid.Bool().Draw(t, "by person"); !ps[i].ByPerson {
				alone = append(alone, ps[i])
			}
		}
		want := rb.StayOf(italian, dir, History{alone, knownAll(now)}, now)
		got := rb.StayOf(italian, dir, History{ps, knownAll(now)}, now)
		if got.Figures != want.Figures {
			t.Fatalf("got %s\nwant %s", tell(got), tell(want))
		}
		if got.Proven.Overstay > want.Proven.Overstay || got.Proven.LastDay < want.Proven.LastDay {
			t.Fatalf("proven %+v\n%+v", got.Proven, want.Proven)
		}
		if got.Proposed != nil && got.Certain() {
			t.Fatal("two readings and no doubt")
		}
	})
}

func BenchmarkStayOf(b *testing.B) {
	var ps []Passage
	for i := range 100 {
		ps = append(ps, Passage{Direction: Direction(1 + i%2), Day: origin + Date(i*2), Basis: VisaFree, Nation: "ITA", Node: "durres"})
	}
	now := atNoon(origin + 201)
	var hs []Horizon
	for range 40 {
		hs = append(hs, Horizon{Node: "durres", KnownTo: now.UnixMilli()})
	}
	rb, h := DefaultRulebook(), History{ps, hs}
	b.ReportAllocs()
	for b.Loop() {
		rb.StayOf(italian, Entry, h, now)
	}
}
