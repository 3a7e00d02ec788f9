package paper

const (
	// maxRegister is how many sheets are registered and printed at once here: what forms prints into one file.
	maxRegister = 2000
	// maxDiffers bounds the forms of which it is remembered what differed: each clerk has one, and a forgotten one is told again.
	maxDiffers = 256
	// maxRaw bounds what a reader may deliver into the form, in bytes.
	maxRaw = 2048
	// Characters of what is typed: names as the longest zone holds, the long number of a TD1 card, the rest as a node takes it.
	maxName, maxNumber, maxOfficer, maxBooth, maxPlate, maxPaper, maxNotes = 39, 22, 120, 16, 16, 32, 2000
	// maxSheet bounds a typed sheet number: a node's name, six digits, check character, with what people put between.
	maxSheet = 64
)
