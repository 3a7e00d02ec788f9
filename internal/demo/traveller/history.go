package traveller

import (
	"cmp"
	"math"
	"slices"
	"time"

	"tims/internal/border"
)

// History invents at most n crossings of parties between the two days, both included, in the order of time. It is called
// once, before Next, with a last day before the one on which traffic begins. Who is on his way at the end comes back in
// the traffic: the first overstayers within seconds of its beginning, the later ones ever more rarely for about an hour.
// With fewer than 170 days there are no overstayers and nobody near the end of his days.
func (s *Source) History(from, to border.Date, n int) []Past {
	n = max(0, min(n, maxHistory))
	h := history{Source: s, from: from, to: to}
	if to < from {
		return nil
	}
	for len(h.past)+maxLegs <= n {
		h.journey()
	}
	slices.SortFunc(h.past, func(a, b Past) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Party.Trip, b.Party.Trip))
	})
	return h.past
}

type history struct {
	*Source
	from, to       border.Date
	past           []Past
	over, regulars int // who come back in the traffic
}

// journey invents one journey, or one regular's last few.
func (h *history) journey() {
	post, at := h.Post(), h.rng.Float64()
	if h.to-h.from < 170 {
		at = 1
	}
	switch {
	case at < overstayShare:
		t := h.visitor(post)
		h.play(t, post, h.to-border.Date(h.between(allowed+1, int(min(200, h.to-h.from)))))
		h.over++
		h.comeBack(t, post, rarer(4, h.over))
	case at < overstayShare+lateShare:
		t := h.visitor(post)
		in := h.from + border.Date(h.between(0, int(h.to-h.from)-131))
		h.play(t, post, in, in+border.Date(h.between(allowed+4, 130)))
	case at < overstayShare+lateShare+regularShare:
		h.regular(post)
	default:
		h.visit(post)
	}
}

// rarer is when the k-th comes back after traffic begins: often enough at first that a short demonstration shows one,
// then ever more rarely, so that a long one has some left. The first comes after the given seconds.
func rarer(seconds float64, k int) time.Duration {
	return time.Duration(seconds * math.Pow(float64(k), 1.5) * float64(time.Second))
}

// visit is a journey of a few days: into the country, or for who lives in it out of it.
func (h *history) visit(post string) {
	t := h.begin(post)
	most, mean := 40.0, 6.0
	if t.vehicle != nil && t.vehicle.Kind == Lorry {
		most, mean = 5, 1.5
	}
	first := h.from + border.Date(h.between(0, int(h.to-h.from)))
	away := border.Date(min(most, h.rng.ExpFloat64()*mean))
	h.play(t, post, first, first+away)
	if t.legs > 0 {
		h.comeBack(t, post, time.Duration(h.between(5, 2400))*time.Second)
	}
}

// regular has used 83 to 88 of his days in three stays, the last of which may not be over.
func (h *history) regular(post string) {
	t, used := h.visitor(post), h.between(83, 88)
	inside := h.chance(0.5)
	rest := 165 - used // days abroad in the window, in three gaps before the stays and one after
	after := h.between(1, rest/2)
	if inside {
		after = 0
	}
	gap, length := (rest-after)/3, used/3
	t.legs = 6
	in := h.to - border.Date(after+3*length+2*gap+used%3) + 1
	var days []border.Date
	for i := range 3 {
		out := in + border.Date(length) - 1
		if i == 0 {
			out += border.Date(used % 3)
		}
		days = append(days, in, out)
		in = out + border.Date(gap) + 1
	}
	if inside {
		days = days[:5]
	} else {
		t.legs = 8
	}
	h.play(t, post, days...)
	h.regulars++
	h.comeBack(t, post, rarer(6, h.regulars))
}

// visitor invents a party all of whom are limited to 90 days in 180.
func (h *history) visitor(post string) *trip {
	for {
		t := h.begin(post)
		free := !slices.ContainsFunc(t.people, func(v Traveller) bool {
			return v.Basis != border.VisaFree || !limited(v.Document.Nationality)
		})
		if free && (t.vehicle == nil || t.vehicle.Kind == Car) {
			return t
		}
	}
}

// play lets the trip cross on the days up to the last of the history.
func (h *history) play(t *trip, post string, days ...border.Date) {
	var before time.Time
	for _, d := range days {
		if d > h.to {
			return
		}
		at := h.hour(d)
		if !at.After(before) {
			at = before.Add(20 * time.Minute) // the same day: a look across the border
		}
		before = at
		h.past = append(h.past, Past{At: at, Party: h.step(t, at, post)})
		post = h.returnPost(t, post)
	}
}

// hour draws a time of day between 5 and 23, most of them around the middle.
func (h *history) hour(d border.Date) time.Time {
	y, m, day := d.Civil()
	seconds := h.below(9*3600) + h.below(9*3600)
	return time.Date(y, time.Month(m), day, 5, 0, seconds, h.below(1000)*int(time.Millisecond), h.loc)
}

func (h *history) comeBack(t *trip, post string, after time.Duration) {
	h.wait(t, h.returnPost(t, post), h.start.Add(after))
}
