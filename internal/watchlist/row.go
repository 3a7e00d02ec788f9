package watchlist

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"tims/internal/border"
)

// A row is an alert in bytes: first the facts that a score needs, then the texts that are read only for a hit. Texts that
// many alerts share stand once, in the segment's phrases.

// facts are what a score needs of an alert beside its names.
type facts struct {
	kind        border.AlertKind
	action      border.Action
	canary      bool
	births      []border.PartialDate
	nations     []string
	sex         string
	from, until border.Date
}

// phrases are the shared texts of the segment, while it is built.
type phrases struct {
	mu    sync.Mutex
	ids   map[string]uint32
	texts []string
	faces atomic.Int64 // bytes so far
}

func (p *phrases) id(s string) (uint32, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok := p.ids[s]
	if !ok && len(p.texts) < maxPhrases {
		id, ok = uint32(len(p.texts)), true
		p.ids[strings.Clone(s)] = id
		p.texts = append(p.texts, strings.Clone(s))
	}
	return id, ok
}

// A rowWriter appends rows; known saves it the lock of the phrases.
type rowWriter struct {
	b       []byte
	phrases *phrases
	known   map[string]uint32
}

const (
	rowCanary = 1 << iota
	rowDated
	rowFemale
	rowMale
	rowSex // of another letter
)

func (w *rowWriter) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *rowWriter) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

// phrase writes a text that other alerts likely have too.
func (w *rowWriter) phrase(s string) {
	id, ok := w.known[s]
	if !ok {
		if id, ok = w.phrases.id(s); ok {
			w.known[s] = id
		}
	}
	if !ok {
		w.number(0)
		w.text(s)
		return
	}
	w.number(uint64(id) + 1)
}

func (w *rowWriter) alert(a *border.Alert) {
	flags := byte(0)
	if a.Canary {
		flags |= rowCanary
	}
	if a.From != 0 || a.Until != 0 {
		flags |= rowDated
	}
	switch a.Sex {
	case "":
	case "F":
		flags |= rowFemale
	case "M":
		flags |= rowMale
	default:
		flags |= rowSex
	}
	w.b = append(w.b, byte(a.Kind), byte(a.Action), flags)
	if flags&rowSex != 0 {
		w.text(a.Sex)
	}
	if flags&rowDated != 0 {
		w.b = binary.AppendVarint(w.b, int64(a.From))
		w.b = binary.AppendVarint(w.b, int64(a.Until))
	}
	w.number(uint64(len(a.Births)))
	for _, b := range a.Births {
		k := dateKey(b)
		w.b = append(w.b, byte(k), byte(k>>8), byte(k>>16))
	}
	w.number(uint64(len(a.Nations)))
	for _, n := range a.Nations {
		w.phrase(n)
	}
	w.texts(a)
}

func (w *rowWriter) texts(a *border.Alert) {
	w.phrase(a.List)
	if head, number := cutNumber(a.ID); number > 0 {
		w.phrase(head)
		w.number(number)
	} else {
		w.number(0)
		w.text(a.ID)
		w.number(0)
	}
	w.phrase(a.Issuer)
	w.phrase(a.Reason)
	w.number(uint64(len(a.Names)))
	for _, n := range a.Names {
		w.name(n)
	}
	w.number(uint64(len(a.Documents)))
	for _, d := range a.Documents {
		w.phrase(d.Issuer)
		w.text(d.Number)
		w.text(d.To)
		w.phrase(d.Status)
	}
	w.number(uint64(len(a.Vehicles)))
	for _, v := range a.Vehicles {
		w.phrase(v.Country)
		w.text(v.Plate)
		w.text(v.VIN)
	}
	w.phrase(a.Caveats)
	w.number(uint64(len(a.Notify)))
	for _, n := range a.Notify {
		w.phrase(n)
	}
	face := a.Face
	if w.phrases.faces.Add(int64(len(face))) > maxFaces {
		face = nil
	}
	w.number(uint64(len(face)))
	w.b = append(w.b, face...)
}

// name writes both identifiers with what the issuer says of them in one number.
func (w *rowWriter) name(n border.AlertName) {
	v := uint64(len(n.Primary)) << 2
	if n.Alias {
		v |= 1
	}
	if n.Weak {
		v |= 2
	}
	w.number(v)
	w.b = append(w.b, n.Primary...)
	w.text(n.Secondary)
}

