package replica

import "time"

// Bounds on one exchange. A peer that hangs, floods or answers without end costs at most this.
const (
	maxBody          = 64 << 20         // bytes of one request or answer body after decompression
	maxComparison    = 64 << 10         // bytes of a comparison: evidence, or maxNotes notes of a few hundred bytes
	maxNotes         = 16               // checkpoints in a comparison: the settled one and the pending ones of a mirror
	maxSmall         = 1 << 20          // bytes of an answer that is a checkpoint, a number, a note
	partsPerPush     = 1024             // parts in one request: a thin line repeats at most these
	pushBytes        = 4 << 20          // bytes of part bodies in one request
	requestBytes     = 8 << 20          // of one add-records request: at 1 Mbit/s it takes a minute and is answered
	maxGroup         = 18 << 20         // bytes of a group but its bodies, packed or not: a package of 256 entries of 64 KiB
	maxIndex         = 1 << 62          // of a record: far above any log
	maxWitnessRounds = 4                // submissions of one checkpoint: two that others' come between, one behind an introduction
	maxWitnessLines  = 128 << 10        // bytes of a witness's answer: the signature lines of one note
	maxRounds        = 10_000           // requests of one exchange: far above what a log a day behind needs
	maxRaces         = 3                // tries of what another exchange of the same log may come between
	maxPublished     = 4096             // logs of one portal: every node of a country, with the epochs of a bad decade
	MaxHeldTold      = 64               // newest leaves in full that a portal tells of: two days of hourly counts and some
	answerIn         = 30 * time.Second // for a peer to begin its answer
)
