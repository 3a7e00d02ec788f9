package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

// SessionLimits bound a store. All three are needed.
type SessionLimits struct {
	Idle     time.Duration // ends after so long without a request
	Absolute time.Duration // ends so long after it began, whatever happens
	Max      int           // at most so many; the one longest idle makes room
}

// Sessions keeps what a face knows of each signed-in browser, in memory: a
// restart ends all of them. The browser holds 32 random bytes in a cookie named
// after the node, since ports do not separate cookies; the store holds only
// their SHA-256, so that a copy of its memory signs in nobody.
type Sessions[T any] struct {
	cookie string
	limits SessionLimits

	mu   sync.Mutex
	byID map[[sha256.Size]byte]*session[T]
}

type session[T any] struct {
	value         T
	began, lastAt time.Time
}

// NewSessions makes an empty store for a node.
func NewSessions[T any](node string, limits SessionLimits) *Sessions[T] {
	return &Sessions[T]{cookie: "tims-" + node, limits: limits, byID: map[[sha256.Size]byte]*session[T]{}}
}

// Start begins a session under a new id and ends the browser's former one, so
// that an id known before sign-in is worth nothing after it.
func (s *Sessions[T]) Start(w http.ResponseWriter, r *http.Request, value T) {
	var id [32]byte
	rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	now := time.Now()
	s.mu.Lock()
	if old, ok := s.key(r); ok {
		delete(s.byID, old)
	}
	s.makeRoom(now)
	s.byID[sha256.Sum256(id[:])] = &session[T]{value: value, began: now, lastAt: now}
	s.mu.Unlock()
	s.setCookie(w, r, base64.RawURLEncoding.EncodeToString(id[:]), 0)
}

// Get returns the value of the browser's living session and counts as use.
func (s *Sessions[T]) Get(r *http.Request) (value T, ok bool) {
	ok = s.Update(r, func(v *T) { value = *v })
	return value, ok
}

// Update changes the value under the store's lock; fn must be short and must
// not call the store. It returns false if there is no living session.
func (s *Sessions[T]) Update(r *http.Request, fn func(*T)) bool {
	key, ok := s.key(r)
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[key]
	if one == nil {
		return false
	}
	now := time.Now()
	if s.expired(one, now) {
		delete(s.byID, key)
		return false
	}
	one.lastAt = now
	fn(&one.value)
	return true
}

// Alive reports whether the browser's session lives, without counting as use:
// an open stream must not keep an abandoned booth signed in.
func (s *Sessions[T]) Alive(r *http.Request) bool {
	key, ok := s.key(r)
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[key]
	return one != nil && !s.expired(one, time.Now())
}

// End ends the browser's session and takes its cookie back.
func (s *Sessions[T]) End(w http.ResponseWriter, r *http.Request) {
	if key, ok := s.key(r); ok {
		s.mu.Lock()
		delete(s.byID, key)
		s.mu.Unlock()
	}
	s.setCookie(w, r, "", -1)
}

// EndAll ends every session whose value which chooses, such as those of an
// officer dropped from the roster, and returns their number.
func (s *Sessions[T]) EndAll(which func(T) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.byID)
	for key, one := range s.byID {
		if which(one.value) {
			delete(s.byID, key)
		}
	}
	return before - len(s.byID)
}

func (s *Sessions[T]) expired(one *session[T], now time.Time) bool {
	return now.Sub(one.lastAt) >= s.limits.Idle || now.Sub(one.began) >= s.limits.Absolute
}

// makeRoom drops what has expired and, if that is not enough, the session
// longest idle: a shift must always be able to begin.
func (s *Sessions[T]) makeRoom(now time.Time) {
	var oldest [sha256.Size]byte
	var at time.Time
	for key, one := range s.byID {
		if s.expired(one, now) {
			delete(s.byID, key)
		} else if at.IsZero() || one.lastAt.Before(at) {
			oldest, at = key, one.lastAt
		}
	}
	if len(s.byID) >= s.limits.Max {
		delete(s.byID, oldest)
	}
}

// key is where the request's session would lie; the map is asked by hash, so
// that its timing tells nothing of a living id.
func (s *Sessions[T]) key(r *http.Request) ([sha256.Size]byte, bool) {
	c, err := r.Cookie(s.cookie)
	if err != nil {
		return [sha256.Size]byte{}, false
	}
	id, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(id) != 32 {
		return [sha256.Size]byte{}, false
	}
	return sha256.Sum256(id), true
}

func (s *Sessions[T]) setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
}
