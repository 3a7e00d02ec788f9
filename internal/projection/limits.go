package projection

// Bounds on what is answered at once.
const (
	maxHistory = 1000 // passages of one traveller: a commuter's year, both ways
	maxFound   = 200  // persons on one page of search results
)
