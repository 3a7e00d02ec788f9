package traveller

import (
	"container/heap"
	"slices"
	"time"

	"tims/internal/border"
)

// A trip is a party on its way: between its first crossing and its last the source remembers it.
type trip struct {
	id      uint64
	vehicle *Vehicle
	people  []Traveller
	next    border.Direction
	legs    int // crossings still to come
	entered border.Date
	stays   []stay // over, within the last 180 days, in order
	due     time.Time
}

// stay is a run of days in the country, both ends counted.
type stay struct{ from, to border.Date }

// window and allowed are the rule by which the truth about overstayers is told: 90 days in any 180, both days counted.
// They are counted here apart from package border, so that the demonstration does not prove a rule by itself.
const (
	window  = 180
	allowed = 90
)

// step lets the trip's party cross.
func (s *Source) step(t *trip, at time.Time, post string) Party {
	day := s.day(at)
	p := Party{Trip: t.id, Post: post, Direction: t.next, Vehicle: t.vehicle, Travellers: slices.Clone(t.people)}
	if t.next == border.Entry {
		t.entered = day
	}
	used := 0
	if t.next == border.Entry || t.entered != 0 {
		used = t.used(day)
	}
	for i := range p.Travellers {
		if v := &p.Travellers[i]; v.Basis == border.VisaFree {
			v.Truth.Used = used
			v.Truth.Overstayer = t.next == border.Exit && used > allowed && limited(v.Document.Nationality)
		}
	}
	if t.next == border.Exit {
		t.leave(day)
	}
	t.next = border.Entry + border.Exit - t.next
	t.legs--
	return p
}

func limited(nationality string) bool {
	n := nationOf[nationality]
	return n != nil && n.limited
}

// used counts the days in the window that ends on day, for a party that is in the country on day.
func (t *trip) used(day border.Date) int {
	first, n := day-window+1, 0
	for _, st := range append(slices.Clone(t.stays), stay{t.entered, day}) {
		if from := max(st.from, first); st.to >= from {
			n += int(st.to-from) + 1
		}
		first = max(first, st.to+1) // a day on which one stay ends and another begins counts once
	}
	return n
}

func (t *trip) leave(day border.Date) {
	if t.entered != 0 {
		t.stays = append(t.stays, stay{t.entered, day})
	}
	t.entered = 0
	t.stays = slices.DeleteFunc(t.stays, func(st stay) bool { return st.to <= day-window })
	if n := len(t.stays); n > 1 && t.stays[n-1].from <= t.stays[n-2].to+1 {
		t.stays[n-2].to = t.stays[n-1].to // or a lorry of a long demonstration would have one stay for each minute
		t.stays = t.stays[:n-1]
	}
}

// again is the chance that a party whose journey is over begins another; a visa for one entry is used up.
func (t *trip) again() float64 {
	if slices.ContainsFunc(t.people, func(v Traveller) bool { return v.Visa.Entries > 0 }) {
		return 0
	}
	if t.vehicle != nil && t.vehicle.Kind == Lorry {
		return 0.5
	}
	return 0.15
}

// returnPost is where the party comes next: mostly where it came last, with a vehicle never the airport.
func (s *Source) returnPost(t *trip, last string) string {
	same := 0.65
	if t.vehicle == nil {
		same = 0.85
	}
	if s.chance(same) {
		return last
	}
	i := s.weighted(len(s.posts), func(i int) float64 {
		p := profiles[s.posts[i]]
		if t.vehicle != nil && !p.road || t.vehicle != nil && t.vehicle.Kind == Bus && s.posts[i] == Durres {
			return 0
		}
		return p.traffic * (0.2 + p.way[onFoot]/(p.way[onFoot]+p.way[byCar]))
	})
	if t.vehicle != nil && !profiles[s.posts[i]].road {
		return last // the source has no other road post
	}
	return s.posts[i]
}

// wait puts the trip into a queue. Where too many wait, the one that is due first in the longest queue is forgotten.
func (s *Source) wait(t *trip, post string, due time.Time) {
	t.due = due
	heap.Push(s.queues[post], t)
	if s.pending++; s.pending <= maxPending {
		return
	}
	longest := s.queues[s.posts[0]]
	for _, p := range s.posts[1:] {
		if q := s.queues[p]; len(*q) > len(*longest) {
			longest = q
		}
	}
	s.take(longest)
}

func (s *Source) take(q *queue) *trip {
	s.pending--
	return heap.Pop(q).(*trip)
}

// queue is a heap by due time, then by number, so that equal times have one order.
type queue []*trip

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if c := q[i].due.Compare(q[j].due); c != 0 {
		return c < 0
	}
	return q[i].id < q[j].id
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*trip)) }
func (q *queue) Pop() any {
	n := len(*q) - 1
	t := (*q)[n]
	(*q)[n] = nil
	*q = (*q)[:n]
	return t
}

// due looks at the trip that comes next, and gives nil where none is due yet.
func (q queue) due(now time.Time) *trip {
	if len(q) == 0 || q[0].due.After(now) {
		return nil
	}
	return q[0]
}

func (q *queue) remove(id uint64) bool {
	i := slices.IndexFunc(*q, func(t *trip) bool { return t.id == id })
	if i >= 0 {
		heap.Remove(q, i)
	}
	return i >= 0
}
