package roster

// Bounds on what a founding or an approved change may hold.
const (
	maxApprovers  = 64       // persons of the authority
	maxNodes      = 512      // nodes of a country, dropped ones included: about 1.4 KB each, most of it the reader's key
	maxIdentities = 64       // identity keys one node has had
	maxNeighbours = 16       // of one post: a frontier has two or three; each costs a whole copy
	maxOfficers   = 8_000    // officers of a country, dropped ones included: about 90 bytes each, within maxState
	maxDuties     = 16       // of one officer
	maxText       = 128      // bytes of a name, place, label or address
	maxReaderKey  = 2048     // bytes: room for suites with post-quantum keys
	maxCredential = 1023     // bytes of a credential id: the most that WebAuthn has
	maxPasskey    = 2048     // bytes of a passkey's public key: RSA of 8192 bits
	maxState      = 15 << 16 // bytes of a founding or a governed state: with its approvals it fits one part of a record (1 MiB)
	maxChange     = 1 << 20  // bytes of one approved change: a roster with its approvals

	MaxChanges = 256 << 20 // bytes of all approved changes of a country's life
)
