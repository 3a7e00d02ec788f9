package secondline

import "time"

const (
	// slowAfter and longAfter are from when on a waiting time is shown as a note and as a warning: whoever waits sits in a room.
	slowAfter = 10 * time.Minute
	longAfter = 30 * time.Minute

	// maxTaken bounds the marks in memory: more travellers than any second line has rooms for.
	maxTaken = 256
	// maxReasons bounds the memory of why travellers were referred: a day's referrals of the largest crossing.
	maxReasons = 1024
	// maxQueue bounds the travellers of one list; of more than these the oldest are shown, and how many follow.
	maxQueue = 100
	// maxAnswered bounds the answered ones below it.
	maxAnswered = 40
	// maxKeys is how many rows have a digit as their key.
	maxKeys = 9
	// maxWhy is how many reasons a row of the list has; the dossier has them all.
	maxWhy = 3
	// maxNotes is what the node takes of notes, in bytes.
	maxNotes = 2000
)
