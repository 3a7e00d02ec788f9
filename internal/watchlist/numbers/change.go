package numbers

// With is the set with entries added and others gone; what is in both is added. It costs what all changes since the base was built cost:
// when Changes grows to a good share of Len, Merge makes it one again.
func (s *Set) With(added, gone []Entry) (*Set, error) {
	var plus, minus Builder
	for _, e := range added {
		if err := plus.Add(e); err != nil {
			return nil, err
		}
	}
	for _, e := range gone {
		if err := minus.Add(e); err != nil {
			return nil, err
		}
	}
	return s.Changed(&plus, &minus), nil
}

// Changed is With for many entries, each of a few bytes. The builders are used up.
func (s *Set) Changed(added, gone *Builder) *Set {
	plus, minus := added.body(), gone.body()
	next := &Set{base: s.base}
	next.added, next.gone = s.papersChanged(plus, minus)
	for i := range partCount {
		come, go_ := plus.parts[i].keys(nil), minus.parts[i].keys(nil)
		if len(come)+len(go_) == 0 {
			next.added.parts[i], next.gone.parts[i] = s.added.parts[i], s.gone.parts[i]
		} else {
			base := s.base.parts[i].keys(nil)
			fresh := union(nil, without(nil, s.added.parts[i].keys(nil), go_), without(nil, come, base))
			dropped := union(nil, without(nil, go_, without(nil, go_, base)), s.gone.parts[i].keys(nil))
			next.added.parts[i], next.gone.parts[i] = packed(fresh), packed(without(nil, dropped, come))
		}
		next.added.count += next.added.parts[i].len()
		next.gone.count += next.gone.parts[i].len()
	}
	return next
}

// papersChanged gives what fits no key of the bodies that Changed makes.
func (s *Set) papersChanged(plus, minus *body) (added, gone *body) {
	var come, dropped Builder
	take := func(to *Builder, from *body, wanted func(Entry) bool) {
		for e := range from.papers {
			if wanted(e) {
				to.paper(e)
			}
		}
	}
	take(&come, s.added, func(e Entry) bool { return !minus.has(e) })
	take(&come, plus, func(e Entry) bool { return !s.base.has(e) })
	take(&dropped, minus, func(e Entry) bool { return s.base.has(e) && !plus.has(e) })
	take(&dropped, s.gone, func(e Entry) bool { return !plus.has(e) })
	return come.body(), dropped.body()
}

// Changes is how many entries came or went since the set was built or merged.
func (s *Set) Changes() int { return s.added.len() + s.gone.len() }

// Merge is the same set without changes beside it.
func (s *Set) Merge() *Set {
	var b Builder
	for e := range s.Papers {
		b.paper(e)
	}
	out := b.body()
	var buf walking
	for i := range partCount {
		out.parts[i] = packed(s.keys(i, &buf))
		out.count += out.parts[i].len()
	}
	return &Set{base: out, added: new(body), gone: new(body)}
}
