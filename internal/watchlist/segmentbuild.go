package watchlist

import (
	"cmp"
	"slices"
	"sync"
)

// A placed is a name of a piece at its place in the segment.
type placed struct {
	piece uint32
	name  uint32
}

// segment ends the building. The frequencies of words are those of the alerts and of the other segment, if any.
func (b *Builder) segment(other *segment) *segment {
	s := &segment{}
	b.lexicon(s)
	order := b.order(s)
	b.names(s, order)
	together(
		func() { b.postings(s, order) },
		func() { b.joined(s, order) },
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

// A term is a word of a vocabulary with its first letters as a number, which sorts alike.
type term struct {
	text  string
	head  uint64
	vocab uint32
	id    uint32
}

func headOf(t string) (head uint64) {
	for i := range min(len(t), 12) {
		head |= uint64(t[i]-'A'+1) << (55 - 5*i)
	}
	return head
}

func (b *Builder) lexicon(s *segment) {
	byLength := make([][]term, maxLetters+1)
	for v, vocab := range b.vocabs {
		vocab.place = make([]uint32, len(vocab.texts))
		for id, t := range vocab.texts {
			byLength[len(t)] = append(byLength[len(t)], term{t, headOf(t), uint32(v), uint32(id)})
		}
	}
	parallel(len(byLength), 1, b.share, func(n int) {
		slices.SortFunc(byLength[n], func(a, b term) int {
			if a.head != b.head {
				return cmp.Compare(a.head, b.head)
			}
			return cmp.Compare(a.text, b.text)
		})
	})
	var distinct []string
	for _, terms := range byLength {
		for i, t := range terms {
			if i == 0 || t.text != terms[i-1].text {
				distinct = append(distinct, t.text)
			}
			b.vocabs[t.vocab].place[t.id] = uint32(len(distinct) - 1)
		}
	}
	s.words = *lexiconOf(distinct)
}

// order puts all names in the order of their dates, those of one date as they came, and fills the table of dates.
func (b *Builder) order(s *segment) []placed {
	counts := map[uint32]uint32{}
	for _, p := range b.pieces {
		for i := range p.names {
			counts[p.names[i].date]++
		}
	}
	dates := make([]uint32, 0, len(counts))
	for d := range counts {
		dates = append(dates, d)
	}
	slices.Sort(dates)
	s.dates, s.datedAt = newU32s(len(dates)), newU32s(len(dates)+1)
	next := make(map[uint32]uint32, len(dates))
	total := uint32(0)
	for i, d := range dates {
		s.dates.set(i, d)
		s.datedAt.set(i, total)
		next[d] = total
		total += counts[d]
	}
	s.datedAt.set(len(dates), total)
	order := make([]placed, total)
	for k, p := range b.pieces {
		for i := range p.names {
			d := p.names[i].date
			order[next[d]] = placed{uint32(k), uint32(i)}
			next[d]++
		}
	}
	return order
}

func (b *Builder) name(at placed) (*piece, *pieceName) {
	p := b.pieces[at.piece]
	return p, &p.names[at.name]
}

func (b *Builder) names(s *segment, order []placed) {
	n := len(order)
	s.wordAt, s.alertOf, s.metas = newU32s(n+1), newU32s(n), newU16s(n)
	total := uint32(0)
	for i, at := range order {
		_, name := b.name(at)
		s.wordAt.set(i, total)
		total += name.wordsTo - name.words
	}
	s.wordAt.set(n, total)
	s.wordIDs = newU32s(int(total))
	parallel(n, 4096, b.share, func(i int) {
		p, name := b.name(order[i])
		s.alertOf.set(i, name.alert)
		s.metas.set(i, uint16(name.meta))
		at := int(s.wordAt.at(i))
		for k, w := range p.words[name.words:name.wordsTo] {
			s.wordIDs.set(at+k, p.vocab.place[w])
		}
	})
}

// postings lists the names of each word once.
func (b *Builder) postings(s *segment, order []placed) {
	next := make([]uint32, s.words.len()+1)
	last := make([]uint32, s.words.len()) // name that the word was last seen in, plus one
	each := func(visit func(word, n uint32)) {
		clear(last)
		for i := range order {
			p, name := b.name(order[i])
			at := int(s.wordAt.at(i))
			for k := range name.wordsTo - name.words {
				w := s.wordIDs.at(at + int(k))
				if p.posted[name.words+k] && last[w] != uint32(i)+1 {
					last[w] = uint32(i) + 1
					visit(w, uint32(i))
				}
			}
		}
	}
	each(func(word, _ uint32) { next[word+1]++ })
	for w := 1; w < len(next); w++ {
		next[w] += next[w-1]
	}
	s.postAt = newU32s(len(next))
	for w, at := range next {
		s.postAt.set(w, at)
	}
	s.posts = newU32s(int(next[len(next)-1]))
	each(func(word, n uint32) {
		s.posts.set(int(next[word]), n)
		next[word]++
	})
}

func (b *Builder) joined(s *segment, order []placed) {
	total := 0
	for _, at := range order {
		_, name := b.name(at)
		total += int(name.joinsTo - name.joins)
	}
	s.joined = newDirectory(total, func(yield func(uint64, uint32)) {
		for i, at := range order {
			p, name := b.name(at)
			for _, h := range p.joins[name.joins:name.joinsTo] {
				yield(h, uint32(i))
			}
		}
	})
}

func (b *Builder) alerts(s *segment) {
	size, count := 0, 0
	for _, p := range b.pieces {
		size += len(p.rows)
		count += len(p.rowEnds)
	}
	s.rows, s.rowAt = make([]byte, 0, size), newU32s(count+1)
	var all []listedRange
	var unnamed []uint32
	for _, p := range b.pieces {
		for i, end := range p.rowEnds {
			s.rowAt.set(int(p.base)+i+1, uint32((len(s.rows)+end)/rowUnit))
		}
		s.rows = append(s.rows, p.rows...)
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
	s.firstName = newU32s(count)
	for i := range count {
		s.firstName.set(i, uint32(s.nameCount()))
	}
	for n := s.nameCount() - 1; n >= 0; n-- {
		s.firstName.set(int(s.alertOf.at(n)), uint32(n))
	}
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
