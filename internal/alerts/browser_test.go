package alerts

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
	"tims/internal/station/stationtest"
)

// expected is what a browser says of a stream that ends with its page, and of a cursor that was set before the page had come.
var expected = regexp.MustCompile(`net::ERR_|htmx:sse:error|Autofocus processing was blocked|status of 422`)

type tab struct{ *browser.Tab }

func (b tab) keys(keys ...string) {
	b.Helper()
	for _, k := range keys {
		b.Do(chromedp.KeyEvent(k))
	}
}

func (b tab) quiet(t *testing.T) {
	t.Helper()
	for _, line := range b.Said() {
		if !expected.MatchString(line) {
			t.Error("the console says:", line)
		}
	}
}

func (b tab) look(name string) {
	b.Helper()
	b.Shot(name)
	b.Accessible(name)
}

func has(text string) string {
	return `document.getElementById("main").innerText.includes(` + strconv.Quote(text) + `)`
}

const atFirst = `document.activeElement?.name === "kind" && document.querySelector("[data-add]").checkVisibility()`

// A supervisor writes an urgent alert by keyboard alone, is told what is wrong, and sees it among those of his post.
func TestUrgentInBrowser(t *testing.T) {
	for _, lang := range []string{"en", "sq"} {
		t.Run(lang, func(t *testing.T) {
			open := browser.Open(t)
			if open == nil {
				return
			}
			b, c := tab{open}, stationtest.Found(t, newFace)
			s := c.EnterTab(b.Tab, "S. Prifti", "K1", "/alerts")
			b.Do(chromedp.Navigate(c.URL + "/alerts?lang=" + lang))
			b.look("alerts-post-empty")
			b.keys(kb.F2)
			b.Until(atFirst)
			b.look("alerts-urgent")
			b.keys(kb.F2) // nothing is filled in
			b.Until(`document.activeElement?.name === "action" && document.querySelector("[name=why]").ariaInvalid === "true"`)
			b.look("alerts-urgent-faults")
			b.keys(kb.F6, kb.ArrowRight, kb.ArrowLeft, kb.Tab, " ", kb.Tab, "Rossi", kb.Tab, "Paolo", kb.Tab, kb.Tab, kb.Enter)
			b.Until(`document.querySelectorAll("[name=primary]").length === 2 && document.activeElement.name === "primary"`)
			b.keys("Rosso", kb.F7)
			b.Until(`document.activeElement?.name === "why"`)
			b.keys("call of 10:40", kb.F2)
			b.Until(has("Rossi, Paolo") + ` && document.activeElement?.dataset.key === "F2"`) // the form with its faults had this address too
			b.look("alerts-urgent-review")
			b.keys(kb.Escape)
			b.Until(atFirst + ` && document.querySelector("[name=primary]").value === "Rossi"`)
			b.keys(kb.F2)
			b.Until(has("Rossi, Paolo") + ` && document.activeElement?.dataset.key === "F2"`)
			b.keys(kb.F2)
			b.Until(`location.search.startsWith("?written=") && ` + has("Rossi, Paolo"))
			b.look("alerts-post")
			own, err := c.Post.OwnAlerts(t.Context(), s)
			if err != nil || len(own) != 1 || len(own[0].Alert.Names) != 2 {
				t.Errorf("written: %d, %v", len(own), err)
			}
			b.quiet(t)
		})
	}
}

// An analyst searches, tries a traveller, writes an alert with an image that is made smaller, and looks at what a change weakens.
func TestCentreInBrowser(t *testing.T) {
	for _, lang := range []string{"en", "sq"} {
		t.Run(lang, func(t *testing.T) {
			open := browser.Open(t)
			if open == nil {
				return
			}
			b, c := tab{open}, centre(t, listed...)
			if _, err := c.Post.Release(t.Context(), "demo", 0, listed[:2]); err != nil {
				t.Fatal(err)
			}
			c.EnterTab(b.Tab, "N. Analisti", "centre", "/alerts")
			b.Do(chromedp.Navigate(c.URL + "/alerts?lang=" + lang))
			b.look("alerts-centre")
			b.keys(kb.F3)
			b.Until(`location.pathname === "/alerts/search" && document.activeElement?.name === "primary"`)
			b.keys("Korobow", kb.Tab, "Igor", kb.F6)
			b.Until(`document.activeElement?.name === "reason"`)
			b.keys("case 12/2026", kb.Enter)
			b.Until(`document.querySelector("#found form button") === document.activeElement`)
			b.look("alerts-search")
			b.keys(kb.Enter)
			b.Until(`document.activeElement?.name === "primary" && ` + has("un:1"))
			b.keys("KOROBOW", kb.Tab, "IGOR", kb.Tab, "08.03.1956", kb.Tab, "RUS", kb.Enter)
			b.Until(`document.querySelectorAll("#tried tbody tr").length >= 4`)
			b.look("alerts-show")

			b.Do(chromedp.Navigate(c.URL + "/alerts/new"))
			b.Until(atFirst)
			b.keys(kb.Tab, " ", kb.Tab, "Rossi", kb.Tab, "Paolo", kb.Tab, kb.Tab, "Rosso")
			large := filepath.Join(t.TempDir(), "face.png")
			if err := os.WriteFile(large, png(500, 600), 0o600); err != nil {
				t.Fatal(err)
			}
			b.Do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), []string{large}))
			b.Until(`!document.getElementById("photo-made").hidden`)
			b.look("alerts-edit")
			b.keys(kb.F7, "order 12", kb.F2)
			b.Until(`location.pathname === "/alerts/review" && document.querySelector(".alerts-face")?.naturalWidth > 0`)
			b.look("alerts-review")
			b.keys(kb.F2)
			b.Until(`location.search.startsWith("?written=")`)
			b.Do(chromedp.Click(chromedp.CSS(".alerts-do a")))
			b.Until(`document.activeElement?.name === "reason"`)
			b.keys("case 12/2026", kb.Enter)
			b.Until(has("Rossi, Paolo") + ` && document.querySelector(".alerts-face")?.naturalWidth > 0`)
			b.look("alerts-show-own")
			b.keys(kb.F2)
			b.Until(atFirst)
			b.keys(kb.Tab, kb.Tab, kb.Delete, kb.Tab, kb.Delete, kb.F7, "order 13", kb.F2)
			b.Until(`location.pathname === "/alerts/review" && document.querySelectorAll("tr.amber").length > 0`)
			b.look("alerts-review-weak")
			b.quiet(t)
		})
	}
}
