package witness

import "time"

// Bounds of a witness. Anybody may send to it; what it keeps is signed by keys that its administrator named, and bounded by log.
const (
	maxLogs       = 4096      // logs: some countries, each node with the epochs of a bad decade; a few KiB each
	maxEpochs     = 64        // epochs accepted of one node
	maxText       = 8 << 10   // bytes of a checkpoint's text: three lines and whatever extension lines a foreign log has
	maxEpoch      = 64 << 10  // bytes of an epoch statement
	maxStored     = 128 << 10 // bytes of one file here: a checkpoint with two signatures, one evidence
	maxForks      = 4         // convictions kept of one log: the first says all
	maxUnproven   = 16        // refused checkpoints kept of one log; see heldLog.keep
	maxListed     = 65536     // files of evidence that a listing reads
	maxStrangers  = 4         // lists of approved changes being read at once, each one change of 1 MiB at a time
	changesWithin = 2 * time.Minute
	answerWithin  = 10 * time.Second
	bodyWithin    = 5 * time.Second // for a submission to come whole: it is a few hundred bytes, and holds a place meanwhile

	inFlight     = 128 // submissions at once, each at most 200 KiB: 25 MiB
	inFlightEach = 8   // of one visitor: a node sends one after another, an office has some behind one address

	requestsSpan = time.Minute
	requestsEach = 1200   // of one visitor within requestsSpan: twenty logs with a checkpoint each second
	requestsAll  = 60_000 // of all together
	maxVisitors  = 4096   // addresses counted at once; the next ones share one count

	// repeatSpan is how long the same checkpoint, sent again, gets the lines that it got: a public checkpoint costs whoever
	// repeats it nothing, and must not cost the disk a write each time.
	repeatSpan = time.Minute
)
