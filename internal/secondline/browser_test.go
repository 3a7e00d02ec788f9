package secondline

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/station/stationtest"
)

// alt is the modifier of the DevTools protocol.
const alt = 1

// officer works at a desk with a keyboard and nothing else.
type officer struct{ *browser.Tab }

func (o officer) keys(keys string) {
	o.Helper()
	time.Sleep(100 * time.Millisecond) // a digit waits for the silence that tells it from a reader
	o.Do(chromedp.KeyEvent(keys))
}

// wants waits until something is shown that says so.
func (o officer) wants(selector, part string) {
	o.Helper()
	o.Until(`(document.querySelector("` + selector + `")?.innerText ?? "").replace(/\s+/g, " ").includes(` + "`" + part + "`)")
}

// looked checks what is shown for access at both widths, and takes its pictures.
func (o officer) looked(name string) {
	o.Helper()
	for _, width := range []int64{1920, 1280} {
		o.Do(chromedp.EmulateViewport(width, 800))
		o.Until(`document.fonts.status === "loaded"`)
		o.Accessible(name)
		if !o.Is(`document.documentElement.scrollWidth <= innerWidth`) {
			o.Errorf("%s is wider than its window of %d", name, width)
		}
	}
	o.Shot(name)
}

var tongues = map[string]map[string]string{
	"en": {"title": "Second line", "mine": "You have him", "has": "D. Gjoka has him", "one": "Choose one:", "choose": "Choose the hit that it is about", "pending": "Another officer has to agree",
		"open": "Recorded. Now say", "agreed": "another person, by two officers", "again": "Cleared all the same?", "cleared": "the booth has been told", "none": "Nobody waits", "grey": "Two officers found",
		"booth": "Decide now", "free": "Nobody yet", "decided": "Has decided"},
	"sq": {"title": "Linja e dytë", "mine": "E ke ti", "has": "E ka D. Gjoka", "one": "Zgjidh një:", "choose": "Zgjidh përputhjen për të cilën bëhet fjalë", "pending": "Duhet të bjerë dakord",
		"open": "U regjistrua. Tani thuaj", "agreed": "person tjetër, nga dy punonjës", "again": "I lirë gjithsesi?", "cleared": "kabina u njoftua", "none": "Askush nuk pret", "grey": "Dy punonjës vendosën",
		"booth": "Vendos tani", "free": "Ende askush", "decided": "Vendosi"},
}

func TestSecondLineInBrowser(t *testing.T) {
	for lang, says := range tongues {
		t.Run(lang, func(t *testing.T) {
			desk, other := officer{browser.Open(t)}, officer{nil}
			if desk.Tab == nil {
				return
			}
			other.Tab = browser.Open(t)
			g := open(t)
			g.OpenCentre(alert("demo:1", "Rossi", "Paolo", border.ActRefuse), alert("demo:2", "Rossi", "Paola", border.ActArrest))
			g.cross(border.Entry, "Rossi", "Paolo", "YA1234567")
			g.cross(border.Exit, "Rossi", "Paolo", "YA1234567")
			g.cross(border.Entry, "Rossi", "Paolo", "YB7654321")
			g.cross(border.Exit, "Rossi", "Paolo", "YB7654321")
			g.Now.Add((26 * time.Hour).Milliseconds())
			g.booth.Enter("A. Hoxha", "K1") // the next day
			g.refer("Rossi", "Paolo", "YA1234567", "looks younger than in the picture")
			g.Now.Add((11*time.Minute + 5*time.Second).Milliseconds())
			g.refer("Bianchi", "Anna", "YA5550001", "")
			desk.Do(chromedp.EmulateViewport(1280, 800))
			g.EnterTab(desk.Tab, "D. Gjoka", "D1", "/second")
			g.EnterTab(other.Tab, "E. Marku", "D2", "/second")
			desk.Do(chromedp.Navigate(g.URL + "/second?lang=" + lang))
			other.Do(chromedp.Navigate(g.URL + "/second?lang=" + lang))
			walk(g, desk, other, lang, says)
			for _, line := range append(desk.Said(), other.Said()...) {
				if !expected.MatchString(line) {
					t.Error("the console says:", line)
				}
			}
		})
	}
}

