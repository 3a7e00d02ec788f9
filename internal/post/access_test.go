package post

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

func TestOnlyInShift(t *testing.T) {
	b := found(t).browser()
	for _, path := range []string{"/", "/check/0", "/receipt/0", "/open"} {
		if a := b.get(path); a.path != "/resume" {
			t.Errorf("%s shows a stranger %d %s", path, a.status, a.path)
		}
	}
	for _, path := range []string{"/scan", "/hand", "/direction", "/check/0", "/prepare", "/commit", "/decide"} {
		if a := b.post(path, "zone", "x"); a.status != http.StatusUnauthorized {
			t.Errorf("%s answers a stranger %d", path, a.status)
		}
	}
	b.enter()
	b.get("/").has(t, "Booth K1", "A. Hoxha")
	b.post("/leave").has(t, "The shift is ended")
	if a := b.get("/"); a.path != "/resume" {
		t.Error("after leaving:", a.status, a.path)
	}
}

// A booth sees its own travellers and open checks, and no others by counting up an address.
func TestNoLeafing(t *testing.T) {
	c := found(t)
	first := c.browser()
	first.enter()
	a := first.post("/scan", "zone", passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	second := c.browser()
	second.enterAgain()
	second.get(a.path).has(t, "ROSSI, PAOLO") // open: another booth may finish it
	receipt := first.post("/decide", a.hiddens(t, "decision", "admit", "basis", "visa-free")...)
	for _, path := range []string{a.path, receipt.path, "/check/99999", "/check/x"} {
		if a := second.get(path); a.status != http.StatusNotFound || strings.Contains(a.body, "ROSSI") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// The settings are the shift's: a session that its key opened again goes on with them, another shift begins afresh.
func TestSettingsOutliveSession(t *testing.T) {
	c := found(t)
	b := c.browser()
	b.enter()
	b.post("/direction")
	key, shift := b.key, b.shift
	b = c.browser()
	b.key, b.shift = key, shift
	b.resume()
	b.get("/").has(t, "Exit Booth K1")
	other := c.browser()
	other.enterAgain()
	other.get("/").has(t, "Entry Booth K1")
}

func TestBoothsAreBounded(t *testing.T) {
	var b booths
	shift := func(i int) *node.Shift {
		return &node.Shift{Ref: record.Ref{Origin: "al/kakavija/1", Index: uint64(i)}}
	}
	for i := range maxBooths + 1 {
		b.update(shift(i), func(b *booth) { b.direction = border.Exit })
	}
	if len(b.known) != maxBooths {
		t.Errorf("%d are kept", len(b.known))
	}
	if b.of(shift(maxBooths)).direction != border.Exit || b.of(shift(0)).direction != border.Entry {
		t.Error("not the one longest unused was forgotten")
	}
	b.makeRoom(time.Now().Add(shiftFor))
	if len(b.known) != 0 {
		t.Errorf("%d outlive their shift", len(b.known))
	}
}
