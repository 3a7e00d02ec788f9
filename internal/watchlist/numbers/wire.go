package numbers

// Key gives an entry in eight bytes, as lists of numbers travel and are kept: whoever changes how keys are made writes every list of the
// country anew. False for a range and for what has more letters than a key; tags are not in it.
func Key(e Entry) (uint64, bool) {
	number, to := bare(e.Number), bare(e.To)
	if to != "" && to != number {
		return 0, false
	}
	return keyOf(e.Issuer, number)
}

// OfKey is the entry of a key; false for what no entry gives.
func OfKey(key uint64) (Entry, bool) {
	if !valid(key) {
		return Entry{}, false
	}
	return Entry{Issuer: issuerOf(key & (1<<issuerBits - 1)), Number: numberOf(key >> issuerBits)}, true
}

// HasKey reports whether the entry of a key, without a tag, is there.
func (s *Set) HasKey(key uint64) bool {
	return s.added.hasKey(key) || s.base.hasKey(key) && !s.gone.hasKey(key)
}

func (b *body) hasKey(key uint64) (found bool) {
	if key>>keyBits == 0 {
		b.keyed(key&^(1<<issuerBits-1), func(issuer uint64, tag Tag) { found = found || issuer == key&(1<<issuerBits-1) && tag == 0 })
	}
	return found
}

// Has reports whether the very entry is there.
func (s *Set) Has(e Entry) bool {
	found := false
	s.Find(e.Number, func(o Entry) { found = found || o == e })
	return found
}
