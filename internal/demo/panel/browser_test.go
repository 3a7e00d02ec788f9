package panel

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A visitor cuts the line by keyboard, sees it without a reload, and goes through a door to a booth at another origin.
func browser(s *stage) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("TIMS_REQUIRE_ALL") == "1" {
			s.Fatal("Chromium is required and is not here")
		}
		s.Log("left out: all that a browser does, since Chromium is not here")
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(s.TempDir()), chromedp.Flag("disable-component-update", true))
	ctx, stopAllocator := chromedp.NewExecAllocator(s.Context(), options...)
	defer stopAllocator()
	ctx, stop := chromedp.NewContext(ctx)
	defer stop()
	ctx, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	var mu sync.Mutex
	var said []string
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			mu.Lock()
			said = append(said, m.String())
			mu.Unlock()
		}
	}()
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		s.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			s.Fatal(err)
		}
	}
	until := func(expression string) {
		s.Helper()
		for {
			got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
			if got {
				return
			}
			if ctx.Err() != nil {
				s.Fatalf("not so: %s: %v", expression, err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.s.URL+"/?lang=en"))
	until(`document.documentElement.dataset.live === "on"`)
	until(`document.getElementById("press-cut").focus(), document.activeElement.id === "press-cut"`)
	do(chromedp.KeyEvent(kb.Enter))
	until(`document.querySelectorAll("line.cut").length === 4 && document.getElementById("demo-journal").textContent.includes("line was cut")`)
	until(`document.activeElement.id === "press-cut" && document.activeElement.ariaDisabled === "true"`)
	until(`document.documentElement.scrollWidth <= innerWidth`)
	until(`(document.getElementById("door-kakavija").target = "_self") === "_self"`)
	do(chromedp.Click(chromedp.CSS("#open-kakavija")))
	until(`document.body.textContent === "the door of kakavija"`)
	mu.Lock()
	defer mu.Unlock()
	if len(said) > 0 {
		s.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}
