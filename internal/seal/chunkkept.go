package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

const (
	keptLabel      = "tims/chunk/2\n"
	keptKeyLabel   = "tims/chunk-key/2\n"
	keptNonceLabel = "tims/chunk-nonce/2\n"
)

// A kept chunk belongs to a list and stays when the next release comes: it is bound to the list's name and to a key that serves
// many releases, not to one release, a place or a total. Each release names all its chunks in order and signs that, so nobody
// leaves one out or exchanges two.

// SealKept seals a chunk of a list: SHA-256("tims/chunk-key/2\n" ‖ list ‖ key) ‖ nonce(12) ‖ AES-256-GCM(plaintext), additional data
// "tims/chunk/2\n" ‖ list, where list stands behind its length in two bytes. Plaintexts have at most MaxChunk bytes.
//
// The nonce is the first 12 bytes of HMAC-SHA-256(key, "tims/chunk-nonce/2\n" ‖ list ‖ plaintext): what was sealed before gets the same
// bytes again and travels once, and two plaintexts share a nonce with a chance of 2^-96. Whoever has no key learns which chunks
// two releases share, which their hashes say anyway.
func SealKept(key Key, list string, plaintext []byte) ([]byte, error) {
	if len(plaintext) > MaxChunk || len(list) == 0 || len(list) > MaxOrigin {
		return nil, fmt.Errorf("seal chunk of %d bytes for a list name of %d: %w", len(plaintext), len(list), ErrMalformed)
	}
	mac := hmac.New(sha256.New, key[:])
	mac.Write(appendString([]byte(keptNonceLabel), list))
	mac.Write(plaintext)
	nonce := mac.Sum(nil)[:nonceSize]
	digest := keptKeyDigest(key, list)
	dst := append(make([]byte, 0, minChunk+len(plaintext)), digest[:]...)
	dst = append(dst, nonce...)
	return gcm(key).Seal(dst, nonce, plaintext, appendString([]byte(keptLabel), list)), nil
}

// OpenKept opens a chunk of a list under that of the given keys to which it commits. None of them is ErrOtherContent, before
// anything is decrypted.
func OpenKept(keys []Key, list string, chunk []byte) ([]byte, error) {
	if len(chunk) < minChunk || len(chunk) > minChunk+MaxChunk || len(list) > MaxOrigin {
		return nil, fmt.Errorf("open chunk of %d bytes: %w", len(chunk), ErrMalformed)
	}
	for _, key := range keys {
		if [32]byte(chunk[:sha256.Size]) != keptKeyDigest(key, list) {
			continue
		}
		plain, err := openFrom(key, chunk[sha256.Size:], appendString([]byte(keptLabel), list))
		if err != nil {
			return nil, fmt.Errorf("open chunk: %w", err)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("open chunk: %w", ErrOtherContent)
}

// keptKeyDigest commits to the key, as chunkKeyDigest does: the same bytes open to nothing else for anybody.
func keptKeyDigest(key Key, list string) [32]byte {
	b := appendString([]byte(keptKeyLabel), list)
	return sha256.Sum256(append(b, key[:]...))
}
