package passkey

import "time"

// Bounds on what an authenticator answers, before anything is parsed.
const (
	maxCredential    = 1023     // bytes of a credential id: the most that WebAuthn has
	maxClientData    = 2 << 10  // bytes of clientDataJSON: an origin and a challenge
	maxAttestation   = 16 << 10 // bytes of an attestation object; with attestation "none" it is about 400
	maxSignature     = 1 << 10  // bytes: RSA of 8192 bits
	maxKey           = 2 << 10  // bytes of a public key
	minAuthenticator = 32 + 1 + 4
	boothKeySize     = 65 // uncompressed point of P-256

	// NonceFor is long for a person with a security key in his pocket, and short for anybody else.
	NonceFor = 2 * time.Minute
)

// Flags of authenticator data (WebAuthn level 3, section 6.1).
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagAttested = 0x40
)
