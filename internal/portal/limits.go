package portal

import "time"

// Bounds of a portal. It stands where everybody reaches it and holds little; what comes is counted before it is kept.
const (
	maxFile       = 8 << 20   // bytes of a founding, epoch statement or list of changes read from disk
	maxGrowth     = 8 << 20   // bytes of one push: 8,192 hashes, and 256 leaves with their counts
	maxEpoch      = 64 << 10  // bytes of an epoch statement
	maxNote       = 128 << 10 // bytes of a cosigned checkpoint
	maxLogs       = 4096      // logs: every node of a country, with the epochs of a bad decade
	maxEpochs     = 64        // epochs accepted of one node
	maxStrangers  = 4         // unknown peers that hand over changes at once
	maxPushes     = 16        // growths being taken in at once: each holds at most maxGrowth bytes
	maxPushesEach = 2         // of one peer, which sends one after another
	maxPeers      = 512       // peers with pushes under way: the nodes of a country
	maxStreams    = 500       // open live pages; others reload
	maxStatuses   = 720       // status records summed for one crossing: three hours at one every 15 s
	maxPlaces     = 512       // places of a configuration

	shownHours  = 3 * time.Hour    // the stretch whose passages are summed
	beat        = 2 * time.Second  // how often open pages are told what has changed
	reload      = 30 * time.Second // of pages without script
	staticEvery = time.Minute      // how often the static files are written

	silentFactor = 2           // a crossing is silent after so many of its own periods and silentGrace without news
	silentGrace  = time.Minute // for the road from the post to here
	minPeriod    = 10 * time.Second
	maxPeriod    = 6 * time.Hour
)

// Look-ups of receipts. A record's number is public and the opening on a receipt has 128 random bits, so nothing can be guessed
// here; the bounds keep one visitor from taking the machine.
const (
	lookupsEach = 30          // of one address within lookupSpan
	lookupsAll  = 3000        // of all together
	lookupSpan  = time.Minute //
	maxVisitors = 4096        // addresses counted at once; the next ones share one count
	maxForm     = 2 << 10     // bytes of the form: a receipt's text with blanks
)
