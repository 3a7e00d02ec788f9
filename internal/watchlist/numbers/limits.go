package numbers

// Bounds on what a set holds. Lists come from outside.
const (
	maxText     = 64      // of issuer and number together; the longest document number in a zone has 22 characters
	manyNumbers = 1 << 10 // of a part, from which on its buckets are small: about as many as there are
)
