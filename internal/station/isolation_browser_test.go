package station_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
)

// A supervisor cuts his post off and asks for the way back with the keyboard alone, in both languages.
func TestIsolationByKeyboard(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c, _ := found(t)
	b.Do(chromedp.EmulateViewport(1280, 800))
	c.EnterTab(b, "S. Prifti", "K2", "/isolation")
	b.Until(`document.activeElement?.id === "reason"`)
	b.Accessible("isolation")
	b.Shot("isolation")
	b.Do(chromedp.KeyEvent("order 17"), chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector("input[name=end]") !== null`)
	b.Do(chromedp.Navigate(c.URL + "/isolation?lang=sq"))
	b.Until(`document.documentElement.lang === "sq" && document.activeElement?.id === "reason"`)
	b.Accessible("isolated")
	b.Shot("isolated")
	b.Do(chromedp.KeyEvent("urdhri 18"), chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector("[role=status] a[href='/isolation']") !== null`)
	if i := c.Post.Isolated(); i == nil || !i.Proving || i.By != "S. Prifti" {
		t.Errorf("%+v", i)
	}
}
