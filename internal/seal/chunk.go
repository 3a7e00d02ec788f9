package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	chunkLabel    = "tims/chunk/1\n"
	chunkKeyLabel = "tims/chunk-key/1\n"
	minChunk      = sha256.Size + nonceSize + tagSize
)

// A ChunkAt is the place of a chunk: the act of the `list` record that releases the list, the position from 0, and the total
// of chunks (at most MaxChunks). Binding the total keeps a shortened release from opening.
type ChunkAt struct {
	List  [16]byte
	Index uint32
	Total uint32
}

func (c ChunkAt) check() error {
	if c.Total > MaxChunks || c.Index >= c.Total {
		return fmt.Errorf("chunk %d of %d: %w", c.Index, c.Total, ErrMalformed)
	}
	return nil
}

func (c ChunkAt) ad() []byte {
	b := append([]byte(chunkLabel), c.List[:]...)
	b = binary.BigEndian.AppendUint32(b, c.Index)
	return binary.BigEndian.AppendUint32(b, c.Total)
}

// chunkKeyDigest commits to the list's key. A release names the hashes of its chunks; with the digest inside them it names
// the key as well, so that nobody can give one post another key under which the same chunks open to a shorter list.
func chunkKeyDigest(key Key, list [16]byte) [32]byte {
	b := append([]byte(chunkKeyLabel), list[:]...)
	return sha256.Sum256(append(b, key[:]...))
}

// SealChunk seals one chunk of a list: SHA-256("tims/chunk-key/1\n" ‖ list ‖ key) ‖ nonce(12) ‖ AES-256-GCM(plaintext), additional
// data "tims/chunk/1\n" ‖ list ‖ uint32 index ‖ uint32 total. One key serves one release. Plaintexts have at most MaxChunk
// bytes.
func SealChunk(rand io.Reader, key Key, at ChunkAt, plaintext []byte) ([]byte, error) {
	if err := at.check(); err != nil {
		return nil, fmt.Errorf("seal chunk: %w", err)
	}
	if len(plaintext) > MaxChunk {
		return nil, fmt.Errorf("seal chunk of %d bytes: more than %d", len(plaintext), MaxChunk)
	}
	digest := chunkKeyDigest(key, at.List)
	dst := append(make([]byte, 0, minChunk+len(plaintext)), digest[:]...)
	chunk, err := sealTo(dst, rand, key, plaintext, at.ad())
	if err != nil {
		return nil, fmt.Errorf("seal chunk: %w", err)
	}
	return chunk, nil
}

// OpenChunk opens a chunk made by SealChunk at the same place. A key other than the one the chunk commits to is refused as
// ErrOtherContent before anything is decrypted.
func OpenChunk(key Key, at ChunkAt, chunk []byte) ([]byte, error) {
	if err := at.check(); err != nil {
		return nil, fmt.Errorf("open chunk: %w", err)
	}
	if len(chunk) < minChunk || len(chunk) > minChunk+MaxChunk {
		return nil, fmt.Errorf("open chunk of %d bytes: %w", len(chunk), ErrMalformed)
	}
	if [32]byte(chunk[:sha256.Size]) != chunkKeyDigest(key, at.List) {
		return nil, fmt.Errorf("open chunk: %w", ErrOtherContent)
	}
	plain, err := openFrom(key, chunk[sha256.Size:], at.ad())
	if err != nil {
		return nil, fmt.Errorf("open chunk: %w", err)
	}
	return plain, nil
}
