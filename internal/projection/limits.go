package projection

// Bounds on what is answered at once.
const (
	maxHistory = 1000 // passages of one traveller: a commuter's year, both ways
	maxChecks  = 20   // undecided checks of one traveller
	MaxFound   = 200  // sightings in one answer of a search
	maxGrey    = 366  // days: "another person" is remembered for twelve months; one that says more was never lawful
	MaxHits    = 2000 // hits in one answer
	maxHitRows = 5000 // records that are read for it: most hits are of another list or repeat their check
	maxParty   = 400  // records of one party: a bus of fifty with checks, decisions and second thoughts

	carryEach   = 400    // records folded between two times that the WAL is carried into the file: some 4,000 pages
	carryMost   = 20_000 // records that may wait for that in the WAL: it is then some hundreds of MB long
	maxPrepared = 128    // questions kept prepared: about forty are asked, some in a few lengths

	asGoodAsEmpty = 1000 // passages: so few are indexed again in a moment

	pieceRows = 512 // rows of a comparison read at once, so that it never holds back the WAL

	// MaxWritten bounds the records of one answer about a post's shift: the busiest post passes 1,500 persons an hour.
	MaxWritten = 40_000
)
