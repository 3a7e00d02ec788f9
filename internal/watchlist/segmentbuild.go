package watchlist

import (
	"cmp"
	"slices"
	"sync"

	"tims/internal/border"
)

// A Builder makes an Index of alerts that come bit by bit. It keeps their bytes only.
type Builder struct {
	phrases phrases
	pieces  []*piece
	vocabs  []*vocabulary
	free    chan *vocabulary
	share   int // of the processors: one, or half while officers work
}

// NewBuilder makes a builder that takes all processors.
func NewBuilder() *Builder { return newBuilder(1) }

func newBuilder(share int) *Builder {
	b := &Builder{phrases: phrases{ids: map[string]uint32{}}, share: share}
	b.free = make(chan *vocabulary, workers(share))
	for range cap(b.free) {
		v := &vocabulary{ids: map[string]uint32{}}
		b.vocabs = append(b.vocabs, v)
		b.free <- v
	}
	return b
}

// A vocabulary numbers the words that one worker has seen.
type vocabulary struct {
	ids   map[string]uint32
	texts []string
	place []uint32 // of each word in the lexicon, once that is known
}

func (v *vocabulary) id(t string) uint32 {
	id, ok := v.ids[t]
	if !ok {
		id = uint32(len(v.texts))
		t = string([]byte(t)) // not the memory of the whole name
		v.ids[t] = id
		v.texts = append(v.texts, t)
	}
	return id
}

// A piece is some neighbouring alerts made ready by one worker.
type piece struct {
	vocab                 *vocabulary
	base                  uint32 // number of the first alert
	rows                  []byte
	rowEnds               []int
	keys                  []uint64
	names                 []pieceName
	words                 []uint32 // of the vocabulary
	posted                []bool   // per word: more than a particle
	joins                 []uint64 // hashes of skeletons
	numbers, plates, vins []keyedAlert
	ranges                []listedRange
	unnamed               []uint32
}

type pieceName struct {
	alert, date      uint32
	meta             meta
	words, joins     uint32 // where they begin
	wordsTo, joinsTo uint32
}

type keyedAlert struct {
	hash  uint64
	alert uint32
}

// pieceAlerts are worked on together.
const pieceAlerts = 1024

// Add takes alerts in. They are the caller's again when it returns.
func (b *Builder) Add(alerts []border.Alert) {
	first := len(b.pieces)
	base := uint32(0)
	if first > 0 {
		last := b.pieces[first-1]
		base = last.base + uint32(len(last.rowEnds))
	}
	for from := 0; from < len(alerts); from += pieceAlerts {
		b.pieces = append(b.pieces, &piece{base: base + uint32(from)})
	}
	parallel(len(b.pieces)-first, 1, b.share, func(i int) {
		v := <-b.free
		p := b.pieces[first+i]
		p.vocab = v
		w := rowWriter{phrases: &b.phrases, known: map[string]uint32{}}
		for k := range alerts[i*pieceAlerts : min(len(alerts), (i+1)*pieceAlerts)] {
			p.add(&w, &alerts[i*pieceAlerts+k])
		}
		p.rows = slices.Clip(w.b)
		b.free <- v
	})
}

func (p *piece) add(w *rowWriter, a *border.Alert) {
	at := p.base + uint32(len(p.rowEnds))
	w.alert(a)
	for len(w.b)%rowUnit != 0 {
		w.b = append(w.b, 0)
	}
	p.rowEnds = append(p.rowEnds, len(w.b))
	p.keys = append(p.keys, KeyOf(a).hash())
	seen := map[uint64]bool{}
	put := func(to *[]keyedAlert, key string) {
		if h := hashOf(key); key != "" && !seen[h] {
			seen[h] = true
			*to = append(*to, keyedAlert{h, at})
		}
	}
	for _, d := range a.Documents {
		if r, ok := rangeOf(d); ok {
			r.alert = at
			p.ranges = append(p.ranges, r)
			continue
		}
		put(&p.numbers, bare(d.Number))
	}
	for _, v := range a.Vehicles {
		put(&p.plates, plateKey(v.Plate))
	}
	clear(seen)
	for _, v := range a.Vehicles {
		put(&p.vins, bare(v.VIN))
	}
	if a.Kind == border.PersonAlert {
		p.addPerson(at, a)
	}
}

func (p *piece) addPerson(at uint32, a *border.Alert) {
	before := len(p.names)
	dates := birthKeys(a.Births)
	for w, n := range a.Names[:min(len(a.Names), maxNames)] {
		for _, f := range forms(n.Primary, n.Secondary) {
			p.addName(pieceName{alert: at, date: dates[0]}, w, n, f.primary, f.secondary)
		}
	}
	if len(p.names) == before {
		p.unnamed = append(p.unnamed, at)
	}
	all := p.names[before:]
	for _, date := range dates[1:] {
		for _, n := range all {
			n.date = date
			p.names = append(p.names, n)
		}
	}
}

func (p *piece) addName(n pieceName, which int, an border.AlertName, primary, secondary []string) {
	ws := words(primary, secondary)
	if len(ws) == 0 {
		return
	}
	primaries := 0
	n.words, n.joins = uint32(len(p.words)), uint32(len(p.joins))
	for _, w := range ws {
		p.words = append(p.words, p.vocab.id(w.text))
		p.posted = append(p.posted, !w.particle)
		if w.primary {
			primaries++
		}
	}
	for _, j := range joins(ws) {
		if h := hashOf(skeleton(j.text)); !slices.Contains(p.joins[n.joins:], h) {
			p.joins = append(p.joins, h)
		}
	}
	n.meta = newMeta(which, primaries, an)
	n.wordsTo, n.joinsTo = uint32(len(p.words)), uint32(len(p.joins))
	p.names = append(p.names, n)
}

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
