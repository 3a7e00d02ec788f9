package watchlist

import "slices"

// plan decides for each class of eras which names are fetched. Below the least score a name may gain so many steps; they
// are dealt out over the units so that the fewest names of all are fetched, as one knapsack for all classes.
func (s *scratch) plan() {
	most := float32(0)
	for i := range s.units {
		most = max(most, s.units[i].most)
	}
	step := stepOf(most)
	total := 0
	for i := range s.units {
		total += s.levelsOf(&s.units[i], step)
	}
	s.classes = s.classes[:0]
	room := make([]int, 0, 16) // per class: steps that a name may gain and stay below
	for i := range s.eras {
		e := &s.eras[i]
		e.class = int32(slices.IndexFunc(s.classes, func(c class) bool { return c.most == e.most }))
		if e.class >= 0 {
			s.classes[e.class].names += e.to - e.from
			continue
		}
		need := s.least - e.most - s.slack
		if e.most >= birthSwapped {
			need -= s.lenient * float32(len(s.units)) // where lenience stands, a word that gains nothing may still not cost
		} else {
			need -= s.strays
		}
		c := class{most: e.most, need: need, all: need <= 0, names: e.to - e.from}
		r := stepsOf(need, step) - 1
		c.none = !c.all && r >= total
		e.class = int32(len(s.classes))
		s.classes = append(s.classes, c)
		room = append(room, min(max(r, 0), total))
	}
	s.deal(room, step)
	s.spare()
}

// spare has all names of a class looked at where that is less work than to fetch some of them.
func (s *scratch) spare() {
	for i := range s.classes {
		if c := &s.classes[i]; c.open() && uint64(c.names)*scanFactor < c.cost {
			c.all = true
		}
	}
}

// scanFactor is how much more a step of a plan costs than a name of a stretch that is looked at from end to end.
const scanFactor = 4

// levelsOf computes what fetching the gains above each number of steps costs, and how many steps the unit can gain.
func (s *scratch) levelsOf(u *unit, step float32) int {
	n := stepsOf(u.most, step)
	u.levels = slices.Grow(u.levels[:0], n+1)[:n+1]
	clear(u.levels)
	for _, g := range u.gains {
		u.levels[min(max(stepsOf(g.weight-u.stray, step)-1, 0), n)] += uint64(g.names) + 4
	}
	for k := n - 1; k >= 0; k-- {
		u.levels[k] += u.levels[k+1]
	}
	return n
}

// deal finds the cheapest way to leave each class its steps.
func (s *scratch) deal(room []int, step float32) {
	if len(room) == 0 || len(s.units) == 0 {
		return
	}
	width := slices.Max(room) + 1
	cost := make([]uint64, width) // with all units so far and so many steps
	next := make([]uint64, width)
	taken := make([]uint8, width*len(s.units))
	for i := range s.units {
		levels := s.units[i].levels
		for r := range width {
			best := ^uint64(0)
			for k := 0; k < len(levels) && k <= r; k++ {
				if c := cost[r-k] + levels[k]; c < best {
					best, taken[i*width+r] = c, uint8(k)
				}
			}
			next[r] = best
		}
		cost, next = next, cost
	}
	for c := range s.classes {
		over := make([]float32, len(s.units))
		for i, r := len(s.units)-1, room[c]; i >= 0; i-- {
			k := int(taken[i*width+r])
			over[i] = float32(k)*step + s.units[i].stray
			r -= k
		}
		s.classes[c].over = over
		s.classes[c].cost = cost[room[c]]
	}
}

// fetch considers the names of every word that the plan names.
func (s *scratch) fetch() {
	for i := range s.units {
		least := s.leastOver(i)
		for _, g := range s.units[i].gains {
			if g.weight > least {
				s.fetchWord(i, g)
			}
		}
	}
}

// leastOver is the gain above which any class fetches names by the unit.
func (s *scratch) leastOver(unit int) float32 {
	least := s.units[unit].most + 1
	for i := range s.classes {
		if c := &s.classes[i]; c.open() {
			least = min(least, c.over[unit])
		}
	}
	return least
}

// open reports whether names of the class are fetched by their words.
func (c *class) open() bool { return !c.all && !c.none }

// fetchWord considers the names of a word, by whichever way of pairing them with eras is shorter.
func (s *scratch) fetchWord(unit int, g gain) {
	seg := s.m.seg
	from, to := seg.postings(g.id)
	if to-from <= 4 {
		for ; from < to; from++ {
			n := seg.posts.at(from)
			s.fetchName(unit, g, n, s.eraOf(n))
		}
		return
	}
	for i := range s.eras {
		e := &s.eras[i]
		if c := &s.classes[e.class]; !c.open() || g.weight <= c.over[unit] {
			continue
		}
		for from = gallop(seg.posts, from, to, e.from); from < to; from++ {
			n := seg.posts.at(from)
			if n >= e.to {
				break
			}
			if s.hopeful(n, e, unit, g.weight-s.units[unit].stray) {
				s.consider(n, e, 0)
			}
		}
		if from == to {
			return
		}
	}
}

func (s *scratch) fetchName(unit int, g gain, n uint32, e *era) {
	if c := &s.classes[e.class]; c.open() && g.weight > c.over[unit] && s.hopeful(n, e, unit, g.weight-s.units[unit].stray) {
		s.consider(n, e, 0)
	}
}

// eraOf is the era of a name.
func (s *scratch) eraOf(n uint32) *era {
	return &s.eras[bisect(0, len(s.eras), func(i int) bool { return s.eras[i].to > n })]
}

// gallop is search for a value that is likely near.
func gallop(s u32s, from, to int, v uint32) int {
	step := 1
	for from+step < to && s.at(from+step) < v {
		from += step
		step *= 2
	}
	return s.search(from, min(from+step, to), v)
}
