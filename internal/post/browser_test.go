package post

import (
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	chromium "tims/internal/browser"
	"tims/internal/station/stationtest"
)

// officer works at a booth with a keyboard and nothing else.
type officer struct{ *chromium.Tab }

func (o officer) keys(keys string) { o.Helper(); o.Do(chromedp.KeyEvent(keys)) }

// fingers type slower than a reader.
func (o officer) fingers(text string) {
	o.Helper()
	for _, r := range text {
		o.keys(string(r))
		time.Sleep(60 * time.Millisecond)
	}
}

func (o officer) value(expression string) string {
	o.Helper()
	v, err := chromedp.Run(o.Context, chromedp.Evaluate[string](expression))
	if err != nil {
		o.Fatal(err)
	}
	return v
}

// sees gives the text of what is shown now, empty where nothing is.
func (o officer) sees(selector string) string {
	v, err := chromedp.Run(o.Context, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector)))
	if err != nil {
		return "" // the page is changing
	}
	return v
}

// wants waits until something is shown that says so, whatever its letters' case.
func (o officer) wants(selector, part string) {
	o.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(strings.ToUpper(blanks.ReplaceAllString(o.sees(selector), " ")), strings.ToUpper(part)) {
			return
		}
	}
	o.Fatalf("%s says %q, not %q; the page:\n%s", selector, o.sees(selector), part, o.sees("body"))
}

var blanks = regexp.MustCompile(`[\s\x{a0}]+`)

// expected is what a browser says by itself of the node that was away, of the session that had ended, and of a page loaded
// with an act still without its answer, where the focus goes to that.
var expected = regexp.MustCompile(`net::ERR_|htmx:sse:error|status of 401|Autofocus processing was blocked`)

func TestBoothInBrowser(t *testing.T) {
	o := officer{chromium.Open(t)}
	if o.Tab == nil {
		return
	}
	c := found(t)
	born, _ := border.NewPartialDate(1974, 8, 12)
	c.OpenCentre(border.Alert{ID: "demo:1", List: "demo", Kind: border.PersonAlert, Action: border.ActArrest, Issuer: "Gjykata e Tiranës",
		Reason: "theft of a lorry", Names: []border.AlertName{{Primary: "Rossi", Secondary: "Paolo"}}, Births: []border.PartialDate{born}, Nations: []string{"ITA"}})
	o.Do(chromedp.EmulateViewport(1280, 800))
	c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
	o.wants(".plate h1", "ENTRY")
	o.wants(".plate .booth-name", "K1")
	shots(o, "booth")

	// A burst with the focus on a button, then with it in another field, which keeps what stood there.
	o.Do(chromedp.Focus(chromedp.CSS(".plate button")))
	o.keys(strings.ReplaceAll(stationtest.Passport(t, "Papadopoulou", "Eleni Maria", "AE1234567", "GRC"), "\n", kb.Enter) + kb.Enter)
	o.wants("#verdict", "Admit")
	if path := o.value(`location.pathname`); !strings.HasPrefix(path, "/check/") {
		t.Error("the check has no address of its own:", path)
	}
	if focus := o.value(`document.activeElement.id`); focus != "verdict" {
		t.Errorf("the focus is on %q", focus)
	}
	shots(o, "check")
	o.keys(kb.Enter) // never admits
	o.wants("#verdict", "Admit")
	o.keys(kb.F6)
	o.fingers("aa 123 bc")
	if plate := o.value(`document.getElementById("plate").value`); plate != "aa 123 bc" {
		t.Errorf("the plate is %q", plate)
	}
	o.keys(kb.F2)
	o.wants(".done h1", "Admitted")
	if text := o.sees("#flags"); strings.Contains(text, "by the node") {
		t.Error("the act is not signed by the booth key:", text)
	}
	o.wants("#flags", "Tirana") // the copy's news arrives on the open page
	shots(o, "receipt")

	// From the receipt the next document begins directly. This one is on a list: Admit takes two presses.
	o.keys(stationtest.Passport(t, "Rossi", "Paolo", "YA1234567", "ITA"))
	o.wants("#verdict", "Second line")
	o.wants(".hits", "Wanted. Do not let go")
	shots(o, "hit")
	o.keys(kb.F2)
	o.wants(".acts .armed", "Admit all the same?")
	o.keys(kb.F4)
	o.wants("#refusal[open]", "no valid travel document")
	time.Sleep(150 * time.Millisecond) // a letter waits for the silence that tells it from a reader
	o.keys("h")
	time.Sleep(150 * time.Millisecond)
	shots(o, "refuse")
	o.keys(kb.F4)
	o.wants(".done h1", "Refused")
	o.wants(".done", "H alert issued for refusal of entry")

	// A faulty zone, typed into the vehicle's field: the field keeps its own.
	time.Sleep(150 * time.Millisecond) // Enter too: nobody presses it within 80 ms of the key before
	o.keys(kb.Enter)
	o.wants(".plate h1", "ENTRY")
	o.Do(chromedp.Focus(chromedp.CSS("#plate")))
	o.fingers("aa 123 bc")
	time.Sleep(400 * time.Millisecond)
	zone := []byte(stationtest.Passport(t, "Bianchi", "Anna", "YA7654321", "ITA"))
	zone[45+9] = '0' + (zone[45+9]-'0'+1)%10
	o.keys(strings.ReplaceAll(string(zone), "\n", kb.Tab))
	o.wants(".facts .bad", "Check digit of the number is wrong (line 2, position 10)")
	if plate := o.value(`document.getElementById("plate").value`); !strings.EqualFold(plate, "AA 123 BC") {
		t.Errorf("the plate is %q after a burst in its field", plate)
	}
	shots(o, "faults")
	o.keys(kb.F2)
	o.wants(".acts .armed", "Admit all the same?")
	time.Sleep(400 * time.Millisecond)
	o.keys(kb.F2)
	o.wants(".done h1", "Admitted")

	lostAnswer(t, o, c)
	for _, line := range o.Said() {
		if !expected.MatchString(line) {
			t.Error("the console says:", line)
		}
	}
}

