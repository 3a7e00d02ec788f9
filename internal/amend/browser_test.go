package amend

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/record"
)

// officer works with a keyboard and nothing else.
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

// tabTo presses Tab until the cursor is in a field.
func (o officer) tabTo(id string) {
	o.Helper()
	for range 60 {
		if o.Is(`document.activeElement?.id === "` + id + `"`) {
			return
		}
		o.Do(chromedp.KeyEvent(kb.Tab))
	}
	o.Fatalf("the key Tab does not lead to %s", id)
}

// retype writes over what a field holds: Tab marks all of it.
func (o officer) retype(id, text string) {
	o.Helper()
	o.tabTo(id)
	o.Do(chromedp.KeyEvent(text))
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
	"en": {"void": "Take a decision back", "left": "alone for 10 more minutes", "taken": "Taken back", "correct": "Correct a passage", "mend": "Mend the marked fields",
		"proposed": "Correction proposed", "list": "Corrections that wait", "own": "yours: another officer", "agreed": "Agreed", "none": "No correction is waiting",
		"find": "Correct by receipt", "shown": "No record opens", "refusal": "Print the refusal", "print": "REFUSAL OF ENTRY", "facts": "Fact sheet at exit", "withdrawn": "never took place"},
	"sq": {"void": "Tërhiq një vendim", "left": "edhe 10 minuta", "taken": "U tërhoq", "correct": "Korrigjo një kalim", "mend": "Ndreqni fushat",
		"proposed": "Korrigjimi u propozua", "list": "Korrigjime që presin", "own": "i juaji", "agreed": "U pajtuat", "none": "Asnjë korrigjim nuk pret",
		"find": "Korrigjo me dëftesë", "shown": "Asnjë regjistrim nuk hapet", "refusal": "Shtyp refuzimin", "print": "REFUZIM I HYRJES", "facts": "Fletë faktesh në dalje", "withdrawn": "nuk ka ndodhur kurrë"},
}

// expected is what a browser says by itself of a form that was sent back to be mended, and of a stream that ends with its page.
var expected = regexp.MustCompile(`status of 4(04|22)|net::ERR_|htmx:sse:error`)

func TestAmendInBrowser(t *testing.T) {
	for lang, says := range tongues {
		t.Run(lang, func(t *testing.T) {
			booth := officer{browser.Open(t)}
			if booth.Tab == nil {
				return
			}
			second := officer{browser.Open(t)}
			g := open(t)
			booth.Do(chromedp.EmulateViewport(1280, 800))
			g.booth.Shift = g.EnterTab(booth.Tab, "A. Hoxha", "K5", "/corrections")
			g.EnterTab(second.Tab, "S. Prifti", "office", "/corrections")
			second.Do(chromedp.Navigate(g.URL + "/corrections?lang=" + lang))
			booth.Do(chromedp.Navigate(g.URL + "/corrections?lang=" + lang))
			booth.wants("main", says["none"])
			takeBack(g, booth, says)
			correct(g, booth, second, says)
			paper(g, booth, says)
			for _, line := range append(booth.Said(), second.Said()...) {
				if !expected.MatchString(line) {
					t.Error("the console says:", line)
				}
			}
		})
	}
}

func takeBack(g *stage, o officer, says map[string]string) {
	index := g.pass(g.booth, border.Entry).Ref.Index
	o.Do(chromedp.Navigate(g.URL + at("/void/", index)))
	o.wants("main", says["left"])
	o.Until(`document.activeElement?.id === "reason"`)
	o.looked("amend-void")
	o.keys("wrong traveller")
	o.keys(kb.F2)
	o.wants("h1:not(.sr)", says["taken"])
	o.looked("amend-taken")
	g.signed(record.Void)
	o.keys(kb.Enter)
	o.Until(`location.pathname === "/"`)
}

