package seal

const (
	// MaxPlaintext bounds one part: a page of a document as a 300 dpi JPEG stays under half of it, and a mirror can hold
	// a part in memory while it checks it.
	MaxPlaintext = 1 << 20

	// MaxOrigin bounds an origin in additional data and key names: `<country>/<node>/<epoch>` needs a tenth of it, and the
	// longest host name fits.
	MaxOrigin = 255

	// grain divides every room, and maxRoom bounds one: an opener takes what was filled to any multiple of grain, and nobody hides a
	// megabyte of zeros behind an empty plaintext.
	grain   = 8
	maxRoom = 1024

	// MaxChunk bounds the plaintext of one chunk of a list: small enough to be repeated over a thin line.
	MaxChunk = 1 << 20

	// fileFrame is what of a sealed file is opened at once.
	fileFrame = 1 << 20

	// MaxChunks bounds the chunks of a release: 64 GiB, twenty times INTERPOL's 68 million stolen documents at 50 bytes.
	MaxChunks = 1 << 16

	// maxIssuer and maxNumber bound the fields of a tag: an issuer has three letters in the zone, the longest number of an
	// identity card runs into the optional data and ends at 22; a number taken by hand has room.
	maxIssuer = 3
	maxNumber = 32

	// personLetters of the primary identifier go into a person tag: zones cut long names at different places (30 characters
	// for all names on a card, 39 in a passport, Doc 9303 parts 5 and 4), and so many letters of a surname survive in each.
	personLetters = 12

	// maxName bounds the identifiers handed to a person tag: a TD3 zone holds 39, an alert written by hand more.
	maxName = 256

	// maxCodeInput bounds what is typed as a receipt code: ten characters with a blank or hyphen round each.
	maxCodeInput = 40

	// maxReceiptOrigin bounds the origin on a receipt, so that it stays under 300 bytes: two letters of a country, 31
	// of a node's name and ten digits of an epoch with two slashes are 45. maxReceiptText allows for blanks of a copy.
	maxReceiptOrigin = 48
	maxReceiptText   = 600

	// MaxShares bounds a split: one share an institution, never a crowd.
	MaxShares = 16

	// A secret to be split has at least the strength of a 128-bit key and at most that of a private key with its suite.
	minSecret = 16
	maxSecret = 64
)
