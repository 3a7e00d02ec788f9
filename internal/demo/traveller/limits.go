package traveller

const (
	// maxPending bounds the parties that the source remembers until their next crossing. At two crossings a second and
	// stays of minutes a few hundred are on their way; a caller that never asks for one of the posts lets that post's
	// queue grow up to here, about 10 MB, and then the longest waiting are forgotten: travellers who never came back.
	maxPending = 4096

	// maxParty bounds one vehicle: a coach fills the booths of a post, a whole one would be all the traffic for a minute.
	maxParty = 12

	// maxHistory bounds one call of History: less than 100 MB of parties, and more crossings than a demonstration waits for.
	maxHistory = 50_000

	// maxListed bounds the listed persons kept. One in a hundred parties is one of them; a longer list shows no more.
	maxListed = 10_000

	// maxLegs is the most crossings that one draw of the history makes: a regular's three stays.
	maxLegs = 6
)

// Shares of what an officer should see now and then. They are higher than in life, so that a minute of demonstration
// shows each kind.
const (
	faultyShare   = 0.02  // of travellers, a zone with a deliberate fault
	listedShare   = 0.012 // of parties, led by a person of the lists
	misspeltShare = 0.4   // of these, under another spelling
	overstayShare = 0.02  // of journeys in the history, inside since more than the allowed days
	lateShare     = 0.01  // of journeys in the history, left too late
	regularShare  = 0.03  // of journeys in the history, near the end of the allowed days
)
