package projection

// Bounds on what is answered at once.
const (
	maxHistory = 1000 // passages of one traveller: a commuter's year, both ways
	MaxFound   = 200  // sightings in one answer of a search
)
