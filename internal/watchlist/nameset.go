package watchlist

// A nameSet is a bit a name. It remembers which words of memory are not zero, up to a share of them, so that emptying it
// costs what was put in.
type nameSet struct {
	bits  []uint64
	dirty []uint32
}

// begin makes room where there is none yet.
func (s *nameSet) begin(names int) {
	if s.bits == nil {
		s.bits = make([]uint64, (names+63)/64)
		s.dirty = make([]uint32, 0, len(s.bits)/dirtyShare+1)
	}
}

// dirtyShare of the memory is too much to empty word by word.
const dirtyShare = 16

func (s *nameSet) has(n uint32) bool { return s.bits[n/64]>>(n%64)&1 != 0 }

// add reports whether the name is new.
func (s *nameSet) add(n uint32) bool {
	w, bit := &s.bits[n/64], uint64(1)<<(n%64)
	if *w&bit != 0 {
		return false
	}
	if *w == 0 && len(s.dirty) < cap(s.dirty) {
		s.dirty = append(s.dirty, n/64)
	}
	*w |= bit
	return true
}

// marking says that mark follows, after which emptying the set costs its whole size.
func (s *nameSet) marking() { s.dirty = s.dirty[:cap(s.dirty)] }

// mark is add for who has many: it asks nothing of the memory that it writes to, so that the processor need not wait for it.
func (s *nameSet) mark(n uint32) { s.bits[n/64] |= 1 << (n % 64) }

func (s *nameSet) empty() {
	if len(s.dirty) == cap(s.dirty) {
		clear(s.bits)
	} else {
		for _, i := range s.dirty {
			s.bits[i] = 0
		}
	}
	s.dirty = s.dirty[:0]
}
