package station_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/node"
	"tims/internal/station"
	"tims/internal/web"
)

// On a bad day five states stand below the head. They keep to one line: what is under them must not move when one more comes.
func TestFiveStatesKeepToOneLine(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c, face := found(t)
	face.AddStates(func(_ context.Context, h node.Health, w station.Words) []web.State {
		return []web.State{{Level: web.Red, Text: w.T("station.state.canaries.missed", "n", 2, "of", 30), Detail: w.Ago(h.Now, h.Now-90*time.Minute.Milliseconds())}}
	})
	centre := c.OpenCentre(border.Alert{ID: "demo:1", List: "demo", Kind: border.DocumentAlert, Action: border.ActSeize,
		Documents: []border.AlertDocument{{Issuer: "ITA", Number: "YA1234567"}}})
	if err := centre.Close(); err != nil {
		t.Fatal(err)
	}
	c.Now.Add((26 * time.Hour).Milliseconds())
	b.Do(chromedp.EmulateViewport(1280, 800))
	c.EnterTab(b, "A. Hoxha", "K1", "/")
	for _, lang := range []string{"en", "sq"} {
		for _, width := range []int64{1280, 1920} {
			b.Do(chromedp.EmulateViewport(width, 800))
			b.Do(chromedp.Navigate(c.URL + "/?lang=" + lang))
			b.Until(`document.documentElement.lang === "` + lang + `" && document.fonts.status === "loaded" && document.querySelectorAll("#states > .state").length >= 5`)
			if b.Is(`document.getElementById("states").getBoundingClientRect().height > 45 || document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s at %d: the states do not keep to one line: %s", lang, width, b.Text(`document.getElementById("states").innerText`))
			}
			b.Accessible("five states")
		}
		b.Shot("strip")
	}
}
