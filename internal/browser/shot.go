package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// settleFor is what a page gets to be drawn anew after its width or theme changed.
const settleFor = 300 * time.Millisecond

// Shot writes pictures of the page into the directory that TIMS_SHOTS names, NAME-LANGUAGE-THEME-WIDTH.png: at 1280 and 1920,
// light and dark. Without TIMS_SHOTS it does nothing. The window has 1280 by 800 afterwards and the theme it had.
func (b *Tab) Shot(name string) {
	b.Helper()
	dir := os.Getenv("TIMS_SHOTS")
	if dir == "" {
		return
	}
	lang, theme := b.Text(`document.documentElement.lang`), b.Text(`document.documentElement.dataset.theme ?? ""`)
	for _, s := range []struct {
		width, height int64
		theme         string
	}{{1280, 800, "light"}, {1280, 800, "dark"}, {1920, 1080, "light"}, {1920, 1080, "dark"}} {
		b.Do(chromedp.EmulateViewport(s.width, s.height))
		b.Text(`document.documentElement.dataset.theme = "` + s.theme + `"`)
		time.Sleep(settleFor)
		picture, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
		if err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%s-%s-%s-%d.png", name, lang, s.theme, s.width))
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.Text(`document.documentElement.dataset.theme = "` + theme + `"`)
	b.Do(chromedp.EmulateViewport(1280, 800))
}

// Text evaluates an expression of the page that gives a text.
func (b *Tab) Text(expression string) string {
	b.Helper()
	got, err := chromedp.Run(b.Context, chromedp.Evaluate[string](expression))
	if err != nil {
		b.Fatal(err)
	}
	return got
}
