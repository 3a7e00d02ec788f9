package browser

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed assets/axe.min.js
var axe string

// runAxe gives what axe-core calls serious or critical, a line for each rule that is broken: its name, what it wants, and
// where. It is brought in by the debugger, past the content security policy of the page, which stays as it is.
const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations
	.filter((v) => v.impact === "serious" || v.impact === "critical")
	.map((v) => v.id + " (" + v.impact + "): " + v.help + ": " + v.nodes.map((n) => n.target.join(" ") +
		" [" + [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ") + "]").slice(0, 5).join(", "))))`

// Axe gives the serious and critical faults of access on the page as it is now, each a line; none is nil.
func (b *Tab) Axe() []string {
	b.Helper()
	if !b.Is(`typeof window.axe === "object"`) {
		if _, err := chromedp.Run(b.Context, chromedp.Evaluate[bool](axe+"; true")); err != nil {
			b.Fatal(err)
		}
	}
	text, err := chromedp.Run(b.Context, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	var faults []string
	if err := json.Unmarshal([]byte(text), &faults); err != nil {
		b.Fatal(err)
	}
	slices.Sort(faults)
	return faults
}

// Accessible fails the test where Axe finds something; where says which page it is.
func (b *Tab) Accessible(where string) {
	b.Helper()
	if faults := b.Axe(); len(faults) > 0 {
		b.Errorf("%s:\n%s", where, strings.Join(faults, "\n"))
	}
}
