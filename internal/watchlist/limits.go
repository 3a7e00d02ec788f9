package watchlist

// Bounds on what is indexed and matched. An alert comes from outside and a query from a document in somebody's hand:
// neither may make a booth slow.
const (
	maxLetters = 40  // of one word; a zone has room for 39, longer words are compared by their first 40
	maxWords   = 16  // of one name; the longest of OFAC's persons has 12
	maxNames   = 256 // of one alert that are indexed; OFAC's richest alias list has 53
	maxJoins   = 1   // particles bridged when neighbouring words are joined, as in ABD-AL-RAHMAN
	maxHits    = 50  // shown at a booth; a traveller who hits more alerts than this has hit noise

	maxReference = 4096 // words of the list itself that count as neighbours when a spelling's weight is computed
)
