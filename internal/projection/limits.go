package projection

// Bounds on what is answered at once.
const (
	maxHistory = 1000 // passages of one traveller: a commuter's year, both ways
	maxChecks  = 20   // undecided checks of one traveller
	MaxFound   = 200  // sightings in one answer of a search
)
