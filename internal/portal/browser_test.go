package portal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
)

// Somebody at home looks at the crossings in both languages and at both widths, sees a passage come in without reloading, and
// checks a receipt with the keyboard alone.
func TestPagesInChromium(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := found(t)
	_, text := c.cross("kakavija")
	c.until("a status record is here", func() bool {
		list := c.portal.Crossings()
		return list[0].Record != nil && list[1].Record != nil && list[0].Entries == 1
	})
	base := strings.Replace(c.server.URL, "127.0.0.1", "localhost", 1)
	for _, width := range []int64{1280, 1920} {
		for lang, title := range map[string]string{"en": "Crossings now", "sq": "Pikat kufitare tani"} {
			b.Do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+"/?lang="+lang))
			b.Until(fmt.Sprintf(`document.querySelector(".head h1").textContent === %q && document.querySelectorAll("svg.map .mark").length === 2 &&
				document.getElementById("post-kakavija") !== null`, title))
			if b.Is(`document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s at %d scrolls sideways", lang, width)
			}
			b.Accessible(fmt.Sprintf("crossings, %s at %d", lang, width))
			b.Do(chromedp.Navigate(base + "/receipt"))
			b.Until(`document.getElementById("text") !== null`)
			b.Accessible(fmt.Sprintf("receipt, %s at %d", lang, width))
			if b.Is(`document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("receipt, %s at %d scrolls sideways", lang, width)
			}
		}
	}
	b.Do(chromedp.Navigate(base + "/?lang=en"))
	b.Until(`document.documentElement.dataset.live === "on"`)
	b.Until(`(window.unreloaded = 1) === 1`)
	before := c.portal.Crossings()[1].Entries
	r, _ := c.cross("rinas")
	c.holds(r)
	b.Until(fmt.Sprintf(`window.unreloaded === 1 && document.querySelector("#post-rinas td.num").textContent === "%d"`, before+1))

	b.Do(chromedp.Navigate(base + "/receipt"))
	b.Until(`document.getElementById("text") !== null`)
	b.Do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.Until(`document.querySelector("#answer.ok h2")?.textContent === "Your crossing stands in the log" && location.search === ""`)
	b.Accessible("the answer")
	b.Do(chromedp.Focus(chromedp.CSS("#number")), chromedp.KeyEvent("kakavija / 1 / 999999\r"))
	b.Until(`document.querySelector("#answer.amber h2")?.textContent === "Not here yet"`)
	if said := b.Said(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}
