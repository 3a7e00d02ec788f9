package lists

// Bounds on what an importer or a chunk may hold. A list comes from a foreign server: it may be broken, hostile, or grown.
const (
	maxLine     = 64 << 10  // bytes; OFAC's longest is under 3 KiB
	maxLines    = 5_000_000 // of one file; the largest public list has under two million
	maxSideRows = 2_000_000 // aliases and remarks held in memory beside the stream; OFAC has 20,000
	maxFaults   = 1_000     // kept with their lines; all are counted
	maxYears    = 21        // of a range of birth years; a wider one says nothing and would make an alert match anybody

	maxChunk  = 512 << 10 // bytes of a chunk before compression: half of what record decodes
	maxPacked = 600 << 10 // bytes of a chunk as it travels; incompressible data grows a little
)
