package centre

import "time"

const (
	// maxStreams is one for each tab of an operations room and of those who look in.
	maxStreams = 64
	// beat is how often open pages hear how the posts are; slowBeats of them pass between two counts of the day, which read
	// every crossing of it.
	beat      = time.Second
	slowBeats = 5
	// freshBeats is when everything is said again, for a page that came between two sayings.
	freshBeats = 30
	// askTime bounds one look at the node: a page that is late says so by itself, and the next beat asks again.
	askTime = 10 * time.Second
	// reload is how often a page without script asks again.
	reload = 10 * time.Second

	// A post exchanges every second, and every five while something fails: three missed exchanges are a cut.
	reachedWithin = 15 * time.Second
	// lostAfter is when a cut stops being an everyday one: no shift begins without somebody asking why.
	lostAfter = time.Hour

	hourSlots   = 24
	minuteSlots = 60
	topNations  = 10

	// Bounds of what is asked for. The reason's are those of node.
	maxNumber  = 20 // characters of a document number as typed, blanks and hyphens included
	maxName    = 80 // characters of a name as typed
	minSurname = 2  // zone letters: one would be a browse through the country
	minReason  = 5
	maxReason  = 200
)
