package watchlist

import (
	"hash/maphash"
	"slices"
)

// A vocabulary numbers the words that one worker has seen, by their codes.
type vocabulary struct {
	codes []uint64 // of each word
	slots []slot   // by a hash of the code; a power of two of them, a quarter free
	seed  uint64   // of the hash, so that nobody chooses words that fall together; no result depends on it
	long  map[string]uint64
	texts []string
	place []uint32 // of each word in the lexicon, once that is known

	cut     cut
	rows    rowWriter
	draft   piece    // whose memory serves for one piece after the other
	pending []uint64 // codes of its words, numbered together: then one need not wait for the memory that another asked for
}

type slot struct {
	code uint64 // zero where it is free
	id   uint32
}

// A code is a word of up to codeLetters as a number: its length above its letters, five bits each, so that codes sort as the
// words of a lexicon do. To find a word again compares no letters then, and to sort reads none. A longer word's code is
// longCode and its place among the long words of the vocabulary.
const (
	codeLetters = 12
	longCode    = uint64(codeLetters+1) << codeShift
	codeShift   = 60
	firstSlots  = 1 << 10
)

func newVocabulary(p *phrases) *vocabulary {
	return &vocabulary{slots: make([]slot, firstSlots), seed: maphash.Bytes(maphash.MakeSeed(), nil) | 1, long: map[string]uint64{}, rows: rowWriter{phrases: p}}
}

// A wordKind is what the letters of a word alone tell of it.
type wordKind uint8

const (
	kindParticle wordKind = 1 << iota
	kindStanding
)

// kinds has room for the particles by the hash of their codes.
var kinds = func() (slots [kindSlots]struct {
	code uint64
	kind wordKind
}) {
	put := func(text string, k wordKind) {
		code := codeOf([]byte(text))
		at := code * hashPrime >> kindShift
		for slots[at].code != 0 && slots[at].code != code {
			at = (at + 1) % kindSlots
		}
		slots[at].code = code
		slots[at].kind |= k
	}
	for t := range particles {
		put(t, kindParticle)
	}
	for t := range standing {
		put(t, kindStanding)
	}
	return slots
}()

const (
	kindSlots = 1 << 10
	kindShift = 64 - 10
)

func kindOf(code uint64) wordKind {
	at := code * hashPrime >> kindShift
	for kinds[at].code != 0 && kinds[at].code != code {
		at = (at + 1) % kindSlots
	}
	return kinds[at].kind
}

// codeOf packs a word of up to codeLetters.
func codeOf(text []byte) uint64 {
	code := uint64(len(text)) << codeShift
	for i, c := range text {
		code |= uint64(c-'A'+1) << (codeShift - 5 - 5*i)
	}
	return code
}

// appendCode writes the word of a code.
func appendCode(to []byte, code uint64) []byte {
	for i := range int(code >> codeShift) {
		to = append(to, 'A'-1+byte(code>>(codeShift-5-5*i)&31))
	}
	return to
}

// code is that of any word.
func (v *vocabulary) code(text []byte) uint64 {
	if len(text) <= codeLetters {
		return codeOf(text)
	}
	code, ok := v.long[string(text)]
	if !ok {
		t := string(text)
		code = longCode | uint64(len(v.texts))
		v.long[t] = code
		v.texts = append(v.texts, t)
	}
	return code
}

// number writes the numbers of all pending words beside what stands there.
func (v *vocabulary) number(to []uint32) {
	for i, code := range v.pending {
		to[i] |= v.id(code)
	}
	v.pending = v.pending[:0]
}

func (v *vocabulary) id(code uint64) uint32 {
	s := v.slot(code)
	if s.code != 0 {
		return s.id
	}
	id := uint32(len(v.codes))
	*s = slot{code, id}
	v.codes = append(v.codes, code)
	if len(v.codes) > len(v.slots)/4*3 {
		v.grow()
	}
	return id
}

// slot is where a code stands, or the free one where it would.
func (v *vocabulary) slot(code uint64) *slot {
	at := int(stir(code*v.seed)) & (len(v.slots) - 1)
	for v.slots[at].code != code && v.slots[at].code != 0 {
		at = (at + 1) & (len(v.slots) - 1)
	}
	return &v.slots[at]
}

func (v *vocabulary) grow() {
	old := v.slots
	v.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.code != 0 {
			*v.slot(s.code) = s
		}
	}
}

// A term is a word of one of the vocabularies.
type term struct{ vocab, id uint32 }

// lexicon puts the words of all vocabularies together and tells each vocabulary where its own stand.
func (b *Builder) lexicon(s *segment) {
	short, long := b.terms()
	l := &s.words
	letters := 0
	for _, t := range short {
		letters += int(t.key >> codeShift)
	}
	chars := make([]byte, 0, letters)
	count := uint32(0)
	add := func(t term, isNew bool, length int) {
		if isNew {
			l.start[length+1]++
			count++
		}
		b.vocabs[t.vocab].place[t.id] = count - 1
	}
	last := uint64(0)
	for _, t := range short {
		isNew := t.key != last
		if isNew {
			last = t.key
			chars = appendCode(chars, last)
		}
		add(t.item, isNew, int(last>>codeShift))
	}
	before := ""
	for _, t := range long {
		text := b.longText(t)
		if text != before {
			chars = append(chars, text...)
		}
		add(t, text != before, len(text))
		before = text
	}
	for n := 1; n < len(l.start); n++ {
		l.start[n] += l.start[n-1]
	}
	l.chars = string(chars)
	l.planes = newU64s(l.planesUpTo(maxLetters + 1))
	l.fill()
}

// terms gives all words of the vocabularies in the order of the lexicon. No more words come then.
func (b *Builder) terms() (short []keyed[term], long []term) {
	n := 0
	for _, v := range b.vocabs {
		v.slots, v.long = nil, nil
		v.place = make([]uint32, len(v.codes))
		n += len(v.codes) - len(v.texts)
	}
	short = make([]keyed[term], 0, n)
	for k, v := range b.vocabs {
		for id, code := range v.codes {
			if t := (term{uint32(k), uint32(id)}); code < longCode {
				short = append(short, keyed[term]{code, t})
			} else {
				long = append(long, t)
			}
		}
	}
	slices.SortFunc(long, func(x, y term) int { return inLexicon(b.longText(x), b.longText(y)) })
	return sortKeyed(short), long
}

func (b *Builder) longText(t term) string {
	v := b.vocabs[t.vocab]
	return v.texts[v.codes[t.id]-longCode]
}
