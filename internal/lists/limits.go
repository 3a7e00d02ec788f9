package lists

import "tims/internal/border"

// Bounds on what an importer or a chunk may hold. A list comes from a foreign server: it may be broken, hostile, or grown.
const (
	maxLine     = 64 << 10             // bytes; OFAC's longest is under 3 KiB
	maxLines    = 20_000_000           // of one file: twice the ten million that the index is measured with; the largest public list has under two million
	maxSideRows = 2_000_000            // aliases, remarks and documents held in memory beside the stream; OFAC has 20,000
	maxFaults   = 1_000                // kept with their lines; all are counted
	maxYears    = 21                   // of a range of birth years; a wider one says nothing and would make an alert match anybody
	maxReason   = 600                  // bytes of a reason: what an officer reads while somebody stands before him
	maxNames    = border.MaxAlertNames // of one alert: what a watchlist looks at
	maxParts    = 100                  // of one alert's birth dates, states, documents, vehicles, each, so that all have room among the 512 that border allows
	maxNew      = 1000                 // of them while an alert is read: more than maxParts, so that what is cut is said
	maxHeadRows = 10                   // before the header of a table; British lists have one
	maxJoined   = 20                   // lines of one row whose quoted text has line ends
	maxColumns  = 200                  // of a table; British lists have 58
	maxHeld     = 3_000_000            // persons held where their documents or reasons may come after them
	maxNumbers  = 200_000_000          // lines of a list of numbers: twice the largest known
	maxNumber   = 40                   // bytes of a number in such a list; a zone has room for 22

	maxElement  = 2 << 20   // bytes of one party in a list of XML; the richest of OFAC's has 60 KiB
	maxTag      = 64 << 10  // bytes of one tag with its attributes
	maxDepth    = 16        // of elements in one another within a party; OFAC's nest nine deep
	maxEntity   = 4 << 20   // bytes of one line of JSON
	maxElements = 5_000_000 // parties and reference values of one file

	maxChunk  = 512 << 10 // bytes of a chunk before compression: half of what record decodes
	maxPacked = 600 << 10 // bytes of a chunk as it travels; incompressible data grows a little

	keptChunk    = 64 << 10 // bytes before compression of a chunk that stays between releases: what one changed alert costs a thin line
	numbersChunk = 16 << 10 // numbers in a chunk: 128 KiB, and 6,104 chunks for 100 million
	papersChunk  = 4 << 10  // ranges and long numbers in a chunk: some 100 KiB
	strikeShare  = 8        // a chunk of numbers is written anew where more than one in so many is struck: an eighth is what strikes cost a new post
	maxSmall     = 32       // small chunks at the end that are held to be put together; each is twice the next one, so that there are fewer
	lossSet      = 16 << 10 // hashes in a set of losses: 512 KiB
	indexChunks  = 1 << 10  // hashes in one blob of an index: 32 KiB; 256 on average
)
