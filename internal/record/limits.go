package record

// Bounds on what is decoded. A leaf is copied to every node of the country and read by outsiders: it stays small. Parts
// are bounded by what one act can mean.
const (
	maxLeaf     = 8 << 10 // bytes; design, section 3
	maxPart     = 1 << 20 // bytes of a part's plaintext
	maxParts    = 4       // parts of one record
	maxAbout    = 16      // records that one record refers to
	maxOrigin   = 128     // bytes of an origin
	maxNesting  = 8       // of CBOR; the deepest of ours is 5
	maxElements = 1 << 16 // of any CBOR array or map; maxPart binds first, this stops an empty claim of length
)
