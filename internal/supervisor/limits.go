package supervisor

import "time"

const (
	// keepFor is how long one account serves all open pages. They ask every five seconds.
	keepFor = 4 * time.Second
	// handedFor is how long the beginning of the shift is believed without a look: it changes by a hand-over, made here.
	handedFor = 10 * time.Minute
	// lookBack is how far a hand-over is looked for; the node opens its books for 48 hours at most.
	lookBack = 47 * time.Hour
	// lastShift is the stretch of a shift where no hand-over is known.
	lastShift = 12 * time.Hour
	// regimeFor is how long the regime in force is believed: the strip of every page asks for it.
	regimeFor = 2 * time.Second

	underWork = 2 * time.Minute  // a check so young is at a booth now
	leftOpen  = 10 * time.Minute // one so old was left by its booth
	quietFor  = 30 * time.Minute // an open booth without a record for so long is to be looked at
	maxWait   = 15 * time.Minute // a traveller who waits longer at the second line is to be looked at

	// oneCount is the longest stretch of one count: the books compare by the hour in which it began.
	oneCount = time.Hour
	// staleForm bounds the moment by which a form's times of day are read.
	staleForm  = 12 * time.Hour
	clockAhead = 5 * time.Minute // as the node lets a count end after its clock

	maxFigure  = 100_000 // persons or vehicles, as the node counts in a day
	maxMinutes = 24 * 60
	maxReason  = 900  // characters; the node takes 1000 bytes
	maxNotes   = 1900 // characters; the node takes 2000
	maxBooth   = 16

	// smallDifference is as much as a camera may be wrong by itself, in persons or one in twenty.
	smallDifference = 2
	smallShare      = 20

	maxDevices   = 64
	maxName      = 16
	minToken     = 16 // bytes of a bearer token: shorter ones are guessed
	maxToken     = 512
	maxCountBody = 4 << 10
	// A device posts each minute or hour; after an outage it sends what it kept.
	deviceBurst = 120
	devicePer   = time.Second
	countWithin = 10 * time.Second
)
