package numbers

// Bounds on what a set holds. Lists come from outside.
const (
	maxText     = 64      // of issuer and number together; the longest document number in a zone has 22 characters
	manyNumbers = 1 << 22 // from which on buckets are small
	maxCount    = 1 << 32 // of anything in bytes that are opened
)
