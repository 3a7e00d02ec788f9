package watchlist

import (
	"slices"

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
	draft piece    // whose memory serves for one piece after the other
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
		p := &v.draft
		p.begin(v, b.pieces[first+i].base)
		w := rowWriter{b: p.rows, phrases: &b.phrases, known: map[string]uint32{}}
		for k := range alerts[i*pieceAlerts : min(len(alerts), (i+1)*pieceAlerts)] {
			p.add(&w, &alerts[i*pieceAlerts+k])
		}
		p.rows = w.b
		b.pieces[first+i] = p.clone()
		b.free <- v
	})
}

func (p *piece) begin(v *vocabulary, base uint32) {
	*p = piece{vocab: v, base: base, rows: p.rows[:0], rowEnds: p.rowEnds[:0], keys: p.keys[:0], names: p.names[:0],
		words: p.words[:0], posted: p.posted[:0], joins: p.joins[:0], numbers: p.numbers[:0]}
}

// clone has just the memory that it needs.
func (p *piece) clone() *piece {
	c := *p
	c.rows, c.rowEnds, c.keys, c.names = slices.Clone(p.rows), slices.Clone(p.rowEnds), slices.Clone(p.keys), slices.Clone(p.names)
	c.words, c.posted, c.joins, c.numbers = slices.Clone(p.words), slices.Clone(p.posted), slices.Clone(p.joins), slices.Clone(p.numbers)
	return &c
}

func (p *piece) add(w *rowWriter, a *border.Alert) {
	at := p.base + uint32(len(p.rowEnds))
	w.alert(a)
	for len(w.b)%rowUnit != 0 {
		w.b = append(w.b, 0)
	}
	p.rowEnds = append(p.rowEnds, len(w.b))
	p.keys = append(p.keys, KeyOf(a).hash())
	put := func(to *[]keyedAlert, key string) {
		k := keyedAlert{hashOf(key), at}
		mine := *to
		for len(mine) > 0 && mine[len(mine)-1].alert == at && mine[len(mine)-1] != k {
			mine = mine[:len(mine)-1]
		}
		if key != "" && (len(mine) == 0 || mine[len(mine)-1] != k) {
			*to = append(*to, k)
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
