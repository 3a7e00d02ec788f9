package amend

import "time"

const (
	// maxTries bounds the wrong codes of one shift in triesFor. A code has 50 bits: at eight a minute, thirty booths that guess for
	// a year have tried one in nine million of those of a single record. More than the slips of a tired hand it need not be.
	maxTries = 8
	triesFor = time.Minute
	// maxShifts bounds the memory of who tried: the shifts of a day at the largest crossing.
	maxShifts = 512

	// waitingFor is how old the count beside the page's name may be. It is asked for every page of every booth; the list behind it
	// reads a month of corrections.
	waitingFor = 5 * time.Second
	// maxKeys is how many rows have a digit as their key.
	maxKeys = 9

	// maxReason is a paragraph, in characters; the node takes twice as many bytes.
	maxReason = 500
	// maxTerm bounds days and entries of a visa: ten years.
	maxTerm = 3660
)
