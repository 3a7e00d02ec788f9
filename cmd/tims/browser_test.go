package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/demo"
	"tims/internal/demo/traveller"
	"tims/internal/mrz"
	"tims/internal/node"
)

// The whole way of a crossing in a real browser: scanned and admitted at a booth, found at the centre; then the centre is
// switched off, and the booth goes on and says how old its lists are. A person of the real OFAC list is found at the booth.
func TestCrossingInBrowser(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := startCountry(t)
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	traffic, err := c.NewTraffic(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	traffic.Release(t.Context())
	post := c.Node(traveller.Kakavija)
	for len(post.Alerts("ofac-sdn")) == 0 {
		time.Sleep(50 * time.Millisecond)
	}

	b.Do(chromedp.EmulateViewport(1280, 800))
	enter(b, c, traveller.Kakavija, "booth")
	b.Until(`document.querySelector(".plate h1") !== null`)
	admit(b, zone(t, "Papadopoulou", "Eleni", "AE1234567", "GRC", "740812"))
	picture(b, "booth-receipt")

	// A person whom the list names, under the name and the birth date that it gives.
	listed := onList(t, post)
	b.Do(chromedp.KeyEvent(listed))
	b.Until(`document.querySelector(".hits") !== null && document.querySelector(".hits").innerText.includes("ofac-sdn")`)
	picture(b, "booth")
	b.Do(chromedp.KeyEvent(kb.F3))
	b.Until(`document.querySelector(".done") !== null`)

	copied(t, c)
	found := browser.Open(t)
	found.Do(chromedp.EmulateViewport(1280, 800))
	enter(found, c, demo.CentreName, "analyst")
	found.Until(`document.getElementById("centre-posts") !== null`)
	found.Do(chromedp.KeyEvent(kb.F3))
	found.Until(`location.pathname === "/search" && document.activeElement.id === "number"`)
	found.Do(chromedp.KeyEvent("ae1234567\t\t\tcase 12/2026\r"))
	found.Until(`(document.getElementById("results")?.innerText ?? "").includes("PAPADOPOULOU")`)
	if found.Is(`location.href.includes("AE1234567") || location.href.includes("ae1234567")`) {
		t.Error("the document's number stands in an address")
	}

	// The centre goes away. Nothing changes at the booth but what it says of its lists and of the other posts.
	if err := c.SwitchOff(); err != nil {
		t.Fatal(err)
	}
	admit(b, zone(t, "Rossi", "Carla", "YA7654321", "ITA", "810304"))
	b.Do(chromedp.KeyEvent(zone(t, "Bianchi", "Anna", "YA7654329", "ITA", "810305")))
	b.Until(`document.querySelector("#verdict") !== null && document.body.innerText.includes("ofac-sdn") && /\d+ s(ec)? ago|min ago/.test(document.body.innerText)`)
	b.Until(`/not reach/i.test(document.querySelector("#states").innerText)`)
	picture(b, "booth-cut-off")
	for _, tab := range []*browser.Tab{b, found} {
		for _, line := range tab.Said() {
			if !strings.Contains(line, "ERR_") && !strings.Contains(line, "htmx:sse:error") { // the centre's page loses its stream when the centre goes
				t.Error("the console says:", line)
			}
		}
	}
}

// startCountry starts the demonstration's country on ports that are free.
func startCountry(t *testing.T) *demo.Country {
	t.Helper()
	for port := 23400; ; port += 100 {
		c, err := demo.Start(demo.Options{Listen: fmt.Sprintf("127.0.0.1:%d", port), Seed: 1, Version: "test",
			Face: func(n *node.Node) (http.Handler, error) { return face(n, faceOptions{demo: true}) }})
		if err == nil {
			if _, err := readApprover(filepath.Join(c.Dir(), "authority.key"), "al"); err != nil {
				t.Error("the demonstration's approver is of no use to the commands:", err)
			}
			return c
		}
		if port > 24400 {
			t.Fatal(err)
		}
	}
}

// copied waits until the centre has folded all that the post has written.
func copied(t *testing.T, c *demo.Country) {
	t.Helper()
	post, centre := c.Node(traveller.Kakavija), c.Node(demo.CentreName)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		h, err := centre.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p, err := post.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, peer := range h.Peers {
			if peer.Node == post.Name() && peer.Held >= p.Size && h.Folding == 0 {
				return
			}
		}
	}
	t.Fatal("the post's records do not reach the centre")
}

// enter goes through a door of the demonstration and opens the shift with one key.
func enter(b *browser.Tab, c *demo.Country, name, door string) {
	b.Helper()
	address, err := c.Door(name, door)
	if err != nil {
		b.Fatal(err)
	}
	b.Do(chromedp.Navigate(address))
	b.Until(`document.activeElement?.value === "software" && !document.activeElement.disabled`)
	time.Sleep(200 * time.Millisecond) // a key after a burst waits for the silence that tells fingers from a reader
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`location.pathname === "/" && document.documentElement.dataset.live === "on"`) // the page's script runs
}

// admit types a zone as a reader does, wherever the focus is, and admits.
func admit(b *browser.Tab, zone string) {
	b.Helper()
	b.Do(chromedp.KeyEvent(zone))
	b.Until(`document.querySelector("#verdict") !== null && document.querySelector(".done") === null`)
	time.Sleep(500 * time.Millisecond)
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector(".done, .acts .armed") !== null`)
	if b.Is(`document.querySelector(".acts .armed") !== null`) { // a grave finding asks twice
		time.Sleep(500 * time.Millisecond)
		b.Do(chromedp.KeyEvent(kb.F2))
	}
	b.Until(`document.querySelector(".done") !== null`)
}

func zone(t *testing.T, surname, given, number, nation, born string) string {
	t.Helper()
	lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: nation, Nationality: nation,
		DocumentNumber: number, BirthDate: born, Sex: "F", ExpiryDate: "330415",
		Primary: mrz.Transliterate(surname), Secondary: mrz.Transliterate(given)})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, kb.Enter) + kb.Enter
}

// onList composes the passport of a person of the list in force who has a whole birth date.
func onList(t *testing.T, n *node.Node) string {
	t.Helper()
	for _, a := range n.Alerts("ofac-sdn") {
		who, ok := traveller.FromAlert(&a)
		if !ok || a.Kind != border.PersonAlert || len(who.Primary)+len(who.Secondary) > 30 || who.Birth.Day == 0 {
			continue
		}
		lines, err := mrz.Compose(mrz.Fields{Format: mrz.TD3, DocumentCode: "P", IssuingState: "UTO", Nationality: "UTO",
			DocumentNumber: "Z1234567", BirthDate: fmt.Sprintf("%02d%02d%02d", who.Birth.Year%100, who.Birth.Month, who.Birth.Day),
			Sex: "M", ExpiryDate: "330415", Primary: who.Primary, Secondary: who.Secondary})
		if err == nil {
			return strings.Join(lines, kb.Enter) + kb.Enter
		}
	}
	t.Fatal("nobody on the list fits a passport")
	return ""
}

// picture writes what is shown into the directory that TIMS_SHOTS names.
func picture(b *browser.Tab, name string) {
	dir := os.Getenv("TIMS_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}
