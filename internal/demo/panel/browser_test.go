package panel

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	house "tims/internal/browser"
)

// A visitor cuts the line by keyboard, sees it without a reload, and goes through a door to a booth at another origin.
func browser(s *stage) {
	tab := house.Open(s.T)
	if tab == nil {
		return
	}
	tab.Do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.s.URL+"/?lang=en"))
	tab.Until(`document.documentElement.dataset.live === "on"`)
	tab.Until(`document.getElementById("press-cut").focus(), document.activeElement.id === "press-cut"`)
	tab.Do(chromedp.KeyEvent(kb.Enter))
	tab.Until(`document.querySelectorAll("line.cut").length === 4 && document.getElementById("demo-journal").textContent.includes("line was cut")`)
	tab.Until(`document.activeElement.id === "press-cut" && document.activeElement.ariaDisabled === "true"`)
	tab.Until(`document.documentElement.scrollWidth <= innerWidth`)
	// The door opens a tab of its own. Kept in this one and pressed in a single turn of the page: a live update between
	// the two would put the target back.
	tab.Until(`document.getElementById("door-kakavija").target = "_self", document.getElementById("open-kakavija").click(), true`)
	tab.Until(`document.body.textContent === "the door of kakavija"`)
	if said := tab.Said(); len(said) > 0 {
		s.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}
