package supervisor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tims/internal/border"
	"tims/internal/node"
	"tims/internal/record"
	"tims/internal/station"
	"tims/internal/station/stationtest"
)

// The page says what node.Books says, and of travellers it names the one whose check is open.
func TestBooks(t *testing.T) {
	g := open(t)
	d := g.morning()
	now := g.Post.Now()
	b, err := g.Post.Books(t.Context(), g.chief.Shift, now-lastShift.Milliseconds(), now+1)
	if err != nil {
		t.Fatal(err)
	}
	if b.Entries != 8 || b.Exits != 3 || b.Refusals != 1 || b.VehiclesIn != 1 || len(b.Open) != 1 || len(b.Voids) != 1 || b.Waiting != 1 {
		t.Fatalf("the stage is not as told: %+v", b)
	}
	page := g.chief.Get("/books")
	page.Has(t, fmt.Sprintf("Entries %d Exits %d Vehicles %d in %d out Refusals %d", b.Entries, b.Exits, b.VehiclesIn, b.VehiclesOut, b.Refusals),
		"Waiting time 25 min", fmt.Sprintf("By the node %d", b.ByNode))
	for _, k := range b.Booths {
		page.Has(t, k.Booth+" "+k.Officer)
	}
	page.Has(t, "K1 A. Hoxha open", "K2 B. Leka", "10.0", // seconds
		"FORGOTTEN, ANNA", "left open", "1 referral waits",
		"Void of record", "scanned the wrong passport", "the surname was read wrongly", "waits Look and agree",
		"Checks relaxed ended", "340", "queue over three hours, article 9",
		"node down", "12:00–13:00 K1 8 10 +2 more 0 0 0 equal an officer 25 min wait")
	text := stationtest.Plain(page.Body)
	for _, name := range []string{"ROSSI", "BIANCHI", "VERDI", "NERI", "YA00000"} {
		if strings.Contains(text, name) {
			t.Errorf("the books name %s", name)
		}
	}
	if !strings.Contains(page.Body, correctionAddress(d.correction)) {
		t.Error("no way to the proposal")
	}
	g.chief.Get("/books?stretch=yesterday").Has(t, "Entries 0 Exits 0", "No booth worked in this stretch")
	g.chief.Get("/books?stretch=today").Has(t, "Entries 8 Exits 3")
	for _, b := range g.chief.Seen {
		if strings.Contains(strings.ToUpper(b), "YA00") {
			t.Error("an address names a document:", b)
		}
	}
}

func TestOnlySupervisors(t *testing.T) {
	g := open(t)
	for _, path := range []string{"/books", "/books/regime", "/books/count", "/books/handover", "/books/handover/0"} {
		if a := g.k1.Get(path); a.Status != 403 {
			t.Errorf("%s: a booth officer gets %d", path, a.Status)
		}
	}
	for _, path := range []string{"/books/regime", "/books/count", "/books/handover", "/books/accept"} {
		if a := g.k1.Post(path, "act", station.ActText(station.NewAct())); a.Status != 403 {
			t.Errorf("POST %s: a booth officer gets %d", path, a.Status)
		}
	}
}

func TestRegime(t *testing.T) {
	g := open(t)
	form := g.chief.Get("/books/regime")
	g.chief.Post("/books/regime", form.Hiddens(t, "reason", "x", "until", "25:00")...).Has(t, "Choose one of the two", "At least 3", "Hour and minute")
	// Noon is 12:00 at the post. What is typed is read by the moment at which the form was shown.
	a := g.chief.Signed("/books/regime", form.Hiddens(t, "regime", "relaxed", "reason", "flood, article 9", "until", "14:30")...)
	a.Has(t, "Checks relaxed flood, article 9", "S. Prifti. Until 21 Nov 2026 14:30:00 (2 h 30 min left)")
	r, err := g.Post.RegimeInForce(t.Context())
	if err != nil || r == nil || r.Until != stationtest.Noon.Add(150*time.Minute).UnixMilli() {
		t.Fatalf("in force: %+v, %v", r, err)
	}
	if _, states, _ := strings.Cut(a.Body, `id="states"`); !strings.Contains(stationtest.Plain(states), "Checks relaxed") {
		t.Error("the strip does not say it")
	}
	g.chief.Post("/books/regime", form.Hiddens(t, "act", station.ActText(station.NewAct()), "regime", "unrecorded", "reason", "again", "until", "15:00")...)
	end := g.chief.Get("/books/regime")
	g.chief.Post("/books/regime", end.Hiddens(t)...).Has(t, "Give a number; 0 if nobody passed")
	g.chief.Signed("/books/regime", end.Hiddens(t, "passed", "12")...).Has(t, "Checks relaxed ended")
	if r, err := g.Post.RegimeInForce(t.Context()); err != nil || r != nil {
		t.Fatalf("in force after its end: %+v, %v", r, err)
	}
}

