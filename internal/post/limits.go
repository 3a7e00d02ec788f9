package post

import "time"

const (
	// shiftFor is how long the settings of an unused shift are kept: its booth key opens nothing after twelve hours either
	// (node.ResumeShift).
	shiftFor = 12 * time.Hour
	// maxBooths bounds the shifts whose settings are kept: the largest crossing has some 30 booths.
	maxBooths = 256
	// maxStreams bounds the open pages that are told the state of the node: a few to a booth.
	maxStreams = 512

	// commitFor is what a decision gets, even where its browser has gone: a lost connection must not leave it undone.
	commitFor = 12 * time.Second

	// underWork is how long a check is open without being news in the state strip.
	underWork  = 2 * time.Minute
	stateEvery = 5 * time.Second
	// reachedWithin is how old the last exchange with a centre may be before the page says that it is cut off.
	reachedWithin = 30 * time.Second

	// maxRaw bounds what a reader may deliver, in bytes: ten zones, as package mrz looks at.
	maxRaw = 2048
	// maxChoices is how many documents of one reading are offered; keys 1 to 9 choose.
	maxChoices = 9
	// maxSeen is how many crossings of a traveller are listed; a border worker has hundreds.
	maxSeen = 12
	// maxText bounds a name typed by hand: what the longest zone holds.
	maxText = 39
	// maxNumber bounds a document's number typed by hand: the long number of a TD1 card.
	maxNumber = 22
	// maxSettled bounds the memory of the checks decided a moment ago; the projection knows the others.
	maxSettled = 4096
)
