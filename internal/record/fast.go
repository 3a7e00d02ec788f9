package record

import (
	"unicode/utf8"

	"tims/internal/border"
)

// This file reads the bytes of the four commonest types without reflection: a rebuilt centre decodes eight million of them for a
// million crossings. It knows only the canonical form and, of that, what nearly every record has; whatever else it meets it
// leaves to the general decoder, so it never refuses anything by itself. FuzzFast holds the two to the same answers.

// fast reads b into v where it can. On false v is as it was.
func fast(b []byte, v any) bool {
	r := canonical{b: b}
	switch v := v.(type) {
	case *Leaf:
		return into(&r, v, r.leaf)
	case *SlipPart:
		return into(&r, v, r.slip)
	case *PersonPart:
		return into(&r, v, r.person)
	case *PolicePart:
		return into(&r, v, r.police)
	}
	return false
}

func into[T any](r *canonical, v *T, read func(*T)) bool {
	var t T
	read(&t)
	if r.other || len(r.b) > 0 {
		return false
	}
	*v = t
	return true
}

// A canonical takes CBOR items off b. other says that something is not of the form that is read here; what is read after that
// means nothing.
type canonical struct {
	b     []byte
	other bool
}

// head takes the head of an item of a major type, in its shortest form.
func (r *canonical) head(major byte) uint64 {
	if len(r.b) == 0 || r.b[0]>>5 != major {
		r.other = true
		return 0
	}
	info := r.b[0] & 31
	if info < 24 {
		r.b = r.b[1:]
		return uint64(info)
	}
	size := 1 << (info - 24)
	if info > 27 || len(r.b) < 1+size {
		r.other = true
		return 0
	}
	n := uint64(0)
	for _, c := range r.b[1 : 1+size] {
		n = n<<8 | uint64(c)
	}
	if size == 1 && n < 24 || size > 1 && n>>(4*size) == 0 {
		r.other = true
	}
	r.b = r.b[1+size:]
	return n
}

// fields takes a map whose keys are small ascending numbers and calls read for each. Those of needs must be there.
func (r *canonical) fields(needs uint32, read func(key uint64)) {
	last := uint64(0)
	for n := r.head(5); n > 0 && !r.other; n-- {
		key := r.head(0)
		if key <= last || key > 31 {
			r.other = true
			return
		}
		last = key
		needs &^= 1 << key
		read(key)
	}
	r.other = r.other || needs != 0
}

func (r *canonical) number(limit uint64) uint64 {
	n := r.head(0)
	r.other = r.other || n > limit
	return n
}

// some is a number of a field that is absent where it is zero.
func (r *canonical) some(limit uint64) uint64 {
	n := r.number(limit)
	r.other = r.other || n == 0
	return n
}

func (r *canonical) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.other = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *canonical) text() string {
	b := r.take(r.head(3))
	r.other = r.other || !utf8.Valid(b)
	return string(b)
}

func (r *canonical) someText() string {
	s := r.text()
	r.other = r.other || s == ""
	return s
}

func (r *canonical) someBytes() []byte {
	b := r.take(r.head(2))
	r.other = r.other || len(b) == 0
	return append([]byte(nil), b...)
}

func (r *canonical) fixed(into []byte) {
	b := r.take(r.head(2))
	r.other = r.other || len(b) != len(into)
	copy(into, b)
}

// list takes an array of at least one element, each of at least one byte.
func (r *canonical) list() int {
	n := r.head(4)
	if n == 0 || n > uint64(len(r.b)) || n > maxElements {
		r.other = true
		return 0
	}
	return int(n)
}

func (r *canonical) tuple(n uint64) { r.other = r.head(4) != n || r.other }

func (r *canonical) texts() []string {
	out := make([]string, r.list())
	for i := range out {
		out[i] = r.text()
	}
	return out
}

const (
	positive = 1<<63 - 1 // numbers below zero are left to the general decoder
	maxDate  = 1<<31 - 1
)

func (r *canonical) ref() (out Ref) {
	r.tuple(2)
	out.Origin = r.text()
	out.Index = r.head(0)
	return out
}

