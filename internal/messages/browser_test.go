package messages

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
	"tims/internal/record"
	"tims/internal/station/stationtest"
)

// expected is what a browser says of a stream that ends with its page, and of a cursor that was set before the page had come.
var expected = regexp.MustCompile(`net::ERR_|htmx:sse:error|Autofocus processing was blocked`)

// A flash comes to an open page by itself, sounds, leaves what is being typed alone, and is acknowledged by a key.
func TestStripInBrowser(t *testing.T) {
	for _, lang := range []string{"en", "sq"} {
		t.Run(lang, func(t *testing.T) { live(t, lang) })
	}
}

func live(t *testing.T, lang string) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := stationtest.Found(t, newFace)
	centre := c.OpenCentre()
	s := analyst(c, centre)
	c.EnterTab(b, "S. Prifti", "K1", "/messages")
	b.Do(chromedp.Navigate(c.URL + "/messages?lang=" + lang))
	keys := func(keys string, opts ...chromedp.KeyOption) { b.Do(chromedp.KeyEvent(keys, opts...)) }
	strip := func(part string) {
		b.Helper()
		b.Until(`(document.querySelector(".message-strip")?.innerText ?? "").includes(` + strconv.Quote(part) + `)`)
	}
	read := func() { keys("m", chromedp.KeyModifiers(chromedp.ModifierAlt)) }

	keys(kb.F6)
	keys("Lane 2")
	b.Shot("messages-empty")
	send(c, centre, s, 1, record.Routine, "Fuel for the generator comes on Monday, "+strings.Repeat("sign for it at the gate and keep the slip; ", 8)+"the end")
	strip("Fuel for the generator")
	send(c, centre, s, 2, record.Flash, "Man, 40, red jacket, Elbasan: hold and call")
	strip("red jacket")
	b.Until(`document.documentElement.dataset.sounded === "flash"`)
	b.Shot("messages-flash")
	b.Accessible("the page with a flash")
	if !b.Is(`document.querySelector(".message-strip").getBoundingClientRect().height <= 64`) {
		t.Error("the strip is higher than two lines")
	}
	read()
	strip("Fuel for the generator")
	if typed := b.Text(`document.activeElement.value ?? ""`); typed != "Lane 2" {
		t.Errorf("the text under way is %q", typed)
	}
	read() // unfolds
	strip("the end")
	b.Shot("messages-long")
	read()
	b.Until(`document.querySelector(".message-strip") === null`)
	b.Until(`document.querySelectorAll(".message .message-read").length === 0`)
	keys(" closed" + kb.F2)
	b.Until(`document.querySelectorAll("article.message").length === 3`)
	b.Shot("messages")
	b.Accessible("the list")
	posted, err := centre.Messages(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posted {
		if p.From == "qendra" && p.ByNode {
			continue // the analyst of this test has no booth
		}
		if p.ByNode {
			t.Errorf("a message of the post is not signed by its booth")
		}
	}
	for _, line := range b.Said() {
		if !expected.MatchString(line) {
			t.Error("the console says:", line)
		}
	}
}
