package traveller

import (
	"slices"
	"testing"
	"time"

	"tims/internal/border"
)

// calendar counts the days of each trip by marking them one by one.
type calendar struct {
	inside  map[uint64]border.Date
	marked  map[uint64]map[border.Date]bool
	crossed int
}

func (c *calendar) cross(p Party, day border.Date) (used int) {
	c.crossed++
	if c.marked[p.Trip] == nil {
		c.marked[p.Trip] = map[border.Date]bool{}
	}
	days := c.marked[p.Trip]
	days[day] = true
	if p.Direction == border.Entry {
		c.inside[p.Trip] = day
	} else if since, ok := c.inside[p.Trip]; ok {
		for d := since; d <= day; d++ {
			days[d] = true
		}
		delete(c.inside, p.Trip)
	} else {
		delete(days, day) // lives here
	}
	for d := range days {
		if d > day-180 && d <= day {
			used++
		}
	}
	return used
}

func TestHistoryAndTruth(t *testing.T) {
	s := source(t, 8, nil)
	today := border.DayAt(start.UnixMilli(), tirana)
	const n = 3000
	past := s.History(today-200, today-1, n)
	if len(past) > n || len(past) < n-maxLegs {
		t.Errorf("%d crossings, want nearly %d", len(past), n)
	}
	c := calendar{map[uint64]border.Date{}, map[uint64]map[border.Date]bool{}, 0}
	var late, exits, regulars int
	check := func(p Party, at time.Time) {
		used := c.cross(p, border.DayAt(at.UnixMilli(), tirana))
		for _, v := range p.Travellers {
			over := p.Direction == border.Exit && v.Basis == border.VisaFree && v.Document.Nationality != "USA" && used > 90
			if v.Basis == border.VisaFree && v.Truth.Used != used || v.Truth.Overstayer != over {
				t.Fatalf("trip %d: truth %+v, counted %d", p.Trip, v.Truth, used)
			}
			if over {
				late++
			}
			if v.Truth.Used >= 83 && used <= 90 {
				regulars++
			}
		}
	}
	for i, x := range past {
		day := border.DayAt(x.At.UnixMilli(), tirana)
		if day < today-200 || day > today-1 || i > 0 && x.At.Before(past[i-1].At) {
			t.Fatalf("crossing %d on day %v is out of bounds or order", i, day)
		}
		check(x.Party, x.At)
	}
	if late < 10 || regulars < 20 {
		t.Errorf("history: %d late exits, %d regulars near the end", late, regulars)
	}
	soon := 0
	late, regulars = 0, 0
	for i := range 7200 {
		at := start.Add(time.Duration(i) * 500 * time.Millisecond)
		p := s.Next(at, s.Post())
		check(p, at)
		if p.Direction == border.Exit {
			exits++
		}
		if i == 120 {
			soon = late
		}
	}
	if soon < 2 || late < 20 || regulars < 40 {
		t.Errorf("traffic: %d overstayers in the first minute, %d in the hour, %d near the end", soon, late, regulars)
	}
	if exits < 3200 || exits > 4000 {
		t.Errorf("%d exits in 7200 crossings", exits)
	}
}

func TestHistoryBounds(t *testing.T) {
	today := border.DayAt(start.UnixMilli(), tirana)
	for _, c := range []struct {
		name     string
		from, to border.Date
		n        int
		least    int
	}{
		{"nothing asked", today - 200, today - 1, 0, 0},
		{"negative", today - 200, today - 1, -5, 0},
		{"backwards", today, today - 10, 100, 0},
		{"one day", today - 1, today - 1, 100, 90},
		{"short: no overstayers", today - 30, today - 1, 400, 390},
		{"just long enough", today - 171, today - 1, 400, 390},
	} {
		past := source(t, 9, nil).History(c.from, c.to, c.n)
		if len(past) < c.least || len(past) > max(0, c.n) {
			t.Errorf("%s: %d crossings", c.name, len(past))
		}
		for _, p := range past {
			if d := border.DayAt(p.At.UnixMilli(), tirana); d < c.from || d > c.to {
				t.Errorf("%s: a crossing on %v", c.name, d)
			}
		}
	}
}

func TestTurnedBackDoesNotReturn(t *testing.T) {
	s := source(t, 10, func(o *Options) { o.Posts = []string{Morina} })
	first := s.Next(start, Morina)
	s.TurnedBack(first.Trip)
	if s.pending != 0 {
		t.Fatalf("%d pending", s.pending)
	}
	for i := range 500 {
		if p := s.Next(start.Add(time.Duration(i)*time.Second), Morina); p.Trip == first.Trip {
			t.Fatal("came back")
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := source(t, 11, func(o *Options) { o.Stay = time.Hour })
	for range 12_000 { // time stands still: nobody ever comes back
		s.Next(start, Rinas)
	}
	held := 0
	for _, q := range s.queues {
		held += len(*q)
	}
	if held != maxPending || s.pending != held {
		t.Errorf("%d held, %d counted, want %d", held, s.pending, maxPending)
	}
	lorry := &trip{next: border.Entry}
	for i := range 2000 {
		lorry.legs = 2
		day := border.Date(20_000 + i/4)
		lorry.entered = day
		lorry.leave(day)
	}
	if len(lorry.stays) != 1 {
		t.Errorf("%d stays of one lorry", len(lorry.stays))
	}
}

func TestUnknownPost(t *testing.T) {
	if _, err := New(1, Options{Posts: []string{Morina, "narnia"}}); err == nil {
		t.Error("accepted")
	}
}

func BenchmarkNext(b *testing.B) {
	s := source(b, 12, nil)
	now := start
	for b.Loop() {
		now = now.Add(500 * time.Millisecond)
		s.Next(now, s.Post())
	}
}

func TestWhoWaitsLongestComesFirst(t *testing.T) {
	var q queue
	for i, seconds := range []int{5, 1, 4, 1, 3} {
		q.Push(&trip{id: uint64(i), due: start.Add(time.Duration(seconds) * time.Second)})
	}
	slices.SortFunc(q, func(a, b *trip) int {
		if (queue{a, b}).Less(0, 1) {
			return -1
		}
		return 1
	})
	var ids []uint64
	for _, t := range q {
		ids = append(ids, t.id)
	}
	if want := []uint64{1, 3, 4, 2, 0}; !slices.Equal(ids, want) {
		t.Errorf("order %v, want %v", ids, want)
	}
	if q.due(start) != nil || q.due(start.Add(time.Second)).id != 1 || !q.remove(4) || q.remove(4) {
		t.Error("due or remove")
	}
}
