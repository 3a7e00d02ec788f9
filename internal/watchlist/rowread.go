package watchlist

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"tims/internal/border"
)

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

func (r *rowReader) phrase() string { return string(r.phraseBytes()) }

func (r *rowReader) phraseBytes() []byte {
	switch n := r.number(); {
	case r.bad:
		return nil
	case n == 0:
		return r.take(r.number())
	case n > uint64(r.seg.phraseAt.len()-1):
		r.bad, r.b = true, nil
		return nil
	default:
		return r.seg.phrases[r.seg.phraseAt.at(int(n-1)):r.seg.phraseAt.at(int(n))]
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

// skipFacts leaves out the first part of a row.
func (r *rowReader) skipFacts() {
	head := r.take(3)
	if r.bad {
		return
	}
	if head[2]&rowSex != 0 {
		r.take(r.number())
	}
	if head[2]&rowDated != 0 {
		r.signed()
		r.signed()
	}
	r.take(3 * uint64(r.count()))
	for range r.count() {
		r.phraseBytes()
	}
}

func (r *rowReader) key() Key {
	k := Key{List: r.phrase(), ID: r.phrase()}
	if n := r.number(); n > 0 {
		k.ID += strconv.FormatUint(n-1, 10)
	}
	return k
}

// isKey compares the key that follows.
func (r *rowReader) isKey(k Key) bool {
	if string(r.phraseBytes()) != k.List {
		return false
	}
	rest, ok := strings.CutPrefix(k.ID, string(r.phraseBytes()))
	var digits []byte
	if n := r.number(); n > 0 {
		digits = strconv.AppendUint(make([]byte, 0, 20), n-1, 10)
	}
	return ok && !r.bad && rest == string(digits)
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
	key := r.key()
	a.List, a.ID = key.List, key.ID
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