// A form shown before midnight and sent after it means what was read on it.
func TestTimesOfDay(t *testing.T) {
	g := open(t)
	form := g.chief.Get("/books/regime").Hiddens(t, "regime", "relaxed", "reason", "flood", "until", "12:05")
	g.pass(6 * time.Minute)
	g.chief.Post("/books/regime", form...).Has(t, "this one would end in the past")
	for text, want := range map[string][2]int{"0:00": {0, 0}, "9.05": {9, 5}, "0905": {9, 5}, "23:59": {23, 59}} {
		if h, m, ok := timeOfDay(text); !ok || [2]int{h, m} != want {
			t.Errorf("%q is read as %d:%d, %v", text, h, m, ok)
		}
	}
	for _, text := range []string{"", ":", "24:00", "12:60", "12:5", "12", "-1:30", "1:2:3", "١٢:٠٠", "12:0x", "+9:05"} {
		if _, _, ok := timeOfDay(text); ok {
			t.Errorf("%q is read as a time", text)
		}
	}
}

func TestCount(t *testing.T) {
	g := open(t)
	g.pass(70 * time.Minute)
	form := g.chief.Get("/books/count")
	for _, want := range []string{`value="12:00"`, `value="13:00"`} {
		if !strings.Contains(form.Body, want) {
			t.Errorf("the form does not offer the last whole hour: %s", want)
		}
	}
	g.chief.Post("/books/count", form.Hiddens(t, "from", "11:00", "to", "13:00")...).Has(t, "One hour at most", "Type at least one figure")
	g.chief.Post("/books/count", form.Hiddens(t, "from", "12:00", "to", "13:00", "entries", "-1", "exits", "x")...).Has(t, "0", "100")
	fields := form.Hiddens(t, "booth", "k1", "from", "12:00", "to", "13:00", "entries", "7", "exits", "0", "vehicles", "3", "waiting", "12")
	g.chief.Signed("/books/count", fields...).Has(t, "12:00–13:00 K1 0 7 +7 more", "12 min wait")
	g.chief.Signed("/books/count", fields...).Has(t, "K1 0 7 +7 more") // the same form again counts once
}

func TestHandover(t *testing.T) {
	g := open(t)
	g.morning()
	form := g.chief.Get("/books/handover")
	form.Has(t, "The next shift takes over", "1 open check", "1 referral waits", "1 proposal waits")
	a := g.chief.Signed("/books/handover", form.Hiddens(t, "notes", "Booth 2 reads badly.")...)
	a.Has(t, "Entries 8 Exits 3 Refusals 1 Referrals waiting 1 Open checks 1 Voids 1", "Booth 2 reads badly.", "not accepted yet",
		"Another supervisor accepts it here", "Handed over by S. Prifti", "node down")
	index, err := strconv.ParseUint(regexp.MustCompile(`\d+$`).FindString(a.Path), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	g.chief.Post("/books/accept", "act", station.ActText(station.NewAct()), "of", strconv.FormatUint(index, 10)).Has(t, "Another officer has to agree")
	next := g.Browser()
	next.Enter("T. Shehu", "ZYRA")
	accept := next.Get(a.Path).Hiddens(t)
	next.Signed("/books/accept", accept...).Has(t, "accepted by T. Shehu", "Entries 0 Exits 0") // a new shift has begun
	next.Get(a.Path).Has(t, "Accepted by T. Shehu")
	next.Post("/books/accept", "act", station.ActText(station.NewAct()), "of", strconv.FormatUint(index, 10)).Has(t, "has agreed to this already")
	o, err := g.Post.ReadOwn(index)
	if err != nil || o.Leaf.Kind != record.Handover {
		t.Fatalf("record %d: %v, %v", index, o.Leaf.Kind, err)
	}
	for _, path := range []string{handoverAddress(index + 1), handoverAddress(0), handoverAddress(1 << 40), "/books/handover/x"} {
		if a := next.Get(path); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

// All open pages share one account.
func TestOneAccountForAll(t *testing.T) {
	g := open(t)
	l := ledger{node: g.Post}
	first, err := l.of(t.Context(), g.chief.Shift, today)
	if err != nil {
		t.Fatal(err)
	}
	g.decide(g.k1, 1, "Rossi", "YA0000001", 1, node.Vehicle{})
	again, err := l.of(t.Context(), g.chief.Shift, today)
	if err != nil || again.To != first.To {
		t.Errorf("a second page had an account of its own: %v", err)
	}
	l.drop()
	fresh, err := l.of(t.Context(), g.chief.Shift, today)
	if err != nil || fresh.Entries != 1 {
		t.Errorf("after a deed %d entries, %v", fresh.Entries, err)
	}
}

// A shift that nobody ended and nobody works in is grey once another began at its booth; one that works on is not.
func TestLeftShift(t *testing.T) {
	g := open(t)
	g.pass(time.Minute)
	again := g.Browser()
	again.Enter("A. Hoxha", "K1")
	g.chief.Get("/books").Has(t, "K1 A. Hoxha left: another shift began", "K1 A. Hoxha open", "K2 B. Leka open")
	g.pass(time.Second)
	g.scan(g.k1, border.Entry, "Rossi", "YA7654321", node.Vehicle{})
	if text := stationtest.Plain(g.chief.Get("/books?stretch=today").Body); strings.Contains(text, "left: another shift began") {
		t.Error("a shift that works is shown as left")
	}
}
