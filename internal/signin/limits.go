package signin

import "time"

const (
	maxBooth = 16  // bytes of a booth's name, as in package node
	maxCode  = 128 // bytes of a one-time code: those of node have 32
	maxPath  = 256 // bytes of the address to come back to

	// shiftFor ends a session with the working day: node resumes no older shift.
	shiftFor = 12 * time.Hour
	// maxSessions is far above the booths of the largest post.
	maxSessions = 1024
)
