package passkey

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// Nonces are made without being kept: time(8, UTC ms) ‖ random(16) ‖ HMAC-SHA-256 of both under a key of this process. Asking
// for a million of them therefore takes no memory and pushes nobody's out. Only those that were answered rightly are
// remembered, so that none serves twice. The zero value is ready; it is safe for concurrent use.
type Nonces struct {
	once sync.Once
	key  [32]byte

	mu   sync.Mutex
	used map[[NonceSize]byte]bool
}

// NonceSize is the length of a nonce in bytes.
const NonceSize = 8 + 16 + sha256.Size

// Issue makes a nonce.
func (n *Nonces) Issue(now time.Time) []byte {
	b := make([]byte, 24, NonceSize)
	binary.BigEndian.PutUint64(b, uint64(now.UnixMilli()))
	rand.Read(b[8:])
	return append(b, n.mac(b)...)
}

func (n *Nonces) mac(b []byte) []byte {
	n.once.Do(func() { rand.Read(n.key[:]) })
	h := hmac.New(sha256.New, n.key[:])
	h.Write(b)
	return h.Sum(nil)
}

// Fresh reports whether the nonce was made here within NonceFor and not used yet.
func (n *Nonces) Fresh(b []byte, now time.Time) bool {
	if len(b) != NonceSize || !hmac.Equal(b[24:], n.mac(b[:24])) || !young(b, now) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_, used := n.used[[NonceSize]byte(b)]
	return !used
}

func young(b []byte, now time.Time) bool {
	age := now.Sub(time.UnixMilli(int64(binary.BigEndian.Uint64(b))))
	return age >= 0 && age < NonceFor
}

// Take uses a nonce up, and reports false where it is not fresh, or another request was faster.
func (n *Nonces) Take(b []byte, now time.Time) bool {
	if !n.Fresh(b, now) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := [NonceSize]byte(b)
	if _, used := n.used[key]; used {
		return false
	}
	for old := range n.used {
		if !young(old[:], now) {
			delete(n.used, old)
		}
	}
	if n.used == nil {
		n.used = map[[NonceSize]byte]bool{}
	}
	n.used[key] = true
	return true
}
