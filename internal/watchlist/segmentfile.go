package watchlist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/bits"
)

// An index in bytes is a head, for each layer its lengths and columns, and a CRC-32C of all that. The sum finds bytes that
// a medium lost; against a forger whoever keeps the bytes seals them. Numbers are little-endian.
const (
	fileMagic = "TIMSLIST"
	fileForm  = 2
)

var (
	// ErrBytes is wrapped by every error about bytes that are not an index. Nothing of their content is named.
	ErrBytes = errors.New("not an index of alerts")
	// ErrOther says that an index was made by a program that weighs otherwise: it is built anew from the lists.
	ErrOther = errors.New("an index of another version")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// weighedBy tells indexes apart that were weighed with other tables or numbers.
func weighedBy() uint64 {
	return hashOf(popularText, spellingText, fmt.Sprint(spelt, strange, turns, listShare, mostListed, rareSpelling, minNames))
}

// WriteTo writes the index, all its layers; papers have bytes of their own.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	sum := crc32.New(castagnoli)
	out := &counting{w: io.MultiWriter(w, sum)}
	head := binary.LittleEndian.AppendUint32([]byte(fileMagic), fileForm)
	head = binary.LittleEndian.AppendUint64(head, weighedBy())
	head = binary.LittleEndian.AppendUint32(head, uint32(len(x.layers)))
	out.write(head)
	for i := range x.layers {
		l := &x.layers[i]
		gone := newU64s(len(l.gone))
		for k, v := range l.gone {
			gone.set(k, v)
		}
		var lengths []byte
		for _, n := range l.seg.words.start {
			lengths = binary.LittleEndian.AppendUint32(lengths, uint32(n))
		}
		all := [][]byte{gone, []byte(l.seg.words.chars)}
		for _, c := range l.seg.columns() {
			all = append(all, *c)
		}
		for _, c := range all {
			lengths = binary.LittleEndian.AppendUint64(lengths, uint64(len(c)))
		}
		out.write(lengths)
		for _, c := range all {
			out.write(c)
		}
	}
	if out.err == nil {
		_, out.err = w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
		out.n += 4
	}
	if out.err != nil {
		return out.n, fmt.Errorf("write index: %w", out.err)
	}
	return out.n, nil
}

// counting writes until something fails.
type counting struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counting) write(b []byte) {
	if c.err == nil {
		var n int
		n, c.err = c.w.Write(b)
		c.n += int64(n)
	}
}

// Open is the index in the bytes, which it uses where they lie: they no longer change. Every place and number in them is
// checked, so that no bytes make a search fail; the texts of an alert are checked when they are read.
func Open(data []byte) (*Index, error) {
	in := reader{b: data}
	if len(data) < 4 || binary.LittleEndian.Uint32(data[len(data)-4:]) != crc32.Checksum(data[:len(data)-4], castagnoli) {
		return nil, fmt.Errorf("%w: checksum", ErrBytes)
	}
	in.b = data[:len(data)-4]
	if !bytes.Equal(in.take(uint64(len(fileMagic))), []byte(fileMagic)) {
		return nil, fmt.Errorf("%w: first bytes", ErrBytes)
	}
	if form, tables := in.number(4), in.number(8); form != fileForm || tables != weighedBy() {
		return nil, ErrOther
	}
	count := in.number(4)
	if count == 0 || count > maxLayers {
		return nil, fmt.Errorf("%w: layers", ErrBytes)
	}
	x := &Index{}
	for range count {
		l, ok := in.layer()
		if !ok {
			return nil, fmt.Errorf("%w: layer", ErrBytes)
		}
		x.layers = append(x.layers, l)
	}
	if len(in.b) != 0 {
		return nil, fmt.Errorf("%w: something behind it", ErrBytes)
	}
	return x, nil
}

// A reader takes bytes off; once they do not suffice it gives none.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) number(size uint64) uint64 {
	var wide [8]byte
	copy(wide[:], r.take(size))
	return binary.LittleEndian.Uint64(wide[:])
}