// expected is what a browser says by itself of a form that was sent back to be mended.
var expected = regexp.MustCompile(`status of 422`)

// walk takes a referral from the list to the booth's answer: each officer has keys alone.
func walk(g *stage, desk, other officer, lang string, says map[string]string) {
	desk.wants("h1:not(.sr)", says["title"])
	desk.wants("#second-live", "11:0")
	desk.Until(`document.querySelector("tbody .waited").textContent > "11:06"`) // it ticks by itself
	desk.looked("second-queue")
	desk.keys("1")
	desk.wants("h1:not(.sr)", "ROSSI, PAOLO")
	if zone := desk.Is(`document.querySelector(".zone").scrollWidth <= document.querySelector(".zone").clientWidth`); !zone {
		g.Error("the zone is cut off")
	}
	other.wants("#second-live tbody", says["has"]) // without a reload
	desk.looked("second-dossier")

	// A new one is heard at a desk that is busy with another.
	desk.Is(`document.documentElement.dataset.sounded = ""; true`)
	g.refer("Verdi", "Carla", "YA5550002", "")
	desk.Until(`document.documentElement.dataset.sounded === "hit"`)

	desk.keys(kb.F8)
	desk.keys("1 2")
	if notes := desk.Text(`document.getElementById("notes").value`); notes != "1 2" {
		g.Errorf("digits typed into the notes give %q", notes)
	}
	desk.keys(kb.Escape) // out of the notes, not away from the traveller
	desk.Until(`document.activeElement.tagName === "H1"`)
	desk.keys(kb.F7)
	desk.wants(".banner.red", says["choose"])
	if notes := desk.Text(`document.getElementById("notes").value`); notes != "1 2" {
		g.Errorf("the notes are %q after a fault", notes)
	}
	desk.keys(desk.Text(`[...document.querySelectorAll("[name=hit]")].find((e) => e.value === "demo:1").dataset.key`))
	desk.Until(`document.querySelector("[name=hit]:checked")?.value === "demo:1"`)
	desk.keys(kb.Enter) // beside a hit it is no outcome
	desk.wants(".banner.red", says["one"])
	desk.Until(`document.querySelector("[name=hit]:checked")?.value === "demo:1"`)
	desk.keys(kb.F7)
	desk.wants(".banner.amber", says["pending"])
	desk.looked("second-proposed")

	if key := other.Text(`document.querySelector(".nav a[href='/second-officer']").dataset.key`); key != "Alt+2" {
		g.Errorf("the second officer's page opens by %s", key)
	}
	other.Do(chromedp.KeyEvent("2", chromedp.KeyModifiers(alt)))
	other.wants(".card", "demo:1")
	other.looked("second-officer")
	other.keys("1")
	other.wants(".subject", "D. Gjoka")
	other.looked("second-compare")
	other.keys(kb.F2)
	other.wants(".banner.ok", says["agreed"])

	desk.wants("#outcome", says["grey"]) // it comes by itself

	desk.keys(kb.Escape)
	desk.wants("#second-live tbody", says["free"])
	desk.keys("1")
	desk.wants("#outcome", says["grey"])
	desk.keys(kb.F2) // the other alert still fits
	desk.wants(".armed", says["again"])
	desk.looked("second-confirm")
	time.Sleep(400 * time.Millisecond)
	desk.keys(kb.F2)
	desk.wants(".banner.ok", says["cleared"])
	desk.wants("#second-live", "BIANCHI")
	desk.looked("second-answered")

	if said := g.booth.Get("/?lang=" + lang); !strings.Contains(stationtest.Plain(said.Body), says["booth"]) {
		g.Errorf("the booth is not told: %s", stationtest.Plain(said.Body))
	}
	for range 2 {
		desk.keys("1")
		desk.wants("#outcome", "F3")
		desk.keys(kb.F3)
		desk.Until(`location.pathname === "/second"`)
	}
	desk.wants("#second-live", says["none"])
	desk.Accessible("an empty list")
	for _, a := range Answers(g.Context(), g.Post, g.booth.Shift, g.face.WordsIn(lang)) {
		o, err := g.Post.ReadOwn(a.Said.Proposal)
		if err != nil || len(o.Leaf.Booth) == 0 {
			g.Error("an outcome is not signed by the desk's key", err)
		}
	}
}