// cutNumber parts the digits at the end of an id that a number can hold, plus one; zero where there are none.
func cutNumber(id string) (head string, number uint64) {
	at := len(id)
	for at > 0 && len(id)-at < 18 && id[at-1] >= '0' && id[at-1] <= '9' {
		at--
	}
	for at < len(id) && id[at] == '0' {
		at++
	}
	n, err := strconv.ParseUint(id[at:], 10, 64)
	if err != nil {
		return id, 0
	}
	return id[:at], n + 1
}

// dateKey packs a partial date into 23 bits that sort by year, month and day. A date that no list could hold is none.
func dateKey(d border.PartialDate) uint32 {
	if d.Year < 0 || d.Year > 9999 || d.Month < 0 || d.Month > 12 || d.Day < 0 || d.Day > 31 {
		return 0
	}
	return uint32(d.Year)<<9 | uint32(d.Month)<<5 | uint32(d.Day)
}

func dateOf(key uint32) border.PartialDate {
	return border.PartialDate{Year: int(key >> 9), Month: int(key >> 5 & 15), Day: int(key & 31)}
}

// A rowReader reads a row and remembers whether it went wrong, after which it gives nothing.
type rowReader struct {
	b   []byte
	seg *segment
	bad bool
}

func (r *rowReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *rowReader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *rowReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// count reads how many items follow, of which each takes a byte at least.
func (r *rowReader) count() int {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *rowReader) text() string { return string(r.take(r.number())) }

func (r *rowReader) phrase() string {
	switch n := r.number(); {
	case r.bad:
		return ""
	case n == 0:
		return r.text()
	case n > uint64(r.seg.phraseAt.len()-1):
		r.bad, r.b = true, nil
		return ""
	default:
		return r.seg.phrase(int(n - 1))
	}
}

// facts reads the first part of a row into f, whose slices are used again.
func (r *rowReader) facts(f *facts) {
	head := r.take(3)
	if r.bad {
		return
	}
	*f = facts{births: f.births[:0], nations: f.nations[:0], kind: border.AlertKind(head[0]), action: border.Action(head[1]),
		canary: head[2]&rowCanary != 0}
	switch {
	case head[2]&rowSex != 0:
		f.sex = r.text()
	case head[2]&rowFemale != 0:
		f.sex = "F"
	case head[2]&rowMale != 0:
		f.sex = "M"
	}
	if head[2]&rowDated != 0 {
		f.from, f.until = border.Date(r.signed()), border.Date(r.signed())
	}
	for range r.count() {
		if b := r.take(3); len(b) == 3 {
			f.births = append(f.births, dateOf(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16))
		}
	}
	for range r.count() {
		f.nations = append(f.nations, r.phrase())
	}
}

// alert reads a whole row; false where it is none.
func (r *rowReader) alert() (*border.Alert, bool) {
	var f facts
	r.facts(&f)
	a := &border.Alert{Kind: f.kind, Action: f.action, Canary: f.canary, Sex: f.sex, From: f.from, Until: f.until}
	if len(f.births) > 0 {
		a.Births = f.births
	}
	if len(f.nations) > 0 {
		a.Nations = f.nations
	}
	a.List = r.phrase()
	a.ID = r.phrase()
	if n := r.number(); n > 0 {
		a.ID += strconv.FormatUint(n-1, 10)
	}
	a.Issuer, a.Reason = r.phrase(), r.phrase()
	a.Names = many(r, (*rowReader).name)
	a.Documents = many(r, (*rowReader).document)
	a.Vehicles = many(r, func(r *rowReader) border.AlertVehicle {
		return border.AlertVehicle{Country: r.phrase(), Plate: r.text(), VIN: r.text()}
	})
	a.Caveats = r.phrase()
	a.Notify = many(r, (*rowReader).phrase)
	if face := r.take(r.number()); len(face) > 0 {
		a.Face = slices.Clone(face)
	}
	return a, !r.bad && len(r.b) < rowUnit
}

func (r *rowReader) name() border.AlertName {
	v := r.number()
	return border.AlertName{Alias: v&1 != 0, Weak: v&2 != 0, Primary: string(r.take(v >> 2)), Secondary: r.text()}
}

func (r *rowReader) document() border.AlertDocument {
	return border.AlertDocument{Issuer: r.phrase(), Number: r.text(), To: r.text(), Status: r.phrase()}
}

// many reads items one after the other; their memory grows only as they are there.
func many[T any](r *rowReader, item func(*rowReader) T) (out []T) {
	for range r.count() {
		v := item(r)
		if r.bad {
			return nil
		}
		out = append(out, v)
	}
	return out
}