func (r *canonical) leaf(l *Leaf) {
	const needs = 1<<1 | 1<<2 | 1<<3 | 1<<5 | 1<<6 | 1<<7
	r.fields(needs, func(key uint64) {
		switch key {
		case 1:
			l.Version = uint8(r.number(0xff))
		case 2:
			l.Kind = Kind(r.number(0xffff))
		case 3:
			r.fixed(l.Act[:])
		case 4:
			l.About = make([]Ref, r.list())
			for i := range l.About {
				l.About[i] = r.ref()
			}
		case 5:
			l.Written = int64(r.number(positive))
		case 6:
			r.tuple(2)
			l.Clock.State, l.Clock.Since = ClockState(r.number(0xff)), int64(r.number(positive))
		case 7:
			l.Floor = int64(r.number(positive))
		case 8:
			ref := r.ref()
			l.Shift = &ref
		case 9:
			l.Booth = r.someBytes()
		case 10:
			r.parts(l)
		case 11:
			l.Claim = r.someBytes()
		default:
			r.other = true
		}
	})
}

func (r *canonical) parts(l *Leaf) {
	l.Parts = make([]PartRef, r.list())
	for i := range l.Parts {
		p := &l.Parts[i]
		r.tuple(4)
		p.Part = Part(r.number(0xff))
		r.fixed(p.Commit[:])
		r.fixed(p.Sealed[:])
		p.Length = uint32(r.number(0xffffffff))
	}
}

func (r *canonical) slip(s *SlipPart) {
	const needs = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<7 | 1<<8
	r.fields(needs, func(key uint64) {
		switch key {
		case 1:
			s.Direction = border.Direction(r.number(0xff))
		case 2:
			s.Happened = int64(r.number(positive))
		case 3:
			s.Day = border.Date(r.number(maxDate))
		case 4:
			s.Basis = border.Basis(r.number(0xff))
		case 5:
			s.Nationality = r.text()
		case 6:
			s.Until = border.Date(r.some(maxDate))
		case 7:
			s.StayKey = uint16(r.number(0xffff))
		case 8:
			r.fixed(s.DocumentTag[:])
		case 9:
			s.PersonTag = r.someBytes()
		default:
			r.other = true // visas
		}
	})
}

func (r *canonical) person(p *PersonPart) {
	const needs = 1<<1 | 1<<2 | 1<<3 | 1<<4
	r.fields(needs, func(key uint64) {
		switch key {
		case 1:
			p.Direction = border.Direction(r.number(0xff))
		case 2:
			p.Happened = int64(r.number(positive))
		case 3:
			p.Day = border.Date(r.number(maxDate))
		case 4:
			r.document(&p.Document)
		case 5:
			p.Decision = border.Decision(r.some(0xff))
		case 7:
			p.Basis = border.Basis(r.some(0xff))
		case 8:
			p.Until = border.Date(r.some(maxDate))
		case 9:
			p.Plate = r.someText()
		case 10:
			p.PlateCountry = r.someText()
		case 11:
			p.Occupants = int(r.some(positive))
		case 12:
			p.Booth = r.someText()
		case 13:
			p.Known = make([]Known, r.list())
			for i := range p.Known {
				r.tuple(2)
				p.Known[i].Node, p.Known[i].To = r.text(), int64(r.number(positive))
			}
		case 14:
			p.Lists = make([]ListAge, r.list())
			for i := range p.Lists {
				r.tuple(3)
				p.Lists[i].List, p.Lists[i].Release, p.Lists[i].Released = r.text(), r.head(0), int64(r.number(positive))
			}
		case 15:
			p.Opening = r.someBytes()
		case 16:
			p.Party = r.someBytes()
		case 17:
			p.Vehicle = border.VehicleKind(r.some(0xff))
		default:
			r.other = true // refusals, drivers, visas, minors
		}
	})
}

func (r *canonical) document(d *Document) {
	texts := [...]*string{1: &d.Code, 2: &d.Issuer, 3: &d.Number, 4: &d.Nationality, 5: &d.Primary, 6: &d.Secondary, 7: &d.Birth,
		8: &d.Sex, 9: &d.Expiry}
	r.fields(0, func(key uint64) {
		switch {
		case key < uint64(len(texts)):
			*texts[key] = r.someText()
		case key == 10:
			d.Zone = r.texts()
		default:
			r.other = true
		}
	})
}

func (r *canonical) police(p *PolicePart) {
	r.fields(0, func(key uint64) {
		switch key {
		case 2:
			p.Findings = r.texts()
		case 3:
			p.Notes = r.someText()
		default:
			r.other = true // hits
		}
	})
}