// correct takes a correction from the officer's own record and from a receipt to the second officer.
func correct(g *stage, o, second officer, says map[string]string) {
	index := g.pass(g.booth, border.Entry).Ref.Index
	o.Do(chromedp.Navigate(g.URL + at("/correct/", index)))
	o.wants("h1:not(.sr)", says["correct"])
	o.looked("amend-correct")
	o.retype("f-day", "20.13.2026")
	o.retype("f-secondary", "Paolina")
	o.keys(kb.F8)
	o.Until(`document.activeElement?.id === "reason"`)
	o.keys("misread by the reader")
	o.keys(kb.F2)
	o.wants(".banner.red", says["mend"])
	o.Until(`document.activeElement?.id === "f-day"`)
	o.looked("amend-faults")
	o.Do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2))) // Ctrl+A
	o.keys("20.11.2026")
	o.keys(kb.F2)
	o.wants("h1:not(.sr)", says["proposed"])
	g.signed(record.Correction)

	receipt := g.pass(g.booth, border.Exit)
	o.keys(kb.Enter)
	o.wants("h1:not(.sr)", says["list"])
	o.wants("main", says["own"])
	o.keys(kb.F3)
	o.wants("h1:not(.sr)", says["find"])
	o.Until(`document.activeElement?.id === "index"`)
	o.keys(at("", receipt.Ref.Index) + kb.Tab + "0000-00000")
	o.keys(kb.Enter)
	other := g.officer("B. Leka", "K2") // whose record it is does not matter to a wrong code of one's own: it opens
	o.wants("h1:not(.sr)", says["correct"])
	o.Do(chromedp.Navigate(g.URL + "/correct"))
	o.keys(at("", g.pass(other, border.Entry).Ref.Index) + kb.Tab + "0000-00000")
	o.keys(kb.Enter)
	o.wants(".banner.red", says["shown"])
	o.looked("amend-find")
	theirs := g.pass(other, border.Exit)
	o.Do(chromedp.Navigate(g.URL + "/correct"))
	o.keys(at("", theirs.Ref.Index) + kb.Tab + strings.ToLower(theirs.Code))
	o.keys(kb.Enter)
	o.wants("h1:not(.sr)", says["correct"])
	o.keys(kb.F8)
	o.keys("turned back" + kb.Tab + " ")
	o.keys(kb.F2)
	o.wants("h1:not(.sr)", says["proposed"])

	second.Do(chromedp.Navigate(g.URL + "/corrections"))
	second.wants("h1:not(.sr)", says["list"])
	second.looked("amend-waiting")
	second.keys("1")
	second.wants("h1:not(.sr)", "ROSSI, PAOLA")
	second.wants("ins", "20")
	second.looked("amend-proposal")
	second.keys(kb.F2)
	second.wants("h1:not(.sr)", says["agreed"])
	g.signed(record.Correction)
	second.keys(kb.Enter)
	second.wants("main", says["withdrawn"])
	second.keys("1")
	second.wants("main", "turned back")
	second.wants("h1:not(.sr)", "ROSSI, PAOLA") // the list names the reason too
	second.keys(kb.F2)
	second.wants("h1:not(.sr)", says["agreed"])
	second.keys(kb.Enter)
	second.wants("main", says["none"])
}

func paper(g *stage, o officer, says map[string]string) {
	index := g.refuse(g.booth, border.Entry, border.NoVisa, "ITA")
	o.Do(chromedp.Navigate(g.URL + at("/refusal/", index)))
	o.wants("h1:not(.sr)", says["refusal"])
	o.Until(`document.activeElement?.value === "it"`)
	o.looked("amend-refusal")
	o.keys(kb.F2)
	o.wants("h1:not(.sr)", says["print"])
	o.wants("h1:not(.sr)", "RESPINGIMENTO")
	kept, err := chromedp.Run(o.Context, chromedp.Evaluate[string](`fetch(location.href).then((r) => r.status + " " + r.headers.get("Cache-Control"))`,
		chromedp.EvalAwaitPromise))
	if err != nil || kept != "200 no-store" {
		g.Errorf("the printed form: %s, %v", kept, err)
	}
	o.Accessible("the printed refusal")
	o.Shot("amend-printed")
	o.Do(chromedp.Navigate(g.URL + at("/facts/", g.scan(g.booth, border.Exit, "ITA"))))
	o.wants("h1:not(.sr)", says["facts"])
	o.Accessible("the fact sheet")
	o.Shot("amend-facts")
}

// signed fails where the newest record of a kind has no signature of the booth.
func (g *stage) signed(kind record.Kind) {
	g.Helper()
	h, err := g.Post.Health(g.Context())
	if err != nil {
		g.Fatal(err)
	}
	for index := h.Size; index > 0; index-- {
		if o, err := g.Post.ReadOwn(index - 1); err == nil && o.Leaf.Kind == kind {
			if len(o.Leaf.Booth) == 0 {
				g.Errorf("a %v is not signed by the booth's key", kind)
			}
			return
		}
	}
	g.Errorf("no %v is recorded", kind)
}
