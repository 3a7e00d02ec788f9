package post

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
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

// That a form says "asked again" opens no other booth's traveller: neither his answered referral, nor what the rules say of him.
func TestAskedAgainOpensNothing(t *testing.T) {
	c := found(t)
	first, desk, second := c.Browser(), c.Browser(), c.Browser()
	first.Enter("A. Hoxha", "K1")
	a := first.Post("/scan", "zone", stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	check := strings.TrimPrefix(a.Path, "/check/")
	referred := first.Post("/decide", a.Hiddens(t, "decision", "refer", "basis", "visa-free")...)
	referred.Has(t, "Referred to the second line")
	referral := strings.TrimPrefix(referred.Path, "/receipt/")
	desk.Enter("D. Gjoka", "L1")
	desk.Post("/second/"+referral, desk.Get("/second/"+referral).Hiddens(t, "outcome", "cleared", "confirm", "1")...)
	second.Enter("B. Leka", "K2")
	admit := []string{"check", check, "decision", "admit", "basis", "visa-free", "referral", referral}
	for path, fields := range map[string][]string{"/decide": admit,
		"/together": {"member", "check=" + check + "&decision=admit&basis=visa-free&referral=" + referral}} {
		for _, step := range []string{"prepare", ""} {
			a := second.Step(step, path, append(fields, "again", "1", "act", station.ActText(station.NewAct()))...)
			if a.Status != http.StatusNotFound || strings.Contains(a.Body, "ROSSI") {
				t.Errorf("%s %q: %d %s", path, step, a.Status, a.Path)
			}
		}
	}
	taken := first.Post("/scan", "zone", stationtest.Passport(t, "Verdi", "Carla", "YA7654321", "ITA"))
	act := station.ActText(station.NewAct())
	finish := []string{"check", strings.TrimPrefix(taken.Path, "/check/"), "decision", "admit", "basis", "visa-free", "act", act}
	second.Post("/decide", finish...).Has(t, "Admitted", "VERDI, CARLA") // it was open: K2 finishes what K1 began
	late := c.Browser()
	late.Enter("B. Leka", "K2")
	if a := late.Post("/decide", append(finish, "again", "1")...); !strings.HasPrefix(a.Path, "/receipt/") {
		t.Errorf("what K2 decided, asked again in a later shift: %d %s", a.Status, a.Path)
	}
	again := c.Browser() // the officer himself, in a later shift
	again.Enter("A. Hoxha", "K3")
	again.Post("/decide", append(admit, "again", "1", "act", station.ActText(station.NewAct()))...).Has(t, "Admitted", "ROSSI, PAOLO")
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
