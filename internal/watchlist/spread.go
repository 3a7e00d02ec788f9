package watchlist

import (
	"cmp"
	"slices"
)

// A reach is the stretches of names in which a gain above so much can make the difference.
type reach struct {
	above     float32
	names     uint64
	stretches []run
}

// A run is the names from one on to before another.
type run struct{ from, to uint32 }

// spread marks the names in which a unit gains, where they are not too many, so that a name fetched by one unit is passed
// over when it would need another one too. A gain too small to lift a name to the least score with the best of all
// other units is marked nowhere, and one that is large enough only near the birth date is marked only there.
func (s *scratch) spread() {
	seg := s.m.seg
	worth := min(s.expected()*spreadWorth, uint64(seg.nameCount()/spreadShare+64))
	s.most = 0
	for i := range s.units {
		s.most += s.units[i].most
	}
	for i := range s.units {
		u := &s.units[i]
		u.spread = false
		if len(s.units) < 2 {
			continue
		}
		s.reaches(s.most - u.most)
		cost := uint64(0)
		for _, g := range u.gains {
			if r := s.reachOf(g.weight - u.stray); r != nil {
				cost += uint64(g.names)*r.names/uint64(seg.nameCount()) + 4
			}
		}
		if u.spread = cost < worth; !u.spread {
			continue
		}
		u.has.begin(seg.nameCount())
		u.has.marking()
		for _, g := range u.gains {
			if r := s.reachOf(g.weight - u.stray); r != nil {
				r.mark(seg, g.id, &u.has)
			}
		}
	}
}

// reaches finds where which gain counts if the other units gain so much at most.
func (s *scratch) reaches(others float32) {
	s.order = s.order[:0]
	for i := range s.classes {
		if c := &s.classes[i]; c.need > 0 && !c.none {
			s.order = append(s.order, int32(i))
		}
	}
	slices.SortFunc(s.order, func(a, b int32) int { return cmp.Compare(s.classes[a].need, s.classes[b].need) })
	s.reach = slices.Grow(s.reach[:0], len(s.order))[:len(s.order)]
	for k, i := range s.order {
		r := &s.reach[k]
		r.above, r.names, r.stretches = max(0, s.classes[i].need-others-1e-3), 0, r.stretches[:0]
		for _, e := range s.eras {
			if c := &s.classes[e.class]; c.need <= 0 || c.none || c.need > s.classes[i].need {
				continue
			}
			r.names += uint64(e.to - e.from)
			if n := len(r.stretches); n > 0 && r.stretches[n-1].to == e.from {
				r.stretches[n-1].to = e.to
				continue
			}
			r.stretches = append(r.stretches, run{e.from, e.to})
		}
	}
}

// reachOf is where so great a gain counts; nil for nowhere.
func (s *scratch) reachOf(gain float32) *reach {
	for k := len(s.reach) - 1; k >= 0; k-- {
		if gain > s.reach[k].above {
			return &s.reach[k]
		}
	}
	return nil
}

// mark puts the names of a word in the set that lie within reach.
func (r *reach) mark(seg *segment, id int32, set *nameSet) {
	from, to := seg.postings(id)
	if len(r.stretches) == 1 {
		for from = gallop(seg.posts, from, to, r.stretches[0].from); from < to; from++ {
			n := seg.posts.at(from)
			if n >= r.stretches[0].to {
				return
			}
			set.mark(n)
		}
		return
	}
	if to-from <= fewPosts {
		for ; from < to; from++ {
			n := seg.posts.at(from)
			if i := bisect(0, len(r.stretches), func(i int) bool { return r.stretches[i].to > n }); i < len(r.stretches) && r.stretches[i].from <= n {
				set.mark(n)
			}
		}
		return
	}
	for _, b := range r.stretches {
		for from = gallop(seg.posts, from, to, b.from); from < to; from++ {
			n := seg.posts.at(from)
			if n >= b.to {
				break
			}
			set.mark(n)
		}
	}
}

// fewPosts are looked up one by one.
const fewPosts = 8

// expected is about how many names the plan has looked at, were words spread evenly over the eras.
func (s *scratch) expected() (names uint64) {
	for i := range s.classes {
		switch c := &s.classes[i]; {
		case c.all:
			names += uint64(c.names)
		case !c.none:
			names += c.cost * uint64(c.names) / uint64(s.m.seg.nameCount())
		}
	}
	return names
}

// spreadWorth is how many names are marked in the time in which one is looked at.
const spreadWorth = 16

// spreadShare of the names is too many to mark: a set of them would hold nothing back.
const spreadShare = 8

// hopeful reports whether a name can reach the least score that gains so much by one unit, -1 for none, from what the
// sets say of the others.
func (s *scratch) hopeful(n uint32, e *era, unit int, gained float32) bool {
	for i := range s.units {
		if u := &s.units[i]; i != unit && (!u.spread || u.has.has(n)) {
			gained += u.most
		}
	}
	return gained >= s.classes[e.class].need
}

// hopefulJoint is hopeful for a name that gains so much by neighbouring words that are one word of the query. That may be
// more than its unit gains by any word, so a gain that was too small to be marked may do.
func (s *scratch) hopefulJoint(n uint32, e *era, unit int, gained float32) bool {
	need := s.classes[e.class].need
	for i := range s.units {
		switch u := &s.units[i]; {
		case i == unit:
		case !u.spread || u.has.has(n):
			gained += u.most
		default:
			gained += max(0, min(u.most, need-(s.most-u.most)))
		}
	}
	return gained >= need
}
