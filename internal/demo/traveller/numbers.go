package traveller

import "strings"

// A series counts through all numbers of one pattern in an order that looks like none: a step coprime with the number of
// numbers visits each once before any comes again. It needs no memory of what was given out.
//
// In a pattern # is a digit, @ a letter, * a letter or digit of German documents, % a letter that Greek plates use;
// everything else stands for itself.
type series struct {
	pattern  string
	room     uint64
	at, step uint64
}

func alphabet(class byte) string {
	switch class {
	case '#':
		return "0123456789"
	case '@':
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	case '*':
		return germanLetters
	case '%':
		return greekLetters
	}
	return ""
}

func newSeries(pattern string, start uint64) *series {
	r := &series{pattern: pattern, room: 1}
	for i := range len(pattern) {
		if a := alphabet(pattern[i]); a != "" {
			r.room *= uint64(len(a))
		}
	}
	r.at = start % r.room
	r.step = uint64(float64(r.room)*0.6180339887) + 1 // the golden section: neighbours in time lie far apart
	for gcd(r.step, r.room) != 1 {
		r.step++
	}
	return r
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (r *series) next() string {
	v := r.at
	r.at = (r.at + r.step) % r.room
	b := []byte(r.pattern)
	for i := len(b) - 1; i >= 0; i-- {
		if a := alphabet(b[i]); a != "" {
			b[i] = a[v%uint64(len(a))]
			v /= uint64(len(a))
		}
	}
	return string(b)
}

// number gives the next number of one of an owner's patterns, which bars part. Owners are states, and "/" with a state
// for its plates, so the map of series is bounded by the tables and the codes of Doc 9303.
func (s *Source) number(owner, patterns string) string {
	choice := strings.Split(patterns, "|")
	pattern := choice[s.below(len(choice))]
	key := owner + " " + pattern
	r := s.series[key]
	if r == nil {
		r = newSeries(pattern, s.rng.Uint64())
		s.series[key] = r
	}
	return r.next()
}
