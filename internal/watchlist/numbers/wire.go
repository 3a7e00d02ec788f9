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
	if key>>keyBits != 0 {
		return false
	}
	return s.added.hasKey(key, 0) || s.base.hasKey(key, 0) && !s.gone.hasKey(key, 0)
}

// Has reports whether the very entry is there.
func (s *Set) Has(e Entry) bool { return s.added.has(e) || s.base.has(e) && !s.gone.has(e) }
