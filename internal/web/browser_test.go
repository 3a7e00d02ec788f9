package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/browser"
)

const clickCounter = `"use strict"; for (const b of document.querySelectorAll("#keys button")) b.addEventListener("click", () => { document.title += b.id; });`

// The frame in a real browser: nothing breaks the policy, keys press, a
// document reader's burst presses nothing, the stream swaps, plots and tells
// when it is lost, comes back by itself, and theme and language are kept.
func TestFrameInChromium(t *testing.T) {
	p := open(t, io.Discard, fstest.MapFS{
		"assets/count.js": file(clickCounter),
		"pages/keys.html": file(`<div id="keys"><button id="A" data-key="F2">a</button><button id="B" data-key="n">b</button><button id="C" data-key="Alt+c">c</button></div><input id="in">
<p id="swapped"></p><form hx-post="/echo" hx-target="#answer"><input name="v" value="x"><button id="send">send</button></form><p id="answer"></p>
<div class="plot-box" id="plot" data-plot="rates"><script type="application/json">{"x":[1,2],"series":[{"name":"in","values":[1,2]}]}</script></div>`),
	})
	hub, mux := NewEvents(10), http.NewServeMux()
	p.Mount(mux)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		p.Render(w, r, "keys", Page{Scripts: []string{"count.js"}, Stream: "/live"})
	})
	for _, name := range []string{"booth", "parts", "centre"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			page := sink()
			page.Stream = ""
			page.Data.(map[string]any)["Plot"] = map[string]any{"x": []int{1, 2}, "series": []any{map[string]any{"name": "in", "values": []int{1, 2}}}}
			p.Render(w, r, name, page)
		})
	}
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<b>echoed</b>") })
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		hub.Serve(w, r, Stream{Topics: []string{"x"}, First: func() []Event {
			return []Event{Partial("#swapped", "innerHTML", "<i>swapped</i>"), {Name: "rates", Data: `{"x":[1,2],"series":[{"name":"brought","values":[3,4]}]}`}}
		}})
	})
	handler := Guard{Pages: p}.Wrap(mux)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + strings.TrimPrefix(l.Addr().String(), "127.0.0.1:")
	serving, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(serving, l, handler) }()

	b := browser.Open(t)
	if b == nil {
		return
	}
	for _, name := range []string{"booth", "parts", "centre"} {
		for _, width := range []int64{1280, 1920} {
			b.Do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+"/"+name))
			if b.Is(`document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s scrolls sideways at %d", name, width)
			}
			for _, theme := range []string{"light", "dark"} {
				b.Text(`document.documentElement.dataset.theme = "` + theme + `"`)
				b.Accessible(fmt.Sprintf("%s at %d, %s", name, width, theme))
			}
		}
	}
	b.Do(chromedp.Navigate(base + "/keys"))
	b.Until(`document.querySelector("#swapped i") !== null && document.querySelector("#plot canvas") !== null && document.documentElement.dataset.live === "on"`)
	b.Until(`document.querySelector("#plot").textContent.includes("brought")`)
	b.Do(chromedp.Click(chromedp.CSS("#send")))
	b.Until(`document.querySelector("#answer b") !== null`)

	b.Is(`document.activeElement.blur(); document.title = ""; true`)
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`document.title === "A"`)
	b.Do(chromedp.Sleep(quiet), chromedp.KeyEvent("n"))
	b.Until(`document.title === "AB"`)
	b.Do(chromedp.Sleep(quiet))
	b.Is(burst)
	b.Until(`document.body.dataset.burst === "done"`)
	b.Do(chromedp.Sleep(quiet), chromedp.SendKeys(chromedp.CSS("#in"), "n"), chromedp.Sleep(quiet))
	if !b.Is(`document.title === "AB"`) {
		t.Error("a burst or a field pressed a key")
	}

	sounds(t, b)
	b.Do(chromedp.Click(chromedp.CSS(`button[value="dark"]`)))
	b.Until(`document.documentElement.dataset.theme === "dark"`)
	b.Do(chromedp.Click(chromedp.CSS(`button[value="sq"]`)))
	b.Until(`document.documentElement.matches("[lang=sq][data-theme=dark][data-live=on]")`)
	if said := b.Said(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}

	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	b.Until(`document.documentElement.dataset.live === "off"`)
	if l, err = net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	serving, stop = context.WithCancel(context.Background())
	go func() { ended <- Serve(serving, l, handler) }()
	b.Until(`document.documentElement.dataset.live === "on"`)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// sounds are heard of what arrives, once for an id, the gravest of several, and not at all when they are off.
func sounds(t *testing.T, b *browser.Tab) {
	t.Helper()
	b.Text(`(() => { globalThis.tones = []; const start = OscillatorNode.prototype.start;
		OscillatorNode.prototype.start = function (at) { tones.push(this.frequency.value); return start.call(this, at); };
		globalThis.arrive = (html) => { tones.length = 0; delete document.documentElement.dataset.sounded; document.getElementById("answer").innerHTML = html; };
		return ""; })()`)
	for _, test := range []struct{ html, sounded, tones string }{
		{`<p data-sound="done">1</p>`, "done", "660,990"},
		{`<p data-sound="done">1</p><div><p data-sound="hit">2</p></div>`, "hit", "880,440"},
		{`<p id="m1" data-sound="flash">3</p>`, "flash", "1320,1320,1320,1320"},
		{`<p id="m1" data-sound="flash">3</p><i data-sound="done"></i>`, "done", "660,990"},
	} {
		b.Text(`arrive(` + "`" + test.html + "`" + `), ""`)
		b.Until(`document.documentElement.dataset.sounded === "` + test.sounded + `" && tones.join() === "` + test.tones + `"`)
	}
	b.Text(`document.documentElement.dataset.volume = "off"; arrive('<p data-sound="hit">4</p>'), ""`)
	b.Until(`document.documentElement.dataset.sounded === "hit"`)
	if !b.Is(`tones.length === 0`) {
		t.Error("it sounds although it is off")
	}
}

// quiet is longer than the silence that frame.js wants around a letter.
const quiet = 200 * time.Millisecond

// burst types as a reader does, 5 ms a letter, the shortcut letter first, within
// and last.
const burst = `(async () => { for (const key of "nP<GRCn<<nENIn") {
	document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
	await new Promise((r) => setTimeout(r, 5)); }
	document.body.dataset.burst = "done"; })(); true`
