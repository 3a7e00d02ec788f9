package station_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	"tims/internal/browser"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/roster"
	"tims/internal/station"
	"tims/internal/station/stationtest"
	"tims/internal/web"
)

// bus is a face of one page: a form that admits the holders of several checks at once.
type bus struct {
	*station.Station
	mended error
	asked  bool // Ask refuses
	news   atomic.Int64
}

var pages = fstest.MapFS{
	"pages/bus.html": {Data: []byte(`<h1 tabindex="-1" autofocus>{{.Data.Head}}</h1><form method="post" action="/bus" data-deed>
<input type="hidden" name="act" value="{{.Data.Act}}">{{range .Data.Checks}}<input type="hidden" name="check" value="{{.}}">{{end}}
<button class="btn" data-key="F2">admit</button></form><p id="news"></p>`)},
	"parts/bus-strip.html": {Data: []byte(`<p id="word">{{.Data}}</p>`)},
	"lang/en.json":         {Data: []byte(`{"bus.nav": "Bus", "bus.two": "Two"}`)},
}

var errAsked = errors.New("asked back")

func (b *bus) mount() {
	b.Nav(station.Entry{Href: "/", Text: "bus.nav", Power: roster.CheckTravellers}, station.Entry{Href: "/books", Text: "bus.two", Power: roster.ReadPost})
	b.SetStrip(station.Strip{Part: "bus-strip", Data: func(r context.Context, s *node.Shift, _ station.Words) any { return "word for " + s.Officer.Label }})
	b.Live("bus", roster.CheckTravellers, func(context.Context, *node.Shift, station.Words) []web.Event {
		return []web.Event{web.Partial("#news", "innerHTML", template.HTML(strconv.FormatInt(b.news.Load(), 10)))}
	})
	show := func(w http.ResponseWriter, r *http.Request, s *node.Shift, head string, checks []string) {
		p := b.Page(r, s, "bus.nav")
		p.Stream = station.LiveAddress("bus")
		p.Data = map[string]any{"Head": head, "Act": station.ActText(station.NewAct()), "Checks": checks}
		b.Render(w, r, "bus", p)
	}
	b.Handle("GET /{$}", roster.CheckTravellers, func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		show(w, r, s, "bus", r.URL.Query()["check"])
	})
	b.Handle("GET /done", roster.CheckTravellers, func(w http.ResponseWriter, r *http.Request, s *node.Shift) {
		show(w, r, s, "done "+r.URL.Query().Get("n"), nil)
	})
	b.Handle("GET /books", roster.ReadPost, func(w http.ResponseWriter, r *http.Request, s *node.Shift) { show(w, r, s, "books", nil) })
	b.Deed("POST /bus", roster.CheckTravellers, station.Deed{
		Read: func(r *http.Request, s *node.Shift) (deeds []node.Deed, err error) {
			act, ok := station.ReadAct(r)
			if !ok {
				return nil, errors.New("no act")
			}
			for _, text := range r.PostForm["check"] {
				check, err := strconv.ParseUint(text, 10, 64)
				if err != nil {
					return nil, err
				}
				deeds = append(deeds, node.Decision{Act: station.DeriveAct(act, check), Shift: s, Check: check, Decision: border.Admit,
					Terms: border.Terms{Basis: border.VisaFree}})
			}
			return deeds, nil
		},
		Ask: func(*http.Request, *node.Shift, []node.Deed) error {
			if b.asked {
				return errAsked
			}
			return nil
		},
		Done: func(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt) {
			http.Redirect(w, r, "/done?n="+strconv.Itoa(len(receipts)), http.StatusSeeOther)
		},
		Mend: func(w http.ResponseWriter, r *http.Request, s *node.Shift, receipts []node.Receipt, err error) {
			b.mended = err
			show(w, r, s, fmt.Sprintf("mend after %d", len(receipts)), r.PostForm["check"])
		},
	})
}

