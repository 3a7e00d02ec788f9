package watchlist

import "sync"

// segment ends the building. The frequencies of words are those of the alerts and of the other segment, if any.
func (b *Builder) segment(other *segment) *segment {
	s := &segment{}
	together(
		func() { b.lexicon(s) },
		func() { b.order(s) },
	)
	joins := b.names(s)
	together(
		func() { b.postings(s) },
		func() { b.joined(s, joins) },
		func() { b.alerts(s) },
	)
	together(
		func() { s.alphabet() },
		func() { s.soundings(b.share) },
	)
	s.weigh(other, b.share)
	s.ready()
	return s
}

// together runs work that does not depend on each other.
func together(work ...func()) {
	var done sync.WaitGroup
	for _, f := range work {
		done.Go(f)
	}
	done.Wait()
}

// perDate holds a number for each dateKey, the dates of a year together.
type perDate []*[yearDates]uint32

const yearDates = 1 << 9

func newPerDate() perDate { return make(perDate, mostDate/yearDates+1) }

func (p perDate) at(date uint32) *uint32 {
	y := &p[date/yearDates]
	if *y == nil {
		*y = new([yearDates]uint32)
	}
	return &(*y)[date%yearDates]
}

// order numbers all names in the order of their dates, those of one date as they came, and fills the table of dates.
func (b *Builder) order(s *segment) {
	next := newPerDate()
	dates := 0
	for _, p := range b.pieces {
		for i := range p.names {
			n := next.at(p.names[i].at)
			if *n++; *n == 1 {
				dates++
			}
		}
	}
	s.dates, s.datedAt = newU32s(dates), newU32s(dates+1)
	next.begin(s)
	for _, p := range b.pieces {
		for i := range p.names {
			n := next.at(p.names[i].at)
			p.names[i].at = *n
			*n++
		}
	}
}

// begin makes of how many names each date has the first of them.
func (p perDate) begin(s *segment) {
	names, k := uint32(0), 0
	for year, y := range p {
		if y == nil {
			continue
		}
		for d, n := range y {
			if n > 0 {
				s.dates.set(k, uint32(year*yearDates+d))
				s.datedAt.set(k, names)
				y[d], names = names, names+n
				k++
			}
		}
	}
	s.datedAt.set(k, names)
}

// A spread is the joins of all names in the order of the names, while a segment is built.
type spread struct {
	at  []uint32 // per name; one more at the end
	all []uint64 // as cut.joins gives them
}

// names fills the columns of names. In wordIDs the words keep their wordPosted.
func (b *Builder) names(s *segment) spread {
	n := int(s.datedAt.at(s.dates.len()))
	s.wordAt, s.alertOf, s.metas = newU32s(n+1), newU32s(n), newU16s(n)
	joins := spread{at: make([]uint32, n+1)}
	for _, p := range b.pieces {
		for i := range p.names {
			name := &p.names[i]
			s.wordAt.set(int(name.at)+1, uint32(name.size))
			joins.at[name.at+1] = uint32(name.joined)
		}
	}
	words := uint32(0)
	for i := range n {
		words += s.wordAt.at(i + 1)
		s.wordAt.set(i+1, words)
		joins.at[i+1] += joins.at[i]
	}
	s.wordIDs, joins.all = newU32s(int(words)), make([]uint64, joins.at[n])
	s.firstName = newU32s(b.count())
	for i := range s.firstName.len() {
		s.firstName.set(i, uint32(n))
	}
	parallel(len(b.pieces), 1, b.share, func(i int) { b.pieces[i].place(s, joins) })
	return joins
}

// place puts the names of a piece where they belong.
func (p *piece) place(s *segment, joins spread) {
	for i := range p.names {
		name := &p.names[i]
		n := int(name.at)
		s.alertOf.set(n, name.alert)
		s.metas.set(n, uint16(name.meta))
		at := int(s.wordAt.at(n))
		for k, w := range p.words[name.words : name.words+uint32(name.size)] {
			s.wordIDs.set(at+k, p.vocab.place[w&^wordPosted]|w&wordPosted)
		}
		copy(joins.all[joins.at[n]:], p.joins[name.joins:name.joins+uint32(name.joined)])
		if first := int(name.alert); s.firstName.at(first) > name.at {
			s.firstName.set(first, name.at)
		}
	}
}

