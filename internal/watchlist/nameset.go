package watchlist

// A nameSet is a bit a name.
type nameSet []uint64

func newNameSet(names int) nameSet { return make(nameSet, (names+63)/64) }

func (s nameSet) has(n uint32) bool { return s[n/64]>>(n%64)&1 != 0 }
func (s nameSet) add(n uint32)      { s[n/64] |= 1 << (n % 64) }

// emptied is the set with nothing in it, made where it is not there yet.
func (s nameSet) emptied(names int) nameSet {
	if s == nil {
		return newNameSet(names)
	}
	clear(s)
	return s
}

// spread marks the names in which a unit gains, where they are not too many, so that a name fetched by one unit is passed
// over when it would need another one too.
func (s *scratch) spread() {
	seg := s.m.seg
	worth := s.expected() * spreadWorth
	for i := range s.units {
		u := &s.units[i]
		if u.spread = len(s.units) > 1 && len(u.levels) > 0 && u.levels[0] < min(worth, uint64(seg.nameCount()/spreadShare+64)); !u.spread {
			continue
		}
		u.has = u.has.emptied(seg.nameCount())
		for _, g := range u.gains {
			for from, to := seg.postings(g.id); from < to; from++ {
				u.has.add(seg.posts.at(from))
			}
		}
	}
}

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
