package mrz

const (
	// maxRaw bounds the bytes that Split and Read look at: ten of the longest zones
	// (90 characters and line ends) with two bytes a character still fit, and a
	// reader that keeps sending costs the booth milliseconds.
	maxRaw = 2048

	// maxPieces bounds the lines Split and Read keep: ten TD1 zones, more than a
	// reader's buffer runs together.
	maxPieces = 30

	// maxLineBytes is where Parse stops counting a line's characters: the widest
	// line has 44, and no character of UTF-8 is longer than four bytes.
	maxLineBytes = 4 * 44
)
