package centre

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
)

// A tab is a page of a browser that keeps what its console says; what breaks the policy is such a line.
type tab struct {
	*testing.T
	ctx  context.Context
	mu   sync.Mutex
	said []string
}

// chromium opens a browser, or gives nil where there is none: then the test says what it left out, and fails if
// TIMS_REQUIRE_ALL is 1.
func chromium(t *testing.T) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("TIMS_REQUIRE_ALL") == "1" {
			t.Fatal("Chromium is required and is not here")
		}
		t.Log("left out: all that a browser does, since Chromium is not here")
		return nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-component-update", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(func() { stop(); stopAllocator() })
	one := &tab{T: t, ctx: ctx}
	console := chromedp.Console(ctx)
	go func() {
		for message, err := range console {
			if err != nil {
				return
			}
			one.mu.Lock()
			one.said = append(one.said, message.String())
			one.mu.Unlock()
		}
	}()
	return one
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// until waits for an expression of the page to be true, over a navigation too.
func (b *tab) until(expression string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if got {
			return
		}
		if ctx.Err() != nil {
			b.Fatalf("not so: %s: %v", expression, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (b *tab) eval(expression string) bool {
	b.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
	if err != nil {
		b.Fatal(err)
	}
	return got
}

// enter opens a shift by an officer's one-time link, all by keyboard.
func (b *tab) enter(c *country, base, label string) {
	b.Helper()
	b.do(chromedp.Navigate(base + "/enter?code=" + c.codes[label]))
	b.until(`document.querySelector("#enter button:not(:disabled)") !== null`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`location.pathname === "/" && document.getElementById("centre-posts") !== null`)
}

// An analyst enters by his link, sees the posts live, searches by keyboard, loses his session and has it back by the
// signature of his key, and ends his shift.
func TestCentreInChromium(t *testing.T) {
	b := chromium(t)
	if b == nil {
		return
	}
	c := found(t, nil, twoPosts...)
	c.pass("kakavija", passport(t, "X0000001", "ALB", "CELA", "ERINA"), border.Entry, node.Vehicle{}, "")
	c.settle()
	base := strings.Replace(c.server.URL, "127.0.0.1", "localhost", 1)
	b.do(chromedp.EmulateViewport(1280, 800))
	b.enter(c, base, "Arta Hoxha")
	b.until(`document.documentElement.dataset.live === "on" && document.querySelector("[data-plot] canvas") !== null`)
	c.pass("rinas", passport(t, "X0000003", "ITA", "ROSSI", "ANNA"), border.Exit, node.Vehicle{}, "")
	b.until(`document.getElementById("centre-nations").textContent.includes("ITA")`)

	b.do(chromedp.KeyEvent(kb.F3))
	b.until(`location.pathname === "/search" && document.activeElement.id === "number"`)
	b.do(chromedp.KeyEvent("x000 0001\t\t\tcase 12/2026\r"))
	b.until(`document.getElementById("results")?.textContent.includes("kakavija/1/") && location.href.endsWith("/search")`)
	if last, err := c.centre.ReadOwn(c.size() - 1); err != nil || last.Leaf.Kind != record.Search {
		t.Errorf("the newest record is %v, %v", last.Leaf.Kind, err)
	}
	if b.eval(`document.documentElement.scrollWidth > innerWidth`) {
		t.Error("results scroll sideways")
	}

	// A centre that starts again has forgotten its sessions; the browser has not forgotten its key.
	c.server.Config.Handler = New(c.centre, Options{})
	b.do(chromedp.Navigate(base + "/search"))
	b.until(`location.pathname === "/search" && document.getElementById("number") !== null`)

	b.do(chromedp.Navigate(base + "/enter"))
	b.until(`document.querySelector("button[form=leave]") !== null`)
	b.do(chromedp.Click(chromedp.CSS("button[form=leave]")))
	b.until(`location.pathname === "/enter" && document.querySelector("button[form=leave]") === null && document.querySelector("#enter button:not(:disabled)") !== null`)
	b.do(chromedp.Navigate(base + "/"))
	b.until(`location.pathname === "/resume" && document.querySelector("[data-shown=closed]:not([hidden])") !== null`)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(b.said, "\n"))
	}
}