func found(t *testing.T) (*stationtest.Country, *bus) {
	b := new(bus)
	c := stationtest.Found(t, func(n *node.Node) (stationtest.Face, error) {
		st, err := station.Open(n, station.Options{Role: "frame.role.post"}, pages)
		if err == nil {
			b.Station = st
			b.mount()
		}
		return b, err
	})
	return c, b
}

// checks reads n documents at the booth and gives the form that admits them all.
func checks(t *testing.T, c *stationtest.Country, s *node.Shift, n int) []string {
	t.Helper()
	form := []string{"act", station.ActText(station.NewAct())}
	for i := range n {
		lines := strings.Split(stationtest.Passport(t, "Rossi", "Paolo", fmt.Sprintf("YA%07d", i), "ITA"), "\n")
		v, err := c.Post.Scan(t.Context(), node.Scan{Act: station.NewAct(), Shift: s, Direction: border.Entry,
			Document: border.ReadZone(lines, c.Post.Today())})
		if err != nil {
			t.Fatal(err)
		}
		form = append(form, "check", strconv.FormatUint(v.Ref.Index, 10))
	}
	return form
}

// A bus of fifty is one form: each decision a record of its own under the booth's signature, in the order of the form.
func TestManyDeeds(t *testing.T) {
	c, face := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	form := checks(t, c, b.Shift, 50)
	before := size(t, c)
	face.asked = true
	b.Step("prepare", "/bus", form...).Has(t, "mend after 0")
	if face.asked = false; !errors.Is(face.mended, errAsked) || size(t, c) != before {
		t.Errorf("asked back: %v, %d records", face.mended, size(t, c)-before)
	}
	acts := b.Prepare("/bus", form...)
	if size(t, c) != before || len(acts) != 50 {
		t.Fatalf("preparing wrote %d records for %d acts", size(t, c)-before, len(acts))
	}
	b.Commit(acts, "/bus", form...).Has(t, "done 50")
	base, _ := hex.DecodeString(form[1])
	for i := range 50 {
		o, err := c.Post.ReadOwn(before + uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		check, _ := strconv.ParseUint(form[3+2*i], 10, 64)
		if o.Leaf.Act != station.DeriveAct(record.Act(base), check) || len(o.Leaf.Booth) == 0 || o.Leaf.About[0].Index != check {
			t.Fatalf("record %d: act %x, %d bytes of signature, about %v", i, o.Leaf.Act, len(o.Leaf.Booth), o.Leaf.About)
		}
	}
	// Asked again in either way it is the same fifty.
	b.Signed("/bus", append(form, "again", "1")...).Has(t, "done 50")
	b.Post("/bus", form...).Has(t, "done 50")
	if n := size(t, c) - before; n != 50 {
		t.Errorf("%d records after asking again", n)
	}
}

// The row ends at the first trouble: those before it stand, those after it are not tried, and the same form does the rest.
func TestRowEndsAndGoesOn(t *testing.T) {
	c, face := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	form := checks(t, c, b.Shift, 3)
	acts := b.Prepare("/bus", form...)
	before := size(t, c)
	wrong := []stationtest.Signable{acts[0], {Act: acts[1].Act, Message: []byte("something else")}, acts[2]}
	b.Commit(wrong, "/bus", form...).Has(t, "Not recorded", "1 of 3 are recorded and stand")
	if n := size(t, c) - before; n != 1 {
		t.Fatalf("%d records", n)
	}
	lost := []stationtest.Signable{acts[0], {Act: acts[1].Act}, acts[2]} // no signature never means "unsigned"
	b.Commit(lost, "/bus", form...).Has(t, "Not recorded")
	b.Step("commit", "/bus", form...).Has(t, "Not recorded")
	for _, bad := range []string{"", ":", "zz", strings.Repeat("z", 32) + ":AA", acts[0].Act + ":!", acts[0].Act + ":" + strings.Repeat("A", 200)} {
		b.Step("commit", "/bus", append(form, "signature", bad, "signature", bad, "signature", bad)...).Has(t, "Not recorded")
	}
	if n := size(t, c) - before; n != 1 {
		t.Fatalf("%d records without a signature", n)
	}
	b.Signed("/bus", form...).Has(t, "done 3")
	if n := size(t, c) - before; n != 3 {
		t.Errorf("%d records", n)
	}
	for _, none := range [][]string{form[:2], {"check", "1"}, append([]string{"act", form[1]}, many(200)...)} {
		face.mended = nil
		b.Post("/bus", none...).Has(t, "mend after 0")
		if face.mended == nil {
			t.Error("a form of", len(none)/2-1, "deeds is taken")
		}
	}
}

func many(n int) (pairs []string) {
	for i := range n {
		pairs = append(pairs, "check", strconv.Itoa(i))
	}
	return pairs
}

func size(t *testing.T, c *stationtest.Country) uint64 {
	t.Helper()
	h, err := c.Post.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Size
}

// An entry is offered to who has its power, its page is refused to others, and the start leads each to what is his.
func TestNavigationByPower(t *testing.T) {
	c, _ := found(t)
	b := c.Browser()
	b.Enter("A. Hoxha", "K1")
	page := b.Get("/")
	page.Has(t, "Bus", "word for A. Hoxha")
	if strings.Contains(page.Body, "/books") || b.Get("/books").Status != http.StatusForbidden {
		t.Error("the books are open to a booth officer")
	}
	s := c.Browser()
	s.Enter("S. Prifti", "OFFICE")
	if a := s.Get("/"); a.Path != "/books" || strings.Contains(a.Body, "Bus</a>") {
		t.Error("a supervisor begins at", a.Path)
	}
	if s.Get("/state?live=bus").Status != http.StatusNotFound || s.Post("/bus").Status != http.StatusForbidden {
		t.Error("a supervisor gets what is a booth's")
	}
}

// In a real browser: the keys of pages, the live part, the strip; three acts signed in one form; an answer that is lost, kept
// over a reload and asked again until it is certain.
func TestStationInChromium(t *testing.T) {
	b := browser.Open(t)
	if b == nil {
		return
	}
	c, face := found(t)
	s := c.EnterTab(b, "A. Hoxha", "K1", "/")
	form := checks(t, c, s, 3)
	before := size(t, c)
	query := "/?check=" + form[3] + "&check=" + form[5]
	b.Do(chromedp.Navigate(c.URL + query))
	b.Until(`document.documentElement.dataset.live === "on" && document.getElementById("word").textContent === "word for A. Hoxha"`)
	b.Until(`document.getElementById("news").textContent === "0"`)
	face.news.Store(7)
	face.Nudge()
	b.Until(`document.getElementById("news").textContent === "7"`)
	b.Accessible("a page of a station")
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector("h1[autofocus]")?.textContent === "done 2" && location.search === "?n=2"`)
	for i := range uint64(2) {
		if o, err := c.Post.ReadOwn(before + i); err != nil || len(o.Leaf.Booth) == 0 {
			t.Errorf("record %d is not signed: %v", i, err)
		}
	}

	b.Do(chromedp.Navigate(c.URL + "/?check=" + form[7]))
	b.Until(`document.querySelector("[data-key=F2]") !== null && document.documentElement.dataset.live === "on"`)
	c.Server.CloseClientConnections()
	c.Server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Tims-Sign") == "commit" {
			face.ServeHTTP(lost{w}, r) // recorded, but the answer never comes
			panic(http.ErrAbortHandler)
		}
		face.ServeHTTP(w, r)
	})
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector(".shout strong")?.textContent === "Not known"`)
	b.Accessible("not known")
	c.Server.Config.Handler = face
	b.Do(chromedp.Reload())
	b.Until(`document.querySelector(".shout strong")?.textContent === "Not known"`)
	b.Do(chromedp.KeyEvent(kb.F2))
	b.Until(`document.querySelector("h1[autofocus]")?.textContent === "done 1" && sessionStorage.getItem("tims-act") === null`)
	if n := size(t, c) - before; n != 3 {
		t.Errorf("%d records", n)
	}
}

// lost takes an answer and gives it to nobody.
type lost struct{ http.ResponseWriter }

func (lost) Write(b []byte) (int, error) { return len(b), nil }
func (lost) WriteHeader(int)             {}
