package station

import "time"

const (
	// canariesWithin is how old the last look for canaries may be: a day, and a night's trouble.
	canariesWithin = 26 * time.Hour

	// maxStreams bounds the open pages that are told the state of the node: a few to a booth, thirty booths.
	maxStreams = 512
	stateEvery = 5 * time.Second
	// nudgeEvery is the least time between two rounds that were asked for: a burst of records is one round.
	nudgeEvery = 250 * time.Millisecond

	// commitFor is what the deeds of a form get, even where its browser has gone: a lost connection must not leave them undone.
	commitFor = 12 * time.Second
	// maxDeeds bounds the deeds of one form: a bus of eighty with its vehicle. Their signatures fit into a form of 64 KiB.
	maxDeeds = 128
	// maxSignature bounds a signature's text: act in hex, colon, 64 bytes in base64url.
	maxSignature = 33 + 128

	// maxForm bounds a form in bytes: an alert with the image of a face, of 48 KiB as bytes and 64 KiB as text. Larger lets one have more.
	maxForm = 192 << 10

	// maxIsolationReason bounds the reason of an isolation in characters: a sentence with the number of an order.
	maxIsolationReason = 900

	// underWork is how long a check is open without being news among the states.
	underWork = 2 * time.Minute
	// reachedWithin is how old the last exchange with a centre may be before the page says that it is cut off.
	reachedWithin = 30 * time.Second
	// maxSeen is how many crossings of a traveller are listed; a border worker has hundreds.
	maxSeen = 12
)
