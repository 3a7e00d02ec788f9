package alerts

import "time"

const (
	// maxFace is the bound of an alert's image, that of package border. maxUpload is what of a form goes by: a photograph as cameras
	// take it is read to its end and refused with words, so that nobody types an alert again. maxFields is what of it is held beside
	// the image: an alert, and another image as text.
	maxFace   = 48 << 10
	maxUpload = 32 << 20
	maxFields = 192 << 10
	maxPoints = 2000 // width and height of an image: a browser of a booth opens it
	// maxRows bounds the rows of one kind in the form: the richest of public alerts has some 80 names, over several versions.
	maxRows = 64

	maxName   = 120 // characters of one part of a name
	maxText   = 600 // characters of what an officer reads of an alert between two travellers
	maxIssuer = 120
	maxNumber = 30  // characters of a document's number: a zone holds 22
	maxPlate  = 16  // as in the node
	maxVIN    = 17  // ISO 3779
	maxWhy    = 500 // characters of the reason for the record, of which the node takes 1,000 bytes
	maxReason = 200 // characters of the reason of a search, as in the node
	minReason = 5
	maxID     = 128 // as in package border

	// urgentFor is how long an urgent alert of a post is offered: until the first working day after a long weekend, by when a
	// centre has taken it over.
	urgentFor = 3 // days

	// matchedWithin is how long the page after writing waits for the alert to be matched here, looking every matchedEvery.
	matchedWithin = time.Second
	matchedEvery  = 50 * time.Millisecond

	// maxWaiting is how many waiting alerts of one list a page shows; the command shows all.
	maxWaiting = 50

	// maxShown faces are kept for pages that are open, each for shownFor.
	maxShown = 64
	shownFor = 15 * time.Minute
)
