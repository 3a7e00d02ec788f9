package supervisor

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/node"
	"tims/internal/record"
)

// expected is what a browser says by itself of a form that came back to be mended, and of a stream that its page left.
var expected = regexp.MustCompile(`status of 422|net::ERR_|htmx:sse:error|Autofocus processing was blocked`)

// A chief works with a keyboard and nothing else.
type chief struct {
	*browser.Tab
	words func(key string, args ...any) string
}

func (c chief) keys(keys ...string) {
	c.Helper()
	for _, k := range keys {
		c.Do(chromedp.KeyEvent(k))
		time.Sleep(100 * time.Millisecond) // fingers are slower than a document reader, whose letters press nothing
	}
}

// types fills the field in which the focus is.
func (c chief) types(text string) {
	c.Helper()
	for _, r := range text {
		c.Do(chromedp.KeyEvent(string(r)))
	}
}

// at waits for the focus to be in the field of an id.
func (c chief) at(id string) {
	c.Helper()
	c.Until(`document.activeElement?.id === "` + id + `"`)
}

// sees waits until the page says the words of a key.
func (c chief) sees(key string, args ...any) { c.Helper(); c.says("body", c.words(key, args...)) }

func (c chief) says(selector, text string) {
	c.Helper()
	c.Until(fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").replace(/\s+/g, " ").toUpperCase().includes(%q)`, selector,
		strings.ToUpper(strings.Join(strings.Fields(text), " "))))
}

// opened waits for the books of a stretch to be there and alive.
func (c chief) opened(search string) {
	c.Helper()
	c.Until(`location.pathname === "/books" && location.search === "` + search + `" && document.documentElement.dataset.live === "on"`)
}

// look takes a picture and asks for faults of access.
func (c chief) look(name string) {
	c.Helper()
	c.Accessible(name)
	c.Shot("supervisor-" + name)
}

func TestDayInBrowser(t *testing.T) {
	for _, run := range []struct {
		lang          string
		width, height int64
	}{{"en", 1280, 800}, {"sq", 1920, 1080}} {
		t.Run(run.lang, func(t *testing.T) {
			b := browser.Open(t)
			if b == nil {
				return
			}
			g := open(t)
			g.morning()
			pages := g.Face.(face).Pages
			c := chief{b, func(key string, args ...any) string { return pages.T(run.lang, "supervisor."+key, args...) }}
			b.Do(chromedp.EmulateViewport(run.width, run.height), chromedp.Navigate(g.URL+"/enter?lang="+run.lang))
			g.EnterTab(b, "S. Prifti", "ZYRA", "/books")
			work(c, g)
			handOver(c, g)
			for _, line := range b.Said() {
				if !expected.MatchString(line) {
					t.Error("the console says:", line)
				}
			}
		})
	}
}

// work looks at the books, types a count, begins and ends a regime.
func work(c chief, g *stage) {
	c.Helper()
	c.sees("open.left")
	c.Until(`document.documentElement.dataset.live === "on"`)
	c.Until(`document.documentElement.scrollWidth <= window.innerWidth`)
	c.look("books")
	c.keys("3")
	c.opened("?stretch=yesterday")
	c.sees("booths.none")
	c.keys("2")
	c.opened("?stretch=today")
	c.says(".supervisor-figures", c.words("entries")+" 8")

	c.keys(kb.F4)
	c.at("booth")
	c.types("k2")
	c.keys(kb.Tab, kb.Tab, kb.Tab)
	c.at("entries")
	c.keys(kb.F2)
	c.sees("count.nothing")
	c.look("count")
	c.at("entries")
	c.types("1")
	c.keys(kb.Tab)
	c.types("9")
	c.keys(kb.F2)
	c.opened("")
	c.says("#books", c.words("differ.more", "n", 6))

	c.keys(kb.F3)
	c.Until(`document.activeElement?.name === "regime"`)
	c.keys(" ", kb.Tab)
	c.at("reason")
	c.types("Flood, article 9")
	c.keys(kb.Tab)
	c.at("until")
	c.types("18.00")
	c.look("regime")
	c.keys(kb.F2)
	c.opened("")
	c.says("#books .banner", "Flood, article 9")
	c.says("#states", c.words("regime.relaxed"))
	r, err := g.Post.RegimeInForce(g.Context())
	if err != nil || r == nil || r.Until != g.Post.Now()/86400_000*86400_000+17*3600_000 {
		c.Fatalf("in force: %+v, %v", r, err)
	}
	if o, err := g.Post.ReadOwn(r.Ref.Index); err != nil || len(o.Leaf.Booth) == 0 {
		c.Errorf("the regime is not signed by the booth key: %v", err)
	}
	c.keys(kb.F3)
	c.at("passed")
	c.types("57")
	c.look("regime-end")
	c.keys(kb.F2)
	c.opened("")
	c.says("#books", "57")

	// What a booth does appears on the open page.
	g.decide(g.k1, border.Exit, "Rossi", "YA0000004", border.Admit, node.Vehicle{})
	c.says(".supervisor-figures", c.words("exits")+" 4")
	c.look("books-later")
}

// handOver signs the account and lets the next supervisor accept it.
func handOver(c chief, g *stage) {
	c.Helper()
	c.keys(kb.F2)
	c.at("notes")
	c.types("K2 reads badly.")
	c.look("handover")
	c.keys(kb.F2)
	c.sees("handed.other")
	c.look("handed")
	path := c.Text(`location.pathname`)
	c.keys(kb.Escape)
	c.opened("")
	c.keys(kb.F10)
	c.Until(`location.pathname === "/enter"`)
	g.EnterTab(c.Tab, "T. Shehu", "ZYRA", path)
	c.sees("handed.do")
	c.keys(kb.F2)
	c.opened("")
	c.sees("handover.accepted", "who", "T. Shehu")
	c.look("taken")
	b, err := g.Post.Books(g.Context(), g.chief.Shift, g.Post.Now()-3600_000, g.Post.Now()+1)
	if err != nil || len(b.Handovers) != 1 || b.Handovers[0].Notes != "K2 reads badly." || b.Handovers[0].Accepted != "T. Shehu" {
		c.Fatalf("%+v, %v", b.Handovers, err)
	}
	if o, err := g.Post.ReadOwn(b.Handovers[0].Ref.Index); err != nil || o.Leaf.Kind != record.Handover || len(o.Leaf.Booth) == 0 {
		c.Errorf("the hand-over is not signed by the booth key: %v", err)
	}
	c.keys(kb.Escape)
}
