package centre

import "time"

const (
	// freshFor is how old the state of the country may be that a page is made of: shorter than station's rounds, so that each
	// round looks anew, once for all pages.
	freshFor = time.Second
	// askTime bounds one look at the node: a page that is late says so by itself, and the next round asks again.
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
	// maxOutages is for each post: one whose line flaps must not push the others off the page.
	maxOutages = 5

	maxHits    = 200 // hits on a page: what an analyst reads; the file has more
	maxFilters = 4   // of hits that one officer has open and that are kept true
	maxLookers = 256 // officers with open lists of hits
	// canaryLate is how old a post's last look for canaries may be: a day, an hour until it says so, and some.
	canaryLate = 27 * time.Hour

	// groupBytes of a party's 16 tell the parties of one answer apart.
	groupBytes = 2

	// Bounds of what is asked for. The reason's are those of node.
	maxNumber  = 20 // characters of a document number as typed, blanks and hyphens included
	maxName    = 80 // characters of a name as typed
	minSurname = 2  // zone letters: one would be a browse through the country
	minReason  = 5
	maxReason  = 200
)
