package watchlist

// Bounds on what is indexed and matched. An alert comes from outside and a query from a document in somebody's hand:
// neither may make a booth slow.
const (
	maxLetters = 40  // of one word; a zone has room for 39, longer words are compared by their first 40
	maxWords   = 16  // of one name; the longest of OFAC's persons has 12
	maxNames   = 256 // of one alert that are indexed; OFAC's richest alias list has 53
	leastJoin  = 3   // letters that words written as one have more than
	maxJoins   = 1   // particles bridged when neighbouring words are joined, as in ABD-AL-RAHMAN
	maxHits    = 50  // shown at a booth; a traveller who hits more alerts than this has hit noise

	maxOfGroup = 1000 // hits on one number in a group of papers: all say the same of it, but for the range in which it stands

	maxReference = 4096 // words of the list itself that count as neighbours when a spelling's weight is computed

	maxPhrases    = 1 << 16 // texts that alerts share and that stand once; further ones stand with each alert
	maxBirthYears = 3       // under which the names of one alert stand; with more they stand where every query looks
	maxLevels     = 60      // steps of a plan; a byte holds them
	maxFaces      = 1 << 30 // bytes of faces that an index holds; alerts beyond that come without
	maxLayers     = 64      // of an index in bytes; their sizes fall by deltaFactor, so that there are never so many
	mostDate      = 9999<<9 | 15<<5 | 31
	mostWeight    = 64 // of a word, either way: ln of more than anybody could count
	rowUnit       = 4  // rows begin at multiples of it, so that 32 bits reach 16 GiB of them
	maxCommon     = maxReference

	maxGained   = 128 << 20 // bytes of what words of queries gained that a segment remembers, or
	gainedTimes = 4         // so many times its own where that is less

	deltaFactor = 4       // a layer at most so many times as large as what is added is built anew with it
	mergeBatch  = 1 << 16 // alerts decoded at a time
)
