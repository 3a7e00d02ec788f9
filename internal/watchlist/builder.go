package watchlist

import (
	"slices"
	"sync"
	"sync/atomic"

	"tims/internal/border"
)

// A Builder makes an Index of alerts that come bit by bit. It keeps their bytes only.
type Builder struct {
	phrases phrases
	pieces  []*piece
	vocabs  []*vocabulary // one a worker
	share   int           // of the processors: one, or half while officers work
}

// NewBuilder makes a builder that takes all processors.
func NewBuilder() *Builder { return newBuilder(1) }

func newBuilder(share int) *Builder {
	b := &Builder{phrases: phrases{ids: map[string]uint32{}}, share: share}
	for range workers(share) {
		b.vocabs = append(b.vocabs, newVocabulary(&b.phrases))
	}
	return b
}

// A piece is some neighbouring alerts made ready by one worker.
type piece struct {
	vocab                 *vocabulary
	base                  uint32 // number of the first alert
	rows                  []byte
	rowEnds               []uint32
	keys                  []uint64
	names                 []pieceName
	words                 []uint32 // of the vocabulary, with wordPosted
	joins                 []uint64 // as cut.joins gives them
	numbers, plates, vins []keyedAlert
	ranges                []listedRange
	unnamed               []uint32
}

// wordPosted marks a word of a name that is more than a particle, where it first stands.
const wordPosted = 1 << 31

type pieceName struct {
	alert        uint32
	at           uint32 // its date; once names are in the order of their dates, its number
	words, joins uint32 // where they begin
	meta         meta
	size, joined uint8 // how many there are
}

type keyedAlert struct {
	hash  uint64
	alert uint32
}

// pieceAlerts are worked on together.
const pieceAlerts = 1024

// Add takes alerts in. They are the caller's again when it returns.
func (b *Builder) Add(alerts []border.Alert) {
	first, base := len(b.pieces), uint32(b.count())
	for from := 0; from < len(alerts); from += pieceAlerts {
		b.pieces = append(b.pieces, &piece{base: base + uint32(from)})
	}
	pieces := b.pieces[first:]
	turns := newInTurn(len(pieces))
	var next atomic.Int64
	var done sync.WaitGroup
	for _, v := range b.vocabs {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(pieces); i = int(next.Add(1)) - 1 {
				v.draft.begin(v, pieces[i].base)
				v.draft.add(alerts[i*pieceAlerts:min(len(alerts), (i+1)*pieceAlerts)], func() { turns.wait(i) })
				pieces[i] = v.draft.clone()
				turns.end(i)
			}
		})
	}
	done.Wait()
}

func (p *piece) begin(v *vocabulary, base uint32) {
	*p = piece{vocab: v, base: base, rows: p.rows[:0], rowEnds: p.rowEnds[:0], keys: p.keys[:0], names: p.names[:0],
		words: p.words[:0], joins: p.joins[:0], numbers: p.numbers[:0]}
}

// clone has just the memory that it needs.
func (p *piece) clone() *piece {
	c := *p
	c.rows, c.rowEnds, c.keys, c.names = slices.Clone(p.rows), slices.Clone(p.rowEnds), slices.Clone(p.keys), slices.Clone(p.names)
	c.words, c.joins, c.numbers = slices.Clone(p.words), slices.Clone(p.joins), slices.Clone(p.numbers)
	return &c
}

// add takes the alerts in, what depends on other pieces last: the others are then likely ended.
func (p *piece) add(alerts []border.Alert, turn func()) {
	for i := range alerts {
		p.alert(p.base+uint32(i), &alerts[i])
	}
	p.vocab.number(p.words)
	w := &p.vocab.rows
	w.b, w.turn = p.rows, turn
	for i := range alerts {
		w.alert(&alerts[i])
		for len(w.b)%rowUnit != 0 {
			w.b = append(w.b, 0)
		}
		p.rowEnds = append(p.rowEnds, uint32(len(w.b)))
	}
	p.rows = w.b
}

func (p *piece) alert(at uint32, a *border.Alert) {
	p.keys = append(p.keys, KeyOf(a).hash())
	for _, d := range a.Documents {
		if r, ok := rangeOf(d); ok {
			r.alert = at
			p.ranges = append(p.ranges, r)
			continue
		}
		p.numbers = put(p.numbers, at, bare(d.Number))
	}
	for _, v := range a.Vehicles {
		p.plates, p.vins = put(p.plates, at, plateKey(v.Plate)), put(p.vins, at, bare(v.VIN))
	}
	if a.Kind == border.PersonAlert {
		p.person(at, a)
	}
}

// put appends an alert under a key unless it stands there already.
func put(to []keyedAlert, at uint32, key string) []keyedAlert {
	if key == "" {
		return to
	}
	k := keyedAlert{hashOf(key), at}
	for i := len(to); i > 0 && to[i-1].alert == at; i-- {
		if to[i-1] == k {
			return to
		}
	}
	return append(to, k)
}

func (p *piece) person(at uint32, a *border.Alert) {
	before := len(p.names)
	dates := birthKeys(a.Births)
	c := &p.vocab.cut
	for i, n := range a.Names[:min(len(a.Names), maxNames)] {
		if c.name(p.vocab, n.Primary, n.Secondary) {
			p.name(at, dates[0], i, n)
			continue
		}
		for _, f := range forms(n.Primary, n.Secondary) {
			c.form(p.vocab, f)
			p.name(at, dates[0], i, n)
		}
	}
	if len(p.names) == before {
		p.unnamed = append(p.unnamed, at)
	}
	all := p.names[before:]
	for _, date := range dates[1:] {
		for _, n := range all {
			n.at = date
			p.names = append(p.names, n)
		}
	}
}

// name takes in what was cut.
func (p *piece) name(alert, date uint32, which int, an border.AlertName) {
	c := &p.vocab.cut
	if len(c.words) == 0 {
		return
	}
	n := pieceName{alert: alert, at: date, words: uint32(len(p.words)), joins: uint32(len(p.joins)), size: uint8(len(c.words))}
	primaries := 0
	for i := range c.words {
		flag := uint32(0)
		if c.posted(i) {
			flag = wordPosted
		}
		p.words = append(p.words, flag)
		p.vocab.pending = append(p.vocab.pending, c.words[i].code)
		if c.words[i].primary {
			primaries++
		}
	}
	p.joins = c.joins(p.joins)
	n.joined = uint8(len(p.joins) - int(n.joins))
	n.meta = newMeta(which, primaries, an)
	p.names = append(p.names, n)
}
