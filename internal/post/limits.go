package post

import "time"

const (
	// shiftFor is how long the settings of an unused shift are kept: its booth key opens nothing after twelve hours either
	// (node.ResumeShift).
	shiftFor = 12 * time.Hour
	// maxBooths bounds the shifts whose settings are kept: the largest crossing has some 30 booths.
	maxBooths = 256

	// maxParty bounds a party: two decks of a bus. With its signatures it fits into the form of 64 KiB that decides it.
	maxParty = 99
	// weighedFor is how long the advice on a member of the party that is not on the screen is believed; it is asked anew when he
	// is decided.
	weighedFor = 5 * time.Minute

	// maxRaw bounds what a reader may deliver, in bytes: ten zones, as package mrz looks at.
	maxRaw = 2048
	// maxChoices is how many documents of one reading are offered; keys 1 to 9 choose.
	maxChoices = 9
	// maxText bounds a name typed by hand: what the longest zone holds.
	maxText = 39
	// maxNumber bounds a document's number typed by hand: the long number of a TD1 card.
	maxNumber = 22
	// maxTerm bounds the days and entries of a visa: ten years.
	maxTerm = 3660
	// maxPlate, maxPaper, maxWith and maxNotes are what a record holds (package node).
	maxPlate = 16
	maxPaper = 32
	maxWith  = 120
	maxNotes = 2000
	// maxSettled bounds the memory of the checks decided a moment ago; the projection knows the others.
	maxSettled = 4096
)
