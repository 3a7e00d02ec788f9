package post

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	chromium "tims/internal/browser"
	"tims/internal/station/stationtest"
)

// The receipt says how safe the record is, each flag in words, and the stream that keeps them true takes no key from the officer.
func TestFlagsOfAReceipt(t *testing.T) {
	for lang, says := range map[string][2]string{"en": {"cannot be mirrored", "no copy elsewhere yet"}, "sq": {"nuk mund të pasqyrohet", "ende pa kopje"}} {
		t.Run(lang, func(t *testing.T) {
			o := officer{chromium.Open(t)}
			if o.Tab == nil {
				return
			}
			c := found(t)
			o.Do(chromedp.EmulateViewport(1280, 800))
			c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
			speak(o, lang)
			o.Until(`document.documentElement.dataset.live === "on"`)
			o.reads(stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"), `document.querySelector(".check-page") !== null`)
			o.keys(kb.F2)
			o.wants("#flags", says[0])
			o.wants("#flags", says[1])
			o.Until(`document.documentElement.dataset.live === "on"`)
			o.wants("#flags", says[0])
			o.Shot("receipt-flags")
			o.Accessible("receipt with flags")
		})
	}
}
