package post

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	chromium "tims/internal/browser"
	"tims/internal/station/stationtest"
)

// portrait is an image of an alert: a head and shoulders, as bare as a sign.
func portrait(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 240, 300))
	for y := range 300 {
		for x := range 240 {
			shade := uint8(205)
			if dx, dy := x-120, y-115; dx*dx*5+dy*dy*3 < 24000 || y > 195 && (x-120)*(x-120) < 95*(y-170) {
				shade = 95
			}
			img.SetGray(x, y, color.Gray{Y: shade})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// wanted are two alerts that fit one traveller: his person by another spelling, and his document.
func wanted(t *testing.T) []border.Alert {
	t.Helper()
	born, _ := border.NewPartialDate(1974, 8, 12)
	return []border.Alert{
		{ID: "demo:1", List: "demo", Kind: border.PersonAlert, Action: border.ActArrest, Issuer: "Gjykata e Tiranës", Reason: "theft of a lorry",
			Caveats: "armed; do not question alone", Face: portrait(t), Births: []border.PartialDate{born}, Nations: []string{"ITA"}, Sex: "F",
			Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paola"}, {Primary: "Korobow", Secondary: "Oksana"}}},
		{ID: "demo:2", List: "demo", Kind: border.DocumentAlert, Action: border.ActSeize, Issuer: "Interpol",
			Documents: []border.AlertDocument{{Issuer: "ITA", Number: "YA1234567", Status: "stolen blank"}}},
	}
}

// A hit is read from the top: what to do, what to mind, whose face it is, which spelling matched, what is the matter with the
// document. Three keys then decide, without a mouse.
func TestHitCardInBrowser(t *testing.T) {
	for lang, says := range map[string]struct{ arrest, mind, blank, spelling, again string }{
		"en": {"Wanted. Do not let go", "Mind:", "Stolen blank document", "Surname KOROBOV KOROBOW", "Admit all the same?"},
		"sq": {"I kërkuar. Mos e lër", "Kujdes:", "Formular i vjedhur", "Mbiemri KOROBOV KOROBOW", "Ta lejoj gjithsesi?"},
	} {
		t.Run(lang, func(t *testing.T) {
			o := officer{chromium.Open(t)}
			if o.Tab == nil {
				return
			}
			c := found(t)
			c.OpenCentre(wanted(t)...)
			o.Do(chromedp.EmulateViewport(1280, 800))
			c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
			speak(o, lang)
			o.reads(stationtest.Passport(t, "Korobov", "Oksana", "YA1234567", "ITA"), `document.querySelector(".hits") !== null`)
			o.wants(".hit .todo", says.arrest)
			o.wants(".hit .caveats", says.mind+" armed; do not question alone")
			o.wants(".hit .doc-status", says.blank)
			o.wants(".hit .why", says.spelling)
			o.Until(`document.querySelector(".hit .face").naturalWidth === 240`)
			for _, width := range []int64{1920, 1280} {
				o.Do(chromedp.EmulateViewport(width, 800))
				o.Accessible("hit card")
				if !o.Is(`document.documentElement.scrollWidth <= innerWidth`) {
					t.Errorf("the hit card is wider than its window of %d", width)
				}
				if !o.Is(`document.querySelector(".hit .caveats").getBoundingClientRect().bottom <= innerHeight`) {
					t.Errorf("what must be minded has to be scrolled to at %d", width)
				}
			}
			o.Shot("hit-card")
			o.keys(kb.End)
			o.Text(`(document.querySelector(".hit:last-of-type").scrollIntoView({block: "center"}), "")`)
			o.Shot("hit-card-second")
			o.keys(kb.F2)
			o.wants(".acts .armed", says.again)
			o.Shot("hit-card-armed")
			o.wants(".acts .armed", says.again)
			o.keys(kb.F3)
			o.Until(`location.pathname.startsWith("/receipt/")`)
			o.Accessible("referred with a hit")
			o.Shot("hit-referred")
			for _, line := range o.Said() {
				if !expected.MatchString(line) && !strings.Contains(line, "status of 422") { // F2 that was asked back
					t.Error("the console says:", line)
				}
			}
		})
	}
}
