package centre

import (
	"context"
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

// refer reads a document at a post and refers its holder; the second line's answers follow, each about the alert.
func (c *country) refer(post string, d border.Document, alert string, said ...record.Outcome) {
	c.Helper()
	view, err := c.posts[post].Scan(context.Background(), node.Scan{Act: act(), Shift: c.shift(post), Direction: border.Entry, Document: d})
	if err != nil {
		c.Fatal(err)
	}
	referral := c.do(post, node.Decision{Act: act(), Shift: c.shift(post), Check: view.Ref.Index, Decision: border.Refer})
	for _, o := range said {
		of := alert
		if o == record.Cleared || o == record.HandedOver || o == record.Refused {
			of = ""
		}
		c.do(post, node.Outcome{Act: act(), Shift: c.shiftOf(post, "Line 2"), Referral: referral.Index, Outcome: o, Alert: of})
	}
}

// hitsOfEachState releases a list of which each alert is met, and brings each hit to another state.
func (c *country) hitsOfEachState() {
	c.Helper()
	born, _ := border.NewPartialDate(1974, 8, 12)
	person := func(id string, action border.Action, names ...border.AlertName) border.Alert {
		return border.Alert{ID: id, List: "watch", Kind: border.PersonAlert, Action: action, Issuer: "Gjykata e Shkallës së Parë Tiranë", Names: names,
			Births: []border.PartialDate{born}, Nations: []string{"ALB"}, Sex: "F"}
	}
	document := func(id string, action border.Action, number string) border.Alert {
		return border.Alert{ID: id, List: "papers", Kind: border.DocumentAlert, Action: action, Issuer: "Interpol",
			Documents: []border.AlertDocument{{Issuer: "ALB", Number: number, Status: "stolen"}}}
	}
	armed := person("watch:2026-00017", border.ActArrest, border.AlertName{Primary: "Cela", Secondary: "Erina"})
	armed.Caveats = "armed; do not question alone"
	lists := map[string][]border.Alert{
		"watch": {armed, person("watch:2026-00018", border.ActDiscreet, border.AlertName{Primary: "Doda", Secondary: "Genta"}),
			person("watch:2026-00019", border.ActProtect, border.AlertName{Primary: "Xhaferaj Muharremi", Secondary: "Liri Bardha"}),
			person("watch:2026-00020", border.ActRefuse, border.AlertName{Primary: "Prifti", Secondary: "Ana"})},
		"papers": {document("papers:1", border.ActSeize, "X0000005"), document("papers:2", border.ActInform, "X0000006")},
	}
	for list, alerts := range lists {
		if _, err := c.centre.Release(context.Background(), list, 0, alerts); err != nil {
			c.Fatal(err)
		}
	}
	for deadline := time.Now().Add(20 * time.Second); len(c.posts["kakavija"].Lists()) < len(lists); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatal("the lists do not come")
		}
	}
	c.refer("kakavija", passport(c.T, "X0000001", "ALB", "CELA", "ERINA"), "watch:2026-00017", record.SamePerson, record.HandedOver)
	c.pass("kakavija", passport(c.T, "X0000002", "ALB", "DODA", "GENTA"), border.Entry, node.Vehicle{}, "")
	c.refer("kakavija", passport(c.T, "X0000003", "ALB", "XHAFERAJ MUHARREMI", "LIRI BARDHA"), "watch:2026-00019", record.Unsure)
	c.refer("kakavija", passport(c.T, "X0000004", "ALB", "PRIFTI", "ANA"), "watch:2026-00020", record.OtherPerson)
	c.refer("kakavija", passport(c.T, "X0000005", "ALB", "HOXHA", "MIRA"), "papers:1", record.Cleared)
	c.pass("kakavija", passport(c.T, "X0000006", "ALB", "LEKA", "VERA"), border.Exit, node.Vehicle{}, "")
	c.settle()
}

// An analyst reads what came of the alerts, narrows it by keyboard alone to the discreet ones and to an outcome, and takes the file.
func TestHitsInChromium(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c := found(t, nil, twoPosts...)
	c.hitsOfEachState()
	base := strings.Replace(c.server.URL, "127.0.0.1", "localhost", 1)
	b.Do(chromedp.EmulateViewport(1280, 800))
	b.Do(chromedp.Navigate(base + "/enter?lang=en"))
	enter(b, c, base, "Arta Hoxha")
	rows := func(n string) string { return `document.querySelectorAll("main tbody tr").length === ` + n }
	key := b.Text(`document.querySelector(".nav a[href='/hits']").dataset.key`)
	b.Do(chromedp.KeyEvent(strings.TrimPrefix(key, "Alt+"), chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.Until(`location.pathname === "/hits" && ` + rows("6"))
	inBoth(b, base+"/hits", "hits", rows("6"))
	for _, said := range []string{"same person", "other person, waits", "cannot be told", "no answer was asked for", "ended without"} {
		b.Until(`document.querySelector("main tbody").innerText.includes("` + said + `")`)
	}
	b.Until(`document.querySelectorAll("tr.done").length === 4 && document.querySelectorAll("tr:is(.red, .amber) .pill.ok").length === 0`)

	b.Do(chromedp.KeyEvent(kb.F6))
	b.Until(`document.activeElement?.id === "list"`)
	b.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.Enter))
	b.Until(`location.search.includes("discreet=1") && ` + rows("1"))
	b.Until(`document.activeElement?.tagName === "H1" || document.activeElement === document.body`)
	for _, lang := range []string{"sq", "en"} {
		b.Do(chromedp.Navigate(base + "/hits?discreet=1&lang=" + lang))
		b.Until(`document.documentElement.lang === "` + lang + `" && ` + rows("1"))
		looked(b, "hits-discreet")
	}
	b.Do(chromedp.Navigate(base + "/hits?state=unsure&list=watch"))
	b.Until(rows("1") + ` && document.querySelector("main tbody").innerText.includes("Xhaferaj Muharremi")`)
	if file := b.Text(`document.querySelector("a[href^='/hits.csv']").getAttribute("href")`); file != "/hits.csv?list=watch&state=unsure" {
		t.Errorf("the file of what is shown is %s", file)
	}
	b.Do(chromedp.Navigate(base + "/hits?state=other"))
	b.Until(`document.querySelector("main .empty") !== null`)
	looked(b, "hits-none")
	if said := b.Said(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}
