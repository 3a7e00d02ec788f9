// Package browser drives Debian's Chromium in tests: what a person sees and types, in a real browser. It is for tests alone.
package browser

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// actFor bounds one action of a test; a busy machine is slow, a broken page is for ever.
const actFor = time.Minute

// A Tab is a page of a browser that keeps what its console says; what breaks the content security policy is such a line.
type Tab struct {
	testing.TB
	Context context.Context // for chromedp

	mu   sync.Mutex
	said []string
}

// Open opens a browser, or gives nil where there is none: then the test says what it left out, and fails if
// TIMS_REQUIRE_ALL is 1.
func Open(t testing.TB) *Tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("TIMS_REQUIRE_ALL") == "1" {
			t.Fatal("Chromium is required and is not here; `make tools` installs it")
		}
		t.Log("left out: all that a browser does, since Chromium is not here")
		return nil
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-component-update", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(func() { stop(); stopAllocator() })
	tab := &Tab{TB: t, Context: ctx}
	console := chromedp.Console(ctx)
	go func() {
		for message, err := range console {
			if err != nil {
				return
			}
			tab.mu.Lock()
			tab.said = append(tab.said, message.String())
			tab.mu.Unlock()
		}
	}()
	return tab
}

// Do runs actions one after another, or fails the test.
func (b *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context, actFor)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// Until waits for an expression of the page to be true, over a navigation too.
func (b *Tab) Until(expression string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context, actFor)
	defer cancel()
	for {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if got {
			return
		}
		if ctx.Err() != nil {
			shown, _ := chromedp.Run(b.Context, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
			b.Fatalf("not so: %s: %v\nthe page:\n%s", expression, err, shown)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Is evaluates an expression of the page.
func (b *Tab) Is(expression string) bool {
	b.Helper()
	got, err := chromedp.Run(b.Context, chromedp.Evaluate[bool](expression))
	if err != nil {
		b.Fatal(err)
	}
	return got
}

// Said gives what the console has said so far.
func (b *Tab) Said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.said...)
}
