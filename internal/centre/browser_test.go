package centre

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/node"
	"tims/internal/record"
)

// enter makes an officer's passkey with his one-time code in a virtual authenticator and signs in with it, all by keyboard.
func enter(b *browser.Tab, c *country, base, label string) {
	b.Helper()
	b.Authenticator()
	b.Do(chromedp.Navigate(base + "/enter?code=" + c.codes[label]))
	b.Until(`document.activeElement === document.querySelector("#enrol button") && !document.activeElement.disabled`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`document.activeElement.value === "passkey"`)
	b.Do(chromedp.KeyEvent(kb.Enter))
	b.Until(`location.pathname === "/" && document.getElementById("centre-posts") !== null`)
}

// a day on which everything happened that the pages of a centre can show.
func (c *country) day(clock *atomic.Int64) {
	c.Helper()
	ctx, post := context.Background(), "kakavija"
	n := c.posts[post]
	sheets, err := n.RegisterSheets(ctx, act(), 2)
	if err != nil {
		c.Fatal(err)
	}
	clock.Add(int64(10 * time.Minute)) // the post reached no centre for so long, and says so
	doc, car := passport(c.T, "X0000001", "ALB", "CELA", "ERINA"), node.Vehicle{Kind: border.Car, Plate: "AA123BC", Country: "ALB", Occupants: 2}
	voided := c.pass(post, doc, border.Entry, car, "")
	c.do(post, node.Void{Act: act(), Shift: c.shift(post), Of: voided.Index, Reason: "wrong key"})
	wrong := c.pass(post, doc, border.Entry, car, "")
	right := c.do(post, node.Correction{Act: act(), Shift: c.shift(post), Of: wrong.Index, Reason: "was an exit", Direction: border.Exit, Document: doc, Vehicle: car})
	c.do(post, node.Assent{Act: act(), Shift: c.shiftOf(post, "Line 2"), Kind: record.Correction, Of: right.Index})
	c.do(post, node.Correction{Act: act(), Shift: c.shift(post), Of: right.Index, Reason: "an entry", Direction: border.Entry, Document: doc, Vehicle: car})
	noted := n.Now() - 5*time.Minute.Milliseconds()
	for _, label := range []string{"Booth 1", "Line 2"} {
		c.do(post, node.Late{Act: act(), Shift: c.shiftOf(post, label), Series: sheets.Series, Number: sheets.First, Sheet: border.SheetNumber(sheets.Series, sheets.First),
			Officer: "A. Hoxha", Booth: "K1", Direction: border.Entry, Happened: noted, Document: doc, Decision: border.Admit,
			Terms: border.Terms{Basis: border.Citizen}, Vehicle: car})
	}
	c.pass("rinas", doc, border.Exit, node.Vehicle{}, border.ExitWanted)
	super := c.shiftOf(post, "Super 1")
	c.do(post, node.Regime{Act: act(), Shift: super, Regime: node.Relaxed, Reason: "article 9", Until: n.Now() + time.Hour.Milliseconds()})
	c.do(post, node.Count{Act: act(), Shift: super, CountBody: record.CountBody{From: n.Now() - 60_000, To: n.Now(), Entries: 3, Waiting: 700}})
	c.settle()
}