// postings lists the names of each word once.
func (b *Builder) postings(s *segment) {
	next := make([]uint32, s.words.len()+1)
	for i := range s.wordIDs.len() {
		if w := s.wordIDs.at(i); w&wordPosted != 0 {
			next[w&^wordPosted+1]++
		}
	}
	for w := 1; w < len(next); w++ {
		next[w] += next[w-1]
	}
	s.postAt = newU32s(len(next))
	for w, at := range next {
		s.postAt.set(w, at)
	}
	s.posts = newU32s(int(next[len(next)-1]))
	at := 0
	for n := range s.nameCount() {
		for to := int(s.wordAt.at(n + 1)); at < to; at++ {
			if w := s.wordIDs.at(at); w&wordPosted != 0 {
				w &^= wordPosted
				s.wordIDs.set(at, w)
				s.posts.set(int(next[w]), uint32(n))
				next[w]++
			}
		}
	}
}

func (b *Builder) joined(s *segment, joins spread) {
	s.joined = newDirectory(len(joins.all), func(yield func(uint64, uint32)) {
		for n := range s.nameCount() {
			for _, j := range joins.all[joins.at[n]:joins.at[n+1]] {
				yield(j, uint32(n))
			}
		}
	})
	s.joints = newU32s(len(joins.all))
	next, shift := s.joined.begins(), s.joined.shift()
	for _, j := range joins.all {
		s.joints.set(int(next[j>>shift]), uint32(j))
		next[j>>shift]++
	}
}

// count is how many alerts came.
func (b *Builder) count() int {
	if len(b.pieces) == 0 {
		return 0
	}
	last := b.pieces[len(b.pieces)-1]
	return int(last.base) + len(last.rowEnds)
}

func (b *Builder) alerts(s *segment) {
	size, count := 0, b.count()
	for _, p := range b.pieces {
		size += len(p.rows)
	}
	s.rows, s.rowAt = make([]byte, 0, size), newU32s(count+1)
	var all []listedRange
	var unnamed []uint32
	for _, p := range b.pieces {
		for i, end := range p.rowEnds {
			s.rowAt.set(int(p.base)+i+1, uint32((len(s.rows)+int(end))/rowUnit))
		}
		s.rows = append(s.rows, p.rows...)
		p.rows = nil
		all = append(all, p.ranges...)
		unnamed = append(unnamed, p.unnamed...)
	}
	s.ranges = newRanges(all)
	s.unnamed = newU32s(len(unnamed))
	for i, a := range unnamed {
		s.unnamed.set(i, a)
	}
	s.byKey = newDirectory(count, func(yield func(uint64, uint32)) {
		for _, p := range b.pieces {
			for i, h := range p.keys {
				yield(h, p.base+uint32(i))
			}
		}
	})
	s.byNumber = b.directory(func(p *piece) []keyedAlert { return p.numbers })
	s.byPlate = b.directory(func(p *piece) []keyedAlert { return p.plates })
	s.byVIN = b.directory(func(p *piece) []keyedAlert { return p.vins })
	s.phraseAt = newU32s(len(b.phrases.texts) + 1)
	for i, t := range b.phrases.texts {
		s.phrases = append(s.phrases, t...)
		s.phraseAt.set(i+1, uint32(len(s.phrases)))
	}
}

func (b *Builder) directory(of func(*piece) []keyedAlert) directory {
	n := 0
	for _, p := range b.pieces {
		n += len(of(p))
	}
	return newDirectory(n, func(yield func(uint64, uint32)) {
		for _, p := range b.pieces {
			for _, k := range of(p) {
				yield(k.hash, k.alert)
			}
		}
	})
}
