package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

type officer struct {
	Name  string
	Count int
}

func store(max int) *Sessions[officer] {
	return NewSessions[officer]("kakavija", SessionLimits{Idle: 30 * time.Minute, Absolute: 12 * time.Hour, Max: max})
}

// start signs in a browser, which may have a cookie already, and returns its
// next request.
func start(s *Sessions[officer], before *http.Request, name string) *http.Request {
	w := httptest.NewRecorder()
	s.Start(w, before, officer{Name: name})
	return with(w.Result().Cookies()[0])
}

func with(c *http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if c != nil {
		r.AddCookie(c)
	}
	return r
}

func TestSessionExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store(10)
		idle := start(s, with(nil), "idle")
		time.Sleep(30*time.Minute - 1)
		if !s.Alive(idle) {
			t.Error("ended before its idle time")
		}
		time.Sleep(time.Nanosecond) // Alive did not count as use
		if _, ok := s.Get(idle); ok || s.Alive(idle) {
			t.Error("lives after its idle time")
		}
		busy := start(s, with(nil), "busy")
		for range 12*6 - 1 {
			time.Sleep(10 * time.Minute)
			if _, ok := s.Get(busy); !ok {
				t.Fatal("ended while in use")
			}
		}
		time.Sleep(10 * time.Minute)
		if _, ok := s.Get(busy); ok {
			t.Error("lives after its absolute limit")
		}
		if len(s.byID) != 0 {
			t.Errorf("%d left in the store", len(s.byID))
		}
	})
}

func TestSession(t *testing.T) {
	s := store(10)
	w := httptest.NewRecorder()
	s.Start(w, with(nil), officer{Name: "Ana"})
	c := w.Result().Cookies()[0]
	if c.Name != "tims-kakavija" || c.Path != "/" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure || c.MaxAge != 0 {
		t.Error(c)
	}
	id, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(id) != 32 {
		t.Fatalf("%d bytes, %v", len(id), err)
	}
	if s.byID[sha256.Sum256(id)] == nil {
		t.Error("not kept under the hash")
	}
	if !s.Update(with(c), func(o *officer) { o.Count++ }) {
		t.Error("no update")
	}
	if got, ok := s.Get(with(c)); !ok || got != (officer{"Ana", 1}) {
		t.Error(got, ok)
	}
	for _, value := range []string{"", "x", c.Value + "A", c.Value[:42] + "!", base64.RawURLEncoding.EncodeToString(make([]byte, 32))} {
		if _, ok := s.Get(with(&http.Cookie{Name: c.Name, Value: value})); ok {
			t.Errorf("%q is a session", value)
		}
	}
	if _, ok := s.Get(with(&http.Cookie{Name: "tims-durres", Value: c.Value})); ok {
		t.Error("another node's cookie is taken")
	}
	w = httptest.NewRecorder()
	s.End(w, with(c))
	if gone := w.Result().Cookies()[0]; gone.MaxAge != -1 || gone.Value != "" || s.Alive(with(c)) {
		t.Error(gone)
	}
}

// A new sign-in ends the id that the browser had before.
func TestSessionIsMadeAnew(t *testing.T) {
	s := store(10)
	before := start(s, with(nil), "Ana")
	after := start(s, before, "Besa")
	if s.Alive(before) || !s.Alive(after) {
		t.Error("the old id lives on")
	}
}

func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store(2)
		first := start(s, with(nil), "first")
		time.Sleep(time.Second)
		second := start(s, with(nil), "second")
		time.Sleep(time.Second)
		s.Get(first)
		third := start(s, with(nil), "third")
		if !s.Alive(first) || s.Alive(second) || !s.Alive(third) || len(s.byID) != 2 {
			t.Error("not the one longest idle made room")
		}
	})
}

func TestEndAll(t *testing.T) {
	s := store(10)
	ana, besa := start(s, with(nil), "Ana"), start(s, with(nil), "Besa")
	if n := s.EndAll(func(o officer) bool { return o.Name == "Ana" }); n != 1 || s.Alive(ana) || !s.Alive(besa) {
		t.Errorf("%d ended", n)
	}
}