// acknowledge reads the newest message at a post once it is there.
func (c *country) acknowledge(post string, of record.Ref) {
	c.Helper()
	for range 600 {
		_, err := c.posts[post].Do(context.Background(), node.Acknowledge{Act: act(), Shift: c.shift(post), Of: of})
		if err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.Fatal("the message does not reach the post")
}

// An analyst enters by his passkey, sees the posts live, sends a message and sees who has read it, searches by keyboard, loses
// his session and has it back by the signature of his key, and ends his shift. Every page is looked at in both languages.
func TestCentreInChromium(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	var clock atomic.Int64
	c := found(t, func() time.Time { return time.Now().Add(time.Duration(clock.Load())) }, twoPosts...)
	c.day(&clock)
	base := strings.Replace(c.server.URL, "127.0.0.1", "localhost", 1)
	b.Do(chromedp.EmulateViewport(1280, 800))
	b.Do(chromedp.Navigate(base + "/enter?lang=en"))
	enter(b, c, base, "Arta Hoxha")
	live := `document.documentElement.dataset.live === "on"`
	b.Until(live + ` && document.querySelector("[data-plot] canvas") !== null`)
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	b.Until(`document.getElementById("centre-nations").textContent.includes("ITA")`)
	b.Until(`document.getElementById("centre-outages").querySelector("tbody") !== null`)

	b.Do(chromedp.KeyEvent("3", chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.Until(`location.pathname === "/messages" && ` + live)
	b.Do(chromedp.KeyEvent(kb.F6))
	b.Until(`document.activeElement?.name === "text"`)
	b.Do(chromedp.KeyEvent("Lane 3 opens at noon"))
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`location.pathname === "/messages" && document.getElementById("messages").textContent.includes("Lane 3 opens at noon")`)
	sent := c.size() - 1
	if last, err := c.centre.ReadOwn(sent); err != nil || last.Leaf.Kind != record.Message || len(last.Leaf.Booth) == 0 {
		t.Errorf("the newest record is %v, %d, %v", last.Leaf.Kind, len(last.Leaf.Booth), err)
	}
	c.acknowledge("kakavija", record.Ref{Origin: c.centre.Origin(), Index: sent})
	b.Until(`document.getElementById("messages").textContent.includes("Booth 1")`)
	inBoth(b, base+"/messages", "messages", live)

	b.Do(chromedp.Navigate(base + "/"))
	b.Until(live)
	b.Do(chromedp.KeyEvent(kb.F3))
	b.Until(`location.pathname === "/search" && document.activeElement.id === "number"`)
	for _, lang := range []string{"sq", "en"} {
		b.Do(chromedp.Navigate(base + "/search?lang=" + lang))
		b.Until(`document.activeElement?.id === "number" && document.documentElement.lang === "` + lang + `"`)
		b.Do(chromedp.KeyEvent("x000 0001\t\t\tcase 12/2026\r"))
		b.Until(`document.getElementById("results")?.textContent.includes("kakavija/1/")`)
		if at := b.Text(`location.href`); strings.Contains(strings.ToLower(at), "x000") || strings.Contains(at, "case") {
			t.Errorf("the search is answered at %s", at)
		}
		if last, err := c.centre.ReadOwn(c.size() - 1); err != nil || last.Leaf.Kind != record.Search {
			t.Errorf("the newest record is %v, %v", last.Leaf.Kind, err)
		}
		looked(b, "search")
	}
	inBoth(b, base+"/", "overview", live+` && document.querySelector("[data-plot] canvas") !== null`)

	b.Text(`(document.getElementById("centre-outages").scrollIntoView(), "")`)
	b.Shot("centre-outages")

	// A centre that starts again has forgotten its sessions; the browser has not forgotten its key.
	c.server.Config.Handler = c.newFace(Options{})
	b.Do(chromedp.Navigate(base + "/search"))
	b.Until(`location.pathname === "/search" && document.getElementById("number") !== null`)

	b.Do(chromedp.Navigate(base + "/enter"))
	b.Until(`document.querySelector("button[form=leave]") !== null`)
	b.Do(chromedp.Click(chromedp.CSS("button[form=leave]")))
	b.Until(`location.pathname === "/enter" && document.querySelector("button[form=leave]") === null && document.querySelector("#enter button:not(:disabled)") !== null`)
	b.Do(chromedp.Navigate(base + "/"))
	b.Until(`location.pathname === "/resume" && document.querySelector("[data-shown=closed]:not([hidden])") !== null`)
	if said := b.Said(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}

// inBoth looks at a page in both languages; English is left.
func inBoth(b *browser.Tab, address, name, ready string) {
	b.Helper()
	for _, lang := range []string{"sq", "en"} {
		b.Do(chromedp.Navigate(address + "?lang=" + lang))
		b.Until(`document.documentElement.lang === "` + lang + `" && ` + ready)
		looked(b, name)
	}
}

// looked asks at both widths whether the page scrolls sideways and has faults of access, and takes pictures.
func looked(b *browser.Tab, name string) {
	b.Helper()
	for _, size := range [][2]int64{{1920, 1080}, {1280, 800}} {
		b.Do(chromedp.EmulateViewport(size[0], size[1]))
		if b.Is(`document.documentElement.scrollWidth > innerWidth`) {
			b.Errorf("%s scrolls sideways at %d", name, size[0])
		}
		b.Accessible(name)
	}
	b.Shot("centre-" + name)
}
