package secondline

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/record"
)

// Who cannot tell whether it is the person of the alert says so by one key: the alert counts as before, and what is to become of
// the traveller is still asked.
func TestCannotTellByKeyboard(t *testing.T) {
	for lang, says := range map[string][3]string{
		"en": {"Choose the hit that it is about", "Cannot tell", "Recorded. Now say"},
		"sq": {"Zgjidh përputhjen për të cilën bëhet fjalë", "Nuk përcaktohet", "U regjistrua. Tani thuaj"},
	} {
		t.Run(lang, func(t *testing.T) {
			desk := officer{browser.Open(t)}
			if desk.Tab == nil {
				return
			}
			g := open(t)
			wanted := alert("demo:2", "Rossi", "Paola", border.ActArrest)
			wanted.Caveats = "armed; do not question alone"
			g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActRefuse), wanted)
			index := g.refer("Rossi", "Paolo", "YA1234567", "looks younger than in the picture")
			desk.Do(chromedp.EmulateViewport(1280, 800))
			g.EnterTab(desk.Tab, "D. Gjoka", "D1", "/second")
			desk.Do(chromedp.Navigate(g.URL + "/second?lang=" + lang))
			desk.wants("#second-live", "ROSSI")
			desk.keys("1")
			desk.wants("h1:not(.sr)", "ROSSI, PAOLO")
			desk.keys(kb.F10) // about which of the two is not said
			desk.wants(".banner.red", says[0])
			desk.looked("second-unsure-which")
			desk.keys("2")
			desk.Until(`document.querySelector("[name=hit]:checked")?.dataset.key === "2"`)
			chosen := desk.Text(`document.querySelector("[name=hit]:checked").value`)
			desk.keys(kb.F10)
			desk.wants(".banner.amber", says[1])
			desk.wants(".banner.amber", says[2])
			desk.Until(`document.querySelectorAll(".hit.red").length === 2`) // the alerts count as before
			desk.looked("second-unsure")
			got := g.answers(index)
			if len(got) != 1 || got[0].Outcome != record.Unsure || got[0].Alert != chosen {
				t.Errorf("recorded: %+v", got)
			}
			desk.keys(kb.F3)
			desk.Until(`location.pathname === "/second"`)
			desk.looked("second-unsure-list")
			for _, line := range desk.Said() {
				if !expected.MatchString(line) {
					t.Error("the console says:", line)
				}
			}
		})
	}
}
