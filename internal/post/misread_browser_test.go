package post

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	chromium "tims/internal/browser"
	"tims/internal/station/stationtest"
)

// Enter in the field of the zone does as the button, but for a line of a zone that wants another. A reader that stalled begins no
// check. The language changes on the page that is shown. A minor's page asks; a misread document is read again.
func TestMisreadAtTheKeyboard(t *testing.T) {
	o := officer{chromium.Open(t)}
	if o.Tab == nil {
		return
	}
	c := found(t)
	o.Do(chromedp.EmulateViewport(1280, 800))
	s := c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
	o.Until(`document.documentElement.dataset.live === "on"`)
	o.Do(chromedp.SetValue(chromedp.CSS("#zone"), "HELLO WORLD"), chromedp.Focus(chromedp.CSS("#zone")))
	o.keys(kb.Enter)
	o.wants(".banner", "cannot be read")
	zone := stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA")
	lines := strings.Split(zone, "\n")
	o.Do(chromedp.SetValue(chromedp.CSS("#zone"), lines[0]), chromedp.Focus(chromedp.CSS("#zone")))
	o.keys(kb.Enter)
	if got := o.value(`document.querySelector("#zone").value`); got != lines[0]+"\n" {
		t.Errorf("Enter after a first line leaves %q", got)
	}
	o.Do(chromedp.SetValue(chromedp.CSS("#zone"), zone[8:]), chromedp.Focus(chromedp.CSS("#zone")))
	o.keys(kb.Enter)
	o.wants(".banner", "Lines of a length that no zone has")
	o.Shot("cut")
	if open, err := c.Post.OpenChecks(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("a stalled reader began %d checks, %v", len(open), err)
	}
	o.reads(faulty(zone, 43), `document.querySelector("#verdict")?.innerText === "Second line"`)
	o.reads(zone, `document.querySelector("#verdict")?.innerText === "Admit"`)
	o.wants(".banner.ok", "Read again")
	o.Shot("misread")
	child := zoneOf(t, "Rossi", "Pia", "YA1234569", "ITA", "180812")
	o.reads(child, `document.querySelector(".check-page .who-line b")?.innerText === "ROSSI, PIA"`)
	o.wants(".decision", "who accompanies?")
	o.keys(kb.F2)
	o.wants("#escort-fault", "A minor: who accompanies?")
	o.Until(`document.activeElement.id === "escort"`)
	o.Accessible("minor")
	o.Shot("minor")
	at := o.value(`location.pathname`)
	o.Do(chromedp.Click(chromedp.CSS(`.prefs button[value="sq"]`)))
	o.Until(`document.documentElement.lang === "sq"`)
	if got := o.value(`location.pathname`); got != at || !strings.HasPrefix(at, "/check/") {
		t.Errorf("the language leads from %s to %s", at, got)
	}
	o.wants(".decision", "kush e shoqëron?")
	o.Shot("minor-sq")
	o.Do(chromedp.SetValue(chromedp.CSS("#escort"), "alone"))
	time.Sleep(200 * time.Millisecond)
	o.keys(kb.F2)
	o.wants(".done h1", "U lejua")
	if all, err := c.Post.PassedBy(t.Context(), s, 0); err != nil || len(all) != 1 || all[0].ByNode {
		t.Errorf("%+v, %v", all, err)
	}
}
