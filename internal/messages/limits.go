package messages

import "time"

const (
	// maxText is how many characters a message sent here has: what three lines of a page hold, read between two travellers. In
	// four-byte letters it is what a node takes (2,000 bytes).
	maxText = 500
	// stripText is how many characters surely fit into the two lines of the strip at 1280 pixels; longer ones are unfolded first.
	stripText = 170
	// maxTo bounds the nodes named in one message: the nodes of a country.
	maxTo = 512
	// freshFor is how long what was asked of the node serves every open page: the pages of thirty booths cost one question.
	freshFor = time.Second
)
