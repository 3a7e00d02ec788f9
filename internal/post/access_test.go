package post

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station/stationtest"
)

func TestOnlyInShift(t *testing.T) {
	b := found(t).Browser()
	for _, path := range []string{"/", "/check/0", "/receipt/0", "/open"} {
		if a := b.Get(path); a.Path != "/resume" {
			t.Errorf("%s shows a stranger %d %s", path, a.Status, a.Path)
		}
	}
	for _, path := range []string{"/scan", "/hand", "/direction", "/check/0", "/decide"} {
		if a := b.Post(path, "zone", "x"); a.Status != http.StatusUnauthorized {
			t.Errorf("%s answers a stranger %d", path, a.Status)
		}
	}
	b.Enter("A. Hoxha", "K1")
	b.Get("/").Has(t, "Booth K1", "A. Hoxha")
	b.Post("/leave").Has(t, "The shift is ended")
	if a := b.Get("/"); a.Path != "/resume" {
		t.Error("after leaving:", a.Status, a.Path)
	}
}

// A booth sees its own travellers and open checks, and no others by counting up an address.
func TestNoLeafing(t *testing.T) {
	c := found(t)
	first := c.Browser()
	first.Enter("A. Hoxha", "K1")
	a := first.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	second := c.Browser()
	second.Enter("A. Hoxha", "K1")
	second.Get(a.Path).Has(t, "ROSSI, PAOLO") // open: another booth may finish it
	receipt := first.Post("/decide", a.Hiddens(t, "decision", "admit", "basis", "visa-free")...)
	for _, path := range []string{a.Path, receipt.Path, "/check/99999", "/check/x"} {
		if a := second.Get(path); a.Status != http.StatusNotFound || strings.Contains(a.Body, "ROSSI") {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

// The settings are the shift's: a session that its key opened again goes on with them, another shift begins afresh.
func TestSettingsOutliveSession(t *testing.T) {
	c := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	b.Post("/direction")
	b = b.Again()
	b.Resume()
	b.Get("/").Has(t, "Exit Booth K1")
	other := c.Browser()
	other.Enter("A. Hoxha", "K1")
	other.Get("/").Has(t, "Entry Booth K1")
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
