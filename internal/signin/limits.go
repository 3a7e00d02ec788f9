package signin

import "time"

const (
	maxBooth = 16  // bytes of a booth's name, as in package node
	maxCode  = 128 // bytes of a one-time code: those of node have 32
	maxPath  = 256 // bytes of the address to come back to

	// shiftFor ends a session, and the signatures that bring it back, with the working day: node resumes no older shift.
	shiftFor = 12 * time.Hour
	// maxSessions is far above the booths of the largest post.
	maxSessions = 1024
	// challengeFor is long for a browser, which signs at once, and short for anybody else.
	challengeFor = time.Minute
	// maxEnded bounds the shifts remembered as ended, of which each node has some hundreds in shiftFor.
	maxEnded = 4096
)