// lostAnswer takes the server away between check and decision. The page says that it is not known, keeps the act over a
// reload, and gets one receipt when the server is there again.
func lostAnswer(t *testing.T, o officer, c *stationtest.Country) {
	o.keys(stationtest.Passport(t, "Verdi", "Carlo", "YA5550001", "ITA"))
	o.wants("#verdict", "Admit")
	address := c.Server.Listener.Addr().String()
	c.Server.CloseClientConnections()
	c.Server.Close()
	o.keys(kb.F2)
	o.wants(".shout strong", "Not known")
	shots(o, "unknown")
	o.keys(stationtest.Passport(t, "Other", "Person", "YA5550002", "ITA")) // nobody is served before the answer is there
	o.wants(".shout strong", "Not known")
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	again := httptest.NewUnstartedServer(c.Face)
	again.Listener.Close()
	again.Listener = l
	again.Start()
	t.Cleanup(func() { again.CloseClientConnections(); again.Close() })
	o.Do(chromedp.Navigate("http://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + "/"))
	o.wants(".shout strong", "Not known")
	o.keys(kb.F2)
	o.wants(".done", "VERDI, CARLO")
	if kept := o.value(`String(sessionStorage.getItem("tims-act"))`); kept != "null" {
		t.Error("the act is kept after its receipt")
	}
	// A face that starts again has forgotten its sessions; the browser's key opens the shift again, and the burst is not lost.
	again.Config.Handler = c.NewFace()
	o.keys(stationtest.Passport(t, "Neri", "Luca", "YA5550003", "ITA"))
	o.wants("#verdict", "Admit")
}

// shots looks at the page: for faults of access, and as pictures, in both languages where the page has an address.
func shots(o officer, name string) {
	o.Helper()
	o.Accessible(name)
	o.Shot(name)
	if os.Getenv("TIMS_SHOTS") == "" || name == "refuse" || name == "unknown" {
		return
	}
	speak(o, "sq")
	o.Shot(name)
	speak(o, "en")
}

// speak loads the page in another language.
func speak(o officer, lang string) {
	if o.value(`document.documentElement.lang`) == lang {
		return
	}
	o.Do(chromedp.Navigate(o.value(`(() => { const u = new URL(location); u.searchParams.set("lang", "` + lang + `"); return u.href })()`)))
}
