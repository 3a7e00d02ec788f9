package paper

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
)

// clerk types with a keyboard and nothing else.
type clerk struct{ *browser.Tab }

func (c clerk) keys(keys string) { c.Helper(); c.Do(chromedp.KeyEvent(keys)) }

// wants waits until the page says so.
func (c clerk) wants(text string) {
	c.Helper()
	c.Until(`document.getElementById("main")?.innerText.replace(/\s+/g, " ").includes(` + strconv.Quote(text) + `) ?? false`)
}

// at waits until the cursor is in a field.
func (c clerk) at(id string) {
	c.Helper()
	c.Until(`document.activeElement?.id === ` + strconv.Quote(id))
}

// typed types a sheet from its number to the decision in the order of the paper: each field, then Enter.
func (c clerk) typed(fields ...string) {
	c.Helper()
	for _, f := range fields {
		c.keys(f + kb.Enter)
	}
}

// expected is what a browser says of a stream that ends with its page, of a form to be mended, and of a cursor that was set before.
var expected = regexp.MustCompile(`net::ERR_|htmx:sse:error|status of 4|Autofocus processing was blocked`)

func TestTypingInBrowser(t *testing.T) {
	for _, lang := range []string{"en", "sq"} {
		t.Run(lang, func(t *testing.T) { typing(t, lang) })
	}
}

func typing(t *testing.T, lang string) {
	c := clerk{browser.Open(t)}
	if c.Tab == nil {
		return
	}
	p := open(t, 40)
	born, err := border.NewPartialDate(1974, 8, 12)
	if err != nil {
		t.Fatal(err)
	}
	p.OpenCentre(border.Alert{ID: "demo:1", List: "demo", Kind: border.PersonAlert, Action: border.ActArrest, Issuer: "Gjykata", Reason: "theft",
		Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}})
	says := map[string]map[string]string{
		"en": {"once": number(1) + " typed once", "twice": "recorded. Both keyings agree", "differs": "Not as it was typed the first time",
			"hit": "On the watchlist, and passed on paper", "void": number(3) + " is void", "kept": "as before"},
		"sq": {"once": number(1) + " u shtyp një herë", "twice": "u regjistrua. Të dyja shtypjet përputhen", "differs": "Jo si u shtyp herën e parë",
			"hit": "Në listën e kërkimit, dhe kaloi me letër", "void": number(3) + " u anulua", "kept": "si më parë"},
	}[lang]
	p.EnterTab(c.Tab, "A. Hoxha", "K1", "/paper")
	c.Do(chromedp.Navigate(p.URL + "/paper?lang=" + lang))
	c.Shot("paper")
	c.keys(kb.F2)
	c.at("sheet")
	c.Accessible("the empty form")

	// From "Jansen" on: admitted, visa-free. Where the language changes the words of a choice its digit stays.
	document := []string{"p", "nld", "NX1234567", "jansen", "eva", "19740812", "F", "20310415", "nld", "", "", "1", "", "", "1", ""}
	c.typed("kakavija 1 "+number(1)[len(number(1))-1:], "1", "20261121", "1830")
	c.at("code")
	if said := c.Text(`document.getElementById("day-echo").textContent.replace(/\s/g, " ")`); !strings.HasPrefix(said, "21 ") || !strings.HasSuffix(said, " 2026") || len(said) < 11 {
		t.Errorf("the date is said as %q", said)
	}
	c.typed(document...)
	c.typed("k1", "A. Hoxha", "")
	c.at("save")
	c.Shot("paper-typed")
	c.keys(kb.Enter)
	c.wants(says["once"])
	c.wants(says["kept"])
	c.at("sheet")
	if day := c.Text(`document.getElementById("day").value`); day != "21.11.2026" {
		t.Errorf("the date kept is %q", day)
	}

	// A wanted person, typed without leaving the form; officer, booth and date are kept.
	wanted := append([]string{number(2), "1", "", "1835", "p", "ita", "YA1234567", "rossi", "paolo"}, document[5:]...)
	wanted[12] = "ita"
	c.typed(wanted...)
	c.keys(kb.F2)
	c.wants(number(2))
	c.at("sheet")

	c.Is(`fetch("/leave", {method: "POST"}).then(() => { document.title = "left"; }); true`)
	c.Until(`document.title === "left"`)
	p.EnterTab(c.Tab, "B. Leka", "K2", "/paper")
	c.Do(chromedp.Navigate(p.URL + "/paper?lang=" + lang))
	c.wants(number(1))
	c.Shot("paper-waiting")
	c.Accessible("the account")
	c.keys(kb.F2)
	c.at("sheet")
	second := append([]string{number(1), "1", "2026-11-21", "18:30"}, document...)
	second[6] = "NX1234561" // misread
	c.typed(second...)
	c.typed("k1", "A. Hoxha", "")
	c.keys(kb.F2)
	c.wants(says["differs"])
	c.at("number")
	c.Shot("paper-differs")
	c.Accessible("the form that differs")
	c.typed("NX1234567") // of the marked fields the last: on to the button
	c.at("save")
	c.keys(kb.Enter)
	c.wants(number(1) + " " + says["twice"])

	c.at("sheet")
	wanted[2] = "20261121"
	c.typed(wanted...)
	c.typed("k1", "A. Hoxha", "")
	c.keys(kb.F2)
	c.wants(says["hit"])
	if sound := c.Text(`document.documentElement.dataset.sounded ?? ""`); sound != "hit" {
		t.Errorf("the page sounds %q", sound)
	}
	c.Shot("paper-hit")
	c.Accessible("the hit")
	c.keys(kb.F2)
	c.at("sheet")
	c.keys(kb.F8)
	c.at("void")
	c.typed(number(3))
	c.wants(says["void"])
	if got := p.paper(); got.Used != 2 || got.Void != 1 || len(got.Once) != 0 || got.Left != 37 {
		t.Errorf("the account is %+v", got)
	}
	for _, line := range c.Said() {
		if !expected.MatchString(line) {
			t.Error("the console says:", line)
		}
	}
}
