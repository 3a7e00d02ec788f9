package control

import "time"

// Bounds of the control socket. Only the node's own user reaches it, so they guard against mistakes more than malice.
const (
	maxPath     = 103       // bytes of a socket's path: the least that Unix systems take (macOS 104 with the final zero, Linux 108)
	maxSmall    = 4 << 10   // bytes of a request that names one thing
	maxAnswer   = 96 << 20  // bytes of an answer: the draft of a loss as large as MaxLossDraft, in base64
	maxText     = 1 << 10   // bytes of an error's text
	maxFrame    = 1 << 20   // bytes of one chunk of alerts; package lists makes none over 600 KiB
	frameAlerts = 256       // alerts in one frame of an answer; those with portraits are parted further
	maxAlerts   = 2_000_000 // alerts of one release, held in memory until it is written
	toldLosses  = 1000      // alerts of a loss that are told one by one; all are counted
	toldNames   = 4         // names or numbers of one of them
	dialTime    = 2 * time.Second
	smallTime   = 30 * time.Second // for an answer that costs the node one record at most
	releaseTime = 10 * time.Minute // for a release of maxAlerts on a slow disk
	numbersTime = 2 * time.Hour    // for a release of a hundred million numbers
	endTime     = 5 * time.Second  // for commands under way when the node ends
)

// MaxLossDraft bounds the draft of a loss: a million versions of alerts, 32 bytes each.
const MaxLossDraft = 64 << 20
