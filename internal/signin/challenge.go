package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// challenges are made without being kept: time(8, UTC ms) ‖ nonce(16) ‖ HMAC-SHA-256 of both under a key of this process.
// Asking for a million of them therefore takes no memory and pushes nobody's out. Only those that were answered rightly are
// remembered, so that none serves twice.
type challenges struct {
	key [32]byte

	mu   sync.Mutex
	used map[[challengeSize]byte]time.Time
}

const challengeSize = 8 + 16 + sha256.Size

func newChallenges() *challenges {
	c := &challenges{used: map[[challengeSize]byte]time.Time{}}
	rand.Read(c.key[:])
	return c
}

func (c *challenges) issue(now time.Time) []byte {
	b := make([]byte, 24, challengeSize)
	binary.BigEndian.PutUint64(b, uint64(now.UnixMilli()))
	rand.Read(b[8:])
	return append(b, c.mac(b)...)
}

func (c *challenges) mac(b []byte) []byte {
	h := hmac.New(sha256.New, c.key[:])
	h.Write(b)
	return h.Sum(nil)
}

// fresh reports whether the challenge was made here within challengeFor and not used yet.
func (c *challenges) fresh(b []byte, now time.Time) bool {
	if len(b) != challengeSize || !hmac.Equal(b[24:], c.mac(b[:24])) || !c.young(b, now) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, used := c.used[[challengeSize]byte(b)]
	return !used
}

func (c *challenges) young(b []byte, now time.Time) bool {
	age := now.Sub(time.UnixMilli(int64(binary.BigEndian.Uint64(b))))
	return age >= 0 && age < challengeFor
}

// take uses a fresh challenge up, and reports false where another request was faster.
func (c *challenges) take(b []byte, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [challengeSize]byte(b)
	if _, used := c.used[key]; used {
		return false
	}
	for old, at := range c.used {
		if now.Sub(at) >= challengeFor {
			delete(c.used, old)
		}
	}
	c.used[key] = now
	return true
}
