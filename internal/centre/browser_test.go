package centre

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"

	"tims/internal/browser"
)

// enter opens a shift by an officer's one-time link, all by keyboard.
func enter(b *browser.Tab, c *country, base, label string) {
	b.Helper()
	b.Do(chromedp.Navigate(base + "/enter?code=" + c.codes[label]))
	b.Until(`document.querySelector("#enter button:not(:disabled)") !== null`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`location.pathname === "/" && document.getElementById("centre-posts") !== null`)
}

// An analyst enters by his link, sees the posts live, searches by keyboard, loses his session and has it back by the
// signature of his key, and ends his shift.
func TestCentreInChromium(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, node.Vehicle{}, "")
	c.settle()
	base := strings.Replace(c.server.URL, "127.0.0.1", "localhost", 1)
	b.Do(chromedp.EmulateViewport(1280, 800))
	enter(b, c, base, "Arta Hoxha")
	b.Until(`document.documentElement.dataset.live === "on" && document.querySelector("[data-plot] canvas") !== null`)
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	b.Until(`document.getElementById("centre-nations").textContent.includes("ITA")`)

	b.Do(chromedp.KeyEvent(kb.F3))
	b.Until(`location.pathname === "/search" && document.activeElement.id === "number"`)
	b.Do(chromedp.KeyEvent("x000 0001\t\t\tcase 12/2026\r"))
	b.Until(`document.getElementById("results")?.textContent.includes("kakavija/1/") && location.href.endsWith("/search")`)
	if last, err := c.centre.ReadOwn(c.size() - 1); err != nil || last.Leaf.Kind != record.Search {
		t.Errorf("the newest record is %v, %v", last.Leaf.Kind, err)
	}
	if b.Is(`document.documentElement.scrollWidth > innerWidth`) {
		t.Error("results scroll sideways")
	}

	// A centre that starts again has forgotten its sessions; the browser has not forgotten its key.
	c.server.Config.Handler = New(c.centre, Options{})
	b.Do(chromedp.Navigate(base + "/search"))
	b.Until(`location.pathname === "/search" && document.getElementById("number") !== null`)

	b.Do(chromedp.Navigate(base + "/enter"))
	b.Until(`document.querySelector("button[form=leave]") !== null`)
	b.Do(chromedp.Click(chromedp.CSS("button[form=leave]")))
	b.Until(`location.pathname === "/enter" && document.querySelector("button[form=leave]") === null && document.querySelector("#enter button:not(:disabled)") !== null`)
	b.Do(chromedp.Navigate(base + "/"))
	b.Until(`location.pathname === "/resume" && document.querySelector("[data-shown=closed]:not([hidden])") !== null`)
	if said := b.Said(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}
