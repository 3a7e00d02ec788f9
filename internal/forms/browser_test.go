package forms

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/web"
)

// bursts lists what is wider or higher than its place, which a printer would cut or lay over its neighbour.
const bursts = `[...document.querySelectorAll("main, main *, .sheet, .sheet *")].filter((e) =>
	e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline" || e.matches(".sheet") && e.scrollHeight > e.clientHeight + 1)
	.map((e) => e.tagName + "." + e.className + ": " + e.textContent.slice(0, 40)).join("\n")`

// formHeight is that of the form in millimetres.
const formHeight = `String(Math.ceil(document.querySelector("main").offsetHeight * 25.4 / 96))`

// An ordinary refusal takes one page of A4 in every language, long names burst nothing, and sheets stay within their frames.
func TestFormsFitTheirPaper(t *testing.T) {
	const pageHeight = 297 - 2*8 // mm between the margins of forms.css
	pages := map[string]string{}
	for _, l := range Languages() {
		for _, officers := range []string{"sq", "en"} {
			r := refusal(t)
			r.Officers, r.Travellers = officers, l.Code
			pages["/"+officers+"-"+l.Code] = refused(t, r)
			r.Ground = border.ExitForbiddenElse
			pages["/"+officers+"-"+l.Code+"-exit"] = refused(t, r)
		}
	}
	fit := len(pages)
	long := refusal(t)
	long.Document.Primary, long.Comments = strings.Repeat("LLANFAIRPWLL", 12), strings.Repeat("word ", 600)
	pages["/long"] = refused(t, long)
	f, h := factSheet(t), handover()
	f.Lang, h.Lang = "sq", "sq"
	f.Events[0].Post, h.Booths[0].Officer = strings.Repeat("P", 90), strings.Repeat("K", 60)
	pages["/fact"] = printed(t, func(b *strings.Builder) error { return WriteFactSheet(b, f, Look{}) })
	pages["/hand"] = printed(t, func(b *strings.Builder) error { return WriteHandover(b, h, Look{}) })
	for name, per := range map[string]int{"/two": 2, "/four": 4} {
		pages[name] = printed(t, func(b *strings.Builder) error {
			return WriteSheets(b, SheetsOptions{State: "Republika e Shqipërisë", Post: "Kakavijë", Series: "KAKAVIJA", First: 1, Last: 4, PerPage: per})
		})
	}

	tab := browser.Open(t)
	if tab == nil {
		return
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(pages[r.URL.Path]))
	}))
	defer server.Close()
	looked := 0
	for name := range pages {
		tab.Do(chromedp.Navigate(server.URL + name))
		if burst := tab.Text(bursts); burst != "" {
			t.Errorf("%s:\n%s", name, burst)
		}
		if strings.Count(name, "-") > 0 {
			looked++
			if mm, err := strconv.Atoi(tab.Text(formHeight)); err != nil || mm > pageHeight {
				t.Errorf("%s is %d mm high, over %d: %v", name, mm, pageHeight, err)
			}
		}
	}
	if looked != fit {
		t.Errorf("%d refusals measured of %d", looked, fit)
	}
	for _, name := range []string{"/sq-ar", "/en-de-exit", "/fact", "/hand", "/two"} {
		tab.Do(chromedp.Navigate(server.URL + name))
		tab.Accessible(name)
	}
}

// Behind the faces' guard a form is styled, its print button works, and nothing breaks the content security policy.
func TestFormBehindTheGuard(t *testing.T) {
	p, err := web.Open(web.Config{Node: "kakavija", Role: "frame.role.post"}, Files)
	if err != nil {
		t.Fatal(err)
	}
	head, err := p.Text("en", "forms-head", web.Page{})
	if err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t)
	if tab == nil {
		return
	}
	mux := http.NewServeMux()
	p.Mount(mux)
	mux.HandleFunc("GET /form", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := WriteRefusal(w, refusal(t), Look{Head: head, Back: "/"}); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(web.Guard{Pages: p}.Wrap(mux))
	defer server.Close()
	tab.Do(chromedp.Navigate(strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/form"))
	tab.Until(`!document.querySelector("[data-print]").hidden`)
	tab.Text(`window.print = () => { document.title = "printed"; }; document.querySelector("[data-print]").click(); ""`)
	if got := tab.Text(`document.title + " " + getComputedStyle(document.querySelector(".box")).display`); got != "printed inline-flex" {
		t.Errorf("the form behind the guard: %q", got)
	}
	if said := tab.Said(); len(said) > 0 {
		t.Errorf("the browser complains: %q", said)
	}
	tab.Accessible("/form")
}