func (r *reader) layer() (layer, bool) {
	s := &segment{}
	last := int32(0)
	for i := range s.words.start {
		n := r.number(4)
		if n < uint64(last) || n > math.MaxInt32 || i < 2 && n != 0 {
			return layer{}, false
		}
		last = int32(n)
		s.words.start[i] = last
	}
	var gone, chars []byte
	all := append([]*[]byte{&gone, &chars}, s.columns()...)
	lengths := make([]uint64, len(all))
	for i := range all {
		lengths[i] = r.number(8)
	}
	for i, c := range all {
		*c = r.take(lengths[i])
	}
	if r.bad || !onlyCapitals(chars) {
		return layer{}, false
	}
	s.words.chars = string(chars)
	if !s.valid() {
		return layer{}, false
	}
	l := layer{seg: s, left: s.alertCount()}
	if len(gone) != 0 {
		if u64s(gone).len() != (l.left+63)/64 || len(gone)%8 != 0 {
			return layer{}, false
		}
		l.gone = make([]uint64, u64s(gone).len())
		for i := range l.gone {
			l.gone[i] = u64s(gone).at(i)
			l.left -= bits.OnesCount64(l.gone[i])
		}
	}
	s.ready()
	return l, l.left >= 0
}

func onlyCapitals(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// valid reports whether no search can leave the columns, whatever they hold.
func (s *segment) valid() bool {
	words := s.words.len()
	if len(s.words.chars) != s.words.charsUpTo(maxLetters+1) || len(s.words.planes) != 8*s.words.planesUpTo(maxLetters+1) {
		return false
	}
	if s.wordAt.len() == 0 || s.rowAt.len() == 0 || !s.sized(words, s.nameCount(), s.alertCount()) {
		return false
	}
	names, alerts := s.nameCount(), s.alertCount()
	return ascends(s.postAt, s.posts.len()) && below(s.posts, names) && below(s.bySound, words) && below(s.alpha, words) &&
		below(s.common, words) && ascends(s.wordAt, s.wordIDs.len()) && below(s.wordIDs, words) && s.shortNames() &&
		below(s.alertOf, alerts) && s.validDates(names) && s.joined.valid(names) &&
		ascends(s.rowAt, len(s.rows)/rowUnit) && len(s.rows)%rowUnit == 0 && below(s.firstName, names+1) &&
		s.byKey.valid(alerts) && s.byNumber.valid(alerts) && s.byPlate.valid(alerts) && s.byVIN.valid(alerts) &&
		below(s.ranges.alerts, alerts) && ascends(s.phraseAt, len(s.phrases)) && below(s.unnamed, alerts) && s.validWeights()
}

// sized reports whether each column is as long as it must be.
func (s *segment) sized(words, names, alerts int) bool {
	in := s.ranges.alerts.len()
	for _, c := range []struct {
		column []byte
		want   int
	}{
		{s.weights, 4 * words * int(likenesses)}, {s.sounds, 8 * words}, {s.bySound, 4 * words}, {s.alpha, 4 * words},
		{s.upTo, 8 * (words + 1)}, {s.postAt, 4 * (words + 1)}, {s.inNames, len(s.common)}, {s.alertOf, 4 * names},
		{s.metas, 2 * names}, {s.datedAt, len(s.dates) + 4}, {s.firstName, 4 * alerts}, {s.ranges.keys, 8 * in},
		{s.ranges.from, 8 * in}, {s.ranges.to, 8 * in}, {s.ranges.upTo, 8 * in},
		{s.common, 4 * s.common.len()}, {s.posts, 4 * s.posts.len()}, {s.wordIDs, 4 * s.wordIDs.len()}, {s.dates, 4 * s.dates.len()},
		{s.wordAt, 4 * s.wordAt.len()}, {s.rowAt, 4 * s.rowAt.len()}, {s.phraseAt, 4 * s.phraseAt.len()},
		{s.joints, 4 * s.joined.items.len()}, {s.unnamed, 4 * s.unnamed.len()}, {s.ranges.alerts, 4 * in},
	} {
		if len(c.column) != c.want {
			return false
		}
	}
	return s.phraseAt.len() > 0
}

// shortNames reports whether every name has words, and no more than a match can hold.
func (s *segment) shortNames() bool {
	for i := range s.nameCount() {
		if n := s.wordAt.at(i+1) - s.wordAt.at(i); n == 0 || n > maxWords {
			return false
		}
	}
	return true
}

func (s *segment) validDates(names int) bool {
	for i := range s.dates.len() {
		if s.dates.at(i) > mostDate || i > 0 && s.dates.at(i) <= s.dates.at(i-1) {
			return false
		}
	}
	return ascends(s.datedAt, names)
}

// validWeights keeps out what is no number or would make a plan of endless steps.
func (s *segment) validWeights() bool {
	for i := range s.weights.len() {
		if w := math.Float32frombits(s.weights.at(i)); !(w >= -mostWeight && w <= mostWeight) {
			return false
		}
	}
	return true
}
