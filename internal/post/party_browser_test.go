package post

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tims/internal/border"
	chromium "tims/internal/browser"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station/stationtest"
)

// given makes a name of letters from a number.
func given(i int) string { return "Udhetar " + string(rune('A'+i/26)) + string(rune('A'+i%26)) }

// reads puts a document on the reader, and once more where a machine that is busy with other things tore its burst apart, until
// the page shows it. It gives the time of the last key.
func (o officer) reads(zone, shown string) (typed time.Time) {
	o.Helper()
	for range 3 {
		o.keys(strings.ReplaceAll(zone, "\n", kb.Enter))
		typed = time.Now()
		for time.Since(typed) < 10*time.Second {
			if got, err := chromedp.Run(o.Context, chromedp.Evaluate[bool](shown)); got && err == nil {
				return typed
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	o.Until(shown)
	return typed
}

// A bus of fifty: fifty zones typed by a reader as a keyboard, one key that decides all, every act signed by the booth key, the
// bus counted once; in under four minutes, which is the requirement and far above what it takes.
func TestBusOfFifty(t *testing.T) {
	o := officer{chromium.Open(t)}
	if o.Tab == nil {
		return
	}
	c := found(t)
	o.Do(chromedp.EmulateViewport(1280, 800))
	s := c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
	o.Until(`document.documentElement.dataset.live === "on"`)
	o.keys(kb.F6)
	o.fingers("tr 777 xk")
	time.Sleep(400 * time.Millisecond)
	o.Do(chromedp.SetValue(chromedp.CSS("#kind"), "bus"), chromedp.SetValue(chromedp.CSS("#occupants"), "50"))
	begin := time.Now()
	var top, second string
	var waits time.Duration
	for i := range 50 {
		typed := o.reads(stationtest.Passport(t, "Bardhi", given(i), fmt.Sprintf("BA10%05d", i), "ALB"),
			fmt.Sprintf(`document.querySelector(".members tr[aria-current] .num")?.innerText === "%d"`, i+1))
		waits += time.Since(typed)
		place := o.value(`[".members", ".together", "#verdict", ".acts"].map((s) => Math.round(document.querySelector(s).getBoundingClientRect().top)).join()`)
		if i == 1 {
			top = place
		} else if i > 1 && place != top {
			second = fmt.Sprint(second, "\n", i+1, ": ", place)
		}
	}
	if second != "" {
		t.Errorf("the page jumps: first %s, then%s", top, second)
	}
	read := time.Since(begin)
	o.wants(".together", "50 Admit together")
	partyShots(o, "bus")
	o.keys(kb.F12)
	o.wants(".done h1", "Admitted: 50")
	took := time.Since(begin)
	t.Logf("a bus of fifty: read in %v (%v a document from its last key to its check), decided after %v", read.Round(time.Millisecond),
		(waits / 50).Round(time.Millisecond), took.Round(time.Millisecond))
	if took > 4*time.Minute {
		t.Error("that is more than four minutes")
	}
	o.wants(".tally", "Entry: 50 persons, 1 vehicle")
	partyShots(o, "bus-done")
	members, drivers := passed(t, c, s)
	if members != 50 || drivers != 1 {
		t.Errorf("%d receipts with %d drivers", members, drivers)
	}
	o.keys(kb.Enter)
	o.wants(".plate h1", "ENTRY")
	if n := o.value(`String(document.querySelectorAll(".party").length)`); n != "0" {
		t.Error("a party that is decided stands before the booth still")
	}
}

// passed counts the passages of the shift, and checks that each has a receipt under the booth's signature, the same vehicle and
// the same party.
func passed(t *testing.T, c *stationtest.Country, s *node.Shift) (members, drivers int) {
	t.Helper()
	all, err := c.Post.PassedBy(t.Context(), s, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		receipt, err := c.Post.ReceiptOf(p.Ref.Index)
		if err != nil || receipt.Code == "" {
			t.Errorf("record %d has no receipt: %v", p.Ref.Index, err)
		}
		if p.ByNode || p.Vehicle != border.Bus || p.Plate != "TR 777 XK" || string(p.Party) != string(all[0].Party) {
			t.Errorf("record %d: by the node %v, %v %q", p.Ref.Index, p.ByNode, p.Vehicle, p.Plate)
		}
		if p.Driver {
			drivers++
		}
	}
	return len(all), drivers
}

// partyShots looks at a page at both widths and in both themes: for faults of access, and as pictures where they are asked for.
func partyShots(o officer, name string) {
	o.Helper()
	for _, size := range [][2]int64{{1920, 1080}, {1280, 800}} {
		o.Do(chromedp.EmulateViewport(size[0], size[1]))
		for _, theme := range []string{"dark", "light"} {
			o.Text(`document.documentElement.dataset.theme = "` + theme + `"`)
			o.Accessible(fmt.Sprint(name, " ", size[0], " ", theme))
		}
	}
	helpIsTrue(o, name)
	o.Shot(name)
}

// A family in a car at the keyboard alone, in both languages: the driver is another, one is referred, the second line's answer
// arrives on the open page, and from a decision the next document is read at once.
func TestPartyByKeyboard(t *testing.T) {
	for lang, says := range map[string]struct{ admit, left, done, next, answer, admitted, one string }{
		"en": {"2 Admit together", "1 left out: no. 3", "Admitted: 2", "Next: no. 3", "visa seen", "Admitted", "1 person"},
		"sq": {"2 Lejoji bashkë", "1 mbetet jashtë: nr. 3", "U lejuan: 2", "Tjetri: nr. 3", "visa seen", "U lejua", "1 person"},
	} {
		t.Run(lang, func(t *testing.T) {
			o := officer{chromium.Open(t)}
			if o.Tab == nil {
				return
			}
			c := found(t)
			o.Do(chromedp.EmulateViewport(1280, 800))
			s := c.EnterTab(o.Tab, "A. Hoxha", "K1", "/")
			speak(o, lang)
			o.Until(`document.documentElement.dataset.live === "on"`)
			o.keys(kb.F6)
			o.fingers("aa 123 bc")
			time.Sleep(400 * time.Millisecond)
			partyShots(o, "booth-vehicle")
			burst := func(surname, given, number, nation string) {
				t.Helper()
				o.reads(stationtest.Passport(t, surname, given, number, nation),
					fmt.Sprintf(`document.querySelector(".check-page .who-line b")?.innerText === %q`, strings.ToUpper(surname+", "+given)))
			}
			burst("Rossi", "Paolo", "YA1234567", "ITA")
			partyShots(o, "alone")
			burst("Rossi", "Anna", "YA1234568", "ITA")
			o.keys(kb.F9)
			o.Until(`document.querySelector("tr[aria-current] .tag") !== null`)
			burst("Sharma", "Ravi", "Z1234567", "IND")
			o.wants(".together", says.admit)
			o.wants(".left-out", says.left)
			partyShots(o, "party")
			o.keys(kb.PageDown)
			o.wants(".check-page .who-line", "ROSSI, PAOLO")
			o.keys(kb.PageUp)
			o.wants(".check-page .who-line", "SHARMA")
			o.keys(kb.F8)
			o.keys(kb.Escape) // leaves the field first
			if at := o.value(`document.activeElement.id`); at != "verdict" {
				t.Errorf("Esc in the notes leads to %q", at)
			}
			o.keys(kb.Escape)
			o.wants(".plate .booth-name", "K1")
			o.wants(".party", "AA 123 BC")
			partyShots(o, "booth-party")
			o.keys(kb.F12)
			o.wants(".done h1", says.done)
			o.wants(".next", says.next)
			partyShots(o, "party-done")
			time.Sleep(150 * time.Millisecond)
			o.keys(kb.Enter)
			o.wants(".check-page .who-line", "SHARMA")
			o.keys(kb.F3)
			o.wants(".done .who", "SHARMA")
			partyShots(o, "referred")
			answer(t, c, o)
			o.wants("#answers", says.answer)
			partyShots(o, "answer")
			o.keys(kb.F5)
			o.wants(".check-page .who-line", "SHARMA")
			o.keys(kb.F2)
			o.wants(".acts .armed", "")
			time.Sleep(400 * time.Millisecond)
			o.keys(kb.F2)
			o.wants(".done h1", says.admitted)
			typed := o.reads(stationtest.Passport(t, "Verdi", "Carla", "YA5550001", "ITA"), `document.querySelector(".check-page .who-line b")?.innerText === "VERDI, CARLA"`)
			t.Logf("from the last key of the next document to its check %v", time.Since(typed).Round(time.Millisecond))
			if all, err := c.Post.PassedBy(t.Context(), s, 0); err != nil || len(all) != 3 || !all[1].Driver || all[0].ByNode {
				t.Errorf("%+v, %v", all, err)
			}
			for _, line := range o.Said() {
				t.Error("the console says:", line)
			}
		})
	}
}

// answer clears the one referral of the post, as the second line does.
func answer(t *testing.T, c *stationtest.Country, o officer) {
	t.Helper()
	desk := c.Browser()
	desk.Enter("D. Gjoka", "D1")
	list, err := c.Post.Referrals(t.Context(), desk.Shift)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d referrals, %v", len(list), err)
	}
	page := desk.Get(fmt.Sprint("/second/", list[0].Ref.Index))
	a := desk.Signed(page.Path, page.Hiddens(t, "outcome", string(record.Cleared), "notes", "visa seen")...)
	if a.Status != 200 || strings.HasPrefix(a.Path, page.Path) {
		t.Fatalf("the second line could not answer: %d %s\n%s", a.Status, a.Path, stationtest.Plain(a.Body))
	}
}

// helpIsTrue fails where the line of keys names one that nothing on the page wears.
func helpIsTrue(o officer, where string) {
	o.Helper()
	caps := `{Esc: "Escape", "↑": "ArrowUp", "↓": "ArrowDown"}`
	if lost := o.Text(`(() => {
		const caps = ` + caps + `, worn = new Set([...document.querySelectorAll("[data-key], [data-focus]")].filter((el) => el.checkVisibility())
			.flatMap((el) => [...(el.dataset.key ?? "").split(" "), el.dataset.focus]));
		return [...document.querySelectorAll(".helpline kbd")].map((k) => caps[k.innerText] ?? k.innerText)
			.filter((k) => !["Alt", "1"].includes(k) && !worn.has(k)).join();
	})()`); lost != "" {
		o.Errorf("%s: nothing wears %s", where, lost)
	}
}
